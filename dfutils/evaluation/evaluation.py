"""What a detector's scores are worth: every metric with a 95 % interval by group, beside its coverage."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, group_remarks, resample
from dfutils.evaluation.metrics import METRICS, weighted_metrics
from dfutils.evaluation.predictions import check_threshold, scored_rows


@dataclass(frozen=True)
class Evaluation:
    """What was found out about a table of predictions.

    Args:
        table: DataFrame indexed by metric, columns value, low and high: the 95 % interval.
        confusion: DataFrame. Clips by true class (rows `real`, `fake`) and called class (columns).
        roc: DataFrame. fpr, tpr and threshold, from (0, 0) to (1, 1); empty without both classes.
        threshold: float. Fake when score >= threshold.
        n_clips, n_scored: int. Clips given, and those of them with a score.
        n_real, n_fake, n_groups: int. Of the scored clips.
        remarks: list of str. What a reader of the numbers should know.
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
        """The table as text for a reader, `–` where a metric cannot be had."""
        text = self.table.map("{:.3f}".format).replace("nan", "–")
        return text.rename_axis(index=None, columns="metric")

    @property
    def worst_case_accuracy(self) -> float:
        """Accuracy over all clips given, where a clip without a score counts as wrong."""
        right = self.confusion.loc["real", "real"] + self.confusion.loc["fake", "fake"]
        return float(right / self.n_clips)

    def to_record(self) -> dict:
        """Return plain values for results.json; None where a metric cannot be had."""
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
    """What always naming the commoner class scores.

    Args:
        called: str. `"real"` or `"fake"`.
        accuracy: float.
    """

    called: str
    accuracy: float


def evaluate(
    predictions: pd.DataFrame, threshold: float = 0.5, n_bootstrap: int = 2000, seed: int = 7
) -> Evaluation:
    """Evaluate scores at video level.

    Groups, not clips, are resampled with replacement (the cluster bootstrap), because clips of one
    group are no independent evidence; the ends of the interval are percentiles of the resamples, corrected for bias
    and skewness (BCa) and widened for few groups: see `dfutils.resampling`.

    Args:
        predictions: DataFrame. clip_id, label, group and score; all rows count, and those without a score
            are left out and counted.
        threshold: float in [0, 1]. Fake when score >= threshold. Defaults to 0.5.
        n_bootstrap: int. Resamples; 0 gives no intervals. Defaults to 2000.
        seed: int. Defaults to 7.

    Returns:
        Evaluation.

    Raises:
        DataError: If no clip has a score, a scored clip has no label or group, a clip is there twice, or
            a score is not in [0, 1].
        SettingsError: If the threshold, `n_bootstrap` (0, or at least 20) or the seed is out of range.
    """
    check_threshold(threshold)
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    codes = group_codes(scored["group"])
    value = weighted_metrics(labels, scores, np.ones((1, len(scored))), threshold)
    resamples = resample(
        codes,
        labels,
        lambda w: weighted_metrics(labels, scores, w, threshold),
        n_bootstrap=n_bootstrap,
        seed=seed,
    )
    table = pd.DataFrame(
        [(value[name][0], *resamples.interval(name, value[name][0])) for name in METRICS],
        index=pd.Index(METRICS, name="metric"),
        columns=["value", "low", "high"],
    )
    called = scores >= threshold
    confusion = pd.DataFrame(
        [[int(((labels == truth) & (called == call)).sum()) for call in (0, 1)] for truth in (0, 1)],
        index=pd.Index(["real", "fake"], name="is"),
        columns=pd.Index(["real", "fake"], name="called"),
    )
    n_groups = int(codes.max()) + 1
    return Evaluation(
        table,
        confusion,
        _roc(labels, scores),
        float(threshold),
        len(predictions),
        len(scored),
        int((labels == 0).sum()),
        int((labels == 1).sum()),
        n_groups,
        _remarks(predictions, labels, called, resamples, table),
    )


def majority_line(predictions: pd.DataFrame) -> MajorityLine:
    """Return what always naming the commoner class of the scored clips would score.

    Args:
        predictions: DataFrame. As for `evaluate`.
    """
    share = float(scored_rows(predictions)["label"].mean())
    return MajorityLine("fake" if share >= 0.5 else "real", max(share, 1 - share))


def _roc(labels: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    from sklearn.metrics import roc_curve

    if len(set(labels)) < 2:
        return pd.DataFrame(columns=["fpr", "tpr", "threshold"], dtype=float)
    return pd.DataFrame(dict(zip(("fpr", "tpr", "threshold"), roc_curve(labels, scores), strict=True)))


def _remarks(predictions, labels, called, resamples, table) -> list[str]:
    remarks = []
    without = len(predictions) - len(labels)
    if without:
        remarks.append(f"{without} of {len(predictions)} clips have no score and are in no metric.")
    if len(set(labels)) < 2:
        only = "fake" if labels[0] == 1 else "real"
        absent = "real" if labels[0] == 1 else "fake"
        remarks.append(
            f"All scored clips are {only}: AUC, EER and balanced accuracy cannot be had"
            f"{', nor average precision' if only == 'real' else ''}, and what counts {absent} clips is empty."
        )
    if not called.any():
        remarks.append("No clip is called fake: precision, recall and F1 are 0 by convention.")
    remarks += group_remarks(resamples)
    names = {"accuracy": "accuracy", "auc": "AUC"}
    same = [words for name, words in names.items() if table.loc[name, "low"] == table.loc[name, "high"]]
    same = [] if predictions["score"].nunique() == 1 else same  # of a constant, that is no wonder
    if same:
        # Hanley and Lippman-Hand, 1983: after n successes, 3/n bounds the error at 95 %.
        bound = min(1.0, 3 / resamples.n_groups)
        remarks.append(
            f"Every resample gave the same {' and '.join(same)}, which is no proof of certainty: with "
            f"{resamples.n_groups} groups, another outcome may still await up to about {bound:.0%} of new groups "
            "(rule of three)."
        )
    return remarks
