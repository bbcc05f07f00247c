"""Evaluations: the metrics with intervals by group, the counts, and the remarks."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, bootstrap, norm, rankdata
from sklearn import metrics as reference

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import METRICS, evaluate, majority_line


def auc_of(labels, scores):
    ranks, fakes = rankdata(scores), labels == 1
    return (ranks[fakes].mean() - (fakes.sum() + 1) / 2) / (~fakes).sum()


def test_table_has_every_metric_with_the_value_of_the_clips(make_predictions):
    table = make_predictions(60, decimals=1)
    result = evaluate(table, n_bootstrap=0).table
    assert list(result.index) == list(METRICS)
    assert result.loc["auc", "value"] == pytest.approx(
        reference.roc_auc_score(table["label"], table["score"])
    )
    assert result[["low", "high"]].isna().all(axis=None)


def test_intervals_are_those_of_a_bootstrap_over_groups_by_scipy(make_predictions):
    """SciPy's BCa over groups; ours is a little wider, because there are few groups."""
    table = make_predictions(240, per_group=6)
    result = evaluate(table, n_bootstrap=4000, seed=3).table
    labels, scores = table["label"].to_numpy(), table["score"].to_numpy()
    rows = [np.flatnonzero(table["group"] == group) for group in table["group"].unique()]

    def auc(drawn, axis=-1):
        def of_one(numbers):
            clips = np.concatenate([rows[int(number)] for number in numbers])
            return auc_of(labels[clips], scores[clips])

        return np.apply_along_axis(of_one, axis, drawn)

    of_scipy = bootstrap((np.arange(len(rows)),), auc, n_resamples=2000, method="BCa", rng=1, batch=100)
    ends = of_scipy.confidence_interval
    assert result.loc["auc", "low"] == pytest.approx(ends.low, abs=0.012)
    assert result.loc["auc", "high"] == pytest.approx(ends.high, abs=0.012)


@pytest.mark.slow
@pytest.mark.parametrize("separation", [0.8, 2.5])
@pytest.mark.parametrize("n_groups", [4, 40])
def test_intervals_cover_the_truth_as_often_as_they_say(separation, n_groups):
    """A hundred test sets whose true AUC is known; benchmarks/intervals.py counts many more."""
    rng, truth, hits = np.random.default_rng(0), norm.cdf(separation / np.sqrt(2)), 0
    groups, labels = np.repeat(np.arange(n_groups), 4), np.tile([0, 1], 2 * n_groups)
    for _ in range(100):
        own, shared = rng.normal(0, 1, len(groups)), rng.normal(0, 1, n_groups)[groups]
        score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (labels - 0.5))
        ids = [f"c{i}" for i in range(len(groups))]
        table = pd.DataFrame({"clip_id": ids, "label": labels, "group": groups.astype(str), "score": score})
        row = evaluate(table, n_bootstrap=400).table.loc["auc"]
        hits += row["low"] <= truth <= row["high"]
    assert hits >= 88


def test_what_equal_scores_give_is_certain():
    """A detector that calls everything fake has a recall of 1 on all clips there will ever be."""
    groups = np.repeat(list("abcd"), 2)
    table = pd.DataFrame({"clip_id": list("12345678"), "label": [0, 1] * 4, "group": groups, "score": 0.5})
    result = evaluate(table, n_bootstrap=100).table
    assert result.loc["recall", ["value", "low", "high"]].tolist() == [1, 1, 1]
    assert result.loc["auc", ["value", "low", "high"]].tolist() == [0.5, 0.5, 0.5]


def test_metrics_without_an_error_have_an_interval_too():
    """Eight clips in four groups, all classified correctly: other clips may still be wrong."""
    groups = np.repeat(list("abcd"), 2)
    table = pd.DataFrame(
        {"clip_id": list("12345678"), "label": [0, 1] * 4, "group": groups, "score": [0.1, 0.9] * 4}
    )
    result = evaluate(table, n_bootstrap=100).table
    shares = ["accuracy", "precision", "recall", "balanced_accuracy", "f1", "auc", "average_precision"]
    assert (result.loc[shares, "value"] == 1).all()
    assert (result.loc[shares, "high"] == 1).all()
    assert (result.loc[shares, "low"] < 0.85).all()
    assert result.loc["recall", "low"] < result.loc["accuracy", "low"]  # four fakes, of eight clips
    assert result.loc["eer", "low"] == 0 < 0.2 < result.loc["eer", "high"]


