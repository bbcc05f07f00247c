"""Compute confidence intervals by resampling groups of clips (the cluster bootstrap).

Groups are resampled, and not clips, because clips of the same group are not independent evidence. In a resample, every
clip has a whole-number weight: how often its group was drawn. With weights, thousands of resamples need only a few
matrix products.

The ends of an interval are percentiles of the resampled values. The percentiles are corrected for bias and skewness
(BCa: Efron, 1987). Without the correction, intervals from the 2.5th to the 97.5th percentile contain the true value
too rarely where a metric is close to its best value. With few groups, intervals are also widened (Hesterberg, 2015).

Resampling cannot show what no group contains: if no clip is wrong, all resampled values are 1. With few groups or few
errors, the interval of a share therefore also contains the interval of a binomial share (Jeffreys) of as many
independent clips as the resamples are worth (the effective sample size: Korn and Graubard, 1998).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from dfutils.errors import SettingsError
from dfutils.group_weights import bootstrap_weights, jackknife_weights, with_every_class

_UPPER_LEVEL = 0.975  # the upper end of a two-sided 95 % interval
_MIN_RESAMPLES = (
    20  # with fewer resamples, a 95 % interval would just go from the smallest to the largest value
)
_FEW_GROUPS = 10
_ROUNDING = 1e-5
# Below these limits the interval of a share contains the binomial interval too. `benchmarks/intervals.py` shows why.
_GROUPS_FOR_RESAMPLING_ALONE = 30
_ERRORS_FOR_RESAMPLING_ALONE = 5
# Noise always raises these metrics. Nearly all resampled values are above the value on all clips, and the value on all
# clips is mostly above the true value.
_RAISED_BY_NOISE = ("ece",)

Weighted = Callable[[np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Resamples:
    """The values of metrics in many resamples of groups.

    Args:
        values: dict. {metric: float array [B]}, one value per resample. Empty if there are no resamples.
        jackknife: dict. {metric: float array [P]}. The groups are divided into P parts. Value p is computed on all
            groups except those of part p.
        n_groups: int. The number of groups.
        n_groups_rarer_class: int. For each class, count the groups that contain clips of the class. This is the
            smaller of the two counts. The smaller it is, the less certain the metrics are.
        half_width: float. Half the width of an interval, in standard errors: 1.96 with many groups, more with few.
        freedom: float. The degrees of freedom that `half_width` rests on.
        one_class_share: float. The share of the resamples that contain clips of one class only. Such resamples are
            left out.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    jackknife: dict[str, np.ndarray] = field(default_factory=dict)
    n_groups: int = 1
    n_groups_rarer_class: int = 1
    half_width: float = math.nan
    freedom: float = math.inf
    one_class_share: float = 0.0

    def interval(self, name: str, value: float, *, share_of: int | None = None) -> tuple[float, float]:
        """Return the lower and the upper end of the 95 % interval of a metric.

        Args:
            name: str. The name of the metric.
            value: float. The value of the metric on all clips, without weights.
            share_of: int. The number of clips that the metric is a share of, such as the number of fake clips for the
                recall. Defaults to None: the metric is not a share.

        Returns:
            Two floats. NaN if the interval is undefined.
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
        if share_of and self._has_little_evidence(value, share_of):
            lowest, highest = _binomial_interval(values, value, self.half_width, share_of)
            low, high = min(low, lowest), max(high, highest)
        if abs(low - value) < _ROUNDING or abs(high - value) < _ROUNDING:  # resamples are rounded to float32
            low, high = min(low, value), max(high, value)
        return float(low), float(high)

    def tail(self, distance: float) -> float:
        """Return the probability of a deviation above `distance`, in standard errors. It is 0.025 at `half_width`."""
        from scipy.stats import t

        freedom = max(self.freedom, 1.0)
        return float(t.sf(distance / math.sqrt(1 + 1 / freedom), freedom))

    def _has_little_evidence(self, value: float, share_of: int) -> bool:
        errors = share_of * min(value, 1 - value)
        few_groups = self.n_groups_rarer_class < _GROUPS_FOR_RESAMPLING_ALONE
        return few_groups or errors < _ERRORS_FOR_RESAMPLING_ALONE


def group_codes(groups: Iterable[object]) -> np.ndarray:
    """Return the number of each clip's group. Groups are numbered from 0, in the order of their sorted names.

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
    """Draw groups with replacement many times, and compute metrics on the clips of each draw.

    If there are clips of both classes, draws with clips of one class only are left out, because some metrics are
    undefined without the other class.

    Args:
        codes: int array [N]. The number of each clip's group, as `group_codes` returns it.
        labels: array [N]. The class of each clip.
        compute: function. Takes weights, float array [B, N], and returns {metric: float array [B]}.
        n_bootstrap: int. Number of resamples; 0 for none.
        seed: int. Seed of the random draws.
        compute_jackknife: function. Like `compute`, but for the jackknife, where each row of weights leaves out some
            groups. Defaults to None: `compute` is used.

    Returns:
        Resamples. It contains no values if there is only one group or if `n_bootstrap` is 0.

    Raises:
        SettingsError: If `n_bootstrap` or `seed` is out of range.
    """
    check_resampling(n_bootstrap, seed)
    n_groups = int(codes.max()) + 1
    rarer = min(len(np.unique(codes[labels == label])) for label in np.unique(labels))
    if n_bootstrap == 0 or n_groups == 1:
        return Resamples(n_groups=n_groups, n_groups_rarer_class=rarer)
    drawn = with_every_class(bootstrap_weights(codes, n_bootstrap, seed), labels)
    values = _concatenated(compute(weights) for weights in drawn)
    without_a_part = with_every_class(jackknife_weights(codes), labels)
    jackknife = _concatenated((compute_jackknife or compute)(weights) for weights in without_a_part)
    counted = len(next(iter(values.values()), ()))
    return Resamples(
        values,
        jackknife,
        n_groups,
        rarer,
        interval_half_width(rarer - 1),
        rarer - 1,
        1 - counted / n_bootstrap,
    )


