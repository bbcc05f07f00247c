"""Evaluate the scores of one detector: compute all metrics with 95 % intervals, and count the clips with a score."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dfutils.auc import reversed_remark
from dfutils.bootstrap import Resamples, group_codes, group_remarks, resample
from dfutils.evaluation.metrics import METRICS, share_of, weighted_metrics
from dfutils.evaluation.predictions import check_threshold, scored_rows


@dataclass(frozen=True)
class Evaluation:
    """The metrics of one detector on one set of clips.

    Args:
        table: DataFrame indexed by metric. Columns: value, low and high; low and high are the ends of the 95 %
            interval. Undefined values are NaN.
        confusion: DataFrame. The confusion matrix: the number of clips by true class (rows `real`, `fake`) and by the
            class that they are classified as (columns `real`, `fake`).
        roc: DataFrame. The ROC curve. Columns: fpr (false-positive rate), tpr (recall) and threshold. Empty if there
            are no real or no fake clips.
        threshold: float. A clip is classified as fake when score >= threshold.
        n_clips: int. The number of all clips, with and without a score.
        n_scored: int. The number of clips that have a score.
        n_real, n_fake, n_groups: int. The numbers of real clips, fake clips and groups among the clips with a score.
        remarks: list of str. Warnings about the metrics and intervals.
    """

    table: pd.DataFrame
    confusion: pd.DataFrame = field(repr=False)
    roc: pd.DataFrame = field(repr=False)
    threshold: float
    n_clips: int
    n_scored: int
    n_real: int
    n_fake: int
    n_groups: int
    remarks: list[str]

    @property
    def display(self) -> pd.DataFrame:
        """The table of metrics with rounded values as text. Undefined values are shown as `–`."""
        text = self.table.map("{:.3f}".format).replace("nan", "–")
        return text.rename_axis(index=None, columns="metric")

    @property
    def worst_case_accuracy(self) -> float:
        """The accuracy over all clips, where clips without a score count as classified wrongly."""
        correct = self.confusion.loc["real", "real"] + self.confusion.loc["fake", "fake"]
        return float(correct / self.n_clips)

    def to_record(self) -> dict[str, Any]:
        """Return the evaluation as a dict that can be written as JSON. Undefined values are None."""
        metrics = {
            name: {column: None if math.isnan(x) else float(x) for column, x in row.items()}
            for name, row in self.table.iterrows()
        }
        counts = {
            name: getattr(self, name) for name in ("n_clips", "n_scored", "n_real", "n_fake", "n_groups")
        }
        return metrics | counts | {"threshold": self.threshold, "remarks": list(self.remarks)}


@dataclass(frozen=True)
class MajorityLine:
    """The accuracy of a detector that classifies every clip as the majority class.

    Args:
        called: str. The majority class, `"real"` or `"fake"`.
        accuracy: float. The share of the majority class among the clips with a score.
    """

    called: str
    accuracy: float


def evaluate(
    predictions: pd.DataFrame, *, threshold: float = 0.5, n_bootstrap: int = 2000, seed: int = 7
) -> Evaluation:
    """Compute all metrics of a detector's scores, with 95 % intervals.

    For the intervals, groups are resampled with replacement, and not clips (the cluster bootstrap), because clips of
    the same group are not independent evidence. The ends of an interval are percentiles of the resampled values,
    corrected for bias and skewness (BCa). With few groups or few errors, they are widened: see `dfutils.bootstrap`.

    Args:
        predictions: DataFrame. Columns: clip_id, label, group and score, as `score` returns them. All rows are used:
            first select the rows of the split to evaluate. Clips without a score are counted, but they are not in the
            metrics.
        threshold: float in [0, 1]. A clip is classified as fake when score >= threshold. Defaults to 0.5.
        n_bootstrap: int. Number of resamples; 0 gives no intervals. Defaults to 2000.
        seed: int. Seed of the resamples. Defaults to 7.

    Returns:
        Evaluation.

    Raises:
        DataError: If no clip has a score, a scored clip has no label or group, a clip appears twice, or a score is
            not in [0, 1].
        SettingsError: If the threshold, `n_bootstrap` (0, or at least 20) or the seed is out of range.

    Example:
        >>> import pandas as pd
        >>> from dfutils import evaluation
        >>> predictions = pd.DataFrame(
        ...     {"clip_id": list("abcd"), "label": [0, 0, 1, 1], "group": list("wxyz"), "score": [0.1, 0.6, 0.4, 0.9]}
        ... )
        >>> result = evaluation.evaluate(predictions, n_bootstrap=0)
        >>> print(result.table.loc["auc", "value"], "of", result.n_scored, "clips")
        0.75 of 4 clips
    """
    check_threshold(threshold)
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    codes = group_codes(scored["group"])

    def metrics(weights: np.ndarray) -> dict[str, np.ndarray]:
        return weighted_metrics(labels, scores, weights, threshold)

    values = metrics(np.ones((1, len(scored))))
    resamples = resample(codes, labels, metrics, n_bootstrap=n_bootstrap, seed=seed)
    varies = np.ptp(scores) > 0  # what equal scores give is fixed, such as a recall of 1, and is no estimate
    table = pd.DataFrame(
        [
            (value, *resamples.interval(name, value, share_of=share_of(name, labels) if varies else None))
            for name, (value,) in values.items()
        ],
        index=pd.Index(METRICS, name="metric"),
        columns=["value", "low", "high"],
    )
    called_fake = scores >= threshold
    return Evaluation(
        table=table,
        confusion=_confusion(labels, called_fake),
        roc=_roc(labels, scores),
        threshold=float(threshold),
        n_clips=len(predictions),
        n_scored=len(scored),
        n_real=int((labels == 0).sum()),
        n_fake=int((labels == 1).sum()),
        n_groups=int(codes.max()) + 1,
        remarks=_remarks(predictions, labels, called_fake, resamples, table),
    )


def majority_line(predictions: pd.DataFrame) -> MajorityLine:
    """Compute the accuracy of classifying every clip as the majority class.

    Args:
        predictions: DataFrame. As for `evaluate`.

    Returns:
        MajorityLine.

    Raises:
        DataError: As `evaluate`.
    """
    share = float(scored_rows(predictions)["label"].mean())
    return MajorityLine("fake" if share >= 0.5 else "real", max(share, 1 - share))


def _confusion(labels: np.ndarray, called_fake: np.ndarray) -> pd.DataFrame:
    counts = [[int(((labels == truth) & (called_fake == call)).sum()) for call in (0, 1)] for truth in (0, 1)]
    classes = ["real", "fake"]
    return pd.DataFrame(counts, index=pd.Index(classes, name="is"), columns=pd.Index(classes, name="called"))


def _roc(labels: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    from sklearn.metrics import roc_curve

    if len(set(labels)) < 2:
        return pd.DataFrame(columns=["fpr", "tpr", "threshold"], dtype=float)
    return pd.DataFrame(dict(zip(("fpr", "tpr", "threshold"), roc_curve(labels, scores), strict=True)))


def _remarks(
    predictions: pd.DataFrame,
    labels: np.ndarray,
    called_fake: np.ndarray,
    resamples: Resamples,
    table: pd.DataFrame,
) -> list[str]:
    remarks = []
    unscored = len(predictions) - len(labels)
    if unscored:
        remarks.append(
            f"{unscored} of {len(predictions)} clips have no score. They are left out of the metrics."
        )
    if len(set(labels)) < 2:
        only, absent = ("fake", "real") if labels[0] == 1 else ("real", "fake")
        remarks.append(
            f"All scored clips are {only}: AUC, EER and balanced accuracy are undefined"
            f"{', and so is average precision' if only == 'real' else ''}. Ignore the metrics that count {absent} "
            "clips."
        )
    if not called_fake.any():
        remarks.append("No clip is classified as fake: precision, recall and F1 are 0 by convention.")
    if remark := reversed_remark(*table.loc["auc", ["low", "high"]]):
        remarks.append(remark)
    remarks += group_remarks(resamples)
    names = {"accuracy": "accuracy", "auc": "AUC"}
    constant = [words for name, words in names.items() if np.ptp(resamples.values.get(name, [0, 1])) == 0]
    if constant and predictions["score"].nunique() > 1:  # if all scores are equal, the AUC is always 0.5
        # Hanley and Lippman-Hand, 1983: after n successes, 3/n bounds the error rate at 95 %.
        bound = min(1.0, 3 / resamples.n_groups)
        remarks.append(
            f"Every resample gave the same {' and '.join(constant)}. This does not prove that the value is certain: "
            f"with {resamples.n_groups} groups, up to about {bound:.0%} of new groups may still have a different "
            "result (rule of three)."
        )
    return remarks
