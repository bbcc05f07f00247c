import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import (
    METRICS,
    choose_threshold,
    compare,
    comparison_table,
    coverage_table,
    evaluate,
    evaluate_by,
    fit_temperature,
    majority_line,
    mistakes,
    precision_at,
    predictions_table,
    reliability_table,
    with_compression,
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
    """scipy's BCa over groups; ours is a little wider, for there are few groups."""
    from scipy.stats import bootstrap

    table = predictions(240, per_group=6)
    result = evaluate(table, n_bootstrap=4000, seed=3).table
    groups = [part for _, part in table.groupby("group")]

    def auc(drawn, axis=-1):
        def one(numbers):
            rows = pd.concat([groups[int(i)] for i in numbers])
            return reference.roc_auc_score(rows["label"], rows["score"])

        return np.apply_along_axis(one, axis, drawn)

    of_scipy = bootstrap((np.arange(len(groups)),), auc, n_resamples=1000, method="BCa", rng=1, batch=100)
    ends = of_scipy.confidence_interval
    assert result.loc["auc", "low"] == pytest.approx(ends.low, abs=0.012)
    assert result.loc["auc", "high"] == pytest.approx(ends.high, abs=0.012)


@pytest.mark.parametrize("separation", [0.8, 2.5])
def test_intervals_cover_the_truth_as_often_as_they_say(separation):
    """A hundred test sets of 40 groups whose true AUC is known; the full count is in benchmarks/intervals.py."""
    from scipy.stats import norm

    rng, truth, hits = np.random.default_rng(0), norm.cdf(separation / np.sqrt(2)), 0
    groups, labels = np.repeat(np.arange(40), 4), np.tile([0, 1], 80)
    for _ in range(100):
        own, shared = rng.normal(0, 1, 160), rng.normal(0, 1, 40)[groups]
        score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (labels - 0.5))
        ids = [f"c{i}" for i in range(160)]
        table = pd.DataFrame({"clip_id": ids, "label": labels, "group": groups.astype(str), "score": score})
        row = evaluate(table, n_bootstrap=400).table.loc["auc"]
        hits += row["low"] <= truth <= row["high"]
    assert hits >= 88


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
    assert any("Only 2 groups of one of the classes" in remark for remark in result.remarks)
    assert any(
        "the same accuracy and AUC" in remark and "rule of three" in remark for remark in result.remarks
    )
    # All fakes above all real clips, but the real ones of one group above the threshold too.
    table["score"] = table["label"] * 0.3 + 0.3 + 0.25 * (table["group"] == table["group"].iloc[0])
    assert any("the same AUC, which" in remark for remark in evaluate(table, n_bootstrap=50).remarks)


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


def test_compare_over_seeds_takes_their_mean_and_widens_by_their_noise():
    table = predictions(300)
    rng = np.random.default_rng(0)

    def noisy(shift, noise):
        return [
            table.assign(score=(table["score"] + (shift + bump) * table["label"]).clip(0, 1))
            for bump in rng.normal(0, noise, 6)
        ]

    calm, wild = (compare(noisy(0.2, noise), [table] * 6, n_bootstrap=300) for noise in (0.001, 0.15))
    assert calm.low > 0
    assert wild.high - wild.low > 1.5 * (calm.high - calm.low)
    several = noisy(0.2, 0.05)
    aucs = [evaluate(one, n_bootstrap=0).table.loc["auc", "value"] for one in [*several, table]]
    assert compare(several, [table] * 6, n_bootstrap=0).value == pytest.approx(np.mean(aucs[:6]) - aucs[6])
    with pytest.raises(SettingsError, match="2 and 1"):
        compare([table, table], [table])


def test_threshold_of_balanced_accuracy_is_the_best_there_is():
    table = predictions(80, decimals=4)
    chosen = choose_threshold(table)
    y, s = table["label"], table["score"]
    best = max(reference.balanced_accuracy_score(y, s >= t) for t in np.linspace(0, 1, 5001))
    assert reference.balanced_accuracy_score(y, s >= chosen.value) == pytest.approx(best, abs=1e-9)
    assert chosen.recall == pytest.approx(reference.recall_score(y, s >= chosen.value))
    assert chosen.false_positive_rate == pytest.approx(
        ((s >= chosen.value) & (y == 0)).sum() / (y == 0).sum()
    )


