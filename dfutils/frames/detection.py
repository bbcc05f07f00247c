"""Find faces and their landmarks in pictures with MTCNN (Zhang et al., 2016)."""

import functools
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from dfutils.frames.cropping import cut_square, square_around
from dfutils.keras_runtime import load_keras, python_random_kept

LOOK_SIDE, MIN_CONFIDENCE = 480, 0.9
LANDMARKS = (5, 2)  # shape of the landmarks of a face: x and y of five points
FACE_VALUES = 5 + LANDMARKS[0] * LANDMARKS[1]  # box, confidence and landmarks
_LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
# MTCNN searches a pyramid of image sizes. Each size is 0.709 times the previous one.
# A factor of 0.83 is half way between two sizes.
_SECOND_SCALE = 0.83
# MTCNN's smallest search window is 12 pixels wide, and the smallest face it finds is 20 pixels wide.
_MIN_FRAME_SIDE = 24
_BORDER = 0.3  # added around a picture in which no face was found, as a share of its side
_PICTURES_AT_ONCE = 16
_LAST_STAGE_SIDE = 48  # pixels of a picture that MTCNN's last network takes


def detect_faces(
    frames: np.ndarray,
    *,
    look_side: int = LOOK_SIDE,
    min_confidence: float = MIN_CONFIDENCE,
) -> list[np.ndarray]:
    """Find all faces in frames with MTCNN. Frames without a face are searched again at a smaller size.

    Args:
        frames: uint8 array [T, H, W, 3], RGB.
        look_side: int. Longer side in pixels to which frames are shrunk before the search. Defaults to 480.
        min_confidence: float from 0 to 1. Detections with a lower confidence are left out. Defaults to 0.9.

    Returns:
        List of T float64 arrays [K, 5]: x, y, width and height in the frames' pixels, and confidence.
    """
    return [faces[:, :5] for faces in detect_with_landmarks(frames, look_side, min_confidence)]


def find_landmarks(pictures: np.ndarray) -> np.ndarray:
    """Find the five landmarks of the largest face in each picture with MTCNN.

    Face crops are searched as well: if no face is found, a border is added around the picture and it is searched again.

    Args:
        pictures: uint8 array [N, H, W, 3], RGB.

    Returns:
        float64 array [N, 5, 2]. x and y of the left eye, the right eye, the nose, the left and the right corner of the
        mouth, in pixels. Left and right are those of the picture. NaN where no face is found.
    """
    landmarks = np.full((len(pictures), *LANDMARKS), np.nan)
    height, width = pictures.shape[1:3]
    border = round(_BORDER * max(height, width))
    for begin in range(0, len(pictures), _PICTURES_AT_ONCE):
        block = pictures[begin : begin + _PICTURES_AT_ONCE]
        faces = detect_with_landmarks(block, LOOK_SIDE, MIN_CONFIDENCE)
        missed = [i for i, found in enumerate(faces) if not len(found)]
        if missed:
            sides = [(border, border), (border, border), (0, 0)]
            bordered = np.stack([np.pad(block[i], sides, mode="edge") for i in missed])
            found_again = detect_with_landmarks(bordered, LOOK_SIDE, MIN_CONFIDENCE)
            for i, found in zip(missed, found_again, strict=True):
                found[:, :2] -= border
                found[:, 5:] -= border
                faces[i] = found
        for i, found in enumerate(faces, begin):
            if len(found):
                largest = found[np.argmax(found[:, 2] * found[:, 3])]
                landmarks[i] = largest[5:].reshape(LANDMARKS)
    return landmarks


def detect_with_landmarks(frames: np.ndarray, look_side: int, min_confidence: float) -> list[np.ndarray]:
    """Find all faces in frames. Return T float64 arrays [K, 15]: box, confidence, and x and y of five landmarks."""
    faces = _detect_at(frames, look_side, min_confidence)
    # A face may be missed because its size is between two sizes of MTCNN's pyramid.
    without = [i for i, detections in enumerate(faces) if not len(detections)]
    if without:
        smaller = _SECOND_SCALE * min(look_side, max(frames.shape[1:3]))
        for i, detections in zip(without, _detect_at(frames[without], smaller, min_confidence), strict=True):
            faces[i] = detections
    return faces


def check_faces(frames: Sequence[np.ndarray], boxes: np.ndarray) -> np.ndarray:
    """Check one box per frame with the last network of MTCNN, which takes about 1 ms.

    Args:
        frames: sequence of K uint8 arrays [H, W, 3], RGB.
        boxes: float64 array [K, 4]. x, y, width and height in pixels.

    Returns:
        float64 array [K, 15]. The box of the face that is there, the confidence that it is a face, and x and y of its
        five landmarks. A box that is off by up to a third of a face is corrected.
    """
    squares, pictures = [], []
    for frame, box in zip(frames, boxes, strict=True):
        square = square_around(box, margin=1.0)
        squares.append(square)
        pictures.append(cut_square(frame, square, size=_LAST_STAGE_SIDE))
    networks_input = (np.stack(pictures).astype(np.float32) - 127.5) / 128
    offsets, landmarks, scores = (np.asarray(part) for part in _mtcnn().stages[-1]._model(networks_input))
    left, top, side = np.array(squares, float).T[:, :, None]
    corners = np.concatenate([left, top, left + side, top + side], axis=1) + offsets * side
    points = np.stack([left + side * landmarks[:, :5], top + side * landmarks[:, 5:]], axis=-1)
    return np.concatenate(
        [
            corners[:, :2],
            corners[:, 2:] - corners[:, :2],
            scores[:, 1:],
            points.reshape(len(frames), -1),
        ],
        axis=1,
    )


def _detect_at(frames: np.ndarray, longer_side: float, min_confidence: float) -> list[np.ndarray]:
    """Shrink frames to `longer_side` pixels, and find all faces in them."""
    height, width = frames.shape[1:3]
    scale = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if min(size) < _MIN_FRAME_SIDE:
        return [np.empty((0, FACE_VALUES)) for _ in frames]
    small = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames]
    faces = []
    for detections in _mtcnn().detect_faces(small):
        rows = np.array(
            [
                [
                    *face["box"],
                    face["confidence"],
                    *(x for name in _LANDMARK_NAMES for x in face["keypoints"][name]),
                ]
                for face in detections
                if face["confidence"] >= min_confidence
            ],
            float,
        ).reshape(-1, FACE_VALUES)
        rows[:, :4] /= scale
        rows[:, 5:] /= scale
        faces.append(rows[(rows[:, 2] > 0) & (rows[:, 3] > 0)])
    return faces


@functools.cache
def _mtcnn() -> Any:
    """Load the MTCNN face detector on the CPU, with compiled networks."""
    load_keras()
    import tensorflow as tf

    with python_random_kept():
        from mtcnn import MTCNN

        detector = MTCNN(device="CPU:0")
    for stage in detector.stages:
        # MTCNN runs its networks layer by layer. Compiled networks give the same result in about half the time.
        stage._model = tf.function(stage.model, reduce_retracing=True)
    return detector
