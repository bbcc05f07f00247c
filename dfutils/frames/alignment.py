"""Cut aligned faces out of frames: turned, scaled and moved so that eyes and mouth are always in the same places."""

from collections.abc import Sequence

import cv2
import numpy as np

# Where the eyes, the nose and the corners of the mouth are in an aligned crop with a margin of 1, as shares of its
# side from the middle. They are the median places in the boxes that MTCNN found in 1,791 crops of FaceForensics++.
_ALIGNED = np.array([[-0.19, -0.106], [0.19, -0.106], [0.0, 0.107], [-0.155, 0.313], [0.155, 0.313]])


def similarity(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Compute the turn, scale and shift that takes points to places with the least squared error (Umeyama, 1991).

    Args:
        points, places: float64 arrays [K, 2].

    Returns:
        float64 array [2, 3], for `cv2.warpAffine`. It never mirrors.
    """
    centre, target = points.mean(0), places.mean(0)
    left, singular, right = np.linalg.svd((places - target).T @ (points - centre))
    upright = np.diag([1.0, np.sign(np.linalg.det(left @ right)) or 1.0])
    turn = left @ upright @ right
    spread = ((points - centre) ** 2).sum()
    scale = (singular * upright.diagonal()).sum() / spread if spread > 0 else 1.0
    return np.c_[scale * turn, target - scale * turn @ centre]


def align_crop(frame: np.ndarray, landmarks: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    """Cut an aligned face out of a frame: turned, scaled and moved so that the landmarks are in fixed places.

    Args:
        frame: uint8 array [H, W, 3].
        landmarks: float64 array [5, 2]. x and y in pixels of the frame, as in `FaceTrack.landmarks`.
        margin: float. As in `FaceCrop`: 1 for about the box of the face.
        size: int. Side of the result in pixels.

    Returns:
        uint8 array [size, size, 3]. Where it extends beyond the frame, the pixels at the frame's edge are repeated.
    """
    matrix = similarity(landmarks, (_ALIGNED / margin + 0.5) * size - 0.5)
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    # Linear interpolation skips pixels where it shrinks by more than half. So the frame is shrunk first.
    shrink = min(1.0, 2 ** np.ceil(np.log2(max(scale, 1e-6)) + 0.5)) if scale < 0.75 else 1.0
    if shrink < 1:
        height, width = frame.shape[:2]
        small = max(1, round(width * shrink)), max(1, round(height * shrink))
        frame = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
        stretch = np.diag([width / small[0], height / small[1]])
        # Pixel centres: x + 0.5 is scaled, not x.
        matrix = np.c_[
            matrix[:, :2] @ stretch, matrix[:, 2] + matrix[:, :2] @ (0.5 * stretch.diagonal() - 0.5)
        ]
    return cv2.warpAffine(
        frame, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def align_crops(
    frames: Sequence[np.ndarray], landmarks: np.ndarray, *, margin: float, size: int
) -> np.ndarray:
    """Return the aligned crop of each frame, uint8 [T, size, size, 3]. The arguments are as for `align_crop`."""
    crops = np.empty((len(frames), size, size, 3), np.uint8)
    for i, (frame, points) in enumerate(zip(frames, landmarks, strict=True)):
        crops[i] = align_crop(frame, points, margin=margin, size=size)
    return crops
