"""What features say: clips flattened to a picture, and frames that are alike."""

import numpy as np

from dfutils.features.feature_set import FeatureSet


def project(vectors: np.ndarray) -> tuple[np.ndarray, float]:
    """Project clips on the two directions in which their standardised features differ most.

    Args:
        vectors: float array [N, D], one row a clip.

    Returns:
        float array [N, 2], and the share of the variance that these directions hold.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    components = min(2, *vectors.shape)
    if len(vectors) < 2:  # one clip differs from nothing
        return np.zeros((len(vectors), 2)), 0.0
    pca = PCA(components, svd_solver="full")
    points = pca.fit_transform(StandardScaler().fit_transform(vectors))
    share = float(np.nansum(pca.explained_variance_ratio_))
    return np.pad(points, ((0, 0), (0, 2 - components))), share


def explained_share(points: np.ndarray, names) -> tuple[float, float]:
    """Return how much of the spread of points is between the classes or groups they belong to.

    Args:
        points: float array [N, D].
        names: sequence of N. The class or group of each point.

    Returns:
        The sum of squares between over the total (eta squared), and what names without any meaning
        would give on average: (k - 1) / (N - 1) for k names. Both 0 for points that do not differ.
    """
    points, (kinds, codes) = np.asarray(points, float), np.unique(np.asarray(names), return_inverse=True)
    centred = points - points.mean(0)
    total = (centred**2).sum()
    if len(points) < 2 or total == 0:
        return 0.0, 0.0
    between = sum((codes == k).sum() * (centred[codes == k].mean(0) ** 2).sum() for k in range(len(kinds)))
    return float(between / total), (len(kinds) - 1) / (len(points) - 1)


def nearest_frames(
    clips: FeatureSet, clip: int, frame: int = 0, count: int = 4
) -> list[tuple[int, int, float]]:
    """Find the frames of other clips whose features are most like those of one frame.

    Args:
        clips: FeatureSet.
        clip, frame: int. Which frame is asked about.
        count: int. Defaults to 4.

    Returns:
        list of (clip, frame, distance), nearest first, of different clips: the Euclidean distance of features that
        are standardised over all frames, over its mean for all frames of other clips (1 = like any other).
    """
    frames = clips.X[clips.mask]
    at_clip, at_frame = np.nonzero(clips.mask)
    spread = frames.std(0)
    scaled = (frames - frames.mean(0)) / np.where(spread > 0, spread, 1)
    asked = np.flatnonzero((at_clip == clip) & (at_frame == frame))[0]
    distance = np.linalg.norm(scaled - scaled[asked], axis=1)
    others = np.flatnonzero(at_clip != clip)
    distance /= distance[others].mean() or 1.0
    found, seen = [], set()
    for i in others[np.argsort(distance[others], kind="stable")]:
        if at_clip[i] not in seen and len(found) < count:
            seen.add(at_clip[i])
            found.append((int(at_clip[i]), int(at_frame[i]), float(distance[i])))
    return found
