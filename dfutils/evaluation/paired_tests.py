"""Tests of paired differences: DeLong's test of two AUCs, and Holm's correction for several comparisons."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True)
class DeLong:
    """The difference between two AUCs on the same clips, by DeLong's method. It takes all clips as independent.

    Args:
        value: float. The AUC of the first scores minus that of the second.
        low, high: float. The ends of the 95 % interval.
        p_value: float. Two-sided. 1 if all differences are 0.
    """

    value: float
    low: float
    high: float
    p_value: float


def delong(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> DeLong:
    """Compare the AUCs of two detectors on the same clips (DeLong et al., 1988; fast version: Sun and Xu, 2014).

    Groups are ignored, so the interval is too narrow where clips of one group resemble each other. It is a check of the
    interval by group.

    Args:
        labels: int array [N]; 1 = fake, 0 = real. Both classes are needed.
        first, second: float array [N]. The scores of the two detectors.

    Returns:
        DeLong. NaN if a class has fewer than two clips.
    """
    is_fake = np.asarray(labels) == 1
    n_fake, n_real = int(is_fake.sum()), int((~is_fake).sum())
    if min(n_fake, n_real) < 2:
        return DeLong(math.nan, math.nan, math.nan, math.nan)
    fake_parts, real_parts = [], []
    for scores in (first, second):
        ranks = rankdata(scores)
        # The share of the other class that each clip is ranked on the right side of.
        fake_parts.append((ranks[is_fake] - rankdata(scores[is_fake])) / n_real)
        real_parts.append(1 - (ranks[~is_fake] - rankdata(scores[~is_fake])) / n_fake)
    value = float(fake_parts[0].mean() - fake_parts[1].mean())
    variance = sum(
        float(np.var(parts[0] - parts[1], ddof=1)) / count
        for parts, count in ((fake_parts, n_fake), (real_parts, n_real))
    )
    if variance == 0:
        return DeLong(value, value, value, 1.0 if value == 0 else 0.0)
    error = math.sqrt(variance)
    return DeLong(
        value,
        value - 1.959964 * error,
        value + 1.959964 * error,
        math.erfc(abs(value) / error / math.sqrt(2)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for the number of comparisons (Holm, 1979).

    If each corrected value below 0.05 is called a difference, the probability of calling any wrong one is at most 5 %.

    Args:
        p_values: sequence of float. NaN is kept, and not counted as a comparison.

    Returns:
        list of float, in the same order.
    """
    known = [number for number, p in enumerate(p_values) if not math.isnan(p)]
    corrected, largest = list(p_values), 0.0
    for place, number in enumerate(sorted(known, key=lambda number: p_values[number])):
        largest = max(largest, min(1.0, (len(known) - place) * p_values[number]))
        corrected[number] = largest
    return corrected
