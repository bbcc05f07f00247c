"""Other forgeries, other data sets and degraded clips are rows of one table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.evaluation import Robustness, compare_unpaired, evaluate, leave_one_out, list_losses
from dfutils.training import MeanPooledBaseline


@pytest.fixture
def left_out(make_clips):
    """Two methods, each with a feature of its own, and one clip of the second method without features."""
    clips = make_clips(96, signal=0.0)
    methods = np.where(clips.y == 1, np.where(np.arange(96) % 4 == 1, "swap", "mouth"), "")
    X = clips.X.copy()
    X[methods == "swap", :, 1] += 3
    X[methods == "mouth", :, 4] += 3
    coverage = clips.coverage.assign(method=methods, status="ok")
    lost = coverage[coverage["method"] == "swap"].head(1).assign(clip_id="lost", status="no_face")
    clips = replace(clips, X=X, coverage=pd.concat([coverage, lost], ignore_index=True))
    return leave_one_out(clips, {"linear": MeanPooledBaseline()}, k=3, progress=False)


def degraded():
    rows = {
        "as they are": ["", np.nan, "60 of 60", 0.8, 0.7, 0.9, 0.0, np.nan, np.nan],
        "h264:40": ["h264", 40.0, "58 of 60", 0.6, 0.5, 0.7, -0.2, -0.3, -0.1],
    }
    columns = ["kind", "strength", "scored", "auc", "low", "high", "change", "change_low", "change_high"]
    return Robustness(pd.DataFrame.from_dict(rows, orient="index", columns=columns), 0)


def test_each_kind_of_test_gives_rows_with_change_and_coverage(left_out, make_predictions):
    own = make_predictions(60, signal=0.3)
    other = make_predictions(80, seed=1, signal=0.05)
    other.loc[3, "score"] = np.nan
    options = {"n_bootstrap": 100}
    found = list_losses(
        own,
        left_out=left_out,
        detector="linear",
        datasets=other.assign(dataset="celebdf"),
        degraded=degraded(),
        **options,
    )
    table = found.table
    assert table.index.tolist() == [
        "mouth left out of training",
        "swap left out of training",
        "data set celebdf",
        "after h264:40",
    ]
    assert table["kind"].tolist() == ["forgery", "forgery", "data set", "degradation"]
    np.testing.assert_allclose(table["elsewhere"] - table["here"], table["change"], atol=1e-12)
    assert (table["change_low"] <= table["change"]).all() and (table["change"] <= table["change_high"]).all()
    by_method = left_out.table(**options).loc["linear"]
    assert table["change_high"].tolist()[:2] == by_method["change_high"].tolist()
    assert table.loc["data set celebdf", "here"] == evaluate(own, n_bootstrap=0).table.loc["auc", "value"]
    gap = compare_unpaired(other, own, **options)
    assert table.loc["data set celebdf", ["change_low", "change_high"]].tolist() == [gap.low, gap.high]
    assert table[["scored", "clips"]].to_numpy().tolist() == [[72, 72], [72, 73], [79, 80], [58, 60]]


def test_the_table_is_shown_and_recorded(left_out, make_predictions):
    found = list_losses(make_predictions(60), degraded=degraded(), n_bootstrap=0)
    assert found.display.iloc[0].tolist() == [
        "0.80 [0.70,\u00a00.90]",
        "0.60 [0.50,\u00a00.70]",
        "-0.20 [-0.30,\u00a0-0.10]",
        "58 of 60",
    ]
    assert found.to_record()[0]["test"] == "after h264:40"
    other = make_predictions(60, seed=2).assign(dataset="x", group="one group")
    row = list_losses(make_predictions(60), datasets=other, n_bootstrap=50).to_record()[0]
    assert row["elsewhere_low"] is None and row["change_low"] is None and row["change"] is not None


def test_without_any_test_the_table_is_empty(make_predictions):
    found = list_losses(make_predictions(60))
    assert found.table.empty and found.display.empty and found.to_record() == []
