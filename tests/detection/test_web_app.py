"""The web app judges uploads, and keeps none of them."""

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from dfutils.detection.web_app import build_app, check_upload, launch_options
from dfutils.errors import SettingsError

pytestmark = pytest.mark.slow


@pytest.fixture
def app(trained, tmp_path, monkeypatch):
    """The address of a running app, and the folder of its uploads."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    root, _ = trained
    built = build_app([root / "models/linear", root / "models/gru"], longest=5)
    built.launch(**launch_options(host="127.0.0.1", port=None, megabytes=1), prevent_thread_lock=True)
    yield built.local_url, tmp_path / "uploads"
    built.close()


def uploads_in(folder):
    return list(folder.rglob("*.mp4"))


def test_upload_is_judged_in_the_browser_shown_and_removed(app, trained, check_page):
    url, uploads = app
    clip = trained[0] / "clips/g09_fake.mp4"

    def judge(page):
        page.get_by_role("button", name="Judge").wait_for()
        page.set_input_files("input[type=file]", clip)
        page.get_by_label("g09_fake.mp4", exact=True).wait_for()  # only an uploaded file has a label
        page.get_by_role("button", name="Judge").click()
        verdict = page.frame_locator("iframe")
        verdict.get_by_text("Its score is").wait_for(timeout=120_000)
        assert verdict.locator("h1").inner_text() == "g09_fake.mp4"
        with page.expect_download() as download:
            page.get_by_role("button", name="Save this page").click()
        assert "Its score is" in download.value.path().read_text()

    check_page(url, then=judge)
    assert not uploads_in(uploads)


def test_wrong_uploads_get_a_reason_and_the_app_goes_on(app, trained, tmp_path, make_video):
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    url, uploads = app
    root, _ = trained
    client = Client(url, verbose=False, download_files=str(tmp_path / "saved"))
    text = tmp_path / "text<b>.mp4"
    text.write_text("no video")

    def judge(path, kind="linear"):
        return client.predict(handle_file(str(path)), str(root / "models" / kind), api_name="/judge")[0]

    assert "Not judged" in judge(text)
    with pytest.raises(AppError, match=r"has 8 seconds, and at most 5 are allowed"):
        judge(make_video("long.mp4", frames=200))
    big = tmp_path / "big.mp4"
    big.write_bytes(bytes(2 << 20))
    with pytest.raises(ValueError, match="exceeds the maximum file size"):
        judge(big)
    assert "Its score is" in judge(root / "clips/g09_fake.mp4", kind="gru")
    assert not uploads_in(uploads)
    with pytest.raises(AppError):
        judge(text, kind="not offered")


def test_only_long_videos_are_refused_before_they_are_judged(tmp_path, make_video):
    path = make_video("clip.mp4", frames=50)
    check_upload(path, longest=2)
    with pytest.raises(SettingsError, match=r"clip.mp4 has 2 seconds, and at most 1 are allowed"):
        check_upload(path, longest=1)
    (tmp_path / "text.mp4").write_text("no video")
    for name in ("text.mp4", "missing.mp4", "picture.png"):
        check_upload(tmp_path / name, longest=1)


def test_command_serves_this_computer_only_and_removes_uploads_at_the_end(trained, tmp_path):
    command = [sys.executable, "-m", "dfutils", "app", "--model", str(trained[0] / "models/linear")]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert "Ctrl-C stops it" in line
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        with urllib.request.urlopen(address) as answer:
            assert b"Is this face real?" in answer.read()
        assert list(tmp_path.glob("dfutils-app-*"))
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.wait(60)
        assert time.monotonic() - began < 30
    assert not list(tmp_path.glob("dfutils-app-*"))


def test_app_without_detectors_or_gradio_says_what_to_do(monkeypatch):
    with pytest.raises(SettingsError, match="at least one detector"):
        build_app([])
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(SettingsError, match=r"pip install 'dfutils\[app\]'"):
        build_app(["anything"])
