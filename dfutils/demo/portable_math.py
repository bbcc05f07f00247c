"""Arithmetic that gives the same result on every processor.

numpy takes the fastest path that a processor offers. In float32, the last bit of sines and powers depends on that path,
and once in a while it changes a pixel by one level. Here they are computed in float64 and rounded to float32, so that
the differences between paths are far below the last bit. Sums, products and roots need no such care, because IEEE 754
defines them exactly. `dfutils.frames.portable_pictures` does the same for filters.
"""

import colorsys

import numpy as np


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


def mix(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Return the weighted mean of two float32 arrays: `first` at weight 0, `second` at weight 1."""
    return np.float32(1 - weight) * first + np.float32(weight) * second


def hsv_to_rgb(hue: float, saturation: float, value: float) -> np.ndarray:
    """Return a colour as RGB, float32 [3], 0 to 255. The hue is 0 to 180, the others 0 to 255, as in OpenCV."""
    return 255 * np.array(colorsys.hsv_to_rgb(hue / 180, saturation / 255, value / 255), np.float32)
