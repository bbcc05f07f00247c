import pandas as pd
import pytest

from dfutils.data import assign_splits, folds, read_catalog
from dfutils.errors import DataError, SettingsError
from dfutils.workspace import CATALOG_COLUMNS, read_table, write_table


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_missing_root_is_named(tmp_path):
    with pytest.raises(DataError, match="There is no .*nowhere"):
        read_catalog(tmp_path / "nowhere")


def test_empty_root_is_named(tmp_path):
    with pytest.raises(DataError, match="holds no files"):
        read_catalog(tmp_path)


def test_unknown_layout_lists_the_known_ones(tmp_path):
    touch(tmp_path, "a/b.mp4")
    with pytest.raises(DataError, match="(?s)not recognised.*sdfvd.*faceforensics.*folders"):
        read_catalog(tmp_path)


def test_sdfvd_pairs_by_number_also_when_nested(tmp_path):
    touch(tmp_path, *(f"SDFVD/SDFVD/videos_real/v{i}.mp4" for i in (1, 2)))
    touch(tmp_path, *(f"SDFVD/SDFVD/videos_fake/vs{i}.mp4" for i in (1, 2)), "SDFVD/readme.txt")
    catalog = read_catalog(tmp_path)
    assert catalog.attrs["layout"] == "sdfvd"
    assert catalog.groupby("group")["label"].agg(sorted).tolist() == [[0, 1], [0, 1]]
    assert catalog.attrs["left_out"]["path"].tolist() == ["SDFVD/readme.txt"]


def test_faceforensics_groups_both_directions_of_a_pair(tmp_path):
    touch(tmp_path, *(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("000", "003", "010")))
    touch(tmp_path, "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4")
    touch(tmp_path, "manipulated_sequences/FaceSwap/c23/videos/003_000.mp4")
    catalog = read_catalog(tmp_path)
    groups = dict(zip(catalog["path"].str.rpartition("/")[2], catalog["group"], strict=True))
    assert groups["000.mp4"] == groups["003.mp4"] == groups["000_003.mp4"] == groups["003_000.mp4"]
    assert groups["010.mp4"] != groups["000.mp4"]
    assert set(catalog["method"]) == {"", "Deepfakes", "FaceSwap"}


def test_faceforensics_takes_the_published_split(tmp_path):
    touch(tmp_path, *(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("000", "003")))
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/test.json").write_text('[["000", "003"]]')
    assert set(read_catalog(tmp_path)["split"]) == {"test"}


def test_class_folders_with_splits_above(tmp_path):
    touch(tmp_path, "train/real/a.mp4", "train/fake/b.mp4", "valid/Real/c.mp4", "test/1_fake/d.mp4", "notes/e.mp4")
    catalog = read_catalog(tmp_path).set_index("path")
    assert catalog["label"].to_dict() == {
        "train/real/a.mp4": 0, "train/fake/b.mp4": 1, "valid/Real/c.mp4": 0, "test/1_fake/d.mp4": 1,
    }  # fmt: skip
    assert catalog.loc["valid/Real/c.mp4", "split"] == "val"
    assert "no folder named real or fake" in catalog.attrs["left_out"]["reason"].iloc[0]


