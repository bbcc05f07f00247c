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

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np

from dfutils.auc import RankedWeights, cumulative, sum_of_products

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
_RANKING = ("auc", "average_precision", "eer", "recall_at_fpr_01", "recall_at_fpr_05")
ECE_BINS = 15
_CLIP = 1e-7
_ROUNDING = 1e-12  # rates that differ by less than this count as equal


def weighted_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray,
    threshold: float | np.ndarray,
    *,
    metrics: Sequence[Metric] = METRICS,
) -> dict[str, np.ndarray]:
    """Compute metrics for each set of weights.

    Args:
        labels: int array [N]; 1 = fake, 0 = real.
        scores: float array [N], P(fake).
        weights: float array [B, N]. One row per set of weights. The sum of a row must be above 0. Fastest as float32,
            and if its transpose is contiguous. The metrics have the precision of the weights.
        threshold: float, or float array [N] with one threshold per clip. (In cross-validation, each fold has its own
            threshold.) A clip is classified as fake when score >= threshold.
        metrics: sequence of str. The metrics that are needed. Defaults to all.

    Returns:
        dict. {metric: float64 array [B]}, NaN where a metric is undefined. AUC, EER, balanced accuracy and recall at a
        false-positive rate are undefined if only one class has a weight above 0. Average precision is undefined if no
        fake clip has one. Precision, recall and F1 are 0 where they would divide by 0, as with scikit-learn's
        `zero_division=0`. For log loss, scores are clipped to [1e-7, 1 - 1e-7].
    """
    labels, scores = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    called_fake = scores >= threshold
    values: dict[str, np.ndarray] = {}
    if not set(metrics) <= {*_RANKING, "aurc"}:
        values |= _sums_over_clips(labels, scores, weights, called_fake)
    if not set(_RANKING).isdisjoint(metrics):
        values |= ranking_metrics(labels, scores, weights)
    if "aurc" in metrics:
        values["aurc"] = _risk_coverage_area(labels != called_fake, np.abs(scores - threshold), weights)
    return {name: values[name] for name in metrics}


def _sums_over_clips(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray, called_fake: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the metrics that need only sums over the clips, so that one matrix product gives all of them."""
    losses = log_losses(labels, scores)
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.where(bins[:, None] == np.arange(ECE_BINS), (labels - scores)[:, None], 0.0)
    parts = [np.ones(len(labels)), labels, labels * called_fake, (1 - labels) * called_fake]
    per_clip = np.column_stack([*parts, losses, (labels - scores) ** 2, gaps])
    sums = (weights @ per_clip.astype(weights.dtype)).astype(np.float64)
    total, fakes, hits, alarms, loss, squares = sums.T[: len(parts) + 2]
    reals = total - fakes
    recall, specificity = _ratio(hits, fakes), _ratio(reals - alarms, reals)
    return {
        "accuracy": (hits + reals - alarms) / total,
        "precision": _ratio(hits, hits + alarms),
        "recall": recall,
        "balanced_accuracy": np.where((fakes > 0) & (reals > 0), (recall + specificity) / 2, np.nan),
        "f1": _ratio(2 * hits, fakes + hits + alarms),
        "log_loss": loss / total,
        "brier": squares / total,
        "ece": np.abs(sums[:, len(parts) + 2 :]).sum(1) / total,
    }


def log_losses(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the log loss of each clip, float64 [N]. Scores are clipped to [1e-7, 1 - 1e-7]."""
    clipped = np.clip(scores, _CLIP, 1 - _CLIP)
    losses: np.ndarray = -(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped))
    return losses


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
    ranked = RankedWeights.of(labels, scores, weights)
    all_fakes, all_reals = ranked.totals()
    one_class = (all_fakes == 0) | (all_reals == 0)
    at_score = ranked.fakes_above[ranked.fakes_from[ranked.of_fake]]
    called_fake = at_score + ranked.reals_above[ranked.reals_from[ranked.of_fake]]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.divide(at_score, called_fake, out=at_score, where=called_fake > 0)
        average_precision = sum_of_products(ranked.fakes, precision) / all_fakes
        rates = _Rates(ranked)
        return {
            "auc": ranked.auc(),
            "average_precision": np.where(all_fakes == 0, np.nan, average_precision),
            "eer": np.where(one_class, np.nan, rates.equal_error_rate()),
            "recall_at_fpr_01": np.where(one_class, np.nan, rates.recall_at(0.01)),
            "recall_at_fpr_05": np.where(one_class, np.nan, rates.recall_at(0.05)),
        }


