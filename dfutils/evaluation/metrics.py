"""Every metric of a weighted sample of clips, for many weightings at once.

A resample of groups is a whole-number weight on every clip, so that thousands of resamples are a few
matrix products. The values are scikit-learn's, where it has the metric.
"""

import numpy as np

from dfutils.auc import auc_of_weights, weights_by_score

METRICS = (
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
)
ECE_BINS = 15
_CLIP = 1e-7


def weighted_metrics(labels, scores, weights, threshold: float) -> dict[str, np.ndarray]:
    """Compute every metric under every weighting.

    Args:
        labels: int array [N]; 1 = fake, 0 = real.
        scores: float array [N], P(fake).
        weights: float array [B, N]. One row a weighting; row sums above 0.
        threshold: float. Fake when score >= threshold.

    Returns:
        dict. {metric: float64 array [B]}, NaN where the metric is not defined: AUC, EER and balanced accuracy under
        weights that leave one class only, average precision without a fake. Precision, recall and F1 without a
        positive are 0, as scikit-learn's `zero_division=0` has it.
    """
    labels, scores = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    weights = np.asarray(weights, np.float64)
    called = (scores >= threshold).astype(np.float64)
    total = weights.sum(1)
    fakes = weights @ labels
    reals = total - fakes
    hits = weights @ (labels * called)
    alarms = weights @ ((1 - labels) * called)
    recall, specificity = _ratio(hits, fakes), _ratio(reals - alarms, reals)
    clipped = np.clip(scores, _CLIP, 1 - _CLIP)
    surprise = -(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped))
    result = {
        "accuracy": (hits + reals - alarms) / total,
        "precision": _ratio(hits, hits + alarms),
        "recall": recall,
        "balanced_accuracy": np.where((fakes > 0) & (reals > 0), (recall + specificity) / 2, np.nan),
        "f1": _ratio(2 * hits, fakes + hits + alarms),
        "log_loss": weights @ surprise / total,
        "brier": weights @ (labels - scores) ** 2 / total,
        "ece": _calibration_error(labels, scores, weights, total),
    }
    result |= ranking_metrics(labels, scores, weights)
    return {name: result[name] for name in METRICS}


def ranking_metrics(labels, scores, weights) -> dict[str, np.ndarray]:
    """Compute the metrics that depend on the order of the scores alone: AUC, average precision and EER.

    Args:
        labels, scores, weights: As for `weighted_metrics`; row sums may be 0.

    Returns:
        dict. {metric: float64 array [B]}, NaN where the metric is not defined.
    """
    fake_here, real_here = weights_by_score(labels, scores, weights)
    fake_above, real_above = np.cumsum(fake_here, 1), np.cumsum(real_here, 1)
    fakes, reals = fake_above[:, -1], real_above[:, -1]
    one_class = (fakes == 0) | (reals == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = _ratio(fake_above, fake_above + real_above)
        precision = (fake_here * share).sum(1) / fakes
        missed, alarms = 1 - fake_above / fakes[:, None], real_above / reals[:, None]
    return {
        "auc": auc_of_weights(fake_here, real_here),
        "average_precision": np.where(fakes == 0, np.nan, precision),
        "eer": np.where(one_class, np.nan, _equal_error_rate(missed, alarms)),
    }


def _equal_error_rate(missed: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """Return where the line between two thresholds crosses `missed == alarms`."""
    missed = np.pad(missed, ((0, 0), (1, 0)), constant_values=1.0)
    alarms = np.pad(alarms, ((0, 0), (1, 0)), constant_values=0.0)
    gap = alarms - missed
    after = np.argmax(gap >= 0, axis=1)
    before, rows = np.maximum(after - 1, 0), np.arange(len(gap))
    rise = gap[rows, after] - gap[rows, before]
    step = _ratio(-gap[rows, before], rise)
    return alarms[rows, before] + step * (alarms[rows, after] - alarms[rows, before])


def _calibration_error(labels, scores, weights, total) -> np.ndarray:
    """Return the expected calibration error over equal-width bins of P(fake) (Guo et al., 2017)."""
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.zeros((len(scores), ECE_BINS))
    gaps[np.arange(len(scores)), bins] = labels - scores
    return np.abs(weights @ gaps).sum(1) / total


def _ratio(a, b) -> np.ndarray:
    """Return a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=np.asarray(b) != 0)
