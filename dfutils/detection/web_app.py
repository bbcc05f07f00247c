"""A web app that judges uploaded files. It runs on this computer and sends nothing anywhere."""

import functools
import html
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dfutils.detection.detector import Detector
from dfutils.detection.file_pages import render_file
from dfutils.errors import ClipError, DfutilsError, SettingsError
from dfutils.media.files import media_of
from dfutils.media.opening import open_video

_TITLE = "Is this face real?"
_INTRO = (
    "Drop a video or a picture of a face, and choose a detector. The file stays on the computer that runs this app, "
    "and is removed when it has been judged."
)
_LONGEST_QUEUE = 20
# The usual themes load fonts from the web.
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
# Darker than usual, so that people who see less contrast can read everything.
_COLOURS = {
    "body_text_color_subdued": "#5b6670",
    "body_text_color_subdued_dark": "#a3adb7",
    "button_primary_background_fill": "#005f9e",
    "button_primary_background_fill_dark": "#005f9e",
    "button_primary_background_fill_hover": "#004a7c",
    "button_primary_background_fill_hover_dark": "#004a7c",
}
_MONOSPACE = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def build_app(detectors: Sequence[str | Path], *, longest: float = 600.0) -> Any:
    """Build the web app. `serve` starts it.

    One file is judged at a time. Other visitors wait in a queue.

    Args:
        detectors: sequence of str or Path. Folders of detectors, to choose from. The first one is chosen at first.
        longest: float. The longest video, in seconds. Defaults to 600.

    Returns:
        gradio.Blocks.

    Raises:
        SettingsError: If there is no detector, or Gradio is not installed.
    """
    gradio = _load_gradio()
    if not detectors:
        raise SettingsError("The app needs at least one detector.")
    choices = [(_label(Path(folder)), str(folder)) for folder in detectors]
    load = functools.lru_cache(2)(Detector.load)
    waiting: Counter[str] = Counter()  # Gradio keeps one copy of a file that several visitors upload

    def judge(
        upload: str | None,
        folder: str,
        everybody: bool = False,
        progress: Any = gradio.Progress(),  # noqa: B008
    ) -> tuple[str, Any]:
        if not upload:
            raise gradio.Error("Choose a file first.", duration=5, print_exception=False)
        path = Path(upload)
        try:
            check_upload(path, longest=longest)
            progress(0.05, desc="Loading the detector")
            detector = load(folder)
            progress(0.3, desc="Looking for faces, computing features and heat maps")
            found = detector.detect(path, explain=True, faces="all" if everybody else "main")
            progress(0.95, desc="Writing the page")
            page = render_file(replace(found, path=path.name), detector.saved)
        except DfutilsError as error:
            raise gradio.Error(str(error), duration=None, print_exception=False) from error
        finally:
            waiting[upload] -= 1
            if waiting[upload] <= 0:
                del waiting[upload]
                shutil.rmtree(path.parent, ignore_errors=True)  # Gradio makes a folder for each upload
        record = Path(tempfile.mkdtemp(dir=gradio.utils.get_upload_folder())) / "verdict.html"
        record.write_text(page, encoding="utf-8", errors="replace")
        return _frame(page), gradio.update(value=str(record), interactive=True)

    with gradio.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=(60, 1800)) as app:
        gradio.Markdown(f"# {_TITLE}\n\n{_INTRO}")
        with gradio.Row():
            upload = gradio.File(label="Video or picture", file_count="single", type="filepath")
            with gradio.Column():
                folder = gradio.Dropdown(choices, value=choices[0][1], label="Detector")
                everybody = gradio.Checkbox(label="Judge every face, not only the main one")
                button = gradio.Button("Judge", variant="primary")
                save = gradio.DownloadButton("Save this page", interactive=False)
        result = gradio.HTML()
        upload.upload(
            lambda file: waiting.update([file]), inputs=[upload], queue=False, api_visibility="private"
        )
        button.click(
            judge,
            inputs=[upload, folder, everybody],
            outputs=[result, save],
            concurrency_limit=1,
            show_progress_on=[result],
            api_name="judge",
        ).then(lambda: None, outputs=[upload], api_visibility="private")
    app.queue(max_size=_LONGEST_QUEUE, default_concurrency_limit=1)
    return app


def serve(
    detectors: Sequence[str | Path],
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    megabytes: int = 200,
    longest: float = 600.0,
) -> None:
    """Run the web app until Ctrl-C. Uploads are kept in a temporary folder, which is removed at the end.

    Args:
        detectors: sequence of str or Path. Folders of detectors, to choose from.
        host: str. The network address to listen on. Defaults to `"127.0.0.1"`: only this computer can reach it.
        port: int or None. Defaults to None: the first free one from 7860 on.
        megabytes: int. The largest upload. Defaults to 200.
        longest: float. The longest video, in seconds. Defaults to 600.

    Raises:
        SettingsError: If there is no detector, Gradio is not installed, or the port is not free.
    """
    with tempfile.TemporaryDirectory(prefix="dfutils-app-", ignore_cleanup_errors=True) as uploads:
        os.environ["GRADIO_TEMP_DIR"] = uploads  # Gradio reads it when the app is built
        app = build_app(detectors, longest=longest)
        try:
            app.launch(**launch_options(host=host, port=port, megabytes=megabytes), prevent_thread_lock=True)
        except OSError as error:
            raise SettingsError(
                f"The app cannot listen on {host}, port {port or 7860}. Choose another with --port."
            ) from error
        print(f"The app is at {app.local_url} Ctrl-C stops it.", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Ctrl-C: uploads are removed
        try:
            app.block_thread()
        finally:
            app.close()


def launch_options(*, host: str, port: int | None, megabytes: int) -> dict[str, Any]:
    """Return how the app is started: without a public link, without fonts from the web, with a limit on uploads."""
    gradio = _load_gradio()
    return {
        "server_name": host,
        "server_port": port,
        "share": False,
        "max_file_size": f"{megabytes}mb",
        "theme": gradio.themes.Default(font=_FONTS, font_mono=_MONOSPACE).set(**_COLOURS),
        "quiet": True,
        "footer_links": [],
        "ssr_mode": False,
    }


def check_upload(path: Path, *, longest: float) -> None:
    """Check the length of a video before it is judged. A file that cannot be opened passes: its verdict says why.

    Raises:
        SettingsError: If its header states more seconds than allowed.
    """
    if media_of(path.name) != "video":
        return
    try:
        with open_video(path) as opened:
            seconds = opened.promised_seconds
    except (ClipError, OSError):
        return
    if seconds > longest:
        raise SettingsError(
            f"{path.name} has {seconds:,.0f} seconds, and at most {longest:,.0f} are allowed. Cut out the part with "
            "the face, or judge the file with `dfutils detect`."
        )


def _label(folder: Path) -> str:
    """Return a short name of a detector: workspace and folder, such as `"demo: best"`."""
    return f"{folder.parents[1].name}: {folder.name}" if folder.parent.name == "models" else str(folder)


def _frame(page: str) -> str:
    """Return a page inside a frame that cannot run scripts."""
    return (
        f'<iframe sandbox title="The verdict" srcdoc="{html.escape(page, quote=True)}" '
        'style="width:100%;height:85vh;border:1px solid #d0d5db;border-radius:8px;background:#fff"></iframe>'
    )


def _load_gradio() -> Any:
    try:
        import gradio
    except ImportError as error:
        raise SettingsError(
            "The app needs Gradio, which is not installed. Install it with: pip install 'dfutils[app]'"
        ) from error
    return gradio
