"""WildDeepfake: sequences, archives and the published split."""

import pytest

from dfutils.data import assign_splits, read_catalog


def sequence(folder, numbers=(942, 953)):
    return [f"{folder}/{number}.png" for number in numbers]


@pytest.mark.parametrize("above", ["", "deepfake_in_the_wild/"])
def test_sequences_are_clips_and_archives_are_groups(make_files, above, read_rows, read_left_out):
    for folder in (
        "fake_train/1/fake/131",
        "fake_train/1/fake/132",
        "real_train/1/real/3",
        "real_test/7/real/0",
    ):
        root = make_files(*sequence(above + folder))
    make_files(*sequence(f"{above}fake_test/7/real/1"), *sequence(f"{above}fake_test/loose"))
    table = read_rows(root, "wilddeepfake")
    table.index = table.index.str.removeprefix(above)
    assert table[["label", "group", "split", "method"]].T.to_dict("list") == {
        "fake_train/1/fake/131": [1, "train-1", "train", "deepfake"],
        "fake_train/1/fake/132": [1, "train-1", "train", "deepfake"],
        "real_test/7/real/0": [0, "test-7", "test", ""],
        "real_train/1/real/3": [0, "train-1", "train", ""],
    }
    assert set(table["media"]) == {"frames"}
    reasons = read_left_out(root)
    assert reasons[f"{above}fake_test/7/real/1"] == "its folders fake_test and real say both real and fake"
    assert reasons[f"{above}fake_test/loose/942.png"].startswith("not in <real or fake>_<train or test>")
    catalog = read_catalog(root)
    assert not catalog.people_known
    assert any("does not say who is seen" in remark for remark in catalog.remarks)


def test_folders_with_spaces_and_capitals_are_read(make_files, read_rows):
    root = make_files(*sequence("Real train/0/Real/5"), *sequence("FAKE_TEST/unpacked/0/fake/5"))
    assert read_rows(root, "wilddeepfake")["split"].tolist() == ["test", "train"]


def test_the_published_test_is_kept_and_no_archive_is_divided(make_files):
    for archive in range(8):
        make_files(
            *sequence(f"real_train/{archive}/real/{archive}"), *sequence(f"fake_train/{archive}/fake/1")
        )
    root = make_files(*sequence("real_test/0/real/1"), *sequence("fake_test/0/fake/2"))
    table = assign_splits(read_catalog(root)).table
    assert table.loc[table["path"].str.contains("_test/"), "split"].eq("test").all()
    assert table["split"].eq("test").sum() == 2
    assert table.groupby("group")["split"].nunique().eq(1).all()
