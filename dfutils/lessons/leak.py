"""Show what a split that leaks does to a score, on the clips at hand."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dfutils.auc import auc_with_interval
from dfutils.audit.appearance import look
from dfutils.data.validation import catalog_table, check_seed

PROTOCOLS = ("frames at random", "clips at random", "whole groups")
_THUMBNAIL = 32
_DRAWS = 1000
_FEW_GROUPS = 10
_COLUMNS = ["protocol", "auc", "low", "high"]


@dataclass(frozen=True)
class Neighbour:
    """A frame that is asked about, or the training frame that looks most like it.

    Args:
        image: uint8 array [H, W, 3], RGB.
        clip_id: str.
        label: int.
        group: str.
    """

    image: np.ndarray
    clip_id: str
    label: int
    group: str


@dataclass(frozen=True)
class LeakDemonstration:
    """What one and the same classifier scores when frames are split in different ways.

    Args:
        table: DataFrame, one row a way to split: protocol, auc, low, high.
        neighbours: list of rows: the frame asked about, then for each protocol its nearest in training.
        clips: int. Clips used.
        remarks: list of str. Why there is nothing to show, or what is odd about what is.
    """

    table: pd.DataFrame
    neighbours: list[list[Neighbour]]
    clips: int
    remarks: list[str]


def demonstrate_leak(
    catalog: pd.DataFrame, root: str | Path, clips: int = 160, seed: int = 7, progress: bool = True
) -> LeakDemonstration:
    """Score a classifier of small pictures three times, split by frame, by clip and by group.

    Of each group that has both, one class is kept: the real clips of some groups, the fakes of others, as in
    data sets that collect their real and fake videos apart. Who knows the people then knows the label. The
    classifier (extremely randomised trees: Geurts et al., 2006) sees whole frames shrunk to 32 x 32 grey
    pixels: it can know a scene or a person again, and next to nothing of a forgery. What it scores above
    chance without whole groups is what a leak is worth.

    Args:
        catalog: DataFrame. One row a clip, with clip_id, path, media, label and group.
        root: str or Path. The folder that paths are relative to.
        clips: int. Whole groups are drawn until there are this many. Defaults to 160.
        seed: int. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        LeakDemonstration. Each AUC is over frames, by five-fold cross-validation (fewer folds where there are
        fewer groups), with a 95 % interval from resampled groups.

    Raises:
        DataError: If the catalog lacks a column.
        SettingsError: If the seed is none.
    """
    check_seed(seed)
    catalog = catalog_table(catalog, ("clip_id", "path", "media", "label", "group"))
    chosen = _draw_clips(catalog, clips, seed)
    frames, rows = [], []
    for row, (_, _, pictures) in enumerate(look(chosen, root, progress)):
        frames += pictures
        rows += [row] * len(pictures)
    seen = chosen.iloc[rows]
    labels = seen["label"].to_numpy(int)
    held = {label: seen.loc[labels == label, "group"].nunique() for label in (0, 1)}
    k = min(5, *held.values())
    if k < 2:
        remark = (
            "The demonstration needs clips that open of two groups for each class, each group giving one class: "
            f"here are {held[0]} with real and {held[1]} with fake clips."
        )
        return LeakDemonstration(pd.DataFrame(columns=_COLUMNS), [], len(set(rows)), [remark])
    pixels = np.array(
        [
            cv2.cvtColor(
                cv2.resize(f, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
            )
            for f in frames
        ],
        np.float32,
    ).reshape(len(frames), -1)
    groups = pd.factorize(seen["group"])[0]
    table, nearest = [], []
    for protocol, together in zip(PROTOCOLS, (np.arange(len(rows)), np.array(rows), groups), strict=True):
        if protocol == PROTOCOLS[0] and len(set(rows)) == len(rows):
            continue  # of pictures, a frame is a clip
        scores, neighbours = _cross_validate(pixels, labels, together, k, seed)
        table.append((protocol, *auc_with_interval(labels, scores, groups, n_bootstrap=_DRAWS, seed=seed)))
        nearest.append(neighbours)

    def neighbour(at: int) -> Neighbour:
        clip = seen.iloc[at]
        return Neighbour(frames[at], clip["clip_id"], int(clip["label"]), clip["group"])

    # Of each class, a frame that another clip of its own group resembles most, if there is one.
    known_again = groups[nearest[-2]] == groups
    asked = [int(np.flatnonzero(labels == label)[known_again[labels == label].argmax()]) for label in (0, 1)]
    result = pd.DataFrame(table, columns=_COLUMNS)
    return LeakDemonstration(
        result,
        [[neighbour(at), *(neighbour(int(n[at])) for n in nearest)] for at in asked],
        len(set(rows)),
        _remarks(result.iloc[-1], int(groups.max()) + 1),
    )


def _remarks(honest: pd.Series, n_groups: int) -> list[str]:
    """Say what is odd about the score of whole groups."""
    if n_groups < _FEW_GROUPS:
        return [
            f"Only {n_groups} groups: even of whole groups, these scores may lie anywhere. Take the figure as an "
            "illustration."
        ]
    if honest["high"] < 0.5:
        return [
            "Whole groups are below chance: what looks most alike has the other label, as a fake and its original do. "
            "They seem to be in different groups; the audit below names such clips."
        ]
    if honest["low"] > 0.5:
        return [
            "Whole groups are above chance. Either groups do not hold together what belongs together (see the audit "
            "below), or a glance at the whole picture tells the classes apart, without any forgery being seen."
        ]
    return []


def _draw_clips(catalog: pd.DataFrame, clips: int, seed: int) -> pd.DataFrame:
    """Return clips of one class from each group: real ones from half of those that have both, fakes from half."""
    known = catalog.reset_index(drop=True)
    known = known[known["label"].notna()].sort_values("clip_id")
    groups = np.random.default_rng(seed).permutation(np.unique(known["group"].to_numpy(str)))
    has = known.groupby("group")["label"].agg(["min", "max"]).loc[groups]
    both = has["min"] != has["max"]
    label = has["min"].where(~both, both.cumsum() % 2)
    kept = known[known["label"] == known["group"].map(label)]
    # A few clips of a group show what it is, and leave room for other groups.
    kept = kept.groupby("group").head(max(2, clips // 20))
    sizes = kept["group"].value_counts().reindex(groups).cumsum()
    return kept[kept["group"].isin(groups[: int((sizes < clips).sum()) + 1])].reset_index(drop=True)


def _cross_validate(pixels, labels, together, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return P(fake) of each frame by trees that were not fitted on it, and its nearest training frame."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    scores, nearest = np.full(len(labels), 0.5), np.zeros(len(labels), int)
    for train, test in StratifiedGroupKFold(k, shuffle=True, random_state=seed).split(
        pixels, labels, together
    ):
        trees = ExtraTreesClassifier(100, random_state=seed, n_jobs=-1).fit(pixels[train], labels[train])
        if len(trees.classes_) == 2:
            scores[test] = trees.predict_proba(pixels[test])[:, 1]
        apart = ((pixels[test][:, None, ::8] - pixels[train][None, :, ::8]) ** 2).sum(-1)
        nearest[test] = train[apart.argmin(1)]
    return scores, nearest