def test_threshold_for_a_false_alarm_rate_is_the_lowest_that_keeps_it():
    table = predictions(200, decimals=4)
    chosen = choose_threshold(table, "false_positive_rate", 0.1)
    reals = table.query("label == 0")["score"].to_numpy()
    assert (reals >= chosen.value).mean() <= 0.1
    below = table["score"][table["score"] < chosen.value].max()
    assert (reals >= below).mean() > 0.1 or below not in reals
    assert chosen.remark == ""
    few = choose_threshold(predictions(20), "false_positive_rate", 0.01)
    assert "cannot be told from none" in few.remark
    full = predictions(20).assign(score=1.0)
    assert "highest score there is" in choose_threshold(full, "false_positive_rate", 0.1).remark


def test_thresholds_refuse_what_they_cannot_use():
    table = predictions(20)
    with pytest.raises(SettingsError, match="Unknown rule 'best'"):
        choose_threshold(table, "best")
    with pytest.raises(SettingsError, match="target=3"):
        choose_threshold(table, "false_positive_rate", 3)
    for needs_both in (choose_threshold, fit_temperature, precision_at):
        with pytest.raises(DataError, match="both classes"):
            needs_both(table.query("label == 1"))


def test_temperature_is_found_again():
    """Scores that are true probabilities, made three times too sure and three times too unsure."""
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1.5, 4000)
    labels = (rng.random(4000) < 1 / (1 + np.exp(-truth))).astype(int)
    ids = [f"c{i}" for i in range(4000)]
    table = pd.DataFrame({"clip_id": ids, "label": labels, "group": ids})
    for sharpened in (3.0, 1 / 3):
        table["score"] = 1 / (1 + np.exp(-sharpened * truth))
        temperature = fit_temperature(table)
        assert temperature.value == pytest.approx(sharpened, rel=0.1)
        assert temperature.after["ece"] < 0.5 * temperature.before["ece"]
        measured = evaluate(table.assign(score=temperature.apply(table["score"])), n_bootstrap=0).table[
            "value"
        ]
        assert measured["ece"] == pytest.approx(temperature.after["ece"])
        auc = evaluate(table, n_bootstrap=0).table.loc["auc", "value"]
        assert measured["auc"] == pytest.approx(auc, abs=1e-6)
    assert math.isnan(temperature.apply([np.nan])[0])


@pytest.mark.parametrize("seed", range(20))
def test_calibration_never_worsens_what_it_was_fitted_on(seed):
    temperature = fit_temperature(predictions(24, seed=seed, signal=0.1 * (seed % 5)))
    for name in ("ece", "log_loss"):
        assert temperature.after[name] <= temperature.before[name] + 1e-9
    assert (temperature.value == 1) == ("left as they are" in temperature.remark)


def test_reliability_compares_scores_with_what_came_true():
    table = predictions(100, decimals=3)
    found = reliability_table(table, bins=5, n_bootstrap=200)
    assert found["clips"].sum() == 100
    inside = table[table["score"].between(0.2, 0.3999)]
    row = found[found["low_edge"] == 0.2].iloc[0]
    assert row["share_fake"] == pytest.approx(inside["label"].mean())
    assert row["mean_score"] == pytest.approx(inside["score"].mean())
    assert row["low"] <= row["share_fake"] <= row["high"]
    assert reliability_table(table.assign(group="one"))[["low", "high"]].isna().all(axis=None)


def test_each_method_is_judged_against_all_real_clips():
    table = predictions(90)
    table["method"] = np.where(table["label"] == 0, "", np.where(np.arange(90) % 2, "swap", "lips"))
    table.loc[table["method"] == "lips", "score"] = 0.99
    parts = evaluate_by(table, n_bootstrap=0)
    assert list(parts) == ["lips", "swap"]
    rows = table[(table["label"] == 0) | (table["method"] == "swap")]
    assert parts["swap"].table.loc["auc", "value"] == pytest.approx(
        reference.roc_auc_score(rows["label"], rows["score"])
    )
    assert parts["lips"].table.loc["recall", "value"] == 1
    table.loc[table["method"] == "lips", "score"] = np.nan
    assert list(evaluate_by(table, n_bootstrap=0)) == ["swap"]
    by_group = evaluate_by(table, "group", n_bootstrap=0)
    assert sum(part.n_clips for part in by_group.values()) == 90
    with pytest.raises(DataError, match="no column codec"):
        evaluate_by(table, "codec")


def test_compression_is_read_from_where_faceforensics_keeps_it():
    ids = [
        "original_sequences/youtube/c23/videos/004",
        "manipulated_sequences/FaceSwap/c40/videos/004_982",
        "a/b",
    ]
    assert with_compression(pd.DataFrame({"clip_id": ids}))["compression"].tolist() == ["c23", "c40", ""]


