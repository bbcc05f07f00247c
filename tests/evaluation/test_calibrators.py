"""Calibrators correct scores, keep their order, and are chosen on clips that they were not fitted to."""

import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import CALIBRATORS, choose_calibrator, fit_calibrator


def clips(n=400, *, distort=lambda logits: logits, seed=0, per_group=2):
    """Predictions whose logits are right, and then distorted."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, n)
    labels = (rng.random(n) < 1 / (1 + np.exp(-logits))).astype(int)
    scores = 1 / (1 + np.exp(-distort(logits)))
    ids = [f"c{i}" for i in range(n)]
    groups = [f"g{i // per_group}" for i in range(n)]
    return pd.DataFrame({"clip_id": ids, "label": labels, "group": groups, "score": scores})


def test_platt_is_the_logistic_regression_of_the_logits():
    table = clips(4000, distort=lambda logits: 3 * logits + 2)
    logits = np.log(table["score"] / (1 - table["score"])).to_numpy()
    reference = LogisticRegression(C=1e9).fit(logits[:, None], table["label"])
    platt = fit_calibrator("platt", table)
    assert platt.slope == pytest.approx(reference.coef_[0, 0], rel=0.01)
    assert platt.intercept == pytest.approx(reference.intercept_[0], rel=0.02)
    np.testing.assert_allclose(
        platt.apply(table["score"]), reference.predict_proba(logits[:, None])[:, 1], atol=0.01
    )


def test_isotonic_is_that_of_scikit_learn_but_never_certain():
    table = clips()
    isotonic = fit_calibrator("isotonic", table)
    reference = IsotonicRegression(y_min=0, y_max=1).fit(table["score"], table["label"])
    expected = np.clip(reference.predict(table["score"]), 1 / 402, 401 / 402)
    np.testing.assert_allclose(isotonic.apply(table["score"]), expected, atol=1e-12)
    assert 0 < isotonic.apply([0.0])[0] < isotonic.apply([1.0])[0] < 1


@pytest.mark.parametrize("name", CALIBRATORS)
def test_the_order_stays_and_missing_scores_stay_missing(name):
    calibrator = fit_calibrator(name, clips(distort=lambda logits: 2 * logits - 1))
    grid = np.linspace(0, 1, 101)
    corrected = calibrator.apply(grid)
    assert (np.diff(corrected) >= 0).all() and corrected.min() >= 0 and corrected.max() <= 1
    assert np.isnan(calibrator.apply([0.3, np.nan])).tolist() == [False, True]


@pytest.mark.parametrize("name", CALIBRATORS)
def test_scores_that_separate_the_classes_or_are_all_equal_stay_finite(name):
    table = clips(60)
    for scores in (
        0.1 + 0.8 * table["label"],
        np.full(60, 0.3),
        table["label"].astype(float),
        1 - table["label"],
    ):
        corrected = fit_calibrator(name, table.assign(score=scores)).apply(scores)
        assert np.isfinite(corrected).all()


@pytest.mark.parametrize(
    ("distort", "best"),
    [
        (lambda logits: logits, {"none", "temperature"}),
        (lambda logits: 4 * logits, {"temperature"}),
        (lambda logits: 4 * logits + 6, {"platt"}),
        (lambda logits: np.where(logits > 0, 8.0, -0.1) + 0.01 * logits, {"isotonic"}),
    ],
    ids=["right", "too certain", "moved", "bent"],
)
def test_the_calibrator_that_the_distortion_needs_is_chosen(distort, best):
    chosen = choose_calibrator(clips(3000, distort=distort))
    assert chosen.name in best
    assert chosen.table.index.tolist() == list(CALIBRATORS)
    other = clips(3000, distort=distort, seed=1)
    losses = {}
    for when, table in (("before", other), ("after", chosen.apply(other))):
        p = table["score"].clip(1e-7, 1 - 1e-7)
        losses[when] = -np.log(np.where(table["label"] == 1, p, 1 - p)).mean()
    assert losses["after"] <= losses["before"] + 0.002


def test_on_few_clips_isotonic_fits_too_well_and_is_not_chosen():
    table = clips(40)
    chosen = choose_calibrator(table)
    losses = chosen.table["log_loss"]
    own = fit_calibrator("isotonic", table).apply(table["score"])
    assert -np.log(np.where(table["label"] == 1, own, 1 - own)).mean() < losses.min()
    assert chosen.name != "isotonic"
    assert chosen.table["clips"].tolist() == [40] * 4


def test_with_one_group_nothing_is_compared():
    chosen = choose_calibrator(clips(40).assign(group="one"))
    assert chosen.name == "none" and chosen.table.empty
    assert "only one group" in chosen.remark


def test_one_class_and_unknown_names_are_refused():
    with pytest.raises(DataError, match="both classes"):
        choose_calibrator(clips(40).assign(label=1))
    with pytest.raises(SettingsError, match="one of none, temperature, platt, isotonic"):
        fit_calibrator("beta", clips(40))
    with pytest.raises(SettingsError, match="seed"):
        choose_calibrator(clips(40), seed=-1)


def test_equal_scores_say_nothing_about_the_slope():
    table = clips(40).assign(score=0.5)
    platt = fit_calibrator("platt", table)
    share = (table["label"].sum() + 1) / (len(table) + 2)
    np.testing.assert_allclose(platt.apply([0.0, 0.5, 1.0]), share)
    assert np.isnan(fit_calibrator("isotonic", table).apply([np.nan])).all()
