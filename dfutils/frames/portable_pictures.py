"""Move, resize and blur pictures with the same result on every processor.

OpenCV takes the fastest path that a processor offers. In float32, the last bit of a filter depends on that path, and
once in a while it changes a pixel by one level. Here filters are computed in float64 and rounded to float32.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike


def gaussian_blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Return a picture [H, W] or [H, W, C] under a Gaussian blur of `sigma` pixels, float32."""
    return cv2.GaussianBlur(_to_float64(picture), (0, 0), sigma).astype(np.float32)


def remap(
    picture: np.ndarray, x: np.ndarray, y: np.ndarray, *, border: int = cv2.BORDER_CONSTANT
) -> np.ndarray:
    """Sample a picture at the pixels (x, y) with linear interpolation.

    Args:
        picture: array [H, W] or [H, W, C].
        x, y: float32 arrays [h, w]. Columns and rows of the picture.
        border: int. OpenCV's border mode. Defaults to zeros.

    Returns:
        float32 array [h, w] or [h, w, C].
    """
    return cv2.remap(_to_float64(picture), x, y, cv2.INTER_LINEAR, borderMode=border).astype(np.float32)


def warp(
    picture: np.ndarray,
    matrix: ArrayLike,
    *,
    size: tuple[int, int] | None = None,
    border: int = cv2.BORDER_REPLICATE,
) -> np.ndarray:
    """Move a picture by an affine matrix, with linear interpolation.

    Args:
        picture: array [H, W] or [H, W, C].
        matrix: array [2, 3]. From pixels of the picture to pixels of the result.
        size: tuple of int. Width and height of the result. Defaults to those of the picture.
        border: int. OpenCV's border mode. Defaults to the edge of the picture, repeated.

    Returns:
        float32 array [height, width] or [height, width, C].
    """
    width, height = size or (picture.shape[1], picture.shape[0])
    moved = cv2.warpAffine(
        _to_float64(picture), np.asarray(matrix, np.float64), (width, height), borderMode=border
    )
    return moved.astype(np.float32)


def resize(picture: np.ndarray, size: tuple[int, int], *, interpolation: int) -> np.ndarray:
    """Return a picture resized to (width, height), with one of OpenCV's interpolations, float32."""
    return cv2.resize(_to_float64(picture), size, interpolation=interpolation).astype(np.float32)


def _to_float64(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64, copy=False)
