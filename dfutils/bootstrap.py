"""Confidence intervals by resampling groups: clips of one group are not independent evidence.

A resample of groups gives every clip a whole-number weight: how often its group was drawn. Thousands of resamples are
then a few matrix products. The ends of an interval are percentiles of the resampled values. Which percentiles is
corrected for bias and skewness (BCa: Efron, 1987), because the plain 2.5th and 97.5th contain the truth too rarely
where a metric is close to its best value. The interval is also widened for few groups (Hesterberg, 2015).
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from dfutils.errors import SettingsError

_BLOCK_CELLS = 4_000_000  # weights computed at a time, to bound memory
_UPPER_LEVEL = 0.975  # the upper end of a two-sided 95 % interval
_JACKKNIFE_PARTS = 200  # at most; each part of the groups is left out once to measure skewness
_MIN_RESAMPLES = 20  # with fewer, the ends of a 95 % interval are just the smallest and the largest value
_FEW_GROUPS = 10
# Noise alone raises these metrics: nearly all resampled values are above the value, and most values above the truth.
_RAISED_BY_NOISE = ("ece",)

Weighted = Callable[[np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Resamples:
    """The values of metrics in resamples of groups.

    Args:
        values: dict. {metric: float array [B]}, one value per resample; empty where nothing was resampled.
        jackknife: dict. {metric: float array [P]}, one value per part of the groups, with that part left out.
        n_groups: int. All groups.
        n_groups_rarer_class: int. Groups that hold clips of the class found in fewer groups. They limit what the
            clips can show.
        half_width: float. Half the width of an interval, in standard errors: 1.96 for many groups, more for few.
        one_class_share: float. The share of the resamples that held clips of one class only. They are not counted.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    jackknife: dict[str, np.ndarray] = field(default_factory=dict)
    n_groups: int = 1
    n_groups_rarer_class: int = 1
    half_width: float = math.nan
    one_class_share: float = 0.0

    def interval(self, name: str, value: float) -> tuple[float, float]:
        """Return the low and the high end of a metric's 95 % interval.

        Args:
            name: str. The metric.
            value: float. Its value on all clips, unweighted.

        Returns:
            Two floats. NaN where the interval is undefined.
        """
        if name not in self.values or math.isnan(value):
            return math.nan, math.nan
        values = self.values[name][~np.isnan(self.values[name])]
        jackknife = self.jackknife.get(name, np.empty(0))
        jackknife = jackknife[~np.isnan(jackknife)]
        if not len(values):
            return math.nan, math.nan
        if name in _RAISED_BY_NOISE:
            return _reflected_interval(values, value, self.half_width)
        low, high = np.quantile(values, _bca_percentiles(values, jackknife, value, self.half_width))
        return float(low), float(high)


def group_codes(groups: Iterable[object]) -> np.ndarray:
    """Return each clip's group as an integer from 0, without gaps. The order of the clips does not matter.

    Args:
        groups: array or Series [N]. The name of each clip's group.

    Returns:
        int array [N].
    """
    return np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]


def resample(
    codes: np.ndarray,
    labels: np.ndarray,
    compute: Weighted,
    *,
    n_bootstrap: int,
    seed: int,
    compute_jackknife: Weighted | None = None,
) -> Resamples:
    """Compute metrics on resamples of groups, drawn with replacement.

    Where there are clips of both classes, resamples that hold one class only are not counted: metrics that need the
    other class are undefined in them.

    Args:
        codes: int array [N]. Each clip's group, as `group_codes` returns it.
        labels: array [N]. Each clip's class.
        compute: function. From weights, float [B, N], to {metric: float array [B]}.
        n_bootstrap: int. Number of resamples; 0 for none.
        seed: int. Seed of the draws.
        compute_jackknife: function. Like `compute`, used for the weights that leave groups out. Defaults to `compute`.

    Returns:
        Resamples. Without values for a single group, or where `n_bootstrap` is 0.

    Raises:
        SettingsError: If `n_bootstrap` or `seed` is out of range.
    """
    check_resampling(n_bootstrap, seed)
    n_groups = int(codes.max()) + 1
    rarer = min(len(np.unique(codes[labels == label])) for label in np.unique(labels))
    if n_bootstrap == 0 or n_groups == 1:
        return Resamples(n_groups=n_groups, n_groups_rarer_class=rarer)
    drawn = _with_every_class(_bootstrap_weights(codes, n_bootstrap, seed), labels)
    values = _concatenated(compute(weights) for weights in drawn)
    without_a_part = _with_every_class(_jackknife_weights(codes), labels)
    jackknife = _concatenated((compute_jackknife or compute)(weights) for weights in without_a_part)
    counted = len(next(iter(values.values()), ()))
    return Resamples(
        values, jackknife, n_groups, rarer, interval_half_width(rarer - 1), 1 - counted / n_bootstrap
    )


