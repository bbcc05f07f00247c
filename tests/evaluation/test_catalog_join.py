import pandas as pd
import pytest

from dfutils.errors import DataError
from dfutils.evaluation.catalog_join import join_catalog

CATALOG = pd.DataFrame(
    {"clip_id": ["real/a", "fake/a"], "path": ["real/a.mp4", "fake/a.mp4"], "label": [0, 1]}
)


def scores(*names, **columns):
    return pd.DataFrame({"clip_id": names, "score": 0.5, **columns})


def test_what_does_not_match_is_listed():
    remarks = []
    joined = join_catalog(scores("real/a", "fake/a", *"uvwxyz"), CATALOG, remarks, named=True)
    assert joined["score"].tolist() == [0.5, 0.5]
    assert remarks == ["Not in the catalog, and left out: u, v, w, x, y and 1 more."]


def test_file_names_that_are_not_unique_are_not_used():
    with pytest.raises(DataError, match="No clip of the scores is in the catalog.*'a.mp4'.*'real/a'"):
        join_catalog(scores("a.mp4"), CATALOG, [], named=True)


def test_labels_that_differ_and_clips_twice_are_refused():
    with pytest.raises(
        DataError, match="1 labels differ between the scores and the catalog, such as that of 'fake/a'"
    ):
        join_catalog(scores("real/a", "fake/a", label=[0, 0]), CATALOG, [], named=True)
    with pytest.raises(DataError, match="Two rows of the scores are the clip 'real/a'"):
        join_catalog(scores("x/a.mp4", "y/a.mp4"), CATALOG.head(1), [], named=True)
    with pytest.raises(DataError, match="only if they name their clips"):
        join_catalog(scores("row 1"), CATALOG, [], named=False)


def test_label_that_the_catalog_does_not_know_is_that_of_the_scores():
    catalog = CATALOG.assign(label=pd.array([0, None], "Int64"))
    joined = join_catalog(scores("fake/a", label=pd.array([1], "Int64")), catalog, [], named=True)
    assert joined["label"].tolist() == [0, 1]


def test_table_that_is_no_catalog_is_named():
    with pytest.raises(DataError, match="The catalog has no column label. It has: clip_id, path"):
        join_catalog(scores("real/a"), CATALOG.drop(columns="label"), [], named=True)
