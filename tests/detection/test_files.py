import pytest

from dfutils.detection.files import find_clips, read_catalogs
from dfutils.errors import DataError


@pytest.fixture
def folder(make_files):
    names = (
        "a.mp4",
        "b.jpg",
        "notes.txt",
        ".hidden.mp4",
        "sub/c.mp4",
        "stills/1.png",
        "stills/2.png",
        "sub/deep/d.mov",
    )
    return make_files(*names)


def relative(folder, found):
    return [path.removeprefix(f"{folder}/") for path in found]


def test_folder_gives_its_videos_and_pictures(folder):
    assert relative(folder, find_clips([str(folder)])) == ["a.mp4", "b.jpg"]


def test_recursive_also_finds_what_is_further_down_and_folders_of_stills_are_one_clip(folder):
    found = relative(folder, find_clips([str(folder)], recursive=True))
    assert found == ["a.mp4", "b.jpg", "stills", "sub/c.mp4", "sub/deep/d.mov"]
    assert relative(folder, find_clips([str(folder / "stills")])) == ["stills"]


def test_patterns_are_expanded_unless_a_file_has_this_name(folder):
    assert relative(folder, find_clips([f"{folder}/*.mp4"])) == ["a.mp4"]
    assert relative(folder, find_clips([f"{folder}/**/*.mp4"])) == ["a.mp4", "sub/c.mp4"]
    (folder / "[x].mp4").touch()
    assert relative(folder, find_clips([f"{folder}/[x].mp4"])) == ["[x].mp4"]


def test_files_that_do_not_exist_and_files_of_other_kinds_are_kept_as_they_are(folder):
    given = [f"{folder}/missing.mp4", f"{folder}/notes.txt", f"{folder}/no*thing.mp4"]
    assert find_clips(given) == given


def test_catalog_is_replaced_by_its_clips_and_other_paths_stay(folder):
    (folder / "list.csv").write_text("path,label,group\nb.jpg,real,x\na.mp4,fake,y\ngone.mp4,1,z\n")
    paths, known = read_catalogs([str(folder / "sub"), str(folder / "list.csv"), "missing.csv"])
    assert paths == [str(folder / name) for name in ("sub", "a.mp4", "b.jpg", "gone.mp4")] + ["missing.csv"]
    assert known.loc[str(folder / "a.mp4"), ["label", "group"]].tolist() == [1, "y"]
    assert known.loc[str(folder / "b.jpg"), "label"] == 0
    assert str(folder / "gone.mp4") not in known.index


def test_table_that_is_no_catalog_is_refused(folder):
    (folder / "list.csv").write_text("name,size\na,1\n")
    with pytest.raises(DataError, match=r"list\.csv"):
        read_catalogs([str(folder / "list.csv")])


def test_without_a_catalog_nothing_is_known(folder):
    assert read_catalogs([str(folder)])[1].empty


def test_empty_folder_is_not_lost(folder):
    (folder / "empty").mkdir()
    assert relative(folder, find_clips([str(folder / "empty"), str(folder / "a.mp4")])) == ["empty", "a.mp4"]
