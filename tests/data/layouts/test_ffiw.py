"""FFIW-10K: labels, the published split, masks."""

import pytest

from dfutils.data import read_catalog


@pytest.mark.parametrize("above", ["", "FFIW10K-v1-release/"])
@pytest.mark.parametrize("inner", ["", "videos/"])
def test_source_is_real_and_target_is_fake(make_files, above, inner, read_rows, read_left_out):
    for split in ("train", "val", "test"):
        name = f"{split}/{inner}{split}_00000007.mp4"
        root = make_files(f"{above}source/{name}", f"{above}target/{name}", f"{above}target_mask/{name}")
    make_files(f"{above}source/train/val_00000001.mp4", f"{above}source/train/7.mp4")
    table = read_rows(root, "ffiw")
    assert table["label"].eq(table.index.str.contains("target/").astype(int)).all()
    assert table.groupby("group")["split"].agg(list).to_dict() == {
        f"{split}_00000007": [split] * 2 for split in ("test", "train", "val")
    }
    assert "source" not in table
    reasons = read_left_out(root)
    assert reasons[f"{above}target_mask/val/{inner}val_00000007.mp4"] == "a mask of the forged region"
    assert reasons[f"{above}source/train/val_00000001.mp4"] == "its name says val, but its folder says train"
    assert reasons[f"{above}source/train/7.mp4"].startswith("not named <train, val or test>")
    catalog = read_catalog(root)
    assert not catalog.people_known
    assert any("FFIW-10K does not say who is seen" in remark for remark in catalog.remarks)


def test_the_test_release_without_folders_of_the_split_is_read(make_files, read_rows):
    root = make_files("Source/Test_00000000.MP4", "target/test_00000000.mp4")
    table = read_rows(root, "ffiw")
    assert table["split"].tolist() == ["test", "test"]
    assert table["group"].nunique() == 1


def test_other_folders_named_source_and_target_are_not_ffiw(make_files):
    root = make_files("real/source/a.mp4", "fake/target/train_1.mp4")
    assert read_catalog(root).layout == "folders"
