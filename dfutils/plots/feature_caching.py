"""Draw the figures of notebook 03: the face crops with the nearest features, and clips as points in a plane."""

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
    """Draw face crops, each in a row with the face crops of other clips that have the nearest features.

    Args:
        rows: sequence of sequences of (clip, frame, distance). Each triple is a face crop: the position of the clip in
            `clips`, the number of the frame, and the distance. The first crop of a row is the one that the other
            crops are compared with.
        clips: FeatureSet. Its clip_ids, labels and groups are used.
        tracks: {clip_id: FaceTrack}. The place of a clip without a FaceTrack is left empty.
        key: str. Defaults to `"nearest"`.

    Returns:
        DescribedFigure.
    """
    tiles = [[_tile(clips, tracks, *place) for place in row] for row in rows if row]
    if not any(tile.image is not None for row in tiles for tile in row):
        return empty_figure("There is no face crop to show with its neighbours.", key=key)
    headings = [f"neighbour {at}" for at in range(1, max(map(len, tiles)))]
    caption = (
        "Left: a face crop. To its right: the crops of other clips with the nearest features. In brackets: their "
        "distance (1 = the mean distance to other clips)."
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
    """Points in two dimensions, with their labels and groups. No point is NaN."""

    points: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    def spread(self) -> float:
        """Return the root mean square distance of the points from the centre of all points."""
        return float(np.sqrt(((self.points - self.points.mean(0)) ** 2).sum(1).mean()))

    def class_gap(self) -> float:
        """Return the distance between the centres of the two classes; NaN if a class has no points."""
        if len(set(self.labels.tolist())) < 2:
            return float("nan")
        centres = [self.points[self.labels == label].mean(0) for label in (0, 1)]
        return float(np.linalg.norm(centres[0] - centres[1]))

    def group_radius(self) -> float:
        """Return the root mean square distance of the points from the centre of their group."""
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
    """Draw clips as points in a plane, in the colours of their classes, with lines to the centres of their groups.

    Args:
        points: float array [N, 2]. The position of each clip. Clips with NaN are left out.
        labels: int array [N]. The label of each clip: 1 = fake, 0 = real.
        groups: str array [N]. The group of each clip.
        names: pair of str. The names of the axes. Defaults to the first two principal components.
        key: str. Defaults to `"projection"`.

    Returns:
        DescribedFigure.
    """
    where = np.asarray(points, float).reshape(-1, 2)
    known = np.isfinite(where).all(axis=1)
    cloud = _Cloud(where[known], np.asarray(labels)[known], np.asarray(groups, str)[known])
    if not len(cloud.points):
        return empty_figure("There is no clip to show: the position of every clip is NaN.", key=key)
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
