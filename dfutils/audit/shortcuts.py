"""Labels that a file gives away without a face: by its size, resolution, frame rate, codec or duration."""

import numpy as np
import pandas as pd

from dfutils.auc import auc_with_interval
from dfutils.audit.finding import make_finding
from dfutils.data.splits import folds

SHORTCUTS = {
    "file size": ["bytes"],
    "resolution": ["width", "height"],
    "frame rate": ["fps"],
    "codec": ["codec"],
    "duration": ["seconds", "frames"],
}


# An interval of AUC that lies above this is a finding. Harmless differences of the built-in data set's
# files, drawn in small subsets, stay below.
TELLING_AUC = 0.65
_FEW_GROUPS = 10
_FEWEST_PAIRED = 6  # by chance, fewer groups may all lean one way
_DRAWS = 1000


def measure_shortcuts(clips: pd.DataFrame, facts: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[str]]:
    """Return the AUC of each shortcut, and what to know about them."""
    columns = ["feature", "auc", "low", "high"]
    usable = (clips["label"].notna() & facts["bytes"].notna()).to_numpy()
    clips, facts = clips[usable].reset_index(drop=True), facts[usable].reset_index(drop=True)
    groups = clips.groupby("label")["group"].nunique()
    k = min(5, int(groups.min())) if len(groups) == 2 else 0
    if k < 2:
        return pd.DataFrame(columns=columns), [
            "Shortcuts need real and fake clips of two groups at least, and were not looked for."
        ]
    labels = clips["label"].to_numpy(int)
    codes = pd.factorize(clips["group"], sort=True)[0]
    parts = list(folds(clips, k=k, seed=seed))
    rows = []
    for name, fields in SHORTCUTS.items():
        values = np.column_stack([_numbers(facts[field]) for field in fields])
        values = values[:, ~np.isnan(values).all(axis=0)]
        if not values.shape[1]:
            continue
        scores = _out_of_fold(values, labels, parts, seed)
        rows.append((name, *auc_with_interval(labels, scores, codes, n_bootstrap=_DRAWS, seed=seed)))
    within = _within_groups(facts["bytes"].to_numpy(float), labels, codes, seed)
    if within:
        rows.append(("file size within groups", *within))
    remarks = []
    if any(high < 0.5 for *_, high in rows):
        remarks.append(
            "A shortcut's AUC below 0.5 is not to be turned round: it comes from pairs of a fake and its original that "
            "are in different groups."
        )
    n_groups = int(codes.max()) + 1
    if n_groups < _FEW_GROUPS:
        remarks.append(
            f"The shortcuts' AUC rests on {n_groups} groups: take it as a hint, whatever its interval says."
        )
    return pd.DataFrame(rows, columns=columns), remarks


def _within_groups(values: np.ndarray, labels: np.ndarray, codes: np.ndarray, seed: int) -> tuple | None:
    """Return how often a fake has more of something than a real clip of its group (0.5: as often as less).

    A difference between a fake and its original may be far smaller than those between people. Value, low and
    high, as an AUC; below 0.5, that of having less. None where too few groups hold both classes.
    """
    from sklearn.metrics import roc_auc_score

    parts = [codes == code for code in np.unique(codes)]
    own = [roc_auc_score(labels[part], values[part]) for part in parts if np.ptp(labels[part])]
    if len(own) < _FEWEST_PAIRED:
        return None
    draws = np.random.default_rng(seed).choice(own, (_DRAWS, len(own))).mean(1)
    value, low, high = float(np.mean(own)), *np.quantile(draws, [0.025, 0.975]).tolist()
    return (value, low, high) if value >= 0.5 else (1 - value, 1 - high, 1 - low)


def _numbers(values: pd.Series) -> np.ndarray:
    """Return a fact as numbers; words as the rank of their spelling."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float)
    return pd.factorize(values, sort=True)[0].astype(float)


def _out_of_fold(values: np.ndarray, labels: np.ndarray, parts: list, seed: int) -> np.ndarray:
    """Return P(fake) of each clip by a tree of two questions that was fitted on other groups."""
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


def shortcut_finding(row, clips: pd.DataFrame) -> dict:
    return make_finding(
        f"shortcut: {row.feature}",
        "warning",
        clips,
        f"The {row.feature} {'' if 'within' in row.feature else 'alone '}tells real from fake: "
        f"AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}].",
        "Bring both classes to the same form (resolution, rate, encoder, length), or a detector may learn the form.",
    )
