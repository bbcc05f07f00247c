"""Arithmetic that comes out the same on every processor.

numpy and OpenCV take the fastest path that a processor offers. In float32 the last bit of sines, powers and
filters depends on that path, and now and then it tips a pixel by one level. Here they are computed in float64 and
rounded to float32, which leaves the paths' differences far below the last bit. Sums, products and roots
need no such care: IEEE 754 says what they are.
"""

import colorsys

import cv2
import numpy as np


def exp(x: np.ndarray) -> np.ndarray:
    """Return e to the power of x, float32."""
    return np.exp(x, dtype=np.float64).astype(np.float32)


def sin(x: np.ndarray) -> np.ndarray:
    """Return the sine of x in radians, float32."""
    return np.sin(x, dtype=np.float64).astype(np.float32)


def cos(x: np.ndarray) -> np.ndarray:
    """Return the cosine of x in radians, float32."""
    return np.cos(x, dtype=np.float64).astype(np.float32)


def angle(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the direction of (x, y) in radians, float32."""
    return np.arctan2(y, x, dtype=np.float64).astype(np.float32)


def power(x: np.ndarray, exponent) -> np.ndarray:
    """Return x, not negative, to the power of a number or of an array, float32."""
    return np.power(x, exponent, dtype=np.float64).astype(np.float32)


def blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Return a picture [H, W] or [H, W, C] under a Gaussian of `sigma` pixels, float32."""
    return cv2.GaussianBlur(_wide(picture), (0, 0), sigma).astype(np.float32)


def look_up(picture: np.ndarray, x: np.ndarray, y: np.ndarray, border=cv2.BORDER_CONSTANT) -> np.ndarray:
    """Return a picture at the pixels (x, y), float32 [h, w] each, with linear interpolation, float32."""
    return cv2.remap(_wide(picture), x, y, cv2.INTER_LINEAR, borderMode=border).astype(np.float32)


def move(picture: np.ndarray, way, size: tuple[int, int] | None = None, border: int = cv2.BORDER_REPLICATE):
    """Return a picture moved by the affine `way` [2, 3], with linear interpolation, float32.

    Args:
        picture: array [H, W] or [H, W, C].
        way: From pixels of the picture to pixels of the result.
        size: (width, height) of the result. Defaults to the picture's.
        border: int. OpenCV's border mode. Defaults to the picture's edge, repeated.
    """
    size = size or picture.shape[1::-1]
    return cv2.warpAffine(_wide(picture), np.float64(way), size, borderMode=border).astype(np.float32)


def resize(picture: np.ndarray, size: tuple[int, int], interpolation: int) -> np.ndarray:
    """Return a picture at (width, height), float32."""
    return cv2.resize(_wide(picture), size, interpolation=interpolation).astype(np.float32)


def mix(one: np.ndarray, other: np.ndarray, weight: float) -> np.ndarray:
    """Return what lies between two float32 arrays: `one` at weight 0, `other` at 1."""
    return np.float32(1 - weight) * one + np.float32(weight) * other


def colour(hue: float, saturation: float, value: float) -> np.ndarray:
    """Return a colour (hue 0 to 180, saturation and value 0 to 255, as in OpenCV) as RGB 0 to 255, float32."""
    return 255 * np.array(colorsys.hsv_to_rgb(hue / 180, saturation / 255, value / 255), np.float32)


def _wide(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64, copy=False)
