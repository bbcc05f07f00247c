"""Intervals by resampling groups: clips of one group are no independent evidence.

A resample of groups is a whole-number weight on every clip, so that thousands of resamples are a few
matrix products.
"""

import math
from collections.abc import Iterator

import numpy as np

_CELLS = 4_000_000  # numbers in one block of weights, to bound memory
_PERCENTILES = (2.5, 97.5)


def group_weights(codes: np.ndarray, n_bootstrap: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks [B, N] of how often each clip is in a resample of the groups.

    Args:
        codes: int array [N]. Each clip's group, numbered from 0 without gaps.
        n_bootstrap: int. Resamples in all.
        seed: int.
    """
    rng, groups = np.random.default_rng(seed), int(codes.max()) + 1
    block = max(1, _CELLS // len(codes))
    for start in range(0, n_bootstrap, block):
        size = min(block, n_bootstrap - start)
        yield rng.multinomial(groups, np.full(groups, 1 / groups), size)[:, codes].astype(float)


def percentile_interval(draws: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of the draws that are numbers; NaN where there are none."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return math.nan, math.nan
    low, high = np.percentile(known, _PERCENTILES)
    return float(low), float(high)


def auc_with_interval(
    labels: np.ndarray, scores: np.ndarray, codes: np.ndarray, n_bootstrap: int, seed: int
) -> tuple[float, float, float]:
    """Return the AUC, and the low and high end of its 95 % interval by group."""
    auc = auc_by_threshold(*by_threshold(labels, scores, np.ones((1, len(labels)))))[0]
    draws = [
        auc_by_threshold(*by_threshold(labels, scores, weights))
        for weights in group_weights(codes, n_bootstrap, seed)
    ]
    return float(auc), *percentile_interval(np.concatenate(draws))


def by_threshold(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of fakes and of reals at each distinct score, from the highest score down.

    Args:
        labels: array [N]; 1 = fake, 0 = real.
        scores: float array [N].
        weights: float array [B, N].

    Returns:
        Two float arrays [B, distinct scores].
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    fake_here = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    real_here = np.add.reduceat(weights[:, order] * (1 - labels[order]), starts, axis=1)
    return fake_here, real_here


def auc_by_threshold(fake_here: np.ndarray, real_here: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve of each row; NaN where a class has no weight.

    A fake outranks the real clips below it, and half of those that tie with it (Mann and Whitney, 1947).
    """
    fakes, reals = fake_here.sum(1), real_here.sum(1)
    below = reals[:, None] - np.cumsum(real_here, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (fake_here * (below + 0.5 * real_here)).sum(1) / (fakes * reals)
    return np.where((fakes == 0) | (reals == 0), np.nan, auc)
