"""Intervals by resampling groups: clips of one group are no independent evidence.

A resample of groups is a whole-number weight on every clip, so that thousands of resamples are a few
matrix products. The ends of an interval are percentiles of the resamples; which ones is corrected for bias and
skewness (BCa: Efron, 1987), because the plain 2.5th and 97.5th cover the truth too seldom where a metric is near its
best value, and widened for few groups (Hesterberg, 2015).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from dfutils.errors import SettingsError

_CELLS = 4_000_000  # numbers in one block of weights, to bound memory
_LEVEL = 0.975
_PARTS = 200  # of the groups, each left out once to measure skewness
_FEWEST_DRAWS = 20  # for the ends of a 95 % interval to be more than the smallest and the largest draw
# Noise alone raises it, so that nearly all draws lie above the value, and most values above the truth.
_RAISED_BY_NOISE = ("ece",)


@dataclass(frozen=True)
class Resamples:
    """What metrics came to in resamples of groups.

    Args:
        draws: dict. {metric: float array [B]}; empty where there was nothing to resample.
        left_out: dict. {metric: float array [P]}, each time without a part of the groups.
        n_groups: int.
        fewest: int. Groups of the class that fewer groups have clips of: they bound what can be known.
        reach: float. Half the width of an interval, in standard deviations.
        one_class: float. The share of the resamples that held one class only, and were not counted.
    """

    draws: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: dict[str, np.ndarray] = field(default_factory=dict)
    n_groups: int = 1
    fewest: int = 1
    reach: float = math.nan
    one_class: float = 0.0

    def interval(self, name: str, value: float) -> tuple[float, float]:
        """Return the 95 % interval of a metric whose value is `value`; NaN where it cannot be had."""
        if name not in self.draws or math.isnan(value):
            return math.nan, math.nan
        draws = self.draws[name][~np.isnan(self.draws[name])]
        left_out = self.left_out.get(name, np.empty(0))
        left_out = left_out[~np.isnan(left_out)]
        if not len(draws):
            return math.nan, math.nan
        if name in _RAISED_BY_NOISE:
            return _reflected(draws, value, self.reach)
        low, high = np.quantile(draws, _percentiles(draws, left_out, value, self.reach))
        return float(low), float(high)


def group_codes(groups) -> np.ndarray:
    """Return each clip's group as a number from 0 without gaps, whatever the order of the clips."""
    return np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]


def resample(
    codes: np.ndarray,
    labels: np.ndarray,
    n_bootstrap: int,
    seed: int,
    compute: Callable[[np.ndarray], dict[str, np.ndarray]],
    compute_left_out: Callable[[np.ndarray], dict[str, np.ndarray]] | None = None,
) -> Resamples:
    """Compute metrics on resamples of groups, drawn with replacement.

    Where there are clips of both classes, a resample that holds one class only is not counted: what is asked of the
    other has no answer in it.

    Args:
        codes: int array [N]. Each clip's group, as `group_codes` gives it.
        labels: array [N]. Each clip's class.
        n_bootstrap: int. Resamples; 0 for none.
        seed: int.
        compute: function. From weights, float [B, N], to {metric: float array [B]}.
        compute_left_out: function. The same, for the weights that leave groups out. Defaults to `compute`.

    Returns:
        Resamples. Empty for a single group, or no resamples.

    Raises:
        SettingsError: If `n_bootstrap` or the seed cannot be used.
    """
    check_draws(n_bootstrap, seed)
    groups = int(codes.max()) + 1
    fewest = min(len(np.unique(codes[labels == label])) for label in np.unique(labels))
    if n_bootstrap == 0 or groups == 1:
        return Resamples(n_groups=groups, fewest=fewest)
    drawn = _of_all_classes(_drawn(codes, n_bootstrap, seed), labels)
    draws = _joined(compute(weights) for weights in drawn)
    without = _of_all_classes(_without(codes), labels)
    left_out = _joined((compute_left_out or compute)(weights) for weights in without)
    counted = len(next(iter(draws.values()), ()))
    return Resamples(draws, left_out, groups, fewest, reach_of(fewest - 1), 1 - counted / n_bootstrap)