def test_copies_of_clips_in_one_group_do_not_narrow_the_interval(make_predictions):
    """The same clips, once each in a group of its own and once as copies in one group: copies are no evidence."""
    base = make_predictions(40, per_group=1)
    copies = pd.concat([base.assign(clip_id=base["clip_id"] + f"-{i}") for i in range(5)])
    alone = copies.assign(group=copies["clip_id"])

    def width(table):
        row = evaluate(table, n_bootstrap=500).table.loc["accuracy"]
        return row["high"] - row["low"]

    assert width(copies) > 1.7 * width(alone)


def test_interval_of_the_calibration_error_contains_its_value(make_predictions):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        logit = rng.normal(0, 1.5, 200)
        score = 1 / (1 + np.exp(-logit))
        label = (rng.random(200) < score).astype(int)
        table = make_predictions(200, per_group=5).assign(score=score, label=label)
        row = evaluate(table, n_bootstrap=200).table.loc["ece"]
        assert 0 <= row["low"] <= row["value"] <= row["high"]
        assert row["high"] - row["low"] > 0.01


def test_resamples_without_a_class_are_not_counted(make_predictions):
    """Three of twenty groups hold the fakes, and all fakes are found: no resample without a fake counts as recall 0."""
    label = np.repeat([1, 0], [12, 68])
    score = np.where(label == 1, 0.9, np.random.default_rng(1).uniform(0.1, 0.6, 80))
    table = make_predictions(80, per_group=4).assign(label=label, score=score)
    result = evaluate(table, n_bootstrap=500)
    of_twelve_fakes = beta.ppf(0.025, 12.5, 0.5)
    assert result.table.loc["recall", ["value", "low", "high"]].tolist() == pytest.approx(
        [1, of_twelve_fakes, 1]
    )
    assert result.table.loc["precision", "low"] > 0
    assert result.table.loc["average_precision", "high"] == 1
    assert any("contain one class only" in remark for remark in result.remarks)


def test_same_seed_gives_the_same_intervals(make_predictions):
    table = make_predictions()
    first, second = (evaluate(table, n_bootstrap=50, seed=3).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(evaluate(table, n_bootstrap=50, seed=4).table)


def test_intervals_do_not_depend_on_the_order_of_the_clips(make_predictions):
    table = make_predictions(60)
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        evaluate(table, n_bootstrap=50).table, evaluate(shuffled, n_bootstrap=50).table
    )


def test_a_score_at_the_threshold_is_classified_as_fake(make_predictions):
    table = make_predictions().assign(score=0.5)
    assert evaluate(table, threshold=0.5, n_bootstrap=0).table.loc["recall", "value"] == 1
    assert evaluate(table, threshold=0.51, n_bootstrap=0).table.loc["recall", "value"] == 0


def test_clips_without_a_score_are_counted_and_left_out(make_predictions):
    table = make_predictions(20)
    complete = evaluate(table.iloc[:16], n_bootstrap=0)
    table.loc[16:, "score"] = np.nan
    result = evaluate(table, n_bootstrap=0)
    assert (result.n_clips, result.n_scored) == (20, 16)
    assert result.table["value"].equals(complete.table["value"])
    assert any("4 of 20 clips have no score" in remark for remark in result.remarks)
    assert result.worst_case_accuracy == pytest.approx(result.table.loc["accuracy", "value"] * 16 / 20)


def test_counts_and_confusion_are_of_the_scored_clips(make_predictions):
    table = make_predictions(30, per_group=3)
    result = evaluate(table, threshold=0.4, n_bootstrap=0)
    assert (result.n_real, result.n_fake) == ((table["label"] == 0).sum(), (table["label"] == 1).sum())
    assert result.n_groups == 10
    missed = ((table["label"] == 1) & (table["score"] < 0.4)).sum()
    assert result.confusion.loc["fake", "real"] == missed
    assert result.confusion.to_numpy().sum() == 30


