"""Compute every metric from weighted clips, for many sets of weights at once.

A resample of groups is a whole-number weight on every clip, so that thousands of resamples are a few matrix products.
Where scikit-learn has a metric, the values are the same.

A clip is classified as fake when its score reaches the threshold. The metrics:

- `accuracy`: the share of clips that are classified correctly.
- `precision`: of the clips classified as fake, the share that is fake.
- `recall`: of the fake clips, the share that is classified as fake.
- `balanced_accuracy`: the mean of the shares of fake and of real clips that are classified correctly.
- `f1`: the harmonic mean of precision and recall.
- `auc`: the share of all pairs of a fake and a real clip in which the fake has the higher score; ties count half.
- `average_precision`: the mean of the precision at each threshold, weighted by how much recall grows there.
- `log_loss`: the mean negative logarithm of the probability that the scores give to the true class.
- `brier`: the mean squared difference between the score and the label.
- `eer`: the equal error rate. At one threshold, the false alarm rate (of the real clips, the share classified as
  fake) and the miss rate (of the fake clips, the share classified as real) are equal; it is the rate there.
- `ece`: the expected calibration error. Scores are sorted into 15 bins of equal width; it is the mean distance between
  a bin's mean score and its share of fakes, weighted by the clips in the bin (Guo et al., 2017).
"""

from typing import Literal, get_args

import numpy as np

from dfutils.auc import auc_of_weights, weights_by_score

Metric = Literal[
    "accuracy",
    "precision",
    "recall",
    "balanced_accuracy",
    "f1",
    "auc",
    "average_precision",
    "log_loss",
    "brier",
    "eer",
    "ece",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
ECE_BINS = 15
_CLIP = 1e-7


def weighted_metrics(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray, threshold: float | np.ndarray
) -> dict[str, np.ndarray]:
    """Compute every metric under every weighting.

    Args:
        labels: int array [N]; 1 = fake, 0 = real.
        scores: float array [N], P(fake).
        weights: float array [B, N]. One row per weighting, with a sum above 0.
        threshold: float, or float array [N] with a threshold for each clip, as in cross-validation, where every fold
            has its own. A clip is classified as fake when score >= threshold.

    Returns:
        dict. {metric: float64 array [B]}, NaN where a metric is undefined: AUC, EER and balanced accuracy under
        weights that leave one class only, average precision without a fake. Precision, recall and F1 are 0 where
        they would divide by 0, as with scikit-learn's `zero_division=0`. For log loss, scores are clipped to
        [1e-7, 1 - 1e-7].
    """
    labels, scores = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    weights = np.asarray(weights, np.float64)
    called_fake = (scores >= threshold).astype(np.float64)
    total = weights.sum(1)
    fakes = weights @ labels
    reals = total - fakes
    hits = weights @ (labels * called_fake)
    alarms = weights @ ((1 - labels) * called_fake)
    recall, specificity = _ratio(hits, fakes), _ratio(reals - alarms, reals)
    clipped = np.clip(scores, _CLIP, 1 - _CLIP)
    losses = -(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped))
    values = {
        "accuracy": (hits + reals - alarms) / total,
        "precision": _ratio(hits, hits + alarms),
        "recall": recall,
        "balanced_accuracy": np.where((fakes > 0) & (reals > 0), (recall + specificity) / 2, np.nan),
        "f1": _ratio(2 * hits, fakes + hits + alarms),
        "log_loss": weights @ losses / total,
        "brier": weights @ (labels - scores) ** 2 / total,
        "ece": _calibration_error(labels, scores, weights),
    }
    values |= ranking_metrics(labels, scores, weights)
    return {name: values[name] for name in METRICS}


def ranking_metrics(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the metrics that depend only on the order of the scores: AUC, average precision and EER.

    Args:
        labels, scores, weights: As for `weighted_metrics`. Here a row of weights may have the sum 0.

    Returns:
        dict. {metric: float64 array [B]}, NaN where a metric is undefined.
    """
    fakes, reals = weights_by_score(labels, scores, weights)
    fakes_above, reals_above = np.cumsum(fakes, 1), np.cumsum(reals, 1)
    all_fakes, all_reals = fakes_above[:, -1], reals_above[:, -1]
    one_class = (all_fakes == 0) | (all_reals == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = _ratio(fakes_above, fakes_above + reals_above)
        average_precision = (fakes * precision).sum(1) / all_fakes
        misses, alarms = 1 - fakes_above / all_fakes[:, None], reals_above / all_reals[:, None]
    return {
        "auc": auc_of_weights(fakes, reals),
        "average_precision": np.where(all_fakes == 0, np.nan, average_precision),
        "eer": np.where(one_class, np.nan, _equal_error_rate(misses, alarms)),
    }


def _equal_error_rate(misses: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """Return the equal error rate: the miss rate equals the false alarm rate. It is interpolated between thresholds.

    Args:
        misses, alarms: float arrays [B, thresholds]. Both rates, from the highest threshold down.

    Returns:
        float array [B].
    """
    misses = np.pad(misses, ((0, 0), (1, 0)), constant_values=1.0)
    alarms = np.pad(alarms, ((0, 0), (1, 0)), constant_values=0.0)
    gap = alarms - misses
    after = np.argmax(gap >= 0, axis=1)
    before, rows = np.maximum(after - 1, 0), np.arange(len(gap))
    rise = gap[rows, after] - gap[rows, before]
    step = _ratio(-gap[rows, before], rise)
    return alarms[rows, before] + step * (alarms[rows, after] - alarms[rows, before])


def _calibration_error(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the expected calibration error, over bins of equal width."""
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.zeros((len(scores), ECE_BINS))
    gaps[np.arange(len(scores)), bins] = labels - scores
    return np.abs(weights @ gaps).sum(1) / weights.sum(1)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return numerator / denominator, and 0 where the denominator is 0."""
    zeros = np.zeros(np.broadcast(numerator, denominator).shape)
    return np.divide(numerator, denominator, out=zeros, where=denominator != 0)