def test_precision_where_fakes_are_rare():
    table = predictions(200)
    found = precision_at(table, (0.5, 0.01), n_bootstrap=200)
    called = table["score"] >= 0.5
    recall, alarms = called[table["label"] == 1].mean(), called[table["label"] == 0].mean()
    assert found.loc[0.01, "precision"] == pytest.approx(recall * 0.01 / (recall * 0.01 + alarms * 0.99))
    assert found.loc[0.01, "precision"] < found.loc[0.5, "precision"]
    assert (found["low"] <= found["precision"]).all() and (found["precision"] <= found["high"]).all()
    perfect = table.assign(score=table["label"].astype(float))
    assert "rule of three" in precision_at(perfect, n_bootstrap=0).attrs["remark"]
    with pytest.raises(SettingsError, match="Received: 0"):
        precision_at(table, (0,))


def test_mistakes_are_the_surest_first():
    table = predictions(60)
    worst = mistakes(table, count=4)
    assert len(worst) == 4
    assert worst["margin"].is_monotonic_decreasing
    assert (worst["called"].eq("fake") == worst["label"].eq(0)).all()
    wrong = table[(table["score"] >= 0.5) != (table["label"] == 1)]
    assert worst["margin"].iloc[0] == pytest.approx((wrong["score"] - 0.5).abs().max())
    assert mistakes(table.assign(score=table["label"].astype(float))).empty


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
    assert table.loc["ours", "scored"] == "60 of 60"
    part = predictions()
    part.loc[:5, "score"] = np.nan
    evaluation = evaluate(part, n_bootstrap=0)
    row = comparison_table({"ours": evaluation}).loc["ours"]
    assert row["scored"] == "54 of 60"
    assert row["accuracy at worst"] == f"{evaluation.worst_case_accuracy:.2f}"


def test_interval_of_the_calibration_error_holds_its_value():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        logit = rng.normal(0, 1.5, 200)
        score = 1 / (1 + np.exp(-logit))
        table = predictions(200, per_group=5).assign(score=score, label=(rng.random(200) < score).astype(int))
        row = evaluate(table, n_bootstrap=200).table.loc["ece"]
        assert 0 <= row["low"] <= row["value"] <= row["high"]
        assert row["high"] - row["low"] > 0.01


def test_resamples_without_a_class_count_for_nothing():
    """Three of twenty groups hold the fakes, and all of them are found: no draw of them finds fewer."""
    label = np.repeat([1, 0], [12, 68])
    score = np.where(label == 1, 0.9, np.random.default_rng(1).uniform(0.1, 0.6, 80))
    table = predictions(80, per_group=4).assign(label=label, score=score)
    result = evaluate(table, n_bootstrap=500)
    assert result.table.loc["recall", ["value", "low", "high"]].tolist() == [1, 1, 1]
    assert result.table.loc["precision", "low"] > 0
    assert result.table.loc["average_precision", "high"] == 1
    assert any("held one class only" in remark for remark in result.remarks)


def test_intervals_do_not_depend_on_the_order_of_the_clips():
    table = predictions(60)
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        evaluate(table, n_bootstrap=50).table, evaluate(shuffled, n_bootstrap=50).table
    )


