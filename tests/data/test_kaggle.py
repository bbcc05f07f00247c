"""kagglehub itself, against a Kaggle on this machine."""

import errno
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dfutils.data import read_catalog
from dfutils.data.kaggle import attached, fetch
from dfutils.errors import DataError


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in ("SDFVD/videos_real/v1.mp4", "SDFVD/videos_fake/vs1.mp4"):
            file.writestr(name, b"x")
    return buffer.getvalue()


class Kaggle(BaseHTTPRequestHandler):
    """Answers as api.kaggle.com does for one data set; `status` makes it refuse."""

    status = 200

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.status != 200:
            self.send_response(self.status)
            self.end_headers()
        elif "DownloadDataset" in self.path:
            self.answer(archive(), "application/zip")
        else:
            self.answer(json.dumps({"currentVersionNumber": 1}).encode(), "application/json")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def kaggle(monkeypatch, tmp_path):
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")  # kagglehub's own: http://localhost:7777
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(Kaggle, "status", 200)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", 7777), Kaggle)
    except OSError:
        pytest.skip("port 7777, which kagglehub's test environment asks, is taken")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Kaggle
    server.shutdown()
    server.server_close()


def test_a_fetched_data_set_is_in_the_data_folder_and_is_not_fetched_twice(kaggle, home):
    folder = fetch("sdfvd")
    assert folder == home / "data/downloads/sdfvd"
    assert sorted(path.name for path in folder.rglob("*.mp4")) == ["v1.mp4", "vs1.mp4"]
    assert [path.name for path in folder.parent.iterdir()] == ["sdfvd"]
    kaggle.status = 500
    assert fetch("sdfvd") == folder


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "account.*API token"), (403, "terms"), (404, "does not know"), (503, "HTTP 503.*by hand")],
)
def test_a_refusal_says_what_to_do(kaggle, home, monkeypatch, status, words):
    monkeypatch.setattr(kaggle, "status", status)
    with pytest.raises(DataError, match=words):
        fetch("some-one/some-set")
    assert not any((home / "data/downloads").iterdir())


def test_competition_without_an_account_says_how_to_get_one(kaggle, home, monkeypatch):
    monkeypatch.setattr(kaggle, "status", 401)
    with pytest.raises(
        DataError, match="without an account.*API token.*kaggle.com/competitions/deepfake|account"
    ):
        fetch("dfdc-sample")
    assert not any((home / "data/downloads").iterdir())


def test_without_a_network_the_message_names_the_address(home, monkeypatch, tmp_path):
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")  # nobody listens there now
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DataError, match="cannot be reached.*kaggle.com/datasets/manasayelamarthy27"):
        fetch("sdfvd")


def test_a_full_disk_is_named(kaggle, home, monkeypatch):
    import kagglehub

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kagglehub, "dataset_download", full)
    with pytest.raises(DataError, match="is full.*--to"):
        fetch("sdfvd")


@pytest.mark.parametrize("name", ["", "sdfv", "a/b/c", "../x", "file:a", "https://kaggle.com/a/b"])
def test_an_invalid_name_is_refused(home, name):
    with pytest.raises(DataError, match="is not a data set that can be fetched"):
        fetch(name)


def test_an_attached_data_set_is_found(tmp_path):
    assert attached(places=[tmp_path / "none"]) is None
    (tmp_path / "some-weights").mkdir()
    (tmp_path / "some-weights/w.h5").touch()
    assert attached(places=[tmp_path]) is None
    for name in ("real/a.mp4", "fake/b.mp4"):
        path = tmp_path / "datasets/owner/faces" / name
        path.parent.mkdir(parents=True)
        path.touch()
    assert attached(places=[tmp_path]) == tmp_path / "datasets/owner/faces"
    other = tmp_path / "sdfvd/videos_real"
    other.mkdir(parents=True)
    (other / "v1.mp4").touch()
    with pytest.raises(DataError, match="Several data sets.*faces.*sdfvd"):
        attached(places=[tmp_path])


def test_on_colab_a_data_set_in_drive_or_among_the_uploads_is_found(tmp_path):
    drive, uploads = tmp_path / "drive/MyDrive/dfutils", tmp_path
    for folder in (uploads / "sample_data", uploads / "data/demo", drive / "reports", uploads / ".trash"):
        folder.mkdir(parents=True)
        (folder / "a.mp4").touch()  # a video of somebody else, or of our own
    assert attached(places=[drive, uploads]) is None
    for folder in (uploads / "faces", drive / "videos"):
        (folder / "real").mkdir(parents=True)
        (folder / "real/a.mp4").touch()
        assert attached(places=[drive, uploads]) == folder


def test_an_attached_data_set_that_cannot_be_read_is_not_skipped(tmp_path):
    for name in ("celeb/Celeb-real/id0_0000.mp4", "sd/videos_real/v1.mp4"):
        path = tmp_path / "two-sets" / name
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    found = attached(places=[tmp_path])
    assert found == tmp_path / "two-sets"
    with pytest.raises(DataError, match="could be celebdf or sdfvd"):
        read_catalog(found)
