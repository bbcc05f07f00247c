"""Differences between two detectors: paired, over seeds, and only on the clips that both have scored."""

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import Difference, compare, evaluate


def auc(table):
    return evaluate(table, n_bootstrap=0).table.loc["auc", "value"]


def test_the_difference_is_first_minus_second_with_a_paired_interval(make_predictions):
    table = make_predictions(200)
    better = table.assign(score=(table["score"] + 0.3 * table["label"]).clip(0, 1))
    difference = compare(better, table, n_bootstrap=200)
    assert difference.value == pytest.approx(auc(better) - auc(table))
    assert 0 < difference.low < difference.value < difference.high


def test_a_detector_does_not_differ_from_itself(make_predictions):
    same = compare(make_predictions(60), make_predictions(60), n_bootstrap=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_every_metric_can_be_compared(make_predictions):
    table, other = make_predictions(60), make_predictions(60).assign(score=0.3)
    for metric in ("accuracy", "log_loss", "eer"):
        expected = [
            evaluate(t, threshold=0.4, n_bootstrap=0).table.loc[metric, "value"] for t in (table, other)
        ]
        difference = compare(table, other, metric=metric, threshold=0.4, n_bootstrap=0)
        assert difference.value == pytest.approx(expected[0] - expected[1])


def test_the_text_of_a_difference_has_its_interval():
    assert str(Difference("auc", 0.03, -0.012, 0.08, [])) == "+0.030 [-0.012, +0.080]"


def test_with_one_group_there_is_no_interval(make_predictions):
    table = make_predictions(60).assign(group="g")
    difference = compare(table, table.assign(score=0.5))
    assert np.isnan(difference.low)
    assert "no interval" in str(difference)


def test_clips_that_one_detector_has_not_scored_are_left_out(make_predictions):
    table = make_predictions(60)
    fewer = table.copy()
    fewer.loc[:9, "score"] = np.nan
    difference = compare(table, fewer, n_bootstrap=20)
    assert difference.value == 0
    assert "50 clips" in difference.remarks[0]


def test_over_seeds_the_mean_is_compared_and_their_noise_widens_the_interval(make_predictions):
    table = make_predictions(300)
    rng = np.random.default_rng(0)

    def noisy(shift, noise):
        return [
            table.assign(score=(table["score"] + (shift + bump) * table["label"]).clip(0, 1))
            for bump in rng.normal(0, noise, 6)
        ]

    calm, wild = (compare(noisy(0.2, noise), [table] * 6, n_bootstrap=200) for noise in (0.001, 0.15))
    assert calm.low > 0
    assert wild.high - wild.low > 1.5 * (calm.high - calm.low)
    several = noisy(0.2, 0.05)
    difference = compare(several, [table] * 6, n_bootstrap=0)
    assert difference.value == pytest.approx(np.mean([auc(one) for one in several]) - auc(table))


@pytest.mark.slow
def test_interval_over_seeds_covers_other_seeds(make_predictions):
    """Two detectors are equally good on average and differ from seed to seed: the interval contains 0."""
    rng, hits = np.random.default_rng(0), 0
    label, group = np.tile([0, 1], 60), [f"g{i // 4}" for i in range(120)]

    def trained():
        strength = 0.35 + rng.normal(0, 0.12)
        return make_predictions(120).assign(
            label=label, group=group, score=(rng.random(120) * 0.5 + strength * label).clip(0, 1)
        )

    for seed in range(60):
        first, second = ([trained() for _ in range(3)] for _ in range(2))
        difference = compare(first, second, n_bootstrap=100, seed=seed)
        hits += difference.low <= 0 <= difference.high
    assert hits >= 52


def test_a_difference_of_shares_stays_within_1_when_few_groups_widen_it(make_predictions):
    rng = np.random.default_rng(0)
    label = np.tile([0, 1], 60)
    few = [
        make_predictions(120).assign(
            label=label,
            group=np.arange(120) % 3,
            score=(rng.random(120) * 0.5 + (0.35 + rng.normal(0, 0.12)) * label).clip(0, 1),
        )
        for _ in range(2)
    ]
    difference = compare(few, [table.assign(score=0.5) for table in few], n_bootstrap=100)
    assert -1 <= difference.low <= difference.value <= difference.high <= 1


def test_tables_of_other_clips_are_not_compared(make_predictions):
    table = make_predictions(30)
    with pytest.raises(DataError, match="differ in the label of 'c0'"):
        compare(table, table.assign(label=1 - table["label"]))
    with pytest.raises(DataError, match="differ in the group of 'c0'"):
        compare(table, table.assign(group="one"))
    with pytest.raises(DataError, match="No clip was scored by both"):
        compare(table, table.assign(clip_id="other-" + table["clip_id"]))


def test_the_detectors_must_have_the_same_number_of_seeds(make_predictions):
    table = make_predictions(30)
    with pytest.raises(SettingsError, match="Received: 2 and 1"):
        compare([table, table], [table])
    with pytest.raises(SettingsError, match="Received: 0 and 0"):
        compare([], [])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"metric": "AUC"}, "Unknown metric 'AUC'"),
        ({"threshold": 2}, "threshold=2"),
        ({"n_bootstrap": 1}, "n_bootstrap=1"),
        ({"n_bootstrap": 99.5}, "n_bootstrap=99.5"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_invalid_options_are_refused(option, words, make_predictions):
    table = make_predictions(30)
    with pytest.raises(SettingsError, match=words):
        compare(table, table, **option)


def test_the_interval_contains_0_as_soon_as_the_p_value_is_above_5_percent(make_predictions):
    """Near the best value, too, where the resampled differences are skewed."""
    for seed in range(12):
        table = make_predictions(60, seed=seed, signal=0.8)
        other = make_predictions(60, seed=seed + 100, signal=0.8).assign(label=table["label"])
        difference = compare(table, other.assign(clip_id=table["clip_id"]), n_bootstrap=200)
        if difference.p_value > 0.05:
            assert difference.low <= 0 <= difference.high


def test_each_detector_has_a_threshold_of_its_own(make_predictions):
    table = make_predictions(60)
    shrunk = table.assign(score=0.3 * table["score"])
    same = compare(table, shrunk, metric="accuracy", threshold=(0.5, 0.15), n_bootstrap=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert compare(table, shrunk, metric="accuracy", n_bootstrap=0).value > 0.1
