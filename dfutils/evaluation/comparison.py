"""Compare two detectors on the same clips."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dfutils.bootstrap import check_resampling, group_codes, group_remarks, interval_half_width, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import weighted_metrics
from dfutils.evaluation.predictions import check_metrics, check_threshold, scored_rows


@dataclass(frozen=True)
class Difference:
    """By how much the first of two detectors is better or worse, on the same clips.

    Args:
        metric: str.
        value: float. The first's value less the second's.
        low, high: float. The 95 % interval, by group; NaN where it cannot be had.
        remarks: list of str.
    """

    metric: str
    value: float
    low: float
    high: float
    remarks: list[str]

    def __str__(self) -> str:
        if math.isnan(self.low):
            return f"{self.value:+.3f} (no interval can be had)"
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def compare(
    first: pd.DataFrame | list[pd.DataFrame],
    second: pd.DataFrame | list[pd.DataFrame],
    metric: str = "auc",
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Difference:
    """Compare two detectors on the clips that both have scored, resampling the same groups for both.

    Args:
        first, second: DataFrame, or list of as many DataFrames of the same clips: one a seed. As for `evaluate`. Of
            several, the mean over the seeds is compared, and pairs of seeds are resampled as well as groups: the
            interval is for another training on other people.
        metric: str. Defaults to `"auc"`.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        Difference. First less second.

    Raises:
        DataError: As `evaluate`, or if no clip was scored by all, or the tables do not agree on labels and groups.
        SettingsError: As `evaluate`, or if the metric is unknown, or the lists are empty or not of one length.
    """
    check_metrics([metric])
    check_threshold(threshold)
    sides = [[tables] if isinstance(tables, pd.DataFrame) else list(tables) for tables in (first, second)]
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        raise SettingsError(f"Give one table a seed of each. Received: {len(sides[0])} and {len(sides[1])}")
    sides = [[scored_rows(table).set_index("clip_id") for table in tables] for tables in sides]
    common = sides[0][0].index
    for table in (*sides[0], *sides[1]):
        common = common.intersection(table.index)
    for table in (*sides[0], *sides[1]):
        for column in ("label", "group"):
            differs = (sides[0][0].loc[common, column] != table.loc[common, column]).to_numpy()
            if differs.any():
                raise DataError(
                    f"The tables differ in the {column} of {common[differs][0]!r}: both must be of the same clips."
                )
    if common.empty:
        raise DataError("No clip was scored by both detectors, so they cannot be compared.")
    remarks = []
    if len(common) < max(len(table) for tables in sides for table in tables):
        remarks.append(f"Compared on the {len(common)} clips that both have scored.")
    known = sides[0][0].loc[common]
    labels, codes = known["label"].to_numpy(int), group_codes(known["group"])
    scores = [[table.loc[common, "score"].to_numpy(float) for table in tables] for tables in sides]

    def gaps(weights):
        values = [
            [weighted_metrics(labels, one, weights, threshold)[metric] for one in side] for side in scores
        ]
        return np.array(values[0]) - np.array(values[1])

    gap = paired_difference(metric, codes, labels, gaps, n_bootstrap, seed)
    return replace(gap, remarks=remarks + gap.remarks)


def paired_difference(
    metric: str,
    codes: np.ndarray,
    labels: np.ndarray,
    gaps: Callable[[np.ndarray], np.ndarray],
    n_bootstrap: int,
    seed: int,
) -> Difference:
    """Return a mean difference over several runs, with an interval from resampling groups as well as runs.

    One run fewer is drawn than there are, which makes up for how alike so few draws are (Rao and Wu, 1988), and the
    degrees of freedom are between those of the runs and those of the groups (Satterthwaite, 1946).

    Args:
        metric: str. Its name.
        codes: int array [N]. Each clip's group, as `group_codes` gives it.
        labels: int array [N]. Each clip's class.
        gaps: function. From weights, float [B, N], to the difference in each run, float [R, B].
        n_bootstrap, seed: As for `evaluate`.
    """
    check_resampling(n_bootstrap, seed)
    of_runs = gaps(np.ones((1, len(codes))))[:, 0]
    runs, value, name = len(of_runs), float(of_runs.mean()), f"{metric} difference"
    rng = np.random.default_rng(seed)

    def of_all_runs(weights):
        return {name: gaps(weights).mean(0)}

    def of_some_runs(weights):
        values = gaps(weights)
        drawn = max(1, runs - 1)
        counts = rng.multinomial(drawn, np.full(runs, 1 / runs), values.shape[1]) / drawn
        return {name: (values * counts.T).sum(0)}

    resamples = resample(
        codes, labels, of_some_runs, n_bootstrap=n_bootstrap, seed=seed, compute_jackknife=of_all_runs
    )
    if runs > 1 and len(resamples.jackknife.get(name, ())):
        left_out = resamples.jackknife[name]
        of_groups = (len(left_out) - 1) * left_out.var()
        of_seeds = of_runs.var(ddof=1) / runs
        parts = of_groups**2 / max(resamples.n_groups_rarer_class - 1, 1) + of_seeds**2 / (runs - 1)
        if parts > 0:
            # So few runs cannot be drawn as far apart as others would lie: their draws are stretched instead.
            stretch = interval_half_width((of_groups + of_seeds) ** 2 / parts) / interval_half_width(math.inf)
            furthest = math.inf if metric == "log_loss" else 1.0
            draws = {name: np.clip(value + (resamples.values[name] - value) * stretch, -furthest, furthest)}
            resamples = replace(resamples, values=draws, half_width=interval_half_width(math.inf))
    return Difference(metric, value, *resamples.interval(name, value), group_remarks(resamples))
