"""Show what features say about clips: their projection to a plane, and frames with similar features."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dfutils.features import FeatureSet


class Projection(NamedTuple):
    """Clips as points in a plane.

    Args:
        points: float64 array [N, 2].
        share: float from 0 to 1. The share of the variance that the plane keeps.
    """

    points: np.ndarray
    share: float


class ExplainedShare(NamedTuple):
    """How much of the spread of points is between classes or groups.

    Args:
        share: float from 0 to 1. Sum of squares between the groups divided by the total (eta squared).
        by_chance: float from 0 to 1. What groups drawn at random would give on average: (k - 1) / (N - 1) for k groups.
    """

    share: float
    by_chance: float


class Neighbour(NamedTuple):
    """A frame whose features are close to those of another frame.

    Args:
        clip: int. Position of its clip in the FeatureSet.
        frame: int. Position of the frame in its clip.
        distance: float. Euclidean distance divided by the mean distance to all frames of other clips: 1 is average.
    """

    clip: int
    frame: int
    distance: float


def project(vectors: np.ndarray) -> Projection:
    """Project clips to the two directions in which their standardised features differ most.

    Args:
        vectors: float array [N, D]. One row per clip.

    Returns:
        Projection. Also unpacks to `points, share`.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit_transform(vectors) if len(vectors) else vectors
    if not scaled.any():  # all clips are the same, or there is only one
        return Projection(np.zeros((len(vectors), 2)), 0.0)
    components = min(2, *vectors.shape)
    pca = PCA(components, svd_solver="full")
    points = pca.fit_transform(scaled)
    share = float(pca.explained_variance_ratio_.sum())
    return Projection(np.pad(points, ((0, 0), (0, 2 - components))), share)


def explained_share(points: np.ndarray, names: Sequence | np.ndarray) -> ExplainedShare:
    """Measure how much of the spread of points is between the classes or groups that they belong to.

    Args:
        points: float array [N, D].
        names: sequence of N values. The class or group of each point.

    Returns:
        ExplainedShare. Also unpacks to `share, by_chance`. Both are 0 if all points are the same.
    """
    points, (kinds, codes) = np.asarray(points, float), np.unique(np.asarray(names), return_inverse=True)
    centred = points - points.mean(0)
    total = (centred**2).sum()
    if len(points) < 2 or total == 0:
        return ExplainedShare(0.0, 0.0)
    between = sum((codes == k).sum() * (centred[codes == k].mean(0) ** 2).sum() for k in range(len(kinds)))
    return ExplainedShare(float(between / total), (len(kinds) - 1) / (len(points) - 1))


def nearest_frames(clips: FeatureSet, clip: int, *, frame: int = 0, count: int = 4) -> list[Neighbour]:
    """Find the frames of other clips whose features are closest to those of one frame.

    Features are standardised over all frames first.

    Args:
        clips: FeatureSet.
        clip: int. Position of the clip of the frame.
        frame: int. Position of the frame in this clip. Defaults to 0.
        count: int. The number of neighbours. Defaults to 4.

    Returns:
        list of Neighbour. At most `count`, all of different clips, the closest one first.
    """
    frames = clips.X[clips.mask]
    clip_of_frame, position = np.nonzero(clips.mask)
    spread = frames.std(0)
    scaled = (frames - frames.mean(0)) / np.where(spread > 0, spread, 1)
    query = np.flatnonzero((clip_of_frame == clip) & (position == frame))[0]
    distance = np.linalg.norm(scaled - scaled[query], axis=1)
    others = np.flatnonzero(clip_of_frame != clip)
    distance /= distance[others].mean() or 1.0
    closest: dict[int, Neighbour] = {}
    for row in others[np.argsort(distance[others], kind="stable")]:
        if len(closest) == count:
            break
        other = int(clip_of_frame[row])
        closest.setdefault(other, Neighbour(other, int(position[row]), float(distance[row])))
    return list(closest.values())
