import json

import numpy as np
import pandas as pd
import pytest

from dfutils import evaluation
from dfutils.errors import DataError
from dfutils.evaluation import report_scores


@pytest.fixture
def tables(make_predictions):
    """A good detector, a bad one on the same clips, and the good one again."""
    good = make_predictions(240, signal=0.5, decimals=6).assign(split="", status="")
    good["method"] = np.where(good["label"] == 1, "swap", "")
    bad = good.assign(score=np.random.default_rng(1).random(len(good)))
    return {"good": good, "bad": bad, "copy": good}


def test_report_holds_what_evaluate_and_compare_say(tables):
    found = report_scores(tables, n_bootstrap=200, column="method")
    pd.testing.assert_frame_equal(
        found.evaluations["good"].table, evaluation.evaluate(tables["good"], n_bootstrap=200).table
    )
    against_bad, against_copy = found.comparisons
    assert against_bad.difference == evaluation.compare(tables["good"], tables["bad"], n_bootstrap=200)
    assert against_bad.verdict == "good is better"
    assert against_bad.corrected == 2 * against_bad.difference.p_value
    assert against_copy.verdict == "cannot be told"
    assert against_copy.corrected == 1
    assert against_bad.check.value == pytest.approx(against_bad.difference.value)
    assert list(found.parts["bad"]) == ["swap"]
    assert (
        json.loads(json.dumps(found.to_record(), allow_nan=False))["comparisons"][0]["verdict"]
        == "good is better"
    )


def test_where_lower_is_better_the_verdict_names_the_lower_one(tables):
    (against_bad, _) = report_scores(tables, n_bootstrap=200, metric="log_loss").comparisons
    assert against_bad.difference.value < 0
    assert against_bad.verdict == "good is better"
    assert against_bad.check is None


def test_missing_scores_change_the_metrics_only_if_they_shall(tables):
    table = tables["good"].copy()
    table.loc[:59, "score"] = np.nan
    left_out = report_scores({"one": table}, n_bootstrap=0)
    wrong = report_scores({"one": table}, n_bootstrap=0, missing="wrong")
    assert left_out.coverage == wrong.coverage == {"one": 0.75}
    assert wrong.evaluations["one"].n_scored == left_out.evaluations["one"].n_scored == 180
    assert (
        "60 of 240 clips have no score. They are counted as mistakes" in wrong.evaluations["one"].remarks[0]
    )
    assert wrong.evaluations["one"].table.loc["accuracy", "value"] == pytest.approx(
        left_out.evaluations["one"].worst_case_accuracy
    )


def test_column_that_is_empty_is_refused(tables):
    with pytest.raises(
        DataError, match="nothing in a column 'split' to divide by. Columns: clip_id, label, group"
    ):
        report_scores(tables, n_bootstrap=0, column="split")
