"""Every file is accounted for: a clip, part of one, a list, or left out with a reason."""

import os

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError
from dfutils.tables import write_table


def test_a_name_that_is_not_utf8_is_left_out_with_a_reason(make_files, tmp_path):
    make_files("real/a.mp4", "fake/b.mp4")
    odd = os.fsencode(tmp_path) + b"/real/\xff.mp4"
    try:
        with open(odd, "wb") as file:  # noqa: PTH123
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes no such name")
    catalog = read_catalog(tmp_path)
    assert len(catalog) == 2
    assert "UTF-8" in catalog.left_out["reason"].iloc[0]
    write_table(catalog.table, tmp_path / "catalog.csv")


def test_one_clip_id_from_two_files_keeps_the_first_and_names_the_other(make_files):
    root = make_files("a.mp4", "b.mp4")
    (root / "list.csv").write_text("path,label,clip_id\na.mp4,1,one\nb.mp4,0,one\n")
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["a.mp4"]
    assert catalog.left_out["reason"].tolist() == ["has the same clip_id 'one' as a.mp4"]


def test_every_file_found_is_accounted_for(make_files):
    root = make_files(
        "real/a.mp4", "fake/b/1.png", "fake/b/2.png", "fake/b/notes.txt", "x.md", ".hidden", "y.mp4"
    )
    make_files("real/c/1.png", "real/c/2.png")
    catalog = read_catalog(root)
    files = catalog.files
    assert files == {"found": 8, "clips": 1, "stills": 4, "lists": 0, "left_out": 1, "other": 2}
    assert set(catalog.left_out["path"]) == {"fake/b/notes.txt", "x.md", "y.mp4"}


def test_name_with_a_line_break_is_left_out(make_files):
    catalog = read_catalog(make_files("real/a.mp4", "fake/b.mp4", "fake/c\rd.mp4", "fake/e\nf.mp4"))
    assert len(catalog) == 2
    assert set(catalog.left_out["reason"]) == {
        "its name holds a line break or another control character: rename it"
    }


def test_one_class_is_a_remark(make_files):
    catalog = read_catalog(make_files("fake/a.mp4", "fake/b.mp4"))
    assert any("All 2 clips with a label are fake" in remark for remark in catalog.remarks)


def test_what_was_left_out_and_the_counts_are_as_many_as_the_files(make_files):
    root = make_files("train/real/a.mp4", "train/fake/b.mp4", "train/fake/b.avi", "x.mp4", "notes.txt")
    catalog = read_catalog(root)
    counts = dict(catalog.files)
    assert counts.pop("found") == sum(counts.values()) == 5
    assert len(catalog.left_out) == counts["left_out"] + counts["other"] == 2


def test_a_folder_without_a_clip_is_an_error_with_the_reasons(make_files):
    root = make_files("real/a.txt", "fake/b.mp4")
    make_files("list.csv", content=b"path,label\nreal/a.txt,0\n")
    with pytest.raises(DataError, match="read as 'table' holds no clip.*fake/b.mp4: not named in the table"):
        read_catalog(root)


def test_pictures_are_remarked_on_as_clips_of_one_frame(make_files):
    one = read_catalog(make_files("real/a.png", "fake/b.mp4"))
    assert any(
        "1 picture is read as a clip of one frame (such as real/a.png)" in text for text in one.remarks
    )
    two = read_catalog(make_files("real/c.png"))
    assert any("2 pictures are read as clips of one frame" in text for text in two.remarks)


def test_two_videos_that_differ_only_in_the_suffix_both_stay(make_files):
    root = make_files("real/a.mp4", "real/a.mkv", "real/a.jpg", "fake/b.mp4", "fake/c.png", "fake/c.jpg")
    table = read_catalog(root).table.set_index("clip_id")
    assert table["path"].to_dict() == {
        "fake/b": "fake/b.mp4",
        "fake/c.jpg": "fake/c.jpg",
        "fake/c.png": "fake/c.png",
        "real/a.mkv": "real/a.mkv",
        "real/a.mp4": "real/a.mp4",
        "real/a": "real/a.jpg",
    }
    assert table["group"].to_dict() == {
        "fake/b": "fake/b",
        "fake/c.jpg": "fake/c",
        "fake/c.png": "fake/c",
        "real/a.mkv": "real/a",
        "real/a.mp4": "real/a",
        "real/a": "real/a",
    }


def test_a_table_may_list_two_files_that_differ_only_in_the_suffix(make_files):
    root = make_files("sample.mkv", "sample.mp4")
    (root / "list.csv").write_text("path,label\nsample.mkv,1\nsample.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["clip_id"].tolist() == ["sample.mkv", "sample.mp4"]
    assert catalog.table["group"].tolist() == ["sample", "sample"]
    assert catalog.files["left_out"] == 0
