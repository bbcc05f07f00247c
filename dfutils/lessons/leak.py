"""Show what a leaking split does to a score, with the reader's own clips."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dfutils.auc import auc_with_interval
from dfutils.audit.appearance import Look, look
from dfutils.data.validation import catalog_table, check_seed, root_of
from dfutils.tables import Catalog

PROTOCOLS = ("frames at random", "clips at random", "whole groups")
_THUMBNAIL = 32
_DRAWS = 1000
_FEW_GROUPS = 10
_COLUMNS = ["protocol", "auc", "low", "high"]


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A frame of the demonstration: one that is scored, or the training frame that looks most like it.

    Args:
        image: uint8 array [H, W, 3], RGB.
        clip_id: str. The clip that the frame is from.
        label: int. 1 = fake, 0 = real.
        group: str. The clip's group.
    """

    image: np.ndarray
    clip_id: str
    label: int
    group: str


@dataclass(frozen=True, kw_only=True)
class LeakDemonstration:
    """The scores of one classifier when the same frames are split in different ways.

    Args:
        table: DataFrame, one row per way to split: protocol, auc, low, high. Empty if there are too few groups.
        neighbours: list of lists of Neighbour. Per list a scored frame, then the most similar training frame of each
            protocol.
        clips: int. Clips used.
        remarks: tuple of str. Why there is nothing to show, or what is unusual about the result.
        looks: dict. {clip_id: Look} of the clips that were opened, for `audit.audit_catalog`.
    """

    table: pd.DataFrame
    neighbours: list[list[Neighbour]]
    clips: int
    remarks: tuple[str, ...]
    looks: dict[str, Look]


def demonstrate_leak(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    clips: int = 160,
    seed: int = 7,
    progress: bool = True,
) -> LeakDemonstration:
    """Score a classifier of small pictures three times: split by frame, by clip and by group.

    Of each group that has both classes, one is kept: the real clips of some groups, the fakes of others, as in data
    sets whose real and fake videos were collected separately. Then a classifier that recognises a person knows the
    label. The classifier (extremely randomised trees: Geurts et al., 2006) sees whole frames, shrunk to 32 x 32 grey
    pixels. It can recognise a scene or a person, and sees almost nothing of a forgery. What it scores above chance when
    groups are cut is the effect of the leak.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group.
        root: str or Path or None. The folder that paths are relative to. Defaults to None: the Catalog's own root.
        clips: int. Whole groups are drawn until there are this many clips. Defaults to 160.
        seed: int. Governs the groups drawn, the folds and the classifier. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        LeakDemonstration. Each AUC is over frames, by five-fold cross-validation (fewer folds if there are fewer
        groups), with a 95 % interval from resampled groups.

    Raises:
        DataError: If the catalog lacks a column, or its folder is not there.
        SettingsError: If the seed is not an integer in [0, 2**32).
    """
    check_seed(seed)
    folder = root_of(catalog, root)
    table = catalog_table(catalog, needs=("clip_id", "path", "media", "label", "group"))
    chosen = _draw_clips(table, clips, seed)
    looks = dict(look(chosen, folder, progress=progress))
    frames = [picture for seen in looks.values() for picture in seen.frames]
    # Per frame, the clip that it is from.
    rows = [row for row, seen in enumerate(looks.values()) for _ in seen.frames]
    seen = chosen.iloc[rows]
    labels = seen["label"].to_numpy(int)
    groups_by_label = {label: seen.loc[labels == label, "group"].nunique() for label in (0, 1)}
    k = min(5, *groups_by_label.values())
    if k < 2:
        remark = (
            "The demonstration needs clips that can be opened, from at least two groups for each class; each group is "
            f"used for one class. Groups with real clips: {groups_by_label[0]}; with fake clips: {groups_by_label[1]}."
        )
        empty = pd.DataFrame(columns=_COLUMNS)
        return LeakDemonstration(
            table=empty, neighbours=[], clips=len(set(rows)), remarks=(remark,), looks=looks
        )
    pixels = np.array([_thumbnail(frame) for frame in frames], np.float32).reshape(len(frames), -1)
    groups = pd.factorize(seen["group"])[0]
    scores_by_protocol, nearest_by_protocol = [], []
    for protocol, together in zip(PROTOCOLS, (np.arange(len(rows)), np.array(rows), groups), strict=True):
        if protocol == PROTOCOLS[0] and len(set(rows)) == len(rows):
            continue  # the clips are pictures: a frame is a clip
        scores, nearest = _cross_validate(pixels, labels, together, k, seed)
        auc = auc_with_interval(labels, scores, groups, n_bootstrap=_DRAWS, seed=seed)
        scores_by_protocol.append((protocol, *auc))
        nearest_by_protocol.append(nearest)

    def neighbour(position: int) -> Neighbour:
        clip = seen.iloc[position]
        return Neighbour(
            image=frames[position], clip_id=clip["clip_id"], label=int(clip["label"]), group=clip["group"]
        )

    # Of each class, a frame that resembles another clip of its own group most, if there is one.
    recognised = groups[nearest_by_protocol[-2]] == groups
    scored = [int(np.flatnonzero(labels == label)[recognised[labels == label].argmax()]) for label in (0, 1)]
    result = pd.DataFrame(scores_by_protocol, columns=_COLUMNS)
    return LeakDemonstration(
        table=result,
        neighbours=[
            [neighbour(frame), *(neighbour(int(nearest[frame])) for nearest in nearest_by_protocol)]
            for frame in scored
        ],
        clips=len(set(rows)),
        remarks=_remarks(result.iloc[-1], int(groups.max()) + 1),
        looks=looks,
    )


