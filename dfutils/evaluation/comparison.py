"""Compare two detectors on the same clips: the difference in a metric, with a 95 % interval."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dfutils.bootstrap import (
    Resamples,
    check_resampling,
    group_codes,
    group_remarks,
    interval_half_width,
    resample,
)
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import Metric, weighted_metrics
from dfutils.evaluation.predictions import check_metrics, check_threshold, scored_rows


@dataclass(frozen=True)
class Difference:
    """The value of a metric for the first detector minus its value for the second detector, on the same clips.

    Args:
        metric: str. The metric that is compared.
        value: float. The first detector's value of the metric minus the second detector's value.
        low, high: float. The ends of the 95 % interval of the difference; NaN if the interval is undefined. Groups are
            resampled for the interval.
        remarks: list of str. Warnings about the interval.
        p_value: float. How probable a difference of this size or more would be, in both directions, if the detectors
            were equally good. It rests on the spread of the resampled differences. NaN if it is undefined.
    """

    metric: str
    value: float
    low: float
    high: float
    remarks: list[str]
    p_value: float = math.nan

    def __str__(self) -> str:
        """Format the difference and its interval as text, such as `+0.031 [-0.012, +0.080]`."""
        if math.isnan(self.low):
            return f"{self.value:+.3f} (no interval available)"
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def compare(
    first: pd.DataFrame | Sequence[pd.DataFrame],
    second: pd.DataFrame | Sequence[pd.DataFrame],
    *,
    metric: Metric = "auc",
    threshold: float | tuple[float, float] = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Difference:
    """Compute the difference between two detectors in a metric, with a 95 % interval.

    Only clips that both detectors have scored are used. In each resample, the same groups are drawn for both detectors.
    The interval therefore does not grow because some clips are harder than others.

    Args:
        first, second: DataFrame, or list of DataFrames of the same clips, one per seed. The predictions of each
            detector, as for `evaluate`. With several seeds, the mean over the seeds is compared, and both groups and
            pairs of seeds are resampled. The interval then also covers the randomness of training.
        metric: str. One of `METRICS`. Defaults to `"auc"`.
        threshold: float in [0, 1], or one for each detector. A clip is classified as fake when score >= threshold.
            Defaults to 0.5.
        n_bootstrap: int. Number of resamples; 0 gives no interval. Defaults to 2000.
        seed: int. Seed of the resamples. Defaults to 7.

    Returns:
        Difference. First minus second.

    Raises:
        DataError: As `evaluate`, or if no clip was scored by both, or the tables have different labels or groups.
        SettingsError: As `evaluate`, or if the metric is unknown, or the lists are empty or differ in length.

    Example:
        >>> import pandas as pd
        >>> from dfutils import evaluation
        >>> first = pd.DataFrame(
        ...     {"clip_id": list("abcd"), "label": [0, 0, 1, 1], "group": list("wxyz"), "score": [0.1, 0.2, 0.8, 0.9]}
        ... )
        >>> second = first.assign(score=[0.3, 0.6, 0.4, 0.7])
        >>> print(evaluation.compare(first, second, n_bootstrap=0))
        +0.250 (no interval available)
    """
    check_metrics([metric])
    limits = threshold if isinstance(threshold, tuple) else (threshold, threshold)
    for limit in limits:
        check_threshold(limit)
    first, second = ([side] if isinstance(side, pd.DataFrame) else list(side) for side in (first, second))
    if len(first) != len(second) or not first:
        raise SettingsError(
            f"Give both detectors the same number of tables, one per seed. Received: {len(first)} and {len(second)}"
        )
    tables = [scored_rows(table).set_index("clip_id") for table in (*first, *second)]
    common = _common_clips(tables)
    remarks = []
    if len(common) < max(len(table) for table in tables):
        remarks.append(f"Compared on the {len(common)} clips that both have scored.")
    known = tables[0].loc[common]
    labels, codes = known["label"].to_numpy(int), group_codes(known["group"])
    scores = [table.loc[common, "score"].to_numpy(float) for table in tables]
    of_score = [limits[0]] * len(first) + [limits[1]] * len(second)

    def differences(weights: np.ndarray) -> np.ndarray:
        values = np.array(
            [
                weighted_metrics(labels, one, weights, limit, metrics=[metric])[metric]
                for one, limit in zip(scores, of_score, strict=True)
            ]
        )
        return values[: len(first)] - values[len(first) :]

    difference = paired_difference(
        codes, labels, differences, metric=metric, n_bootstrap=n_bootstrap, seed=seed
    )
    return replace(difference, remarks=remarks + difference.remarks)


def paired_difference(
    codes: np.ndarray,
    labels: np.ndarray,
    differences: Callable[[np.ndarray], np.ndarray],
    *,
    metric: str,
    n_bootstrap: int,
    seed: int,
) -> Difference:
    """Compute the mean difference over several runs, with an interval from resampling groups and runs.

    A run is one training with one seed, or one repeat of a cross-validation. Each resample draws one run less than
    there are, which corrects for the small number of runs (Rao and Wu, 1988). The degrees of freedom combine those of
    the runs and those of the groups (Satterthwaite, 1946).

    Args:
        codes: int array [N]. The number of each clip's group, as `group_codes` returns it.
        labels: int array [N]. The class of each clip.
        differences: function. Takes weights, float array [B, N], and returns the difference in each of R runs, float
            array [R, B].
        metric: str. The name of the metric.
        n_bootstrap, seed: As for `evaluate`.

    Returns:
        Difference.

    Raises:
        SettingsError: If `n_bootstrap` or the seed is out of range.
    """
    check_resampling(n_bootstrap, seed)
    by_run = differences(np.ones((1, len(codes))))[:, 0]
    runs, value, name = len(by_run), float(by_run.mean()), f"{metric} difference"
    rng = np.random.default_rng(seed)

    def of_all_runs(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {name: differences(weights).mean(0)}

    def of_drawn_runs(weights: np.ndarray) -> dict[str, np.ndarray]:
        values = differences(weights)
        drawn = max(1, runs - 1)
        counts = rng.multinomial(drawn, np.full(runs, 1 / runs), values.shape[1]) / drawn
        return {name: (values * counts.T).sum(0)}

    resamples = resample(
        codes,
        labels,
        of_drawn_runs,
        n_bootstrap=n_bootstrap,
        seed=seed,
        compute_jackknife=of_all_runs,
    )
    if runs > 1 and len(resamples.jackknife.get(name, ())):
        jackknife = resamples.jackknife[name]
        group_variance = (len(jackknife) - 1) * jackknife.var()
        run_variance = by_run.var(ddof=1) / runs
        weighted = group_variance**2 / max(resamples.n_groups_rarer_class - 1, 1)
        weighted += run_variance**2 / (runs - 1)
        if weighted > 0:
            # Resamples of a few runs vary less than new runs would. The resampled values are moved away from the mean.
            freedom = (group_variance + run_variance) ** 2 / weighted
            stretch = interval_half_width(freedom) / interval_half_width(math.inf)
            limit = _largest(metric)
            stretched = np.clip(value + (resamples.values[name] - value) * stretch, -limit, limit)
            many = interval_half_width(math.inf)
            resamples = replace(resamples, values={name: stretched}, half_width=many, freedom=math.inf)
    low, high = difference_interval(resamples, name, value, metric)
    return Difference(metric, value, low, high, group_remarks(resamples), p_value_of(resamples, name, value))


def difference_interval(resamples: Resamples, name: str, value: float, metric: str) -> tuple[float, float]:
    """Return the 95 % interval of a difference: the BCa interval, widened where the normal one is wider.

    If both values of a metric are close to its best value, the BCa interval alone contains the truth too rarely (see
    `benchmarks/intervals.py --paired`). The p-value rests on the normal interval too, but cannot be below 2 / 2^groups.
    """
    low, high = resamples.interval(name, value)
    if math.isnan(low):
        return low, high
    reach, limit = resamples.half_width * _spread(resamples, name), _largest(metric)
    return max(min(low, value - reach), -limit), min(max(high, value + reach), limit)


def _spread(resamples: Resamples, name: str) -> float:
    return float(np.nanstd(resamples.values[name], ddof=1))


def _largest(metric: str) -> float:
    """Return the largest difference that is possible in a metric."""
    return math.inf if metric == "log_loss" else 1.0


def p_value_of(resamples: Resamples, name: str, value: float) -> float:
    """Return the two-sided p-value of a difference, from the t distribution that its interval rests on."""
    values = resamples.values.get(name, np.empty(0))
    values = values[~np.isnan(values)]
    if len(values) < 2 or math.isnan(value):
        return math.nan
    if value == 0:
        return 1.0
    # If all groups agree, there is no spread. Then the test is that of the signs of the groups.
    smallest = 2 * 0.5**resamples.n_groups_rarer_class
    spread = _spread(resamples, name)
    if spread == 0:
        return min(1.0, smallest)
    return float(max(2 * resamples.tail(abs(value) / spread), min(1.0, smallest)))


def _common_clips(tables: list[pd.DataFrame]) -> pd.Index:
    """Return the clip_ids that are in all tables, in the order of the first table.

    Raises:
        DataError: If no clip is in all tables, or a label or group differs between tables.
    """
    common = tables[0].index
    for table in tables:
        common = common.intersection(table.index)
    for table in tables:
        for column in ("label", "group"):
            differs = (tables[0].loc[common, column] != table.loc[common, column]).to_numpy()
            if differs.any():
                raise DataError(
                    f"The tables differ in the {column} of {common[differs][0]!r}. Compare tables of the same clips."
                )
    if common.empty:
        raise DataError("No clip was scored by both detectors, so they cannot be compared.")
    return common
