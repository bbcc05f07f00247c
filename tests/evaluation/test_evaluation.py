import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import (
    METRICS,
    compare,
    comparison_table,
    coverage_table,
    evaluate,
    majority_line,
    predictions_table,
)


def predictions(n=60, seed=0, per_group=3, decimals=2, signal=0.2):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, n)
    label[:2] = [0, 1]
    score = np.clip(rng.random(n) * (1 - signal) + signal * label, 0, 1).round(decimals)
    ids = [f"c{i}" for i in range(n)]
    group = [f"g{i // per_group}" for i in range(n)]
    return pd.DataFrame({"clip_id": ids, "label": label, "group": group, "score": score})


@pytest.mark.parametrize("n", [4, 60, 700])
@pytest.mark.parametrize("decimals", [1, 4])
def test_every_metric_agrees_with_its_reference(n, decimals):
    table = predictions(n, decimals=decimals, seed=n + decimals)
    y, s = table["label"].to_numpy(), table["score"].to_numpy()
    called = s >= 0.5
    fpr, tpr, _ = reference.roc_curve(y, s, drop_intermediate=False)
    crossing = np.argmax(fpr >= 1 - tpr)
    before = max(0, crossing - 1)
    gap = (fpr - (1 - tpr))[[before, crossing]]
    step = -gap[0] / (gap[1] - gap[0]) if gap[1] != gap[0] else 0
    bins = np.minimum((s * 15).astype(int), 14)
    expected = {
        "accuracy": reference.accuracy_score(y, called),
        "precision": reference.precision_score(y, called, zero_division=0),
        "recall": reference.recall_score(y, called, zero_division=0),
        "balanced_accuracy": reference.balanced_accuracy_score(y, called),
        "f1": reference.f1_score(y, called, zero_division=0),
        "auc": reference.roc_auc_score(y, s),
        "average_precision": reference.average_precision_score(y, s),
        "log_loss": reference.log_loss(y, np.clip(s, 1e-7, 1 - 1e-7)),
        "brier": reference.brier_score_loss(y, s),
        "eer": fpr[before] + step * (fpr[crossing] - fpr[before]),
        "ece": sum(abs((y - s)[bins == b].sum()) for b in range(15)) / n,
    }
    got = evaluate(table, n_bootstrap=0).table["value"]
    assert list(got.index) == list(METRICS)
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, abs=1e-9), name


def test_intervals_are_those_of_a_bootstrap_over_groups_done_by_hand():
    table = predictions(90, per_group=6)
    result = evaluate(table, n_bootstrap=400, seed=3).table
    rng = np.random.default_rng(11)
    groups = [part for _, part in table.groupby("group")]
    draws = []
    for _ in range(400):
        drawn = pd.concat([groups[i] for i in rng.integers(0, len(groups), len(groups))])
        draws.append(reference.roc_auc_score(drawn["label"], drawn["score"]))
    low, high = np.percentile(draws, [2.5, 97.5])
    assert result.loc["auc", "low"] == pytest.approx(low, abs=0.03)
    assert result.loc["auc", "high"] == pytest.approx(high, abs=0.03)


def test_larger_groups_make_wider_intervals():
    """The same clips, once each for itself and once as copies in groups: copies are no evidence."""
    base = predictions(40, per_group=1)
    copies = pd.concat([base.assign(clip_id=base["clip_id"] + f"-{i}") for i in range(5)])
    alone = copies.assign(group=copies["clip_id"])

    def width(table):
        row = evaluate(table, n_bootstrap=500).table.loc["accuracy"]
        return row["high"] - row["low"]

    assert width(copies) > 1.7 * width(alone)


def test_same_seed_same_interval():
    table = predictions()
    pd.testing.assert_frame_equal(
        evaluate(table, n_bootstrap=50).table, evaluate(table, n_bootstrap=50).table
    )


def test_threshold_itself_is_fake():
    table = predictions().assign(score=0.5)
    assert evaluate(table, threshold=0.5, n_bootstrap=0).table.loc["recall", "value"] == 1
    assert evaluate(table, threshold=0.51, n_bootstrap=0).table.loc["recall", "value"] == 0


def test_clips_without_a_score_are_counted_and_left_out():
    table = predictions(20)
    whole = evaluate(table.iloc[:16], n_bootstrap=0)
    table.loc[16:, "score"] = np.nan
    result = evaluate(table, n_bootstrap=0)
    assert (result.n_clips, result.n_scored) == (20, 16)
    assert result.table["value"].equals(whole.table["value"])
    assert any("4 of 20 clips have no score" in remark for remark in result.remarks)
    assert result.worst_case_accuracy == pytest.approx(result.table.loc["accuracy", "value"] * 16 / 20)


