"""Tables between the rooms and for the reader: predictions, coverage, comparisons."""

import math

import numpy as np
import pandas as pd

from dfutils.errors import STATUSES, DataError
from dfutils.evaluation.evaluate import Evaluation, check_columns, check_metrics
from dfutils.workspace import PREDICTION_COLUMNS

_HEADLINES = ("accuracy", "precision", "recall", "auc", "log_loss")


def predictions_table(coverage: pd.DataFrame, clip_ids, scores) -> pd.DataFrame:
    """Lay scores beside all clips; a clip that was not scored keeps its row, without a score.

    Args:
        coverage: DataFrame. As `FeatureSet.coverage`: every clip with its status.
        clip_ids: sequence of str. The clips that were scored.
        scores: float array, as long. P(fake).

    Returns:
        DataFrame with the columns of `dfutils.workspace.PREDICTION_COLUMNS`.

    Raises:
        DataError: If a scored clip is not in the coverage or there twice, a score is no number, or there are not as
            many as clips.
    """
    check_columns(coverage, [name for name in PREDICTION_COLUMNS if name != "score"], "Coverage tables")
    clip_ids, scores = [str(clip_id) for clip_id in clip_ids], np.asarray(scores)
    if scores.shape != (len(clip_ids),) or scores.dtype.kind not in "fiu":
        raise DataError(
            f"Give one number for each of the {len(clip_ids)} clips. Received: {scores.dtype} {list(scores.shape)}"
        )
    lost = [clip_id for clip_id, score in zip(clip_ids, scores, strict=True) if np.isnan(score)]
    if lost:
        raise DataError(f"The score of the clip {lost[0]!r} is no number.")
    by_clip = dict(zip(clip_ids, scores.astype(float), strict=True))
    if len(by_clip) < len(scores):
        raise DataError("A clip was scored twice. Give each clip once.")
    strangers = set(by_clip) - set(coverage["clip_id"])
    if strangers:
        raise DataError(f"The scored clip {min(strangers)!r} is not in the coverage table.")
    table = coverage.assign(score=coverage["clip_id"].map(by_clip).astype(float))
    return table[list(PREDICTION_COLUMNS)].reset_index(drop=True)


def coverage_table(coverage: pd.DataFrame) -> pd.DataFrame:
    """Count clips by class and status.

    Args:
        coverage: DataFrame with label and status.

    Returns:
        DataFrame. Rows real, fake (and unknown, where there are any) and all; a column for each status
        that occurs, then `clips` and `share ok`.
    """
    check_columns(coverage, ["label", "status"], "Coverage tables")
    strange = coverage["status"][~coverage["status"].isin(STATUSES)]
    if len(strange):
        raise DataError(f"A status is one of {', '.join(STATUSES)}. Received: {strange.iloc[0]!r}")
    kind = coverage["label"].map({0: "real", 1: "fake"}).fillna("unknown")
    counts = pd.crosstab(kind, coverage["status"])
    rows = [name for name in ("real", "fake", "unknown") if name in counts.index]
    counts = counts.reindex(rows, columns=[s for s in STATUSES if s in counts or s == "ok"], fill_value=0)
    counts.loc["all"] = counts.sum()
    counts["clips"] = counts.sum(axis=1)
    counts["share ok"] = (counts["ok"] / counts["clips"]).map("{:.0%}".format).replace("nan%", "–")
    return counts.rename_axis(index=None, columns="class")


def comparison_table(
    evaluations: dict[str, Evaluation], metrics=None, name: str = "detector"
) -> pd.DataFrame:
    """Lay evaluations side by side, each metric as `value [low, high]`, beside how many clips it is about.

    Args:
        evaluations: dict. {what was evaluated: Evaluation}.
        metrics: sequence of str. Defaults to accuracy, precision, recall, AUC and log loss.
        name: str. What the rows are. Defaults to `"detector"`.

    Returns:
        DataFrame of str, one row an evaluation. `scored` counts the clips with a score; where some have none,
        `accuracy at worst` takes those for wrong.
    """
    metrics = [metrics] if isinstance(metrics, str) else list(metrics or _HEADLINES)
    check_metrics(metrics)
    rows = {
        label: [with_interval(*evaluation.table.loc[metric]) for metric in metrics]
        for label, evaluation in evaluations.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[m.replace("_", " ") for m in metrics])
    table["scored"] = [f"{one.n_scored} of {one.n_clips}" for one in evaluations.values()]
    if any(one.n_scored < one.n_clips for one in evaluations.values()):
        table["accuracy at worst"] = [f"{one.worst_case_accuracy:.2f}" for one in evaluations.values()]
    return table.rename(columns={"auc": "AUC"}).rename_axis(columns=name)


def metric_rows(
    evaluations: dict[str, Evaluation], metric: str = "auc", name: str = "detector"
) -> pd.DataFrame:
    """Return one metric of several evaluations, for a figure.

    Args:
        evaluations: dict. {what was evaluated: Evaluation}.
        metric: str. Defaults to `"auc"`.
        name: str. What the rows are. Defaults to `"detector"`.

    Returns:
        DataFrame. The columns `name`, `metric`, low and high.
    """
    check_metrics([metric])
    rows = [(label, *evaluation.table.loc[metric]) for label, evaluation in evaluations.items()]
    return pd.DataFrame(rows, columns=[name, metric, "low", "high"])


def with_interval(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """Return `0.91 [0.83, 0.97]`, or more digits; `–` for what cannot be had (NaN or None)."""
    if value is None or math.isnan(value):
        return "–"
    if low is None or math.isnan(low):
        return f"{value:.{digits}f}"
    # A narrow column breaks before the interval, and not inside it.
    return f"{value:.{digits}f} [{low:.{digits}f},\u00a0{high:.{digits}f}]"