def check_resampling(n_bootstrap: int, seed: int) -> None:
    """Check the number of resamples and the seed.

    Raises:
        SettingsError: If `n_bootstrap` is neither 0 nor an integer of at least 20, or `seed` is not an integer of 0
            or more.
    """
    is_integer = isinstance(n_bootstrap, int | np.integer)
    if not is_integer or not (n_bootstrap == 0 or n_bootstrap >= _MIN_RESAMPLES):
        raise SettingsError(
            f"n_bootstrap must be 0, for no intervals, or an integer of at least {_MIN_RESAMPLES}. "
            f"Received: n_bootstrap={n_bootstrap!r}"
        )
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"The seed must be an integer of 0 or more. Received: seed={seed!r}")


def interval_half_width(degrees_of_freedom: float) -> float:
    """Return half the width of a 95 % interval, in standard errors of the bootstrap.

    It comes from Student's t distribution and corrects for the bootstrap's standard error being too small in small
    samples.

    Args:
        degrees_of_freedom: float. Below 1 it counts as 1: then the ends are those of all resamples.
    """
    from scipy.stats import t

    degrees_of_freedom = max(degrees_of_freedom, 1.0)
    return float(t.ppf(_UPPER_LEVEL, degrees_of_freedom)) * math.sqrt(1 + 1 / degrees_of_freedom)


def group_remarks(resamples: Resamples) -> list[str]:
    """Return what a reader of intervals should know about the groups they come from.

    Args:
        resamples: Resamples.

    Returns:
        list of str. One sentence or two per remark; empty where there is nothing to say.
    """
    remarks, rarer = [], resamples.n_groups_rarer_class
    if resamples.n_groups == 1:
        remarks.append(
            "All clips are of one group: there is nothing to resample, so intervals are undefined."
        )
    elif rarer < _FEW_GROUPS:
        groups = f"{rarer} group{'s' if rarer > 1 else ''}"
        if rarer < resamples.n_groups:
            groups += " of one of the classes"
        remarks.append(
            f"Only {groups}: intervals from so few groups may be too narrow. Read them as a rough guide."
        )
    if resamples.one_class_share > 0.005:
        remarks.append(
            f"{resamples.one_class_share:.0%} of the resamples held one class only. They are not in the intervals."
        )
    return remarks


def _with_every_class(blocks: Iterator[np.ndarray], labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of weights in which no class is missing."""
    for weights in blocks:
        has_class = [weights[:, labels == label].any(axis=1) for label in np.unique(labels)]
        weights = weights[np.logical_and.reduce(has_class)]
        if len(weights):
            yield weights


def _bootstrap_weights(codes: np.ndarray, n_bootstrap: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks of weights [B, N]: how often each clip is in a resample of the groups."""
    rng, n_groups = np.random.default_rng(seed), int(codes.max()) + 1
    block = max(1, _BLOCK_CELLS // len(codes))
    for start in range(0, n_bootstrap, block):
        size = min(block, n_bootstrap - start)
        yield rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size)[:, codes].astype(float)


def _jackknife_weights(codes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield blocks of weights [B, N]: each row without one group, or one part of the groups if there are very many."""
    parts = min(int(codes.max()) + 1, _JACKKNIFE_PARTS)
    block = max(1, _BLOCK_CELLS // len(codes))
    for start in range(0, parts, block):
        left_out = np.arange(start, min(start + block, parts))
        yield (codes % parts != left_out[:, None]).astype(float)


def _concatenated(blocks: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    blocks = list(blocks)
    names = list(blocks[0]) if blocks else []
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _bca_percentiles(
    values: np.ndarray, jackknife: np.ndarray, value: float, half_width: float
) -> np.ndarray:
    """Return the quantile levels (0 to 1) of the resampled values at which the BCa interval starts and ends."""
    from scipy.stats import norm

    below = ((values < value).mean() + (values <= value).mean()) / 2
    bias = norm.ppf(np.clip(below, 1 / len(values), 1 - 1 / len(values)))
    influence = jackknife.mean() - jackknife if len(jackknife) else np.zeros(1)
    variance = (influence**2).sum()
    skewness = (influence**3).sum() / (6 * variance**1.5) if variance > 0 else 0.0
    z = bias + np.array([-half_width, half_width])
    # Below 0.1, as with a handful of groups, the correction would change its sign.
    return norm.cdf(bias + z / np.maximum(1 - skewness * z, 0.1))


def _reflected_interval(values: np.ndarray, value: float, half_width: float) -> tuple[float, float]:
    """Return an interval that is as far below the value as the resampled values are above it (the basic bootstrap).

    Noise in a resample raises a metric above the value. By as much, noise in the clips has raised the value above the
    truth. The interval always contains the value.
    """
    from scipy.stats import norm

    low, high = 2 * value - np.quantile(values, norm.cdf([half_width, -half_width]))
    return float(min(max(low, 0.0), value)), float(max(high, value))
