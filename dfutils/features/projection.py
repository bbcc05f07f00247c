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