def test_table_leaves_out_rows_it_cannot_use_with_reasons(tmp_path):
    touch(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    (tmp_path / "list.csv").write_text(
        "path,label,group\na.mp4,fake,p\nb.mp4,0,p\nmissing.mp4,1,q\n../c.mp4,1,q\nc.mp4,maybe,q\n"
    )
    catalog = read_catalog(tmp_path / "list.csv")
    assert catalog["label"].tolist() == [1, 0]
    reasons = dict(catalog.attrs["left_out"].itertuples(index=False))
    assert "not on disk" in reasons["missing.mp4"]
    assert "outside" in reasons["../c.mp4"]
    assert "maybe" in reasons["c.mp4"]


def test_real_method_is_empty_text_also_after_the_csv(tmp_path, demo_catalog):
    write_table(demo_catalog, tmp_path / "catalog.csv")
    read = read_table(tmp_path / "catalog.csv")
    assert list(read.columns) == list(CATALOG_COLUMNS)
    assert (read.loc[read["label"] == 0, "method"] == "").all()
    pd.testing.assert_frame_equal(read, demo_catalog, check_dtype=False, check_like=False)


def test_split_never_cuts_a_group_and_keeps_both_classes(catalog):
    split = assign_splits(catalog(groups=15))
    assert (split.groupby("group")["split"].nunique() == 1).all()
    assert (split.groupby("split")["label"].nunique() == 2).all()
    share = (split["split"] == "test").mean()
    assert share == pytest.approx(0.2, abs=0.05)


def test_split_does_not_depend_on_row_order_but_on_the_seed(catalog):
    table = catalog(groups=20)
    first = assign_splits(table).set_index("clip_id")["split"]
    again = assign_splits(table.sample(frac=1, random_state=1)).set_index("clip_id")["split"]
    assert first.sort_index().equals(again.sort_index())
    other = assign_splits(table, seed=8).set_index("clip_id")["split"]
    assert not first.equals(other)


def test_published_split_is_kept(catalog):
    table = catalog(groups=10)
    table.loc[table["group"] == "g03", "split"] = "test"
    split = assign_splits(table)
    assert set(split.loc[split["split"] == "test", "group"]) == {"g03"}


def test_one_class_cannot_be_split(catalog):
    table = catalog().query("label == 1")
    with pytest.raises(DataError, match="No clip is real"):
        assign_splits(table)


def test_too_few_groups_cannot_be_split(catalog):
    with pytest.raises(DataError, match="Too few groups"):
        assign_splits(catalog(groups=2))


def test_share_out_of_range(catalog):
    with pytest.raises(SettingsError, match="test=1.5"):
        assign_splits(catalog(), test=1.5)


def test_folds_cover_every_clip_once_and_never_cut_a_group(catalog):
    table = catalog(groups=10)
    seen = []
    for train, test in folds(table, k=5):
        assert not set(table["group"].iloc[train]) & set(table["group"].iloc[test])
        seen += test.tolist()
    assert sorted(seen) == list(range(len(table)))
    with pytest.raises(DataError, match="at least 11 groups"):
        list(folds(table, k=11))


def test_val_is_taken_from_the_published_train_where_nothing_else_is_free(catalog):
    table = catalog(groups=10)
    table["split"] = ["test" if group in ("g00", "g01") else "train" for group in table["group"]]
    split = assign_splits(table)
    assert set(split.loc[split["split"] == "test", "group"]) == {"g00", "g01"}
    assert (split["split"] == "val").any()
    assert (split.groupby("group")["split"].nunique() == 1).all()
    table["split"] = "train"
    with pytest.raises(DataError, match="not 'test', so there is none"):
        assign_splits(table)


def test_unlabelled_clips_are_in_no_split(catalog):
    table = catalog()
    table.loc[0, ["label", "split"]] = [pd.NA, "test"]
    split = assign_splits(table)
    assert split["split"][0] == ""


def test_split_folder_below_the_class_folder_is_no_method(tmp_path):
    touch(tmp_path, "fake/train/a.mp4", "real/train/b.mp4", "fake/test/FaceSwap/c.mp4")
    catalog = read_catalog(tmp_path).set_index("path")
    assert catalog["method"].to_dict() == {
        "fake/train/a.mp4": "fake", "real/train/b.mp4": "", "fake/test/FaceSwap/c.mp4": "FaceSwap",
    }  # fmt: skip
    assert catalog["split"].tolist() == ["test", "train", "train"]


def test_name_that_is_no_utf8_is_left_out_with_a_reason(tmp_path):
    import os

    touch(tmp_path, "real/a.mp4", "fake/b.mp4")
    odd = os.fsencode(tmp_path) + b"/real/\xff.mp4"
    try:
        with open(odd, "wb") as file:  # noqa: PTH123
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes no such name")
    catalog = read_catalog(tmp_path)
    assert len(catalog) == 2
    assert "UTF-8" in catalog.attrs["left_out"]["reason"].iloc[0]
    write_table(catalog, tmp_path / "catalog.csv")


def test_few_groups_of_one_clip_each_still_give_every_part_both_classes(catalog):
    table = catalog(groups=1, per_group=8)
    table["group"] = table["clip_id"]
    split = assign_splits(table)
    assert (split.groupby("split")["label"].nunique() == 2).all()
