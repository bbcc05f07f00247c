"""Catalogs, folders and seeds are checked before they are used."""

import numpy as np
import pandas as pd
import pytest

from dfutils.data import Catalog
from dfutils.data.validation import catalog_table, check_seed, root_of
from dfutils.errors import DataError, SettingsError


def test_a_catalog_and_its_table_give_the_same_copy(make_catalog):
    table = make_catalog(groups=2)
    checked = catalog_table(Catalog(table))
    pd.testing.assert_frame_equal(checked, catalog_table(table))
    checked.loc[0, "group"] = "changed"
    assert table.loc[0, "group"] == "g00"


def test_a_table_as_plain_pandas_reads_it_is_set_right(make_catalog, tmp_path):
    table = make_catalog(groups=2).assign(identity="", group=["7"] * 4 + [""] * 4)
    table.to_csv(tmp_path / "catalog.csv", index=False)
    checked = catalog_table(pd.read_csv(tmp_path / "catalog.csv"))
    assert checked["label"].dtype == "Int64"
    assert set(checked["split"]) == set(checked["identity"]) == {""}
    assert set(checked["method"]) == {"", "swap"}
    assert checked["group"].map(type).eq(str).all()
    assert checked["group"][4:].tolist() == checked["clip_id"][4:].tolist()


def test_method_and_split_may_be_missing_and_the_index_stays(make_catalog):
    table = make_catalog(groups=2).drop(columns=["method", "split"])[::-1]
    checked = catalog_table(table)
    assert set(checked["method"]) == set(checked["split"]) == {""}
    assert checked.index.equals(table.index)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda table: table.drop(columns=["group", "label"]),
            "no column label, group.*Received: clip_id, path",
        ),
        (lambda table: table[[]], "no column clip_id, label, group.*Received: no columns"),
        (lambda table: pd.concat([table, table[:1]]), "1 clip_ids appear more than once .such as 'g00/c0'"),
        (lambda table: table.assign(split="holdout"), "train, val, test or empty. Received: 'holdout'"),
        (lambda table: table.assign(label=2), "labels are 1 .fake., 0 .real. or empty. Received: 2 in row 1"),
    ],
)
def test_what_is_wrong_with_a_catalog_is_named(make_catalog, change, words):
    with pytest.raises(DataError, match=words):
        catalog_table(change(make_catalog(groups=2)))


def test_only_the_needed_columns_must_be_there(make_catalog):
    table = make_catalog(groups=2)[["clip_id", "path"]]
    assert len(catalog_table(table, needs=("clip_id", "path"))) == 8


def test_the_root_is_the_given_one_or_the_catalogs_own(make_catalog, tmp_path):
    table, other = make_catalog(), tmp_path / "other"
    other.mkdir()
    (other / "list.csv").touch()
    catalog = Catalog(table, root=tmp_path)
    assert root_of(catalog) == tmp_path
    assert (
        root_of(catalog, other) == root_of(table, str(other)) == root_of(table, other / "list.csv") == other
    )


def test_an_unknown_or_missing_root_is_an_error_with_the_remedy(make_catalog, tmp_path):
    table = make_catalog()
    with pytest.raises(
        DataError, match=r"folder of the clips is unknown. Give `root`.*a DataFrame without a root"
    ):
        root_of(table)
    with pytest.raises(DataError, match="a Catalog without a root"):
        root_of(Catalog(table))
    for root in (tmp_path / "gone", tmp_path / "gone.csv"):
        with pytest.raises(DataError, match="There is no folder .*gone"):
            root_of(Catalog(table, root=root))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "7", None])
def test_what_is_not_a_seed_is_refused(seed):
    with pytest.raises(SettingsError, match=r"not an integer in \[0, 2\*\*32\). Received: seed="):
        check_seed(seed)


@pytest.mark.parametrize("seed", [0, 7, np.int64(3), 2**32 - 1])
def test_seeds_are_accepted(seed):
    check_seed(seed)
