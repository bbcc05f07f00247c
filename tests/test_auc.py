"""The AUC of weighted clips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dfutils.auc import RankedWeights, auc_with_interval, cumulative
from dfutils.bootstrap import group_codes
from dfutils.errors import SettingsError


def auc(labels, scores, weights=None):
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, float)
    return float(RankedWeights.of(labels, scores, weights[None]).auc()[0])


@st.composite
def ranked_clips(draw):
    """Labels of both classes, and whole-number scores that tie often."""
    n = draw(st.integers(2, 40))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))])
    highest = draw(st.sampled_from([1, 3, 50]))
    scores = np.array(draw(st.lists(st.integers(-highest, highest), min_size=n, max_size=n)), float)
    return labels, scores


@settings(deadline=None, max_examples=50)
@given(ranked_clips(), st.lists(st.integers(1, 3), min_size=40, max_size=40))
def test_it_is_that_of_scikit_learn_with_weights_and_ties(clips, weights):
    labels, scores = clips
    weights = weights[: len(labels)]
    assert auc(labels, scores, weights) == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights))


@settings(deadline=None, max_examples=50)
@given(
    ranked_clips(),
    st.sampled_from([np.exp, np.arctan, np.cbrt, lambda s: 3 * s - 7, lambda s: 1 / (1 + np.exp(-s / 9))]),
)
def test_a_rising_transform_of_the_scores_changes_nothing(clips, transform):
    labels, scores = clips
    steps, where = np.unique(scores, return_inverse=True)
    transformed = transform(steps)
    assert (np.diff(transformed) > 0).all()
    assert auc(labels, transformed[where]) == auc(labels, scores)


@settings(deadline=None, max_examples=50)
@given(ranked_clips())
def test_reversed_scores_have_the_complement(clips):
    labels, scores = clips
    assert auc(labels, -scores) == pytest.approx(1 - auc(labels, scores))
    assert auc(1 - labels, scores) == pytest.approx(1 - auc(labels, scores))


def test_a_constant_score_has_one_half():
    assert auc(np.array([0, 1, 1]), np.full(3, 0.3)) == 0.5


@pytest.mark.parametrize("weights", [[1, 0, 0], [0, 1, 1], [0, 0, 0]])
def test_it_is_undefined_where_a_class_has_no_weight(weights):
    assert np.isnan(auc(np.array([0, 1, 1]), np.array([0.1, 0.2, 0.3]), weights))


def test_weights_are_added_up_from_the_highest_score_down():
    labels, scores = np.array([0, 1, 1, 0]), np.array([0.2, 0.9, 0.2, 0.5])
    ranked = RankedWeights.of(labels, scores, np.array([[1.0, 2, 3, 4]]))
    assert ranked.thresholds.tolist() == [0.9, 0.5, 0.2]
    assert ranked.fakes_above[:, 0].tolist() == [0, 2, 5]
    assert ranked.reals_above[:, 0].tolist() == [0, 4, 5]
    assert ranked.fakes_from.tolist() == [1, 1, 2]
    assert ranked.reals_from.tolist() == [0, 1, 2]
    assert ranked.of_fake.tolist() == [0, 2]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 15, 16, 17, 1000])
def test_sums_of_the_first_rows(count):
    rows = np.random.default_rng(0).integers(0, 5, (count, 3)).astype(float)
    expected = np.vstack([np.zeros((1, 3)), np.cumsum(rows, axis=0)])
    np.testing.assert_array_equal(cumulative(rows), expected)


def test_the_interval_contains_the_value_and_is_wider_for_fewer_groups():
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 100)
    scores = rng.normal(labels, 1)
    widths = []
    for per_group in (2, 20):
        codes = group_codes(np.arange(200) // per_group)
        value, low, high = auc_with_interval(labels, scores, codes, n_bootstrap=300, seed=7)
        assert value == pytest.approx(roc_auc_score(labels, scores))
        assert low < value < high
        widths.append(high - low)
    assert widths[1] > widths[0]


def test_without_resamples_or_with_one_group_there_is_no_interval():
    labels, scores = np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.5, 0.9])
    for codes, n_bootstrap in ((np.arange(4), 0), (np.zeros(4, int), 100)):
        value, low, high = auc_with_interval(labels, scores, codes, n_bootstrap=n_bootstrap, seed=7)
        assert value == 0.75
        assert np.isnan(low) and np.isnan(high)
    with pytest.raises(SettingsError, match="n_bootstrap=5"):
        auc_with_interval(labels, scores, np.arange(4), n_bootstrap=5, seed=7)