def test_the_roc_curve_goes_from_corner_to_corner(make_predictions):
    roc = evaluate(make_predictions(), n_bootstrap=0).roc
    assert roc[["fpr", "tpr"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(("label", "words"), [(1, "are fake"), (0, "are real")])
def test_with_one_class_metrics_are_undefined_and_a_remark_says_so(label, words, make_predictions):
    result = evaluate(make_predictions().query(f"label == {label}"), n_bootstrap=20)
    assert math.isnan(result.table.loc["auc", "value"])
    assert math.isnan(result.table.loc["auc", "low"])
    assert not math.isnan(result.table.loc["log_loss", "value"])
    (remark,) = [remark for remark in result.remarks if words in remark]
    assert ("average precision" in remark) == (label == 0)
    assert result.roc.empty


def test_with_one_group_intervals_are_undefined_and_a_remark_says_so(make_predictions):
    result = evaluate(make_predictions().assign(group="one"))
    assert result.table[["low", "high"]].isna().all(axis=None)
    assert any("one group" in remark for remark in result.remarks)
    assert "–" in result.display.to_numpy()


def test_few_groups_and_perfect_scores_come_with_remarks(make_predictions):
    table = make_predictions(12, per_group=4)
    table["score"] = table["label"].astype(float)
    result = evaluate(table, n_bootstrap=50)
    assert any("Only 2 groups of one of the classes" in remark for remark in result.remarks)
    assert any(
        "the same accuracy and AUC" in remark and "rule of three" in remark for remark in result.remarks
    )
    # All fakes score higher than all real clips, but the real ones of one group are above the threshold too.
    table["score"] = table["label"] * 0.3 + 0.3 + 0.25 * (table["group"] == table["group"].iloc[0])
    assert any("the same AUC. " in remark for remark in evaluate(table, n_bootstrap=50).remarks)


def test_where_nothing_is_classified_as_fake_a_remark_says_so(make_predictions):
    result = evaluate(make_predictions().assign(score=0.2), n_bootstrap=0)
    assert any("No clip is classified as fake" in remark for remark in result.remarks)
    assert not any("rule of three" in remark for remark in result.remarks)


def test_record_is_strict_json_with_null_for_undefined_values(make_predictions):
    record = evaluate(make_predictions().query("label == 1"), n_bootstrap=0).to_record()
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text)["auc"]["value"] is None


@pytest.mark.parametrize("threshold", [-1, 2, float("nan"), "0.5", None])
def test_invalid_thresholds_are_refused(threshold, make_predictions):
    with pytest.raises(SettingsError, match="threshold"):
        evaluate(make_predictions(30), threshold=threshold)


@pytest.mark.parametrize(
    "invalid", [{"n_bootstrap": 1}, {"n_bootstrap": -1}, {"n_bootstrap": 99.5}, {"seed": -1}]
)
def test_invalid_resampling_is_refused(invalid, make_predictions):
    with pytest.raises(SettingsError, match=next(iter(invalid)).removeprefix("n_")):
        evaluate(make_predictions(30), **invalid)


def test_predictions_without_scores_are_refused(make_predictions):
    with pytest.raises(DataError, match="None of the 10 clips"):
        evaluate(make_predictions(10).assign(score=np.nan))


@pytest.mark.parametrize(("labels", "called"), [([1] * 7 + [0] * 3, "fake"), ([1] * 3 + [0] * 7, "real")])
def test_majority_line_is_the_share_of_the_majority_class(labels, called, make_predictions):
    line = majority_line(make_predictions(10).assign(label=labels))
    assert (line.called, line.accuracy) == (called, pytest.approx(0.7))


def test_reversed_labels_or_scores_are_remarked_on(make_predictions):
    table = make_predictions(200)
    assert not any("reversed" in remark for remark in evaluate(table, n_bootstrap=200).remarks)
    for change in ({"label": 1 - table["label"]}, {"score": 1 - table["score"]}):
        result = evaluate(table.assign(**change), n_bootstrap=200)
        assert result.table.loc["auc", "high"] < 0.5
        assert any("labels or the scores are reversed" in remark for remark in result.remarks)
    chance = table.assign(score=np.random.default_rng(0).random(len(table)))
    assert not any("reversed" in remark for remark in evaluate(chance, n_bootstrap=200).remarks)
    assert not any("reversed" in remark for remark in evaluate(table, n_bootstrap=0).remarks)
