"""A file or a folder is written completely or not at all."""

from pathlib import Path

import pytest

from dfutils.atomic import atomic_folder, atomic_path, complete_folder


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


def test_an_interrupted_folder_leaves_the_old_one(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(RuntimeError), atomic_folder(folder) as temporary:
        (temporary / "half").touch()
        raise RuntimeError
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_finished_folder_replaces_the_old_one_with_all_its_files(tmp_path):
    folder = tmp_path / "new" / "a"
    for name in ("first", "second"):
        with atomic_folder(folder) as temporary:
            (temporary / name).touch()
    assert [path.name for path in folder.iterdir()] == ["second"]
    assert list(folder.parent.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_the_old_folder_is_found_if_the_machine_stopped_while_folders_were_exchanged(tmp_path, monkeypatch):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "old").touch()
    replace, calls = Path.replace, []

    def stop_at_second(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise SystemExit
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stop_at_second)
    with pytest.raises(SystemExit), atomic_folder(folder):
        pass
    monkeypatch.setattr(Path, "replace", replace)
    assert not folder.exists()
    assert (complete_folder(folder) / "old").exists()
    with atomic_folder(folder) as temporary:
        (temporary / "new").touch()
    assert complete_folder(folder) == folder
    assert list(tmp_path.iterdir()) == [folder]
