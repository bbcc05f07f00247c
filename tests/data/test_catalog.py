"""A data set is recognised by its layout and read into a catalog."""

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError


def test_missing_root_is_named(tmp_path):
    with pytest.raises(DataError, match="There is no .*nowhere"):
        read_catalog(tmp_path / "nowhere")


def test_empty_root_is_named(tmp_path):
    with pytest.raises(DataError, match="holds no files"):
        read_catalog(tmp_path)


def test_unknown_layout_lists_the_known_ones(make_files, tmp_path):
    make_files("a/b.mp4")
    with pytest.raises(DataError, match="(?s)not recognised.*faceforensics.*sdfvd.*folders"):
        read_catalog(tmp_path)


def test_unknown_layout_name_lists_the_known_ones(make_files):
    with pytest.raises(DataError, match="Unknown layout 'nonsense'. Known: auto, table, celebdf"):
        read_catalog(make_files("real/a.mp4"), layout="nonsense")


def test_folder_that_is_itself_a_class_points_one_level_up(make_files, tmp_path):
    make_files("set/real/a.mp4", "set/fake/b.mp4")
    with pytest.raises(DataError, match=r"itself named like a class: did you mean .*/set\?"):
        read_catalog(tmp_path / "set/real")


def test_several_sets_in_one_folder_are_said(make_files):
    catalog = read_catalog(make_files("a/train/real/x.mp4", "b/train/fake/y.mp4", "b/test/real/z.mp4"))
    assert any("Several folders are read as one data set: a, b" in remark for remark in catalog.remarks)
    assert len(catalog) == 3


@pytest.mark.parametrize("root", ["~nobody-of-that-name/x", "a" * 5000, "a\0b"])
def test_an_invalid_root_is_an_error(root):
    with pytest.raises(DataError):
        read_catalog(root)


def test_two_data_sets_in_one_folder_must_be_named(make_files):
    root = make_files("a/videos_real/v1.mp4", "b/Celeb-real/id0_0000.mp4")
    with pytest.raises(DataError, match="could be celebdf or sdfvd.*--layout"):
        read_catalog(root)
    assert read_catalog(root, layout="Celeb-DF").table["clip_id"].tolist() == ["b/Celeb-real/id0_0000"]


def test_a_file_that_is_no_table_and_a_table_with_another_layout_are_refused(make_files):
    root = make_files("clip.mp4", "list.csv")
    with pytest.raises(DataError, match=r"clip.mp4 is neither a folder nor a CSV"):
        read_catalog(root / "clip.mp4")
    with pytest.raises(DataError, match="list.csv is a CSV: its layout is 'table'. Received: layout='sdfvd'"):
        read_catalog(root / "list.csv", layout="SDFVD")


def test_the_root_is_the_folder_of_the_clips(make_files):
    root = make_files("a.mp4", "b.mp4")
    make_files("list.csv", content=b"path,label\na.mp4,0\nb.mp4,1\n")
    assert read_catalog(root).root == read_catalog(root / "list.csv").root == root.resolve()
