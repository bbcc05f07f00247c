"""A file is written completely or not at all."""

import pytest

from dfutils.atomic import atomic_path


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_write_replaces_the_old_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    for text in ("first", "second"):
        with atomic_path(path) as temporary:
            assert temporary.suffix == ".txt"
            temporary.write_text(text)
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_temporary_file_is_in_the_given_folder(tmp_path):
    (tmp_path / "partial").mkdir()
    with atomic_path(tmp_path / "a.txt", folder=tmp_path / "partial") as temporary:
        assert temporary.parent == tmp_path / "partial"
        temporary.write_text("done")
    assert (tmp_path / "a.txt").read_text() == "done"
    assert not any((tmp_path / "partial").iterdir())
