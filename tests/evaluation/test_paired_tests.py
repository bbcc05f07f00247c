"""DeLong's test against its definition, and Holm's correction against a published example."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.evaluation import delong, holm


def by_definition(labels, first, second):
    """Return the difference and its variance from all pairs (DeLong et al., 1988)."""
    fakes, reals = labels == 1, labels == 0
    parts = []
    for scores in (first, second):
        pairs = (scores[fakes][:, None] > scores[reals]) + 0.5 * (scores[fakes][:, None] == scores[reals])
        parts.append((pairs.mean(1), pairs.mean(0)))
    (a, b), (c, d) = parts
    variance = np.var(a - c, ddof=1) / fakes.sum() + np.var(b - d, ddof=1) / reals.sum()
    return a.mean() - c.mean(), variance


@pytest.mark.parametrize("seed", range(4))
def test_difference_and_variance_are_those_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 40)
    first = np.round(rng.random(40) + 0.4 * labels, 1)  # with ties
    second = np.round(0.5 * first + rng.random(40), 1)
    found = delong(labels, first, second)
    value, variance = by_definition(labels, first, second)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.value == pytest.approx(
        roc_auc_score(labels, first) - roc_auc_score(labels, second), abs=1e-12
    )
    assert found.high - found.low == pytest.approx(2 * 1.959964 * math.sqrt(variance), abs=1e-9)
    assert 0 <= found.p_value <= 1
    swapped = delong(labels, second, first)
    assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low))


def test_equal_scores_have_no_difference_and_one_clip_has_no_test():
    labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    same = delong(labels, scores, scores)
    assert (same.value, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    assert math.isnan(delong(labels[1:], scores[1:], scores[1:]).p_value)


def test_holm_multiplies_the_smallest_by_the_number_of_comparisons():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1, 1]
    found = holm([math.nan, 0.02])
    assert math.isnan(found[0])
    assert found[1] == 0.02
    assert holm([]) == []


def test_holm_keeps_the_share_of_wrong_claims_at_5_percent():
    rng = np.random.default_rng(0)
    claims = [min(holm(rng.random(6))) < 0.05 for _ in range(2000)]
    assert 0.03 < np.mean(claims) < 0.06