def check_draws(n_bootstrap: int, seed: int) -> None:
    """Raise SettingsError unless resamples can be drawn."""
    whole = isinstance(n_bootstrap, int | np.integer)
    if not whole or not (n_bootstrap == 0 or n_bootstrap >= _FEWEST_DRAWS):
        raise SettingsError(
            f"n_bootstrap is 0, for no intervals, or a whole number of at least {_FEWEST_DRAWS} resamples. "
            f"Received: n_bootstrap={n_bootstrap!r}"
        )
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"The seed is a whole number, not below 0. Received: seed={seed!r}")


def reach_of(freedom: float) -> float:
    """Return half the width of a 95 % interval, in standard deviations of resamples, by degrees of freedom.

    Of a single group nothing is known: taken for one degree, the ends are those of all draws.
    """
    from scipy.stats import t

    freedom = max(freedom, 1.0)
    return float(t.ppf(_LEVEL, freedom)) * math.sqrt(1 + 1 / freedom)


def _of_all_classes(blocks: Iterator[np.ndarray], labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of weights in which no class is missing."""
    for weights in blocks:
        held = [weights[:, labels == label].any(axis=1) for label in np.unique(labels)]
        weights = weights[np.logical_and.reduce(held)]
        if len(weights):
            yield weights


def _drawn(codes: np.ndarray, n_bootstrap: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks [B, N] of how often each clip is in a resample of the groups."""
    rng, groups = np.random.default_rng(seed), int(codes.max()) + 1
    block = max(1, _CELLS // len(codes))
    for start in range(0, n_bootstrap, block):
        size = min(block, n_bootstrap - start)
        yield rng.multinomial(groups, np.full(groups, 1 / groups), size)[:, codes].astype(float)


def _without(codes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield blocks [B, N] of weights, each without one group, or without one part of very many groups."""
    parts = min(int(codes.max()) + 1, _PARTS)
    block = max(1, _CELLS // len(codes))
    for start in range(0, parts, block):
        left_out = np.arange(start, min(start + block, parts))
        yield (codes % parts != left_out[:, None]).astype(float)


def _joined(blocks: Iterator[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    blocks = list(blocks)
    names = blocks[0] if blocks else ()
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _percentiles(draws: np.ndarray, left_out: np.ndarray, value: float, reach: float) -> np.ndarray:
    """Return which share of the draws lies below the low and the high end."""
    from scipy.stats import norm

    below = ((draws < value).mean() + (draws <= value).mean()) / 2
    bias = norm.ppf(np.clip(below, 1 / len(draws), 1 - 1 / len(draws)))
    influence = left_out.mean() - left_out if len(left_out) else np.zeros(1)
    variance = (influence**2).sum()
    skew = (influence**3).sum() / (6 * variance**1.5) if variance > 0 else 0.0
    z = bias + np.array([-reach, reach])
    # Beyond that the correction turns over, as it may for a handful of groups.
    return norm.cdf(bias + z / np.maximum(1 - skew * z, 0.1))


def _reflected(draws: np.ndarray, value: float, reach: float) -> tuple[float, float]:
    """Return an interval as far below the value as the draws lie above it (the basic bootstrap), with the value in it.

    As much as noise in a resample raises the draws above the value, noise in the clips has raised it above the truth.
    """
    from scipy.stats import norm

    low, high = 2 * value - np.quantile(draws, norm.cdf([reach, -reach]))
    return float(min(max(low, 0.0), value)), float(max(high, value))


_FEW_GROUPS = 10


def group_remarks(resamples: Resamples) -> list[str]:
    """Return what a reader of intervals should know of the groups they come from."""
    remarks, n_groups = [], resamples.n_groups
    if n_groups == 1:
        remarks.append("All clips are of one group: there is nothing to resample, so no interval can be had.")
    elif resamples.fewest < _FEW_GROUPS:
        groups = f"{resamples.fewest} group{'s' if resamples.fewest > 1 else ''}"
        if resamples.fewest < n_groups:
            groups += " of one of the classes"
        remarks.append(
            f"Only {groups}: intervals by resampling so few may come out too narrow. Read them as a hint."
        )
    if resamples.one_class > 0.005:
        remarks.append(
            f"{resamples.one_class:.0%} of the resamples held one class only and are in no interval."
        )
    return remarks
