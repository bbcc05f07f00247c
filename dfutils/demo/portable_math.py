"""Arithmetic that gives the same result on every processor.

numpy and OpenCV take the fastest path that a processor offers. In float32, the last bit of sines, powers and filters
depends on that path, and once in a while it changes a pixel by one level. Here they are computed in float64 and rounded
to float32, so that the differences between paths are far below the last bit. Sums, products and roots need no such
care, because IEEE 754 defines them exactly.
"""

import colorsys

import cv2
import numpy as np
from numpy.typing import ArrayLike


def exp(x: np.ndarray) -> np.ndarray:
    """Return e to the power of x, float32."""
    return np.exp(x, dtype=np.float64).astype(np.float32)


def sin(x: np.ndarray | float) -> np.ndarray:
    """Return the sine of x in radians, float32."""
    return np.sin(x, dtype=np.float64).astype(np.float32)


def cos(x: np.ndarray | float) -> np.ndarray:
    """Return the cosine of x in radians, float32."""
    return np.cos(x, dtype=np.float64).astype(np.float32)


def direction(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the angle of the vector (x, y) in radians, float32."""
    return np.arctan2(y, x, dtype=np.float64).astype(np.float32)


def power(x: np.ndarray, exponent: np.ndarray | float) -> np.ndarray:
    """Return x, which must not be negative, to the power of a number or of an array, float32."""
    return np.power(x, exponent, dtype=np.float64).astype(np.float32)


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


def mix(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Return the weighted mean of two float32 arrays: `first` at weight 0, `second` at weight 1."""
    return np.float32(1 - weight) * first + np.float32(weight) * second


def hsv_to_rgb(hue: float, saturation: float, value: float) -> np.ndarray:
    """Return a colour as RGB, float32 [3], 0 to 255. The hue is 0 to 180, the others 0 to 255, as in OpenCV."""
    return 255 * np.array(colorsys.hsv_to_rgb(hue / 180, saturation / 255, value / 255), np.float32)


def _to_float64(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64, copy=False)
