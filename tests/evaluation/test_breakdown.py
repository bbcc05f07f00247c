"""Parts of the clips, precision where fakes are rare, and the most confident mistakes."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import evaluate_by, mistakes, precision_at


def with_methods(table):
    swap = np.arange(len(table)) % 2 == 1
    return table.assign(method=np.where(table["label"] == 0, "", np.where(swap, "swap", "lips")))


def test_each_method_is_evaluated_against_all_real_clips(make_predictions):
    table = with_methods(make_predictions(90))
    table.loc[table["method"] == "lips", "score"] = 0.99
    parts = evaluate_by(table, n_bootstrap=0)
    assert list(parts) == ["lips", "swap"]
    rows = table[(table["label"] == 0) | (table["method"] == "swap")]
    assert parts["swap"].table.loc["auc", "value"] == pytest.approx(
        reference.roc_auc_score(rows["label"], rows["score"])
    )
    assert parts["lips"].table.loc["recall", "value"] == 1


def test_a_part_without_a_score_is_left_out(make_predictions):
    table = with_methods(make_predictions(90))
    table.loc[table["method"] == "lips", "score"] = np.nan
    assert list(evaluate_by(table, n_bootstrap=0)) == ["swap"]


def test_any_other_column_divides_all_clips(make_predictions):
    by_group = evaluate_by(make_predictions(90), column="group", n_bootstrap=0)
    assert sum(part.n_clips for part in by_group.values()) == 90


def test_numbers_are_in_numeric_order_and_parts_without_a_name_are_last(make_predictions):
    crf = pd.array([9, 10] * 19 + [pd.NA, 23], "Int64")
    parts = evaluate_by(make_predictions(40).assign(crf=crf), column="crf", n_bootstrap=0)
    assert list(parts) == ["9", "10", "23", "(unknown)"]


def test_two_data_sets_may_have_clips_of_one_clip_id(make_predictions):
    table = make_predictions(40)
    twice = pd.concat([table.assign(dataset="a"), table.assign(dataset="b")])
    assert list(evaluate_by(twice, column="dataset", n_bootstrap=0)) == ["a", "b"]


def test_a_missing_column_and_missing_scores_are_refused(make_predictions):
    table = make_predictions(40)
    with pytest.raises(DataError, match="no column codec"):
        evaluate_by(table, column="codec")
    with pytest.raises(DataError, match="None of the 40 clips has a score"):
        evaluate_by(table.assign(score=np.nan, method=""), n_bootstrap=0)


def test_precision_where_fakes_are_rare_follows_bayes(make_predictions):
    table = make_predictions(200)
    rare = precision_at(table, base_rates=(0.5, 0.01), n_bootstrap=200)
    called = table["score"] >= 0.5
    recall, alarms = called[table["label"] == 1].mean(), called[table["label"] == 0].mean()
    precision = rare.table["precision"]
    assert precision[0.01] == pytest.approx(recall * 0.01 / (recall * 0.01 + alarms * 0.99))
    assert precision[0.01] < precision[0.5]
    assert (rare.table["low"] <= precision).all() and (precision <= rare.table["high"]).all()
    assert rare.remark == ""


def test_precision_without_a_false_alarm_comes_with_a_remark(make_predictions):
    table = make_predictions(200)
    perfect = precision_at(table.assign(score=table["label"].astype(float)), n_bootstrap=0)
    assert perfect.table["precision"].tolist() == [1, 1, 1, 1]
    assert "rule of three" in perfect.remark


def test_a_single_base_rate_may_be_given_alone(make_predictions):
    assert precision_at(make_predictions(), base_rates=0.02, n_bootstrap=0).table.index.tolist() == [0.02]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"base_rates": (0,)}, "Received: 0"),
        ({"threshold": 2}, "threshold=2"),
        ({"n_bootstrap": -1}, "n_bootstrap=-1"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_precision_refuses_invalid_options(option, words, make_predictions):
    with pytest.raises(SettingsError, match=words):
        precision_at(make_predictions(30), **option)


def test_precision_needs_both_classes(make_predictions):
    with pytest.raises(DataError, match="both classes"):
        precision_at(make_predictions(20).query("label == 1"))


def test_the_most_confident_mistakes_come_first(make_predictions):
    table = make_predictions(60)
    worst = mistakes(table, count=4)
    assert len(worst) == 4
    assert worst["margin"].is_monotonic_decreasing
    assert (worst["called"].eq("fake") == worst["label"].eq(0)).all()
    wrong = table[(table["score"] >= 0.5) != (table["label"] == 1)]
    assert worst["margin"].iloc[0] == pytest.approx((wrong["score"] - 0.5).abs().max())


def test_a_perfect_detector_makes_no_mistakes(make_predictions):
    table = make_predictions(60)
    assert mistakes(table.assign(score=table["label"].astype(float))).empty


@pytest.mark.parametrize("threshold", [-1, 2, float("nan"), "0.5", None])
def test_invalid_thresholds_are_refused(threshold, make_predictions):
    for call in (mistakes, precision_at):
        with pytest.raises(SettingsError, match="threshold"):
            call(make_predictions(30), threshold=threshold)
