"""Splits and folds: whole groups, both classes on every side, published splits kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dfutils.data import Catalog, assign_splits, check_parts, folds
from dfutils.errors import DataError, SettingsError
from dfutils.tables import CATALOG_COLUMNS


def test_split_never_cuts_a_group_and_keeps_both_classes(make_catalog):
    split = assign_splits(make_catalog(groups=15)).table
    assert (split.groupby("group")["split"].nunique() == 1).all()
    assert (split.groupby("split")["label"].nunique() == 2).all()
    share = (split["split"] == "test").mean()
    assert share == pytest.approx(0.2, abs=0.05)


def test_split_does_not_depend_on_row_order_but_on_the_seed(make_catalog):
    table = make_catalog(groups=20)
    first = assign_splits(table).table.set_index("clip_id")["split"]
    again = assign_splits(table.sample(frac=1, random_state=1)).table.set_index("clip_id")["split"]
    assert first.sort_index().equals(again.sort_index())
    other = assign_splits(table, seed=8).table.set_index("clip_id")["split"]
    assert not first.equals(other)


def test_published_split_is_kept(make_catalog):
    table = make_catalog(groups=10)
    table.loc[table["group"] == "g03", "split"] = "test"
    split = assign_splits(table).table
    assert set(split.loc[split["split"] == "test", "group"]) == {"g03"}


def test_a_catalog_of_one_class_is_refused(make_catalog):
    table = make_catalog().query("label == 1")
    with pytest.raises(DataError, match="No clip is real"):
        assign_splits(table)


def test_too_few_groups_are_refused(make_catalog):
    with pytest.raises(DataError, match="Too few groups"):
        assign_splits(make_catalog(groups=2))


def test_a_share_out_of_range_is_refused(make_catalog):
    with pytest.raises(SettingsError, match="test=1.5"):
        assign_splits(make_catalog(), test=1.5)


def test_folds_cover_every_clip_once_and_never_cut_a_group(make_catalog):
    table = make_catalog(groups=10)
    seen = []
    for train, test in folds(table, k=5):
        assert not set(table["group"].iloc[train]) & set(table["group"].iloc[test])
        seen += test.tolist()
    assert sorted(seen) == list(range(len(table)))
    with pytest.raises(DataError, match="at least 11 groups"):
        list(folds(table, k=11))


def test_val_is_taken_from_the_published_train_where_nothing_else_is_free(make_catalog):
    table = make_catalog(groups=10)
    table["split"] = ["test" if group in ("g00", "g01") else "train" for group in table["group"]]
    split = assign_splits(table).table
    assert set(split.loc[split["split"] == "test", "group"]) == {"g00", "g01"}
    assert (split["split"] == "val").any()
    assert (split.groupby("group")["split"].nunique() == 1).all()
    table["split"] = "val"
    with pytest.raises(DataError, match="has another split, so no clip is left for 'test'"):
        assign_splits(table)


def test_test_is_drawn_from_the_published_train_where_every_clip_has_a_split(make_catalog):
    table = make_catalog(groups=20)
    in_val = table["group"].isin(["g00", "g01", "g02"])
    table["split"] = in_val.map({True: "val", False: "train"})
    table.loc[table.index[table["group"] == "g02"][:1], "split"] = "train"  # a published cut
    split = assign_splits(table).table
    assert (split.loc[table["split"] == "val", "split"] == "val").all()
    assert (split["split"] == "test").mean() == pytest.approx(0.2, abs=0.05)
    in_test = set(split.loc[split["split"] == "test", "group"])
    assert not in_test & set(split.loc[split["split"] != "test", "group"])
    assert not in_test & {"g00", "g01", "g02"}


def test_folds_leave_out_clips_of_unknown_label(make_catalog):
    table = make_catalog(groups=10)
    table.loc[[3, 5], "label"] = pd.NA
    seen = np.concatenate([test for _, test in folds(table, k=5)])
    assert sorted(seen) == [row for row in range(len(table)) if row not in (3, 5)]
    for k in (1, 0, -1, 2.5, float("nan"), None):
        with pytest.raises(SettingsError, match="integer of at least 2. Received: k="):
            next(folds(table, k=k))


def test_unlabelled_clips_are_in_no_split(make_catalog):
    table = make_catalog()
    table.loc[0, ["label", "split"]] = [pd.NA, "test"]
    split = assign_splits(table).table
    assert split["split"][0] == ""


def test_few_groups_of_one_clip_each_still_give_every_part_both_classes(make_catalog):
    table = make_catalog(groups=1, per_group=8)
    table["group"] = table["clip_id"]
    split = assign_splits(table).table
    assert (split.groupby("split")["label"].nunique() == 2).all()


def random_catalog(seed):
    """A catalog of a random size, with groups of even or odd sizes, and labels that may go by group."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 600))
    n_groups = int(rng.integers(12, max(13, n // 2)))
    kind = rng.integers(3)
    if kind == 0:
        group = rng.integers(0, n_groups, n)
    elif kind == 1:
        group = np.minimum((rng.pareto(1.5, n) * 3).astype(int), n_groups)
    else:
        group = np.arange(n) // int(rng.integers(1, 6))
    share = rng.uniform(0.2, 0.9)
    label = (rng.random(n) < share).astype(int)
    if rng.random() < 0.3:
        label = (rng.random(n_groups + n) < share).astype(int)[group]
    method = np.where(label == 1, rng.choice(["a", "b", "c", "d"], n), "")
    rows = [(f"c{i}", f"c{i}.mp4", "video", label[i], method[i], f"g{group[i]}", "") for i in range(n)]
    return pd.DataFrame(rows, columns=list(CATALOG_COLUMNS)).astype({"label": "Int64"})


@pytest.mark.slow
def test_random_catalogs_are_split_by_group_and_alike_in_label():
    off = 0
    for seed in range(60):
        table = random_catalog(seed)
        holding = [table.loc[table["label"] == label, "group"].nunique() for label in (0, 1)]
        if min(holding) < 3:
            with pytest.raises(DataError, match="Too few groups"):
                assign_splits(table, seed=seed)
            continue
        split = assign_splits(table, seed=seed).table
        assert (split.groupby("group")["split"].nunique() == 1).all()
        share = split.groupby("split")["label"].mean().astype(float)
        assert set(share.index) == {"train", "val", "test"}
        if split["group"].value_counts(normalize=True).max() < 0.1:
            off += (share - float(table["label"].mean())).abs().max() > 0.03
    assert off <= 1


def test_val_can_always_be_drawn_after_test():
    # Reals are in three groups only, one of them huge: each part needs one.
    rows = [(f"c{i}", "", "video", 0, "", f"r{min(i // 3, 2)}", "") for i in range(60)]
    rows += [(f"f{i}", "", "video", 1, "swap", f"f{i}", "") for i in range(60)]
    table = pd.DataFrame(rows, columns=list(CATALOG_COLUMNS)).astype({"label": "Int64"})
    for seed in range(5):
        split = assign_splits(table, seed=seed).table
        assert (split.groupby("split")["label"].nunique() == 2).all()


def test_clips_without_a_split_follow_their_group(make_catalog):
    table = make_catalog(groups=10)
    table.loc[table["group"].isin(["g00", "g01"]) & table["clip_id"].str.endswith("c0"), "split"] = "test"
    table.loc[table["group"].isin(["g02", "g03"]) & table["clip_id"].str.endswith("c0"), "split"] = "train"
    split = assign_splits(table).table
    assert (split.groupby("group")["split"].nunique() == 1).all()
    assert set(split.loc[split["split"] == "test", "group"]) == {"g00", "g01"}


def test_a_test_list_alone_is_the_whole_test_set_even_where_it_cuts_a_group(make_catalog):
    table = make_catalog(groups=10)
    table.loc[table["clip_id"].isin(["g00/c0", "g00/c1", "g01/c0"]), "split"] = "test"
    split = assign_splits(table).table
    assert split.loc[split["split"] == "test", "clip_id"].tolist() == ["g00/c0", "g00/c1", "g01/c0"]
    assert (split[split["split"] != "test"].groupby("group")["split"].nunique() == 1).all()


def test_a_method_for_every_fake_is_split_as_well(make_catalog):
    table = make_catalog(groups=300)
    fakes = table["label"] == 1
    table.loc[fakes, "method"] = [f"m{i}" for i in range(fakes.sum())]
    first = assign_splits(table).table.set_index("clip_id")["split"]
    again = assign_splits(table.sample(frac=1, random_state=1)).table.set_index("clip_id")["split"]
    assert first.sort_index().equals(again.sort_index())


def test_a_seed_below_zero_is_refused(make_catalog):
    with pytest.raises(SettingsError, match="seed=-1|Received: -1"):
        assign_splits(make_catalog(), seed=-1)


@pytest.mark.parametrize("blank", [1, 2])
def test_val_is_topped_up_from_the_published_train(make_catalog, blank):
    table = make_catalog(groups=50)
    number = table["group"].str[1:].astype(int)
    table["split"] = np.where(number < blank, "", np.where(number < 35, "train", "test"))
    split = assign_splits(table).table
    assert (split["split"] == "test").sum() == (table["split"] == "test").sum()
    assert (split.groupby("group")["split"].nunique() == 1).all()
    assert (split["split"] == "val").sum() == pytest.approx(0.2 * 35 * 4, abs=8)


def test_a_catalog_as_plain_pandas_reads_it_is_split_alike(make_catalog, tmp_path):
    table = make_catalog(groups=10)
    table["group"] = table["group"].str[1:]
    expected = assign_splits(table).table
    table.to_csv(tmp_path / "catalog.csv", index=False)
    plain = pd.read_csv(tmp_path / "catalog.csv")
    assert plain["split"].isna().all()
    got = assign_splits(plain).table
    assert (got.groupby("group")["split"].nunique() == 1).all()
    assert set(got["split"]) == set(expected["split"])


def test_a_seed_that_no_generator_accepts_is_refused(make_catalog):
    with pytest.raises(SettingsError, match="seed=5000000000"):
        assign_splits(make_catalog(), seed=5_000_000_000)


def test_a_few_clips_without_a_split_do_not_set_the_balance_of_val(make_catalog):
    table = make_catalog(groups=100, per_group=1)
    table["label"] = pd.array(np.arange(100) % 2, "Int64")
    table["split"] = ["test"] * 20 + [""] * 2 + ["train"] * 78
    table.loc[[20, 21], "label"] = 0
    split = assign_splits(table).table
    whole = float(table.loc[table["split"] != "test", "label"].mean())
    val = split[split["split"] == "val"]
    assert len(val) == pytest.approx(16, abs=1)
    assert float(val["label"].mean()) == pytest.approx(whole, abs=0.03)


def test_test_is_a_share_of_all_where_some_are_published_as_train(make_catalog):
    table = make_catalog(groups=100, per_group=1)
    table["label"] = pd.array(np.arange(100) % 2, "Int64")
    table["split"] = ["train"] * 50 + [""] * 50
    split = assign_splits(table).table
    assert split["split"].value_counts().to_dict() == {"train": 64, "test": 20, "val": 16}
    assert (split["split"][:50] == "train").all()


def test_published_test_of_one_class_is_kept_and_remarked_on(make_catalog):
    table = make_catalog(groups=10)
    table.loc[(table["group"] == "g00") & (table["label"] == 1), "split"] = "test"
    catalog = assign_splits(table)
    assert catalog.table["split"].eq("test").equals(table["split"].eq("test"))
    assert "publishes as test are fake" in catalog.remarks[0]


@pytest.mark.parametrize("trained", [0.3, 0.5, 0.8])
def test_published_splits_are_never_changed_where_other_clips_are_left(make_catalog, trained):
    table = make_catalog(groups=100, per_group=2)
    number = table["group"].str[1:].astype(int)
    table["split"] = np.where(number < trained * 100, "train", "")
    catalog = assign_splits(table)
    split = catalog.table
    assert (split["split"] == "train")[table["split"] == "train"].all()
    assert (split.groupby("split")["label"].nunique() == 2).all()
    assert set(split["split"]) == {"train", "val", "test"}
    assert catalog.remarks == ()


def test_a_changed_published_split_is_remarked_on(make_catalog):
    table = make_catalog(groups=20)
    table["split"] = "train"
    remark, *more = assign_splits(table).remarks
    assert "that the data set publishes as train (such as g0" in remark
    assert not more


def test_other_names_of_splits_are_refused_and_clips_without_a_group_are_their_own(make_catalog):
    with pytest.raises(DataError, match="train, val, test or empty. Received: 'holdout'"):
        assign_splits(make_catalog(groups=10).replace({"split": {"": "holdout"}}))
    alone = assign_splits(make_catalog(groups=10).assign(group=None)).table
    assert alone["group"].equals(alone["clip_id"])
    assert set(alone["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize("seed", [-1, 2**32, None, "7", 1.5])
def test_a_seed_that_is_not_an_integer_is_refused(make_catalog, seed):
    with pytest.raises(SettingsError, match="seed="):
        next(folds(make_catalog(groups=10), seed=seed))


def test_a_catalog_without_its_columns_or_labels_is_refused(make_catalog):
    with pytest.raises(DataError, match="no column group"):
        assign_splits(make_catalog().drop(columns="group"))
    words = make_catalog().assign(label="fake")
    with pytest.raises(DataError, match="Received: 'fake'"):
        next(folds(words))
    bare = make_catalog(groups=10).drop(columns=["split", "method"])
    assert set(assign_splits(bare).table["split"]) == {"train", "val", "test"}


@st.composite
def catalogs(draw):
    """A catalog of up to 40 clips in up to 12 groups, some of unknown label, perhaps with published splits."""
    size = draw(st.integers(6, 40))
    groups = draw(st.lists(st.integers(0, 11), min_size=size, max_size=size))
    labels = draw(st.lists(st.sampled_from([0, 0, 1, 1, 1, pd.NA]), min_size=size, max_size=size))
    published = draw(st.sampled_from([("",), ("", "", "test"), ("", "train", "val", "test")]))
    by_group = draw(st.lists(st.sampled_from(published), min_size=12, max_size=12))
    table = pd.DataFrame({"group": [f"g{group}" for group in groups], "label": labels}).astype(
        {"label": "Int64"}
    )
    table["clip_id"] = [f"c{i:02d}" for i in range(size)]
    table["path"], table["media"] = table["clip_id"] + ".mp4", "video"
    table["method"] = table["label"].map({1: "swap", 0: ""}).fillna("")
    table["split"] = [by_group[group] for group in groups]
    return table[list(CATALOG_COLUMNS)]


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(catalogs(), st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_no_group_is_cut_and_the_order_of_the_rows_does_not_matter(table, seed, random):
    try:
        split = assign_splits(table, seed=seed).table
    except DataError:
        assume(False)
    labelled = split[split["label"].notna()]
    assert (labelled.groupby("group")["split"].nunique() == 1).all()
    assert set(labelled["split"]) == {"train", "val", "test"}
    assert set(split.loc[split["label"].isna(), "split"]) <= {""}
    order = list(range(len(table)))
    random.shuffle(order)
    again = assign_splits(table.iloc[order], seed=seed).table
    assert again.set_index("clip_id")["split"].to_dict() == split.set_index("clip_id")["split"].to_dict()


@settings(deadline=None, max_examples=50)
@given(catalogs(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_no_fold_cuts_a_group_and_the_order_of_the_rows_does_not_matter(table, k, random):
    try:
        parts = list(folds(table, k=k))
    except DataError:
        assume(False)
    groups, ids = table["group"].to_numpy(), table["clip_id"].to_numpy()
    for train, test in parts:
        assert not {*groups[train]} & {*groups[test]}
    assert (
        sorted(np.concatenate([test for _, test in parts])) == np.flatnonzero(table["label"].notna()).tolist()
    )
    order = list(range(len(table)))
    random.shuffle(order)
    again = [{*ids[order][test]} for _, test in folds(table.iloc[order], k=k)]
    assert again == [{*ids[test]} for _, test in parts]


def test_a_split_catalog_keeps_what_is_known_of_the_data_set(make_catalog, tmp_path):
    left_out = pd.DataFrame({"path": ["x.txt"], "reason": ["neither a video nor a picture"]})
    table = make_catalog(groups=20).assign(split="train", identity="ann")
    catalog = Catalog(table, left_out, ("Mind this.",), "sdfvd", tmp_path, {"found": 81})
    split = assign_splits(catalog)
    assert (split.layout, split.root, split.files) == ("sdfvd", tmp_path, {"found": 81})
    assert split.left_out is left_out
    assert split.remarks[0] == "Mind this."
    assert len(split.remarks) == 2
    assert split.people_known
    assert set(catalog.table["split"]) == {"train"}  # the catalog itself is unchanged


def test_parts_without_both_classes_are_named(make_catalog):
    catalog = assign_splits(make_catalog())
    check_parts(catalog)
    check_parts(catalog.table, parts=("test",))
    only_fakes = catalog.table[(catalog.table["split"] != "val") | (catalog.table["label"] == 1)]
    check_parts(only_fakes, parts=("train", "test"))
    with pytest.raises(DataError, match="'val' would hold only fake clips"):
        check_parts(only_fakes)
    with pytest.raises(DataError, match="'test' would hold no clip"):
        check_parts(catalog.table[catalog.table["split"] != "test"])