def check_resampling(n_bootstrap: int, seed: int) -> None:
    """Raise an error if the number of resamples or the seed is invalid.

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
    """Return half the width of a 95 % interval, as a multiple of the bootstrap's standard error.

    The half-width comes from Student's t distribution. It also corrects the bootstrap's standard error, which is too
    small in small samples.

    Args:
        degrees_of_freedom: float. Values below 1 count as 1. Then the interval goes from about the smallest to about
            the largest resampled value.
    """
    from scipy.stats import t

    degrees_of_freedom = max(degrees_of_freedom, 1.0)
    return float(t.ppf(_UPPER_LEVEL, degrees_of_freedom)) * math.sqrt(1 + 1 / degrees_of_freedom)


def group_remarks(resamples: Resamples) -> list[str]:
    """Return warnings about confidence intervals, such as that there are few groups.

    Args:
        resamples: Resamples.

    Returns:
        list of str. One or two sentences per warning. Empty if there is no warning.
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
            f"{resamples.one_class_share:.0%} of the resamples contain one class only. The intervals leave them out."
        )
    return remarks


def _concatenated(blocks: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    blocks = list(blocks)
    names = list(blocks[0]) if blocks else []
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _bca_percentiles(
    values: np.ndarray, jackknife: np.ndarray, value: float, half_width: float
) -> np.ndarray:
    """Return the two quantile levels, between 0 and 1, of the resampled values that are the ends of a BCa interval."""
    from scipy.stats import norm

    below = ((values < value).mean() + (values <= value).mean()) / 2
    bias = norm.ppf(np.clip(below, 1 / len(values), 1 - 1 / len(values)))
    influence = jackknife.mean() - jackknife if len(jackknife) else np.zeros(1)
    variance = (influence**2).sum()
    skewness = (influence**3).sum() / (6 * variance**1.5) if variance > 0 else 0.0
    z = bias + np.array([-half_width, half_width])
    # With very few groups the divisor can come close to 0 or below, where the correction makes no sense.
    return norm.cdf(bias + z / np.maximum(1 - skewness * z, 0.1))


def _binomial_interval(
    values: np.ndarray, value: float, half_width: float, share_of: int
) -> tuple[float, float]:
    """Return Jeffreys' interval of a binomial share, for the number of independent clips that the groups are worth.

    The number is the one that gives a binomial share the standard error of the resampled values. It is at most the
    number of clips. It is smaller with few groups, because then the standard error itself is uncertain.

    A share between 0 and 1 that is the same in all resamples is fixed by the design, such as the AUC of equal scores.
    Then the interval contains this value only.
    """
    from scipy.stats import beta, norm

    variance = values.var() * (half_width / norm.ppf(_UPPER_LEVEL)) ** 2
    if 0 < value < 1 and np.ptp(values) < 1e-12:
        return value, value
    clips = min(value * (1 - value) / variance, share_of) if 0 < value < 1 else share_of
    yes, no = value * clips + 0.5, (1 - value) * clips + 0.5
    low = 0.0 if value <= 0 else float(beta.ppf(1 - _UPPER_LEVEL, yes, no))
    high = 1.0 if value >= 1 else float(beta.ppf(_UPPER_LEVEL, yes, no))
    return low, high


def _reflected_interval(values: np.ndarray, value: float, half_width: float) -> tuple[float, float]:
    """Return an interval for a metric that noise always raises (the basic bootstrap).

    Resampling adds noise, so the resampled values are above the value on all clips. The clips themselves are a sample
    too, so the value on all clips is about as far above the true value. The interval therefore extends below the value
    as far as the resampled values are above the value. The interval always contains the value.
    """
    from scipy.stats import norm

    low, high = 2 * value - np.quantile(values, norm.cdf([half_width, -half_width]))
    return float(min(max(low, 0.0), value)), float(max(high, value))
