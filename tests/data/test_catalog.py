import os

import pandas as pd
import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError
from dfutils.tables import CATALOG_COLUMNS, read_table, write_table


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


def test_real_method_is_empty_text_also_after_the_csv(tmp_path, demo_catalog):
    write_table(demo_catalog, tmp_path / "catalog.csv")
    read = read_table(tmp_path / "catalog.csv")
    assert list(read.columns) == [*CATALOG_COLUMNS, "identity", "donor"]
    assert (read.loc[read["label"] == 0, "method"] == "").all()
    pd.testing.assert_frame_equal(read, demo_catalog, check_dtype=False, check_like=False)


def test_name_that_is_no_utf8_is_left_out_with_a_reason(make_files, tmp_path):
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


def test_unknown_layout_name_lists_the_known_ones(make_files):
    with pytest.raises(DataError, match="Unknown layout 'nonsense'. Known: auto, table, celebdf"):
        read_catalog(make_files("real/a.mp4"), layout="nonsense")


def test_odd_names_come_through_the_csv_unharmed(make_files, tmp_path):
    names = [
        "real/a b.mp4",
        'real/it\'s "quoted".mp4',
        "fake/<script>alert(1)<.mp4",
        "fake/Ünïcødé 脸.MP4",
        "fake/a,b;c.mov",
    ]
    catalog = read_catalog(make_files(*names))
    assert set(catalog.table["path"]) == set(names)
    write_table(catalog.table, tmp_path / "catalog.csv")
    assert set(read_table(tmp_path / "catalog.csv")["path"]) == set(names)


def test_one_clip_id_from_two_files_keeps_the_first_and_names_the_other(make_files):
    catalog = read_catalog(make_files("real/a.avi", "real/a.mp4", "fake/b.mp4"))
    assert catalog.table["path"].tolist() == ["fake/b.mp4", "real/a.avi"]
    assert catalog.left_out["reason"].tolist() == ["has the same clip_id 'real/a' as real/a.avi"]


def test_links_cannot_loop_and_links_to_nothing_are_named(make_files, tmp_path):
    root = make_files("real/a.mp4", "fake/b.mp4")
    (root / "real/again").symlink_to(root)
    (root / "real/self.mp4").symlink_to(root / "real/self.mp4")
    (root / "real/gone.mp4").symlink_to(root / "nowhere.mp4")
    (root / "real/c.mp4").symlink_to(root / "real/a.mp4")
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["fake/b.mp4", "real/a.mp4", "real/c.mp4"]
    reasons = dict(catalog.left_out.itertuples(index=False))
    assert "not followed" in reasons["real/again"]
    assert "link to nothing" in reasons["real/gone.mp4"]
    assert set(reasons) == {"real/again", "real/gone.mp4", "real/self.mp4"}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_unreadable_folder_is_named_and_the_rest_is_read(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4", "fake/locked/c.mp4")
    (root / "fake/locked").chmod(0)
    try:
        catalog = read_catalog(root)
    finally:
        (root / "fake/locked").chmod(0o755)
    assert len(catalog) == 2
    assert "cannot be read" in catalog.left_out["reason"].iloc[0]


def test_what_is_no_ordinary_file_is_not_opened(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    os.mkfifo(root / "fake/pipe.mp4")
    (root / "fake/folder.mp4").mkdir()
    catalog = read_catalog(root)
    assert dict(catalog.left_out.itertuples(index=False)) == {
        "fake/folder.mp4": "a folder without a file, named like a video",
        "fake/pipe.mp4": "no ordinary file",
    }


def test_one_class_is_a_remark(make_files):
    catalog = read_catalog(make_files("fake/a.mp4", "fake/b.mp4"))
    assert any("All 2 clips with a label are fake" in remark for remark in catalog.remarks)


def test_every_file_found_is_accounted_for(make_files):
    root = make_files(
        "real/a.mp4", "fake/b/1.png", "fake/b/2.png", "fake/b/notes.txt", "x.md", ".hidden", "y.mp4"
    )
    make_files("real/c/1.png", "real/c/2.png")
    catalog = read_catalog(root)
    files = catalog.files
    assert files == {"found": 8, "clips": 1, "stills": 4, "lists": 0, "left_out": 1, "other": 2}
    assert set(catalog.left_out["path"]) == {"fake/b/notes.txt", "x.md", "y.mp4"}


def test_folder_that_is_itself_a_class_points_one_level_up(make_files, tmp_path):
    make_files("set/real/a.mp4", "set/fake/b.mp4")
    with pytest.raises(DataError, match=r"itself named like a class: did you mean .*/set\?"):
        read_catalog(tmp_path / "set/real")


def test_several_sets_in_one_folder_are_said(make_files):
    catalog = read_catalog(make_files("a/train/real/x.mp4", "b/train/fake/y.mp4", "b/test/real/z.mp4"))
    assert any(
        "Several folders are read as one data set: a, b" in remark for remark in catalog.remarks
    )
    assert len(catalog) == 3


def test_name_with_a_line_break_is_left_out(make_files):
    catalog = read_catalog(make_files("real/a.mp4", "fake/b.mp4", "fake/c\rd.mp4", "fake/e\nf.mp4"))
    assert len(catalog) == 2
    assert set(catalog.left_out["reason"]) == {"its name holds a line break or the like: rename it"}


@pytest.mark.parametrize("root", ["~nobody-of-that-name/x", "a" * 5000, "a\0b"])
def test_root_that_cannot_be(root):
    with pytest.raises(DataError):
        read_catalog(root)


def test_catalogs_can_be_joined(make_files):
    table = read_catalog(make_files("real/a.mp4", "fake/b.mp4", "notes.txt")).table
    joined = pd.concat([table[table["label"] == 0], table[table["label"] == 1]])
    assert len(joined) == 2
    assert not joined.attrs
