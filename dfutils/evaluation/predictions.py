"""The table of predictions: scores next to all clips, and the coverage."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import METRICS
from dfutils.tables import PREDICTION_COLUMNS, STATUSES


def check_threshold(threshold: float) -> None:
    """Raise SettingsError unless a threshold is a number in [0, 1]."""
    if not isinstance(threshold, int | float | np.number) or not 0 <= threshold <= 1:
        raise SettingsError(f"A threshold is a number in [0, 1]. Received: threshold={threshold!r}")


def check_metrics(metrics: Iterable[str]) -> None:
    """Raise SettingsError unless all are names of metrics."""
    for metric in metrics:
        if metric not in METRICS:
            raise SettingsError(f"Unknown metric {metric!r}. Known: {', '.join(METRICS)}.")


def check_columns(table: pd.DataFrame, names: Iterable[str], what: str = "Predictions") -> None:
    """Raise DataError unless a table has these columns, each once."""
    missing = [name for name in names if name not in table]
    if missing:
        raise DataError(
            f"{what} have no column {', '.join(missing)}. They have: {', '.join(map(str, table))}."
        )
    twice = [name for name in names if (table.columns == name).sum() > 1]
    if twice:
        raise DataError(f"{what} have the column {twice[0]} more than once.")


def scored_rows(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a score; label is int, and score float64.

    Raises:
        DataError: If a column is missing, no clip has a score, a scored clip has no clip_id, label or group, a clip is
            there twice, or a score is not in [0, 1].
    """
    check_columns(predictions, ("clip_id", "group", "label", "score"))
    twice = predictions["clip_id"][predictions["clip_id"].duplicated()]
    if len(twice):
        raise DataError(f"The clip {twice.iloc[0]!r} is there twice. Give each clip once.")
    score = pd.to_numeric(predictions["score"], errors="coerce").astype(float)
    odd = predictions["score"].notna() & (score.isna() | ~score.between(0, 1))
    if odd.any():
        row = predictions[odd].iloc[0]
        raise DataError(f"A score lies in [0, 1]. Received: {row['score']} for {row['clip_id']!r}")
    scored = predictions.assign(score=score)[score.notna()]
    if scored.empty:
        raise DataError(f"None of the {len(predictions)} clips has a score: see the coverage table for why.")
    unlabelled = scored["clip_id"][scored["label"].isna() | ~scored["label"].isin([0, 1])]
    if len(unlabelled):
        raise DataError(f"The clip {unlabelled.iloc[0]!r} has a score but no label 0 or 1. Leave it out.")
    if scored["clip_id"].isna().any():
        raise DataError("A clip with a score has no clip_id.")
    ungrouped = scored["clip_id"][scored["group"].isna() | (scored["group"].astype(str) == "")]
    if len(ungrouped):
        raise DataError(f"The clip {ungrouped.iloc[0]!r} has no group.")
    return scored.assign(label=scored["label"].astype(int))


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
