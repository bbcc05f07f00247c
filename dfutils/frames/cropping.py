"""Cut square crops out of frames, without distortion."""

from collections.abc import Iterable

import cv2
import numpy as np


def crop_square(frame: np.ndarray, box: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    """Cut the square around a box out of a frame and resize it.

    Args:
        frame: uint8 array [H, W, 3].
        box: array [4]. x, y, width and height in pixels.
        margin: float. Side of the square divided by the longer side of the box.
        size: int. Side of the result in pixels.

    Returns:
        uint8 array [size, size, 3]. Where the square extends beyond the frame, the pixels at its edge are
        repeated.
    """
    return cut_square(frame, square_around(box, margin=margin), size=size)


def crop_squares(frames: Iterable[np.ndarray], boxes: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    """Return the crop of each frame, uint8 [T, size, size, 3]. The arguments are as for `crop_square`."""
    return np.stack(
        [crop_square(frame, box, margin=margin, size=size) for frame, box in zip(frames, boxes, strict=True)]
    )


def square_around(box: np.ndarray, *, margin: float) -> tuple[int, int, int]:
    """Return left, top and side of the square around a box, in whole pixels. The arguments are as for `crop_square`."""
    side = max(1, round(max(box[2], box[3]) * margin))
    return round(box[0] + box[2] / 2 - side / 2), round(box[1] + box[3] / 2 - side / 2), side


def cut_square(frame: np.ndarray, square: tuple[int, int, int], *, size: int) -> np.ndarray:
    """Cut a square, from `square_around`, out of a frame and resize it. The result is as for `crop_square`."""
    height, width = frame.shape[:2]
    left, top, side = square
    if left >= 0 and top >= 0 and left + side <= width and top + side <= height:
        pixels = frame[top : top + side, left : left + side]
    else:
        columns = np.clip(np.arange(left, left + side), 0, width - 1)
        rows = np.clip(np.arange(top, top + side), 0, height - 1)
        pixels = frame[rows[:, None], columns[None, :]]
    interpolation = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(pixels, (size, size), interpolation=interpolation)
