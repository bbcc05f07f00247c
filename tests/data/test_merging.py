"""Groups of one person are joined before a split is drawn."""

import sys

import pandas as pd
import pytest

from dfutils.data import Catalog, assign_splits, read_catalog
from dfutils.data.embedding import is_available, load_models
from dfutils.data.merging import join_people
from dfutils.errors import DataError, DfutilsError

needs_dlib = pytest.mark.skipif(not is_available(), reason="the extra dfutils[people] is not installed")


def test_a_table_without_a_folder_is_refused_with_the_remedy(make_catalog):
    table = make_catalog()
    with pytest.raises(
        DataError, match=r"Pass the Catalog that `data.read_catalog` returns. Received: DataFrame"
    ):
        assign_splits(table, merge_people=True)
    with pytest.raises(DataError, match="Received: a Catalog without a root"):
        assign_splits(Catalog(table), merge_people=True)


def test_a_missing_extra_is_named(make_catalog, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    load_models.cache_clear()
    with pytest.raises(DfutilsError, match=r'pip install "dfutils\[people\]"'):
        assign_splits(Catalog(make_catalog(), root=tmp_path), merge_people=True)


def test_nothing_is_joined_where_the_catalog_names_everybody(make_catalog, tmp_path):
    table = make_catalog()
    catalog = Catalog(table.assign(identity=table["group"]), root=tmp_path)
    joined = join_people(catalog)
    pd.testing.assert_series_equal(joined.table["group"], table["group"])
    assert joined.remarks == ("Faces were not compared: the catalog says who is seen in every real clip.",)


@needs_dlib
@pytest.mark.slow
def test_groups_of_one_person_are_joined_and_stay_on_one_side(repeated_person):
    catalog = read_catalog(repeated_person)
    split = assign_splits(catalog, merge_people=True)
    joined = split.table[split.table["group"] == "004-982+900-901"]
    assert len(joined) == 4
    assert joined["split"].nunique() == 1
    assert split.table["group"].nunique() == catalog.table["group"].nunique() - 1
    (remark,) = [remark for remark in split.remarks if "probably show one person" in remark]
    assert "004-982 and 900-901 (0." in remark
    assert not any("published" in remark for remark in split.remarks)
    with pytest.raises(AssertionError):  # without it, the groups stay apart
        pd.testing.assert_series_equal(assign_splits(catalog).table["group"], split.table["group"])


@needs_dlib
@pytest.mark.slow
def test_a_published_split_stays_as_it_is_and_the_remark_says_so(repeated_person):
    catalog = read_catalog(repeated_person)
    sides = {"004-982": "train", "900-901": "test", "515-519": "train", "634-660": "val"}
    published = catalog.table.assign(split=catalog.table["group"].map(sides))
    split = assign_splits(Catalog(published, root=catalog.root), merge_people=True)
    assert split.table["split"].tolist() == published["split"].tolist()
    assert "004-982+900-901" in split.table["group"].tolist()
    assert any(
        "published split is kept" in remark and "004-982+900-901" in remark for remark in split.remarks
    )