def test_one_class_has_no_auc_and_says_so():
    result = evaluate(predictions().query("label == 1"), n_bootstrap=20)
    assert math.isnan(result.table.loc["auc", "value"])
    assert math.isnan(result.table.loc["auc", "low"])
    assert not math.isnan(result.table.loc["log_loss", "value"])
    assert any("All scored clips are fake" in remark for remark in result.remarks)
    assert result.roc.empty


def test_one_group_has_no_interval_and_says_so():
    result = evaluate(predictions().assign(group="one"))
    assert result.table[["low", "high"]].isna().all(axis=None)
    assert any("one group" in remark for remark in result.remarks)
    assert "–" in result.display.to_numpy()


def test_few_groups_and_perfect_scores_come_with_remarks():
    table = predictions(12, per_group=4)
    table["score"] = table["label"].astype(float)
    result = evaluate(table, n_bootstrap=50)
    assert any("Only 3 groups" in remark for remark in result.remarks)
    assert any("rule of three" in remark for remark in result.remarks)


def test_record_is_strict_json():
    record = evaluate(predictions().query("label == 1"), n_bootstrap=0).to_record()
    text = json.dumps(record, allow_nan=False)
    assert json.loads(text)["auc"]["value"] is None


def test_bad_predictions_are_refused_by_name():
    table = predictions(10)
    with pytest.raises(DataError, match="None of the 10 clips"):
        evaluate(table.assign(score=np.nan))
    with pytest.raises(DataError, match="1.5 for 'c0'"):
        evaluate(table.assign(score=1.5))
    with pytest.raises(DataError, match="no column group"):
        evaluate(table.drop(columns="group"))
    with pytest.raises(DataError, match="'c0' is there twice"):
        evaluate(pd.concat([table, table.head(1)]))
    with pytest.raises(DataError, match="'c3' has a score but no label"):
        evaluate(table.assign(label=table["label"].astype("Int64").where(table.index != 3)))
    with pytest.raises(SettingsError, match="threshold=2"):
        evaluate(table, threshold=2)


def test_compare_is_paired():
    table = predictions(200)
    better = table.assign(score=(table["score"] + 0.3 * table["label"]).clip(0, 1))
    gap = compare(better, table, n_bootstrap=200)
    auc = [evaluate(t, n_bootstrap=0).table.loc["auc", "value"] for t in (better, table)]
    assert gap.value == pytest.approx(auc[0] - auc[1])
    assert 0 < gap.low < gap.value < gap.high
    same = compare(table, table, n_bootstrap=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert "no interval" in str(compare(table.assign(group="g"), better.assign(group="g")))


def test_compare_takes_the_clips_that_both_have_scored():
    table = predictions(60)
    fewer = table.copy()
    fewer.loc[:9, "score"] = np.nan
    gap = compare(table, fewer, n_bootstrap=20)
    assert gap.value == 0
    assert "50 clips" in gap.remarks[0]


def test_majority_line():
    table = predictions(10).assign(label=[1] * 7 + [0] * 3)
    line = majority_line(table)
    assert (line.called, line.accuracy) == ("fake", pytest.approx(0.7))


def test_predictions_keep_every_clip_and_coverage_counts_them():
    coverage = pd.DataFrame(
        {
            "clip_id": ["a", "b", "c"], "label": [0, 1, 1], "group": ["g", "g", "h"], "method": ["", "swap", "swap"],
            "split": "test", "status": ["ok", "no_face", "ok"], "reason": "",
        }
    )  # fmt: skip
    table = predictions_table(coverage, ["c", "a"], [0.9, 0.1])
    assert table["score"].tolist()[0] == 0.1
    assert math.isnan(table["score"][1])
    counts = coverage_table(coverage)
    assert counts.loc["all", ["ok", "no_face", "clips"]].tolist() == [2, 1, 3]
    assert counts.loc["fake", "share ok"] == "50%"
    with pytest.raises(DataError, match="'z' is not in the coverage"):
        predictions_table(coverage, ["z"], [0.1])


def test_comparison_table_shows_value_and_interval():
    table = comparison_table({"ours": evaluate(predictions(), n_bootstrap=50)})
    assert table.loc["ours", "AUC"].count("[") == 1