@pytest.mark.parametrize("reals", [20, 40, 100])
def test_false_positive_rate_may_be_just_the_target(reals):
    score = np.r_[
        np.linspace(0.01, 0.4, reals - reals // 20), [0.9] * (reals // 20), np.linspace(0.5, 0.8, 20)
    ]
    table = predictions(reals + 20).assign(label=np.repeat([0, 1], [reals, 20]), score=score)
    chosen = choose_threshold(table, "false_positive_rate", 0.05)
    assert (chosen.recall, chosen.false_positive_rate) == (1, pytest.approx(0.05))
    assert 0.4 < chosen.value < 0.5


def test_no_temperature_where_the_clips_do_not_say_one():
    apart = predictions(20).assign(label=[0, 1] * 10, score=[0.3, 0.7] * 10)
    same = apart.assign(score=0.5)
    for table, why in ((apart, "so well that any certainty would do"), (same, "No temperature would make")):
        temperature = fit_temperature(table)
        assert temperature.value == 1
        assert why in temperature.remark
        scores = np.array([1e-9, 1e-8, 0.3, 1 - 1e-9])
        np.testing.assert_array_equal(temperature.apply(scores), scores)
    upside_down = fit_temperature(apart.assign(score=[0.7, 0.3] * 10))
    assert "all but flattened" in upside_down.remark


def test_tables_of_other_clips_are_not_compared():
    table = predictions(30)
    with pytest.raises(DataError, match="differ in the label of 'c0'"):
        compare(table, table.assign(label=1 - table["label"]))
    with pytest.raises(DataError, match="differ in the group of 'c0'"):
        compare(table, table.assign(group="one"))


def test_difference_over_seeds_covers_other_seeds():
    """Two detectors are equally good on average, and differ from seed to seed: the interval holds 0."""
    rng, hits = np.random.default_rng(0), 0
    label, group = np.tile([0, 1], 60), [f"g{i // 4}" for i in range(120)]

    def trained():
        strength = 0.35 + rng.normal(0, 0.12)
        return predictions(120).assign(
            label=label, group=group, score=(rng.random(120) * 0.5 + strength * label).clip(0, 1)
        )

    for seed in range(60):
        both = [[trained() for _ in range(3)] for _ in range(2)]
        gap = compare(*both, n_bootstrap=100, seed=seed)
        hits += gap.low <= 0 <= gap.high
    assert hits >= 52
    few = [table.assign(group=np.arange(120) % 3) for table in (trained(), trained(), trained())]
    gap = compare(few[:2], [table.assign(score=0.5) for table in few[:2]], n_bootstrap=100)
    assert -1 <= gap.low <= gap.value <= gap.high <= 1


@pytest.mark.parametrize(
    "wrong", [{"n_bootstrap": 1}, {"n_bootstrap": -1}, {"n_bootstrap": 99.5}, {"seed": -1}]
)
def test_impossible_resamples_are_refused_everywhere(wrong):
    table = predictions(30)
    for call in (evaluate, reliability_table, precision_at, lambda t, **o: compare(t, t, **o)):
        with pytest.raises(SettingsError, match=next(iter(wrong)).removeprefix("n_")):
            call(table, **wrong)


@pytest.mark.parametrize("threshold", [-1, 2, float("nan"), "0.5", None])
def test_impossible_thresholds_are_refused_everywhere(threshold):
    table = predictions(30)
    for call in (evaluate, mistakes, precision_at, lambda t, threshold: compare(t, t, threshold=threshold)):
        with pytest.raises(SettingsError, match="threshold"):
            call(table, threshold=threshold)


def test_parts_are_in_order_and_those_without_a_name_are_last():
    table = predictions(40)
    crf = pd.array([9, 10] * 19 + [pd.NA, 23], "Int64")
    assert list(evaluate_by(table.assign(crf=crf), "crf", n_bootstrap=0)) == ["9", "10", "23", "(none given)"]
    twice = pd.concat([table.assign(dataset="a"), table.assign(dataset="b")])
    assert list(evaluate_by(twice, "dataset", n_bootstrap=0)) == ["a", "b"]
    with pytest.raises(DataError, match="None of the 40 clips has a score"):
        evaluate_by(table.assign(score=np.nan, method=""), n_bootstrap=0)


def test_tables_refuse_what_would_be_lost_in_them():
    coverage = predictions(3).assign(method="", split="test", status="ok").drop(columns="score")
    for ids, scores, message in (
        (["c0", "c0"], [0.1, 0.2], "scored twice"),
        (["c0"], [0.1, 0.2], "one number for each of the 1 clips"),
        (["c0"], [[0.1]], "one number for each"),
        (["c0"], [np.nan], "'c0' is no number"),
        (["c9"], [0.1], "'c9' is not in the coverage"),
    ):
        with pytest.raises(DataError, match=message):
            predictions_table(coverage, ids, scores)
    with pytest.raises(DataError, match="Received: 'weird'"):
        coverage_table(coverage.assign(status=["ok", "weird", "ok"]))
    with pytest.raises(SettingsError, match="Unknown metric 'AUC'"):
        comparison_table({"a": evaluate(predictions(30), n_bootstrap=0)}, ["AUC"])
    doubled = pd.concat([predictions(30), predictions(30)["score"]], axis=1)
    with pytest.raises(DataError, match="the column score more than once"):
        evaluate(doubled)
    with pytest.raises(DataError, match="'c2' has no group"):
        evaluate(predictions(30).assign(group=["a", "b", "", *"c" * 27]))


@pytest.mark.parametrize(("score", "called"), [(0.8, 1), (0.5, 1), (0.2, 0)])
def test_a_constant_is_called_what_it_leans_to(score, called):
    chosen = choose_threshold(predictions(20).assign(score=score))
    assert (chosen.value, chosen.recall, chosen.false_positive_rate) == (0.5, called, called)
    assert "All scores are the same" in chosen.remark
