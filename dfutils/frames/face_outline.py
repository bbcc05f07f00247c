"""Masks of the face and of its parts, drawn from the five landmarks that MTCNN finds.

The usual 68 landmarks would follow the outline of a face more closely. They are not used, because the data that their
model was trained on may not be used commercially.
"""

from typing import Literal, get_args

import cv2
import numpy as np

Region = Literal["whole", "forehead", "inner", "lower", "mouth", "eyes"]
REGIONS: tuple[Region, ...] = get_args(Region)

# Places on a frontal face. The origin is between the eyes, and the unit is the distance between them.
_LANDMARKS = np.array([[-0.5, 0.0], [0.5, 0.0], [0.0, 0.62], [-0.4, 1.08], [0.4, 1.08]])
_JAW = [
    (-1.05, -0.10), (-1.02, 0.35), (-0.95, 0.80), (-0.80, 1.25), (-0.52, 1.68), (-0.22, 1.92), (0.00, 1.97),
    (0.22, 1.92), (0.52, 1.68), (0.80, 1.25), (0.95, 0.80), (1.02, 0.35), (1.05, -0.10),
]  # fmt: skip
_BROWS = [(0.85, -0.42), (0.45, -0.55), (-0.45, -0.55), (-0.85, -0.42)]
_FOREHEAD = [(0.95, -0.65), (0.50, -1.00), (0.00, -1.08), (-0.50, -1.00), (-0.95, -0.65)]
_OUTLINES: dict[Region, list[tuple[float, float]]] = {
    "whole": [*_JAW, *_BROWS],
    "forehead": [*_JAW, *_FOREHEAD],
    "inner": [
        (-0.85, -0.40), (-0.80, 0.20), (-0.72, 0.90), (-0.55, 1.45), (0.00, 1.60), (0.55, 1.45), (0.72, 0.90),
        (0.80, 0.20), (0.85, -0.40), (0.40, -0.50), (-0.40, -0.50),
    ],
    "lower": [
        (-0.80, 0.45), (-0.85, 0.90), (-0.78, 1.30), (-0.50, 1.70), (0.00, 1.95), (0.50, 1.70), (0.78, 1.30),
        (0.85, 0.90), (0.80, 0.45), (0.30, 0.40), (-0.30, 0.40),
    ],
    "mouth": [
        (-0.60, 0.85), (-0.62, 1.10), (-0.40, 1.45), (0.00, 1.55), (0.40, 1.45), (0.62, 1.10), (0.60, 0.85),
        (0.00, 0.75),
    ],
    "eyes": [
        (-0.95, -0.35), (-0.90, 0.25), (-0.30, 0.70), (0.00, 0.80), (0.30, 0.70), (0.90, 0.25), (0.95, -0.35),
        (0.40, -0.50), (-0.40, -0.50),
    ],
}  # fmt: skip
_SUBPIXEL_BITS = 3


def eye_distance(landmarks: np.ndarray) -> float:
    """Return the size of a face: the distance that its eyes would have if it looked into the camera, in pixels.

    Args:
        landmarks: float64 array [5, 2]. x and y of the left eye, the right eye, the nose, the left and the right corner
            of the mouth, in pixels.
    """
    # In a profile, the eyes are close to each other, and the height of the face still tells its size.
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    height = np.linalg.norm(mouth - eyes) / _LANDMARKS[3, 1]
    return float(max(np.linalg.norm(landmarks[1] - landmarks[0]), height, 1.0))


def outline(landmarks: np.ndarray, region: Region, *, shifts: np.ndarray | float = 0.0) -> np.ndarray:
    """Return the outline of a region of the face.

    A template of a frontal face is fitted to the landmarks by an affine matrix (least squares), so that it turns and
    narrows with the head.

    Args:
        landmarks: float64 array [5, 2], in pixels.
        region: str. `"whole"` (brows to chin), `"forehead"` (the whole face with the forehead), `"inner"`, `"lower"`,
            `"mouth"` or `"eyes"`.
        shifts: float array [K, 2]. Moves the points of the template, in distances between the eyes. Defaults to 0.

    Returns:
        float64 array [K, 2]. Its points in pixels, in order.
    """
    matrix, *_ = np.linalg.lstsq(np.c_[_LANDMARKS, np.ones(5)], landmarks, rcond=None)
    points = np.asarray(_OUTLINES[region]) + shifts
    return np.c_[points, np.ones(len(points))] @ matrix


def points_of(region: Region) -> int:
    """Return the number of points in the outline of a region."""
    return len(_OUTLINES[region])


def fill(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a mask of the convex hull of points, float32 [H, W]: 1 inside, 0 outside.

    Args:
        points: float64 array [K, 2], x and y in pixels.
        shape: tuple of int. Height and width of the mask.
    """
    mask = np.zeros(shape, np.float32)
    hull = cv2.convexHull(np.round(points * 2**_SUBPIXEL_BITS).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1.0, cv2.LINE_AA, _SUBPIXEL_BITS)
    return mask
