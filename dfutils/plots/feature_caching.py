"""Figures of notebook 03: which frames are near each other, and clips in two dimensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfutils.plots.common import Tile, neighbours
from dfutils.plots.inputs import ClipsLike, TrackLike
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import count, sentences


@styled
def nearest_crops(
    rows: Sequence[Sequence[tuple[int, int, float]]],
    clips: ClipsLike,
    tracks: Mapping[str, TrackLike],
    *,
    key: str = "nearest",
) -> DescribedFigure:
    """Draw a face crop and those whose features are nearest to it, row by row.

    Args:
        rows: sequence of sequences of (clip, frame, distance), positions in `clips`; the first of a row is the crop
            that the others are compared with.
        clips: FeatureSet. Its clip_ids, labels and groups.
        tracks: {clip_id: FaceTrack}. A clip without one leaves its place empty.
        key: str. Defaults to `"nearest"`.

    Returns:
        DescribedFigure.
    """
    tiles = [[_tile(clips, tracks, *place) for place in row] for row in rows if row]
    if not any(tile.image is not None for row in tiles for tile in row):
        return empty_figure("There is no face crop to show with its neighbours.", key=key)
    headings = [f"neighbour {at}" for at in range(1, max(map(len, tiles)))]
    caption = (
        "Left: a face crop. To its right: the crops of other clips with the nearest features; in brackets the distance "
        "(1 = like any other)."
    )
    return neighbours(tiles, headings, noun="crop", caption=caption, key=key)


def _tile(clips: ClipsLike, tracks: Mapping[str, TrackLike], clip: int, frame: int, distance: float) -> Tile:
    clip_id = str(clips.clip_ids[clip])
    crops: Any = tracks[clip_id].crops if clip_id in tracks else []
    image = crops[min(frame, len(crops) - 1)] if len(crops) else None
    text = f"{clip_id} ({distance:.2f})"
    return Tile(image, int(clips.y[clip]), text, clip_id, str(clips.groups[clip]))


@dataclass(frozen=True)
class _Cloud:
    """Points in two dimensions, with their labels and groups, without those that are NaN."""

    points: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    def spread(self) -> float:
        """Return the root mean square of the distances to the centre."""
        return float(np.sqrt(((self.points - self.points.mean(0)) ** 2).sum(1).mean()))

    def class_gap(self) -> float:
        """Return how far apart the centres of both classes are; NaN where one is missing."""
        if len(set(self.labels.tolist())) < 2:
            return float("nan")
        centres = [self.points[self.labels == label].mean(0) for label in (0, 1)]
        return float(np.linalg.norm(centres[0] - centres[1]))

    def group_radius(self) -> float:
        """Return the root mean square of the distances from each point to the centre of its group."""
        centres = np.zeros_like(self.points)
        for group in np.unique(self.groups):
            centres[self.groups == group] = self.points[self.groups == group].mean(0)
        return float(np.sqrt(((self.points - centres) ** 2).sum(1).mean()))


@styled
def projection(
    points: np.ndarray,
    labels: Sequence[int],
    groups: Sequence[str],
    *,
    names: tuple[str, str] = ("first principal component", "second principal component"),
    key: str = "projection",
) -> DescribedFigure:
    """Draw clips in two dimensions, coloured by class, each tied to the centre of its group.

    Args:
        points: float array [N, 2]. Clips with NaN are left out.
        labels: int array [N]; 1 = fake.
        groups: str array [N].
        names: pair of str. The names of the axes. Defaults to the first two principal components.
        key: str. Defaults to `"projection"`.

    Returns:
        DescribedFigure.
    """
    where = np.asarray(points, float).reshape(-1, 2)
    known = np.isfinite(where).all(axis=1)
    cloud = _Cloud(where[known], np.asarray(labels)[known], np.asarray(groups, str)[known])
    if not len(cloud.points):
        return empty_figure("There is no clip to show: none has a known place.", key=key)
    figure, axis = new_figure(width=6.4, height=4.2)
    for group in np.unique(cloud.groups):
        own = cloud.points[cloud.groups == group]
        for point in own:
            axis.plot(*zip(own.mean(0), point, strict=True), color="#D5DAE1", lw=0.8, zorder=1)
    for label, marker in ((0, "o"), (1, "s")):
        of_class = cloud.labels == label
        axis.scatter(
            *cloud.points[of_class].T,
            s=26,
            marker=marker,
            color=CLASS_COLOURS[label],
            edgecolor="white",
            linewidth=0.5,
            label=CLASS_NAMES[label],
            zorder=2,
        )
    axis.set(xlabel=names[0], ylabel=names[1])
    axis.legend(loc="best")
    caption = "Each dot is the mean feature of one clip; lines lead to the centre of its group."
    return figure.describe(_projection_alt(cloud), caption=caption, key=key)


def _projection_alt(cloud: _Cloud) -> str:
    real, fake = (int((cloud.labels == label).sum()) for label in (0, 1))
    scatter = (
        f"Scatter of {real} real and {count(fake, 'fake clip')} in {count(len(set(cloud.groups)), 'group')}"
    )
    spread, gap = cloud.spread(), cloud.class_gap()
    if spread == 0:
        return sentences(scatter, "All points are at the same place")
    apart = (
        "Only one class is there"
        if np.isnan(gap)
        else f"The centres of real and fake are {gap / spread:.2f} times the cloud's radius apart"
    )
    return sentences(
        scatter,
        apart,
        f"Clips are {cloud.group_radius() / spread:.2f} times that radius from their group's centre",
    )
