"""Make and check the table of predictions: one row per clip, with the detector's score or without a score."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import METRICS
from dfutils.features import FeatureSet
from dfutils.features.seen import refuse_seen
from dfutils.tables import PREDICTION_COLUMNS, STATUSES
from dfutils.training import Detector


def score(detector: Detector, clips: FeatureSet) -> pd.DataFrame:
    """Score clips with a fitted detector.

    Args:
        detector: Detector. A fitted detector: a `training.GRUDetector`, a baseline, a `tuning.TunedDetector`, or any
            object with a method `score(clips) -> float64 array [N]`.
        clips: FeatureSet. The features of the clips. It must contain the layers that the detector needs.

    Returns:
        DataFrame. One row per clip in `clips.coverage`, with the columns clip_id, label, group, method, split, status
        and score: P(fake). A clip without features keeps its row; its score is NaN.

    Raises:
        DataError: If the detector does not return one finite score per clip, or the weights of the features were
            adapted with a clip that is not a training or validation clip.
        DfutilsError: If the detector is not fitted, or cannot read these features.

    Example:
        >>> from dfutils import data, evaluation, features, training
        >>> clips = features.load("features", data.read_catalog("faces"))
        >>> detector = training.MeanPooledBaseline().fit(clips, clips, seed=7)
        >>> predictions = evaluation.score(detector, clips)
        >>> print(predictions["score"].between(0, 1).sum(), "of", len(predictions), "clips have a score")
        24 of 24 clips have a score
    """
    tested = ~np.isin(clips.splits, ("train", "val"))
    refuse_seen(clips.seen[tested], clips.groups[tested], test="the clips to score that are not for training")
    return predictions_table(clips.coverage, clips.clip_ids, detector.score(clips))


def predictions_table(
    coverage: pd.DataFrame, clip_ids: Iterable[str], scores: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Add scores to a table of clips. Clips without a score keep their row, with the score NaN.

    Use this function for scores that were not computed by dfutils. For a detector, use `score`.

    Args:
        coverage: DataFrame. One row per clip. Columns: clip_id, label, group, method, split and status, as in
            `FeatureSet.coverage`.
        clip_ids: sequence of str. The clips that were scored.
        scores: float array [N]. One score per clip in `clip_ids`: the probability that the clip is fake.

    Returns:
        DataFrame with the columns `dfutils.tables.PREDICTION_COLUMNS`.

    Raises:
        DataError: If a scored clip is not in the coverage table or appears twice, a score is NaN, or there is not
            exactly one score per clip.
    """
    check_columns(
        coverage, [name for name in PREDICTION_COLUMNS if name != "score"], what="The coverage table"
    )
    clip_ids, scores = [str(clip_id) for clip_id in clip_ids], np.asarray(scores)
    if scores.shape != (len(clip_ids),) or scores.dtype.kind not in "fiu":
        raise DataError(
            f"Give one score for each of the {len(clip_ids)} clips, as a float array of shape [{len(clip_ids)}]. "
            f"Received: {scores.dtype} {list(scores.shape)}"
        )
    undefined = [clip_id for clip_id, value in zip(clip_ids, scores, strict=True) if np.isnan(value)]
    if undefined:
        raise DataError(f"The score of the clip {undefined[0]!r} is NaN. Leave out clips without a score.")
    by_clip = dict(zip(clip_ids, scores.astype(float), strict=True))
    if len(by_clip) < len(scores):
        raise DataError("A clip was scored twice. Give each clip once.")
    unknown = set(by_clip) - set(coverage["clip_id"])
    if unknown:
        raise DataError(f"The scored clip {min(unknown)!r} is not in the coverage table.")
    table = coverage.assign(score=coverage["clip_id"].map(by_clip).astype(float))
    return table[list(PREDICTION_COLUMNS)].reset_index(drop=True)


def coverage_table(coverage: pd.DataFrame) -> pd.DataFrame:
    """Count the real and the fake clips by status, such as `ok` for clips with features.

    Args:
        coverage: DataFrame. One row per clip. Columns: label and status.

    Returns:
        DataFrame. Rows: real, fake, unknown (only where a label is unknown) and all. Columns: one per status that
        occurs, then `clips` and `share ok`.

    Raises:
        DataError: If a column is missing, or a status is unknown.
    """
    check_columns(coverage, ["label", "status"], what="The coverage table")
    unknown = coverage["status"][~coverage["status"].isin(STATUSES)]
    if len(unknown):
        raise DataError(f"A status is one of {', '.join(STATUSES)}. Received: {unknown.iloc[0]!r}")
    classes = coverage["label"].map({0: "real", 1: "fake"}).fillna("unknown")
    counts = pd.crosstab(classes, coverage["status"])
    rows = [name for name in ("real", "fake", "unknown") if name in counts.index]
    counts = counts.reindex(rows, columns=[s for s in STATUSES if s in counts or s == "ok"], fill_value=0)
    counts.loc["all"] = counts.sum()
    counts["clips"] = counts.sum(axis=1)
    counts["share ok"] = (counts["ok"] / counts["clips"]).map("{:.0%}".format).replace("nan%", "–")
    return counts.rename_axis(index=None, columns="class")


def scored_rows(predictions: pd.DataFrame) -> pd.DataFrame:
    """Check a table of predictions and return the rows that have a score.

    Args:
        predictions: DataFrame. With the columns clip_id, label, group and score.

    Returns:
        DataFrame. `label` is int and `score` is float64.

    Raises:
        DataError: If a column is missing, no clip has a score, a clip appears twice, a scored clip has no clip_id,
            label or group, or a score is not in [0, 1].
    """
    check_columns(predictions, ("clip_id", "group", "label", "score"))
    twice = predictions["clip_id"][predictions["clip_id"].duplicated()]
    if len(twice):
        raise DataError(f"The clip {twice.iloc[0]!r} appears twice. Give each clip once.")
    scores = pd.to_numeric(predictions["score"], errors="coerce").astype(float)
    invalid = predictions["score"].notna() & (scores.isna() | ~scores.between(0, 1))
    if invalid.any():
        row = predictions[invalid].iloc[0]
        raise DataError(
            f"A score must be a number in [0, 1]. Received: {row['score']} for {row['clip_id']!r}"
        )
    scored = predictions.assign(score=scores)[scores.notna()]
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


def check_threshold(threshold: float) -> None:
    """Raise a SettingsError if a threshold is not a number in [0, 1]."""
    if not isinstance(threshold, int | float | np.number) or not 0 <= threshold <= 1:
        raise SettingsError(f"A threshold must be a number in [0, 1]. Received: threshold={threshold!r}")


def check_metrics(metrics: Iterable[str]) -> None:
    """Raise a SettingsError if a name is not the name of a metric."""
    for metric in metrics:
        if metric not in METRICS:
            raise SettingsError(f"Unknown metric {metric!r}. Known metrics: {', '.join(METRICS)}.")


def check_columns(table: pd.DataFrame, names: Iterable[str], *, what: str = "The predictions table") -> None:
    """Raise a DataError if a column is missing from a table or appears more than once."""
    missing = [name for name in names if name not in table]
    if missing:
        raise DataError(f"{what} has no column {', '.join(missing)}. It has: {', '.join(map(str, table))}.")
    twice = [name for name in names if (table.columns == name).sum() > 1]
    if twice:
        raise DataError(f"{what} has the column {twice[0]} more than once.")
