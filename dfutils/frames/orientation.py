"""Convert a decoded frame to RGB and rotate it upright."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from av import VideoFrame
from av.sidedata.sidedata import Type


def to_rgb(frame: VideoFrame, max_side: int) -> np.ndarray:
    """Convert a decoded frame to RGB, shrink it if it is large, and rotate it upright.

    Args:
        frame: VideoFrame. A frame from the decoder.
        max_side: int. Largest allowed longer side of the result in pixels.

    Returns:
        uint8 array [H, W, 3], RGB.
    """
    scale = min(1.0, max_side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    side_data: Mapping[Any, Any] = frame.side_data
    matrix = side_data.get(Type.DISPLAYMATRIX)
    return image if matrix is None else turn_upright(image, np.frombuffer(bytes(matrix), np.int32))


def turn_upright(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Rotate and mirror a picture by the display matrix of its video.

    Phones store upright videos rotated by 90 degrees, together with a display matrix (ISO/IEC 14496-12, section 6.2.2).

    Args:
        image: array [H, W, 3].
        matrix: int32 array [9]. The pixel at (x, y) is shown at (a x + c y, b x + d y), where a, b, c and d are the
            elements 0, 1, 3 and 4 of the matrix.

    Returns:
        array [H, W, 3] or [W, H, 3].
    """
    a, b, _, c, d = matrix[:5].astype(int)
    is_lying = abs(b) > abs(a)
    across, down = (c, b) if is_lying else (a, d)
    image = image.swapaxes(0, 1) if is_lying else image
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])