def _thumbnail(frame: np.ndarray) -> np.ndarray:
    small = cv2.resize(frame, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def _remarks(whole_groups: pd.Series, n_groups: int) -> tuple[str, ...]:
    """Say what is unusual about the score of whole groups."""
    if n_groups < _FEW_GROUPS:
        return (
            f"There are only {n_groups} groups: these scores are far from exact, also that of whole groups. Take the "
            "figure as an illustration.",
        )
    if whole_groups["high"] < 0.5:
        return (
            "Whole groups are below chance: the clips that look most alike have different labels, as a fake and its "
            "original do. They seem to be in different groups; the audit below names such clips.",
        )
    if whole_groups["low"] > 0.5:
        return (
            "Whole groups are above chance. Either clips that belong together are in different groups (see the audit "
            "below), or the whole picture gives the class away, without any trace of a forgery.",
        )
    return ()


def _draw_clips(catalog: pd.DataFrame, clips: int, seed: int) -> pd.DataFrame:
    """Return clips of one class from each group: of the groups with both classes, half give real clips, half fakes."""
    known = catalog.reset_index(drop=True)
    known = known[known["label"].notna()].sort_values("clip_id")
    groups = np.random.default_rng(seed).permutation(np.unique(known["group"].to_numpy(str)))
    range_of = known.groupby("group")["label"].agg(["min", "max"]).loc[groups]
    has_both = range_of["min"] != range_of["max"]
    label = range_of["min"].where(~has_both, has_both.cumsum() % 2)
    kept = known[known["label"] == known["group"].map(label)]
    # A few clips show what a group looks like, and leave room for other groups.
    kept = kept.groupby("group").head(max(2, clips // 20))
    sizes = kept["group"].value_counts().reindex(groups).cumsum()
    return kept[kept["group"].isin(groups[: int((sizes < clips).sum()) + 1])].reset_index(drop=True)


def _cross_validate(
    pixels: np.ndarray, labels: np.ndarray, together: np.ndarray, k: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return P(fake) of each frame by trees that were not fitted on it, and its most similar training frame.

    Args:
        pixels: float array [frames, pixels].
        labels: int array [frames].
        together: int array [frames]. Frames with the same number are in the same fold.
        k: int. Folds.
        seed: int.
    """
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
