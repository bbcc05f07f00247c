"""Compare a metric on two sets of different clips, such as two data sets."""

from dataclasses import replace

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, group_remarks, resample
from dfutils.evaluation.comparison import Difference, difference_interval, p_value_of
from dfutils.evaluation.metrics import Metric, weighted_metrics
from dfutils.evaluation.predictions import check_metrics, check_threshold, scored_rows


def compare_unpaired(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    metric: Metric = "auc",
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Difference:
    """Compute the difference in a metric between two sets of different clips, with a 95 % interval.

    The groups of each set are resampled on their own. Use it for one detector on two data sets. For two detectors on
    the same clips, `compare` gives a narrower interval.

    Args:
        first, second: DataFrame. The predictions, as for `evaluate`.
        metric, threshold, n_bootstrap, seed: As for `compare`.

    Returns:
        Difference. First minus second.

    Raises:
        DataError, SettingsError: As `evaluate`, or if the metric is unknown.
    """
    check_metrics([metric])
    check_threshold(threshold)
    name, sides = f"{metric} difference", []
    for number, table in enumerate((first, second)):
        scored = scored_rows(table)
        labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
        codes = group_codes(scored["group"])

        def values(
            weights: np.ndarray, labels: np.ndarray = labels, scores: np.ndarray = scores
        ) -> dict[str, np.ndarray]:
            return {name: weighted_metrics(labels, scores, weights, threshold, metrics=[metric])[metric]}

        value = float(values(np.ones((1, len(codes))))[name][0])
        resamples = resample(codes, labels, values, n_bootstrap=n_bootstrap, seed=seed + number)
        sides.append((value, resamples))
    (one, of_first), (other, of_second) = sides
    both = of_first
    if of_first.values and of_second.values:
        drawn = min(len(side.values[name]) for side in (of_first, of_second))
        draws = of_first.values[name][:drawn] - of_second.values[name][:drawn]
        # The influence of a group on the difference is its influence on its own set.
        first_parts, second_parts = (side.jackknife.get(name, np.empty(0)) for side in (of_first, of_second))
        jackknife = [first_parts - other, one - second_parts]
        both = replace(of_first, values={name: draws}, jackknife={name: np.concatenate(jackknife)})
        wider = max((of_first, of_second), key=lambda side: side.half_width)
        both = replace(both, half_width=wider.half_width, freedom=wider.freedom)
    elif not of_second.values:
        both = of_second
    fewest = min((of_first, of_second), key=lambda side: side.n_groups_rarer_class)
    both = replace(both, n_groups_rarer_class=fewest.n_groups_rarer_class)
    low, high = difference_interval(both, name, one - other, metric)
    remarks = group_remarks(fewest)
    return Difference(metric, one - other, low, high, remarks, p_value_of(both, name, one - other))