class _Rates:
    """The miss rate and the false-positive rate at each threshold, from above the highest score to the lowest one."""

    def __init__(self, ranked: RankedWeights) -> None:
        self._ranked, self._totals = ranked, ranked.totals()
        self._fakes_from = np.concatenate([[0], ranked.fakes_from])
        self._reals_from = np.concatenate([[0], ranked.reals_from])
        self._columns = np.arange(ranked.fakes.shape[1])

    def equal_error_rate(self) -> np.ndarray:
        """Return the error rate where both rates are equal, interpolated between thresholds, float [B]."""
        after = self._first(lambda step: self._alarms(step) >= self._misses(step))
        after = np.minimum(after, len(self._fakes_from) - 1)  # it is too large where a class has no weight
        before = np.maximum(after - 1, 0)
        gaps = [self._alarms(step) - self._misses(step) for step in (before, after)]
        share = _ratio(-gaps[0], gaps[1] - gaps[0])
        alarms = [self._alarms(step) for step in (before, after)]
        rate: np.ndarray = alarms[0] + share * (alarms[1] - alarms[0])
        return rate

    def recall_at(self, rate: float) -> np.ndarray:
        """Return the largest recall at a false-positive rate of at most `rate`, float [B]."""
        too_many = self._first(lambda step: self._alarms(step) > rate + _ROUNDING)
        return 1 - self._misses(too_many - 1)

    def _first(self, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the first step at which a condition holds that stays true from there on, int [B].

        It is found by bisection. The result is the number of steps where the condition never holds.
        """
        low = np.zeros(len(self._columns), int)
        high = np.full(len(self._columns), len(self._fakes_from))
        while (low < high).any():
            middle = np.minimum((low + high) // 2, len(self._fakes_from) - 1)
            true = holds(middle)
            high = np.where(true & (low < high), middle, high)
            low = np.where(~true & (low < high), middle + 1, low)
        return high

    def _misses(self, step: np.ndarray) -> np.ndarray:
        fakes = self._ranked.fakes_above
        return 1 - fakes[self._fakes_from[step], self._columns] / self._totals[0]

    def _alarms(self, step: np.ndarray) -> np.ndarray:
        reals = self._ranked.reals_above
        return reals[self._reals_from[step], self._columns] / self._totals[1]


def _risk_coverage_area(wrong: np.ndarray, confidence: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean error rate of the most confident clips, over all coverages. Equal confidences are one step."""
    order = np.argsort(-confidence, kind="stable")
    by_clip = weights.T[order]
    ends = np.searchsorted(-confidence[order], -confidence[order], side="right")
    covered = cumulative(by_clip)
    errors = cumulative(by_clip[wrong[order]])[np.cumsum(np.append(0, wrong[order]))[ends]]
    total = covered[-1]
    at_end = covered[1:] if np.array_equal(ends, np.arange(1, len(ends) + 1)) else covered[ends]
    risk = np.divide(errors, at_end, out=errors, where=at_end > 0)
    return sum_of_products(by_clip, risk) / total


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide two arrays. The result is 0 where the denominator is 0."""
    zeros = np.zeros(np.broadcast(numerator, denominator).shape)
    return np.divide(numerator, denominator, out=zeros, where=denominator != 0)
