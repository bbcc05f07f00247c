"""Temperatures and reliability: are scores probabilities?"""

import math

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import Temperature, evaluate, fit_temperature, reliability_table


@pytest.mark.parametrize("sharpened", [3.0, 1 / 3])
def test_the_temperature_of_overconfident_and_underconfident_scores_is_found(sharpened):
    """Scores that are true probabilities, made three times too confident or too unsure."""
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1.5, 4000)
    labels = (rng.random(4000) < 1 / (1 + np.exp(-truth))).astype(int)
    ids = [f"c{i}" for i in range(4000)]
    scores = 1 / (1 + np.exp(-sharpened * truth))
    table = pd.DataFrame({"clip_id": ids, "label": labels, "group": ids, "score": scores})
    temperature = fit_temperature(table)
    assert temperature.value == pytest.approx(sharpened, rel=0.1)
    assert temperature.after["ece"] < 0.5 * temperature.before["ece"]
    calibrated = table.assign(score=temperature.apply(table["score"]))
    before, after = (evaluate(one, n_bootstrap=0).table["value"] for one in (table, calibrated))
    assert after["ece"] == pytest.approx(temperature.after["ece"])
    assert after["auc"] == pytest.approx(before["auc"], abs=1e-6)


def test_a_missing_score_stays_missing():
    assert math.isnan(Temperature(2.0, {}, {}).apply([np.nan])[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_temperature_never_worsens_the_clips_it_was_fitted_on(seed, make_predictions):
    temperature = fit_temperature(make_predictions(24, seed=seed, signal=0.1 * (seed % 5)))
    for name in ("ece", "log_loss"):
        assert temperature.after[name] <= temperature.before[name] + 1e-9
    assert (temperature.value == 1) == ("left unchanged" in temperature.remark)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([0.3, 0.7], "any lower temperature would fit even better"),
        ([0.5, 0.5], "No temperature would improve"),
    ],
    ids=["separated", "constant"],
)
def test_scores_are_left_unchanged_where_the_clips_choose_no_temperature(scores, reason, make_predictions):
    temperature = fit_temperature(make_predictions(20).assign(label=[0, 1] * 10, score=scores * 10))
    assert temperature.value == 1
    assert reason in temperature.remark
    extreme = np.array([1e-9, 1e-8, 0.3, 1 - 1e-9])
    np.testing.assert_array_equal(temperature.apply(extreme), extreme)


def test_scores_that_rank_the_classes_the_wrong_way_become_almost_one_half(make_predictions):
    upside_down = fit_temperature(make_predictions(20).assign(label=[0, 1] * 10, score=[0.7, 0.3] * 10))
    assert "almost 0.5" in upside_down.remark


def test_a_temperature_needs_both_classes(make_predictions):
    with pytest.raises(DataError, match="both classes"):
        fit_temperature(make_predictions(20).query("label == 1"))


def test_reliability_compares_scores_with_the_share_of_fakes(make_predictions):
    table = make_predictions(100, decimals=3)
    reliability = reliability_table(table, bins=5, n_bootstrap=200)
    assert reliability["clips"].sum() == 100
    inside = table[table["score"].between(0.2, 0.3999)]
    row = reliability[reliability["low_edge"] == 0.2].iloc[0]
    assert row["groups"] == inside["group"].nunique()
    assert row["share_fake"] == pytest.approx(inside["label"].mean())
    assert row["mean_score"] == pytest.approx(inside["score"].mean())
    assert row["low"] <= row["share_fake"] <= row["high"]


def test_reliability_of_one_group_has_no_interval(make_predictions):
    table = make_predictions(100).assign(group="one")
    assert reliability_table(table)[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"bins": 0}, "bins=0"),
        ({"bins": 2.5}, "bins=2.5"),
        ({"n_bootstrap": 1}, "n_bootstrap=1"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_reliability_refuses_invalid_options(option, words, make_predictions):
    with pytest.raises(SettingsError, match=words):
        reliability_table(make_predictions(30), **option)
