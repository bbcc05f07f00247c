"""Files that are uploaded in a notebook are written into one folder, and nowhere else."""

import sys

import pytest

from dfutils.detection import Upload, show_upload_button


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("clip.mp4", "clip.mp4"),
        ("../../etc/passwd", "passwd"),
        (r"C:\videos\clip.mp4", "clip.mp4"),
        (".hidden", "hidden"),
        ("..", "upload"),
        ("", "upload"),
    ],
)
def test_upload_is_saved_under_the_last_part_of_its_name(tmp_path, name, saved):
    upload = Upload(tmp_path / "uploads")
    assert upload.path is None
    upload.save(name, b"content")
    assert upload.path == tmp_path / "uploads" / saved
    assert upload.path.read_bytes() == b"content"
    assert [path.name for path in tmp_path.rglob("*")] == ["uploads", saved]


def test_button_saves_what_ipywidgets_gives_it(tmp_path, monkeypatch):
    import ipywidgets

    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    upload = show_upload_button(tmp_path)
    button = shown[0].children[0]
    assert isinstance(button, ipywidgets.FileUpload)
    file = {"name": "a.mp4", "type": "video/mp4", "size": 2, "content": memoryview(b"ab"), "last_modified": 0}
    if ipywidgets.__version__.startswith("7"):
        button.value = {"a.mp4": {"metadata": {}, "content": b"ab"}}
    else:
        import datetime

        button.value = [file | {"last_modified": datetime.datetime.now(datetime.UTC)}]
    assert upload.path.read_bytes() == b"ab"
    assert "a.mp4 is here" in shown[0].children[1].value


def test_both_forms_of_ipywidgets_are_read():
    from dfutils.detection import upload_button

    assert list(upload_button._files({"a.mp4": {"content": b"ab"}})) == [("a.mp4", b"ab")]
    assert list(upload_button._files(({"name": "a.mp4", "content": memoryview(b"ab")},))) == [
        ("a.mp4", b"ab")
    ]


def test_without_ipywidgets_a_sentence_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert show_upload_button(tmp_path).path is None
    assert "ipywidgets is not installed" in capsys.readouterr().out
