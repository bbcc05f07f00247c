"""Compute all metrics of weighted clips, for many sets of weights at once.

A resample of groups is a set of weights: each clip's weight is how often its group was drawn. With weights, thousands
of resamples need only a few matrix products. Metrics that scikit-learn has too have the same values as in scikit-learn.

A clip is classified as fake when its score is equal to or above the threshold. The metrics:

- `accuracy`: the share of clips that are classified correctly.
- `precision`: the share of fake clips among the clips that are classified as fake.
- `recall`: the share of the fake clips that is classified as fake.
- `balanced_accuracy`: the mean of two shares: of the fake clips and of the real clips that are classified correctly.
- `f1`: the harmonic mean of precision and recall.
- `auc`: the share of all pairs of a fake and a real clip in which the fake clip has the higher score; ties count half.
- `average_precision`: the mean of the precision at each threshold, weighted by the increase in recall there.
- `log_loss`: the mean negative logarithm of the probability that the scores give to the true class.
- `brier`: the mean squared difference between the score and the label.
- `eer`: the equal error rate. It is the error rate at the threshold at which the false-positive rate (the share of the
  real clips that is classified as fake) equals the miss rate (the share of the fake clips that is classified as real).
- `recall_at_fpr_01`, `recall_at_fpr_05`: the largest recall of all thresholds at which at most 1 %, or 5 %, of the real
  clips are classified as fake.
- `aurc`: the area under the risk-coverage curve (Geifman and El-Yaniv, 2017). Clips are sorted by their distance from
  the threshold. The risk is the share of wrong classifications among the clips down to each one, and the metric is its
  mean. It is low if a detector that may leave out doubtful clips is wrong about few of the others.
- `ece`: the expected calibration error (Guo et al., 2017). Scores are divided into 15 bins of equal width. The error of
  a bin is the distance between its mean score and its share of fakes. The metric is the mean error of the bins,
  weighted by the number of clips in the bin.
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
    "recall_at_fpr_01",
    "recall_at_fpr_05",
    "aurc",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
ECE_BINS = 15
_CLIP = 1e-7
_ROUNDING = 1e-12  # rates that differ by less than this count as equal


def weighted_metrics(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray, threshold: float | np.ndarray
) -> dict[str, np.ndarray]:
    """Compute all metrics for each set of weights.

    Args:
        labels: int array [N]; 1 = fake, 0 = real.
        scores: float array [N], P(fake).
        weights: float array [B, N]. One row per set of weights. The sum of a row must be above 0.
        threshold: float, or float array [N] with one threshold per clip. (In cross-validation, each fold has its own
            threshold.) A clip is classified as fake when score >= threshold.

    Returns:
        dict. {metric: float64 array [B]}, NaN where a metric is undefined. AUC, EER, balanced accuracy and recall at a
        false-positive rate are undefined if only one class has a weight above 0. Average precision is undefined if no
        fake clip has one. Precision, recall and F1 are 0 where they would divide by 0, as with scikit-learn's
        `zero_division=0`. For log loss, scores are clipped to [1e-7, 1 - 1e-7].
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
        "aurc": _risk_coverage_area(labels != called_fake, np.abs(scores - threshold), weights),
    }
    values |= ranking_metrics(labels, scores, weights)
    return {name: values[name] for name in METRICS}


def share_of(metric: str, labels: np.ndarray) -> int | None:
    """Return the number of clips that a metric is a share of, for `dfutils.bootstrap.Resamples.interval`.

    Args:
        metric: str. A name in `METRICS`.
        labels: int array [N]; 1 = fake, 0 = real.

    Returns:
        int. The number of fake clips for recall and precision. The number of clips of the rarer class for the EER. None
        for log loss, Brier score, ECE and AURC, which are not shares. The number of all clips for all other metrics.
    """
    fakes = int(np.sum(labels))
    if metric in ("log_loss", "brier", "ece", "aurc"):
        return None
    if metric in ("recall", "precision", "recall_at_fpr_01", "recall_at_fpr_05"):
        return fakes
    return min(fakes, len(labels) - fakes) if metric == "eer" else len(labels)


def ranking_metrics(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the metrics that depend only on the order of the scores: AUC, average precision, EER, recall at an FPR.

    Args:
        labels, scores, weights: As for `weighted_metrics`, but the sum of a row of weights may be 0.

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
        "recall_at_fpr_01": np.where(one_class, np.nan, _recall_at(0.01, misses, alarms)),
        "recall_at_fpr_05": np.where(one_class, np.nan, _recall_at(0.05, misses, alarms)),
    }


def _equal_error_rate(misses: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """Return the error rate where miss rate and false-positive rate are equal, interpolated between thresholds.

    Args:
        misses, alarms: float arrays [B, thresholds]. The miss rates and the false-positive rates, from the highest to
            the lowest threshold.

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


def _recall_at(rate: float, misses: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """Return the largest recall at a false-positive rate of at most `rate`; the arrays are as for the EER."""
    return np.where(alarms <= rate + _ROUNDING, 1 - misses, 0.0).max(1, initial=0.0)


def _risk_coverage_area(wrong: np.ndarray, confidence: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean error rate of the most confident clips, over all coverages. Equal confidences are one step."""
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True))
    covered = np.cumsum(weights[:, order], 1)[:, ends]
    errors = np.cumsum(weights[:, order] * wrong[order], 1)[:, ends]
    steps = np.diff(covered, axis=1, prepend=0.0)
    return (steps * _ratio(errors, covered)).sum(1) / covered[:, -1]


def _calibration_error(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the expected calibration error, with bins of equal width."""
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.zeros((len(scores), ECE_BINS))
    gaps[np.arange(len(scores)), bins] = labels - scores
    return np.abs(weights @ gaps).sum(1) / weights.sum(1)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide two arrays. The result is 0 where the denominator is 0."""
    zeros = np.zeros(np.broadcast(numerator, denominator).shape)
    return np.divide(numerator, denominator, out=zeros, where=denominator != 0)
