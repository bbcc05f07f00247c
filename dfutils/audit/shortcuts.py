"""Measure whether file properties, such as size, resolution or codec, separate real from fake clips."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dfutils.auc import auc_with_interval
from dfutils.audit.finding import Finding, make_finding
from dfutils.data.splits import folds

SHORTCUTS = {
    "file size": ["bytes"],
    "resolution": ["width", "height"],
    "frame rate": ["fps"],
    "codec": ["codec"],
    "duration": ["seconds", "frames"],
    "dynamic range": ["hdr"],
}
_NOT_ZERO = ("dynamic range",)  # not measured if it is 0 for all clips
# A shortcut becomes a finding if its whole 95 % interval is above this AUC. Small differences between files, as in
# small subsets of the built-in data set, stay below this AUC.
TELLING_AUC = 0.65
_WITHIN = "file size within groups"
_FEW_GROUPS = 10
_FEWEST_PAIRED = 6  # with fewer groups, all groups may show the same difference by chance
_DRAWS = 1000


def measure_shortcuts(
    clips: pd.DataFrame, facts: pd.DataFrame, *, seed: int
) -> tuple[pd.DataFrame, list[str]]:
    """Measure how well each file property, such as file size or codec, separates real from fake clips.

    Args:
        clips: DataFrame. One row per clip, with clip_id, label and group.
        facts: DataFrame. What `probe` returned for these clips.
        seed: int. Governs the folds and the intervals.

    Returns:
        DataFrame, one row per file property: feature, auc, low and high (95 % interval by group). It is
        empty if a class has fewer than two groups.

        list of str: remarks on how reliable the measurements are.
    """
    columns = ["feature", "auc", "low", "high"]
    usable = (clips["label"].notna() & facts["bytes"].notna()).to_numpy()
    clips, facts = clips[usable].reset_index(drop=True), facts[usable].reset_index(drop=True)
    groups = clips.groupby("label")["group"].nunique()
    k = min(5, int(groups.min())) if len(groups) == 2 else 0
    if k < 2:
        return pd.DataFrame(columns=columns), [
            "Shortcuts were not measured: that needs real and fake clips of at least two groups each."
        ]
    labels = clips["label"].to_numpy(int)
    codes = pd.factorize(clips["group"], sort=True)[0]
    parts = list(folds(clips, k=k, seed=seed))
    rows = []
    for name, fields in SHORTCUTS.items():
        values = np.column_stack([_as_numbers(facts[field]) for field in fields])
        values = values[:, ~np.isnan(values).all(axis=0)]
        if not values.shape[1] or (name in _NOT_ZERO and not np.nan_to_num(values).any()):
            continue
        scores = _out_of_fold(values, labels, parts, seed)
        rows.append((name, *auc_with_interval(labels, scores, codes, n_bootstrap=_DRAWS, seed=seed)))
    within = _within_groups(facts["bytes"].to_numpy(float), labels, codes, seed)
    if within:
        rows.append((_WITHIN, *within))
    return pd.DataFrame(rows, columns=columns), _remarks(rows, int(codes.max()) + 1)


def shortcut_findings(shortcuts: pd.DataFrame, clips: pd.DataFrame) -> Iterator[Finding]:
    """Yield a finding for each file property that separates real from fake clips.

    The whole 95 % interval of the property's AUC must be above `TELLING_AUC`.

    Args:
        shortcuts: DataFrame. What `measure_shortcuts` returned.
        clips: DataFrame. All clips, with clip_id and split.

    Yields:
        Finding, a warning.
    """
    for row in shortcuts.itertuples():
        if row.low > TELLING_AUC:
            how = row.feature if row.feature == _WITHIN else f"{row.feature} alone"
            yield make_finding(
                f"shortcut: {row.feature}",
                "warning",
                clips,
                detail=f"The {how} separates real from fake: AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}].",
                remedy="Bring both classes to the same form (resolution, rate, encoder, length), or a detector may "
                "learn the form.",
            )


def _remarks(rows: list[tuple[str, float, float, float]], n_groups: int) -> list[str]:
    remarks = []
    if any(high < 0.5 for *_, high in rows):
        remarks.append(
            "If a shortcut's AUC is below 0.5, do not invert it. This happens when a fake and its original are in "
            "different groups. With few groups, it also happens by chance."
        )
    if n_groups < _FEW_GROUPS:
        remarks.append(
            f"The shortcuts' AUC rests on {n_groups} groups: it is only a hint, even with a narrow interval."
        )
    return remarks


def _within_groups(
    values: np.ndarray, labels: np.ndarray, codes: np.ndarray, seed: int
) -> tuple[float, float, float] | None:
    """Compute how often a fake has a larger value than a real clip of its own group, as an AUC with its interval.

    The comparison within groups is needed because a fake and its original may differ far less than two people differ.
    If the AUC is below 0.5, the AUC of having a smaller value is returned instead. The result is None if too few groups
    have both classes.
    """
    from sklearn.metrics import roc_auc_score

    parts = [codes == code for code in np.unique(codes)]
    own = [roc_auc_score(labels[part], values[part]) for part in parts if np.ptp(labels[part])]
    if len(own) < _FEWEST_PAIRED:
        return None
    draws = np.random.default_rng(seed).choice(own, (_DRAWS, len(own))).mean(1)
    value, (low, high) = float(np.mean(own)), np.quantile(draws, [0.025, 0.975]).tolist()
    return (value, low, high) if value >= 0.5 else (1 - value, 1 - high, 1 - low)


def _as_numbers(values: pd.Series) -> np.ndarray:
    """Convert a file property to floats. A text becomes its position in the sorted list of all texts."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float)
    return pd.factorize(values, sort=True)[0].astype(float)


def _out_of_fold(
    values: np.ndarray, labels: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray]], seed: int
) -> np.ndarray:
    """Predict P(fake) of each clip with a decision tree of depth two, fitted on other groups."""
    from sklearn.tree import DecisionTreeClassifier

    scores = np.full(len(labels), 0.5)
    if (values == values[0]).all():
        return scores
    for train, test in parts:
        if len(set(labels[train])) < 2:
            continue
        tree = DecisionTreeClassifier(
            max_depth=2, min_samples_leaf=max(1, len(train) // 10), random_state=seed
        ).fit(values[train], labels[train])
        scores[test] = tree.predict_proba(values[test])[:, 1]
    return scores
