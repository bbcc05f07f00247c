"""A button in a notebook with which people upload a file of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path


@dataclass(eq=False)
class Upload:
    """Where the file is that was uploaded last.

    Args:
        folder: Path. The folder that uploads are written into.
        path: Path or None. The file that was uploaded last. Defaults to None: none yet.
    """

    folder: Path
    path: Path | None = None

    def save(self, name: str, content: bytes) -> None:
        """Write an uploaded file into the folder. Only the last part of its name counts."""
        safe = Path(name.replace("\\", "/")).name.lstrip(".") or "upload"
        with atomic_path(self.folder / safe) as temporary:
            temporary.write_bytes(content)
        self.path = self.folder / safe


def show_upload_button(folder: str | Path) -> Upload:
    """Show a button for uploading a video or a picture, in JupyterLab, on Colab and on Kaggle.

    Without ipywidgets, a sentence says so.

    Args:
        folder: str or Path. The folder that uploads are written into.

    Returns:
        Upload. Its `path` is set as soon as a file was uploaded.
    """
    upload = Upload(Path(folder))
    try:
        import ipywidgets
    except ImportError:
        print("There is no upload button, because ipywidgets is not installed.")
        return upload
    from IPython.display import display

    button = ipywidgets.FileUpload(accept="video/*,image/*", multiple=False, description="Upload a file")
    said = ipywidgets.Label("Then run the cells below.")

    def save(change: Mapping[str, Any]) -> None:
        for name, content in _files(change["new"]):
            upload.save(name, content)
            said.value = f"{name} is here. Run the cells below."

    button.observe(save, names="value")
    display(ipywidgets.HBox([button, said]))
    return upload


def _files(value: Any) -> Iterable[tuple[str, bytes]]:
    """Return the names and the contents of uploaded files, as ipywidgets 7 (Colab) or 8 gives them."""
    if isinstance(value, Mapping):
        return [(name, bytes(file["content"])) for name, file in value.items()]
    return [(file["name"], bytes(file["content"])) for file in value]
