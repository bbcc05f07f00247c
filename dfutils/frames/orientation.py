"""Bring a decoded frame upright, as RGB."""

import numpy as np
from av.sidedata.sidedata import Type


def to_rgb(frame, max_side: int) -> np.ndarray:
    """Return a decoded frame as uint8 [H, W, 3], RGB, upright, its longer side at most `max_side` pixels."""
    scale = min(1.0, max_side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    return _upright(image, frame.side_data.get(Type.DISPLAYMATRIX))


def _upright(image: np.ndarray, matrix) -> np.ndarray:
    """Turn and mirror a picture [H, W, 3] as its display matrix says: phones write upright video lying down."""
    if matrix is None:
        return image
    # A pixel at (x, y) is shown at (a x + c y, b x + d y).
    (a, b, _), (c, d, _), _ = np.frombuffer(bytes(matrix), np.int32).reshape(3, 3).astype(int)
    is_lying = abs(b) > abs(a)
    across, down = (c, b) if is_lying else (a, d)
    image = image.swapaxes(0, 1) if is_lying else image
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])
