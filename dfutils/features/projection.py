"""Flatten features to a picture."""

import numpy as np


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
