"""Find the main face of a clip, track it from frame to frame, and cut out square crops."""

import functools
from dataclasses import dataclass
from typing import Any, Literal, get_args

import cv2
import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.reader import Clip
from dfutils.keras_runtime import load_keras, python_random_kept

FaceDetector = Literal["mtcnn", "none"]
DETECTORS: tuple[FaceDetector, ...] = get_args(FaceDetector)
_LANDMARKS = (5, 2)
_LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@dataclass(frozen=True, kw_only=True)
class FaceCrop:
    """Settings for finding and cropping faces.

    Args:
        detector: str. `"mtcnn"` finds the face (Zhang et al., 2016). `"none"` takes the middle square of the frame,
            for data that is cropped already; with `align`, a square without a face stays as it is. Defaults to
            `"mtcnn"`.
        size: int. Side of a crop in pixels. Defaults to 299, the size that InceptionV3 was trained on.
        margin: float. Side of the crop divided by the longer side of the face's box. At least 1. Defaults to 1.3.
        look_every: int. The detector runs on every `look_every`-th sampled frame and on the last one. For the other
            frames, the box is interpolated. Defaults to 5.
        look_side: int. Frames are shrunk to this longer side, in pixels, before the detector runs on them. Defaults
            to 480.
        min_confidence: float from 0 to 1. Detections with a lower confidence are ignored. Defaults to 0.9.
        align: bool. Turn, scale and move each crop so that the eyes, the nose and the mouth are always in the same
            places. Defaults to False: crops are upright squares of the frame.
        min_share: float from 0 to 1. A clip has the status `no_face` if a face is found in a smaller share of the
            frames that the detector ran on. Defaults to 0.5.

    Raises:
        SettingsError: If the detector is unknown, or a number is out of range.
    """

    detector: FaceDetector = "mtcnn"
    size: int = 299
    margin: float = 1.3
    look_every: int = 5
    look_side: int = 480
    min_confidence: float = 0.9
    min_share: float = 0.5
    align: bool = False

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise SettingsError(
                f"FaceCrop.detector must be one of {', '.join(DETECTORS)}. Received: {self.detector!r}"
            )
        if not isinstance(self.align, bool):
            raise SettingsError(f"FaceCrop.align must be True or False. Received: {self.align!r}")
        for name in ("size", "look_every", "look_side"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise SettingsError(
                    f"FaceCrop.{name} must be a whole number of at least 1. Received: {value!r}"
                )
        ranges = {"margin": (1, np.inf), "min_confidence": (0, 1), "min_share": (0, 1)}
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not isinstance(value, int | float | np.number) or not low <= value <= high:
                limits = f"from {low} to {high}" if np.isfinite(high) else f"of at least {low}"
                raise SettingsError(f"FaceCrop.{name} must be a number {limits}. Received: {value!r}")


@dataclass(frozen=True)
class FaceTrack:
    """Crops and boxes of the main face of a clip, one per frame.

    Args:
        crops: uint8 array [T, size, size, 3], RGB.
        boxes: float64 array [T, 4]. x, y, width and height of the face in pixels of the clip's frames.
        confidence: float64 array [T]. The detector's confidence, interpolated like the boxes; 1 without a detector.
        found: bool array [T]. True for frames in which the detector found the main face.
        looked: bool array [T]. True for frames that the detector ran on.
        landmarks: float64 array [T, 5, 2]. x and y of both eyes, the nose and both corners of the mouth, in pixels of
            the clip's frames, interpolated like the boxes. NaN without a detector.
    """

    crops: np.ndarray
    boxes: np.ndarray
    confidence: np.ndarray
    found: np.ndarray
    looked: np.ndarray
    landmarks: np.ndarray


def crop_faces(clip: Clip, settings: FaceCrop | None = None) -> FaceTrack:
    """Find the main face of a clip and cut a square crop out of every sampled frame.

    If there are several faces, the main one has the largest sum of areas (weighted by confidence) over the frames that
    the detector ran on. The face is tracked from frame to frame by the overlap of its boxes. The boxes are smoothed to
    reduce the jitter of the detector, and interpolated for the other frames. A crop is never distorted: where the
    square extends beyond the frame, the pixels at the edge of the frame are repeated.

    Args:
        clip: Clip. Its `frames` are uint8 [T, H, W, 3], RGB.
        settings: FaceCrop. Defaults to `FaceCrop()`.

    Returns:
        FaceTrack. Its `crops` are uint8 [T, size, size, 3], its `boxes` float64 [T, 4].

    Raises:
        ClipError: With status `no_face` if the detector found a face in too few frames.

    Example:
        >>> from dfutils.frames import FaceCrop, Sampling, crop_faces, read_clip
        >>> clip = read_clip("faces/person_000/take0.mp4", Sampling(frames=4))
        >>> crop_faces(clip, FaceCrop(detector="none", size=128)).crops.shape
        (4, 128, 128, 3)
    """
    settings = settings or FaceCrop()
    if settings.detector == "none":
        return _middle_squares(clip, settings)
    count = len(clip.frames)
    positions = sorted({*range(0, count, settings.look_every), count - 1})
    candidates = _detect(clip.frames[positions], settings.look_side, settings.min_confidence)
    detections = {
        position: face
        for position, face in zip(positions, _follow_main_face(candidates), strict=True)
        if face is not None
    }
    if not detections or len(detections) < settings.min_share * len(positions):
        summary = f"a face in {len(detections)} of the {len(positions)} frames looked at, of {count} sampled"
        raise ClipError("no_face", "; ".join(filter(None, [summary, clip.note])))
    boxes, confidence, landmarks = _interpolate(detections, count)
    looked, found = np.zeros(count, bool), np.zeros(count, bool)
    looked[positions] = True
    found[list(detections)] = True
    if settings.align:
        crops = _align_all(clip.frames, landmarks, margin=settings.margin, size=settings.size)
    else:
        crops = _crop_all(clip.frames, boxes, margin=settings.margin, size=settings.size)
    return FaceTrack(crops, boxes, confidence, found, looked, landmarks)


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
    height, width = frame.shape[:2]
    side = max(1, round(max(box[2], box[3]) * margin))
    left = round(box[0] + box[2] / 2 - side / 2)
    top = round(box[1] + box[3] / 2 - side / 2)
    if left >= 0 and top >= 0 and left + side <= width and top + side <= height:
        square = frame[top : top + side, left : left + side]
    else:
        columns = np.clip(np.arange(left, left + side), 0, width - 1)
        rows = np.clip(np.arange(top, top + side), 0, height - 1)
        square = frame[rows[:, None], columns[None, :]]
    interpolation = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=interpolation)


def _crop_all(frames: np.ndarray, boxes: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    return np.stack(
        [crop_square(frame, box, margin=margin, size=size) for frame, box in zip(frames, boxes, strict=True)]
    )


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


def _align_all(frames: np.ndarray, landmarks: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    crops = np.empty((len(frames), size, size, 3), np.uint8)
    for i, (frame, points) in enumerate(zip(frames, landmarks, strict=True)):
        crops[i] = align_crop(frame, points, margin=margin, size=size)
    return crops


def _middle_squares(clip: Clip, settings: FaceCrop) -> FaceTrack:
    """Crop the largest centred square of every frame, without a face detector."""
    count, height, width = clip.frames.shape[:3]
    side = min(height, width)
    boxes = np.tile([(width - side) / 2, (height - side) / 2, side, side], (count, 1)).astype(float)
    crops = _crop_all(clip.frames, boxes, margin=1.0, size=settings.size)
    if settings.align:
        landmarks = find_landmarks(crops)
        seen = np.isfinite(landmarks).all(axis=(1, 2))
        crops[seen] = _align_all(crops[seen], landmarks[seen], margin=settings.margin, size=settings.size)
    nowhere = np.zeros(count, bool)
    unknown = np.full((count, *_LANDMARKS), np.nan)
    return FaceTrack(crops, boxes, np.ones(count), nowhere, nowhere, unknown)


# MTCNN searches a pyramid of image sizes. Each size is 0.709 times the previous one.
# A factor of 0.83 is half way between two sizes.
_SECOND_SCALE = 0.83
# MTCNN's smallest search window is 12 pixels wide, and the smallest face it finds is 20 pixels wide.
_MIN_FRAME_SIDE = 24


def detect_faces(
    frames: np.ndarray,
    *,
    look_side: int = FaceCrop.look_side,
    min_confidence: float = FaceCrop.min_confidence,
) -> list[np.ndarray]:
    """Find all faces in frames with MTCNN. Frames without a face are searched again at a smaller size.

    Args:
        frames: uint8 array [T, H, W, 3], RGB.
        look_side: int. Longer side in pixels to which frames are shrunk before the search. Defaults to 480.
        min_confidence: float from 0 to 1. Detections with a lower confidence are left out. Defaults to 0.9.

    Returns:
        List of T float64 arrays [K, 5]: x, y, width and height in the frames' pixels, and confidence.
    """
    return [faces[:, :5] for faces in _detect(frames, look_side, min_confidence)]


def find_landmarks(pictures: np.ndarray) -> np.ndarray:
    """Find the five landmarks of the largest face in each picture with MTCNN.

    Face crops are searched as well: if no face is found, a border is added around the picture and it is searched again.

    Args:
        pictures: uint8 array [N, H, W, 3], RGB.

    Returns:
        float64 array [N, 5, 2]. x and y of the left eye, the right eye, the nose, the left and the right corner of the
        mouth, in pixels. Left and right are those of the picture. NaN where no face is found.
    """
    landmarks = np.full((len(pictures), *_LANDMARKS), np.nan)
    height, width = pictures.shape[1:3]
    border = round(_BORDER * max(height, width))
    for begin in range(0, len(pictures), _PICTURES_AT_ONCE):
        block = pictures[begin : begin + _PICTURES_AT_ONCE]
        faces = _detect(block, FaceCrop.look_side, FaceCrop.min_confidence)
        missed = [i for i, found in enumerate(faces) if not len(found)]
        if missed:
            sides = [(border, border), (border, border), (0, 0)]
            bordered = np.stack([np.pad(block[i], sides, mode="edge") for i in missed])
            found_again = _detect(bordered, FaceCrop.look_side, FaceCrop.min_confidence)
            for i, found in zip(missed, found_again, strict=True):
                found[:, :2] -= border
                found[:, 5:] -= border
                faces[i] = found
        for i, found in enumerate(faces, begin):
            if len(found):
                largest = found[np.argmax(found[:, 2] * found[:, 3])]
                landmarks[i] = largest[5:].reshape(_LANDMARKS)
    return landmarks


_BORDER = 0.3
_PICTURES_AT_ONCE = 16


def _detect(frames: np.ndarray, look_side: int, min_confidence: float) -> list[np.ndarray]:
    """Find all faces in frames. Return T float64 arrays [K, 15]: box, confidence, and x and y of five landmarks."""
    faces = _detect_at(frames, look_side, min_confidence)
    # A face may be missed because its size is between two sizes of MTCNN's pyramid.
    without = [i for i, detections in enumerate(faces) if not len(detections)]
    if without:
        smaller = _SECOND_SCALE * min(look_side, max(frames.shape[1:3]))
        for i, detections in zip(without, _detect_at(frames[without], smaller, min_confidence), strict=True):
            faces[i] = detections
    return faces


def _detect_at(frames: np.ndarray, longer_side: float, min_confidence: float) -> list[np.ndarray]:
    """Shrink frames to `longer_side` pixels, and find all faces in them."""
    height, width = frames.shape[1:3]
    scale = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    columns = 5 + int(np.prod(_LANDMARKS))
    if min(size) < _MIN_FRAME_SIDE:
        return [np.empty((0, columns)) for _ in frames]
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
        ).reshape(-1, columns)
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


def _follow_main_face(candidates: list[np.ndarray]) -> list[np.ndarray | None]:
    """Track faces, `candidates` of each frame, by overlap. Return the main face of each frame, None without it."""
    tracks: list[list[np.ndarray | None]] = []
    for position, faces in enumerate(candidates):
        free = list(range(len(faces)))
        for track in tracks:
            last = next(face for face in reversed(track) if face is not None)
            overlaps = {i: _overlap(last, faces[i]) for i in free}
            nearest = max(free, key=overlaps.__getitem__, default=None)
            if nearest is not None and overlaps[nearest] > 0:
                track.append(faces[nearest])
                free.remove(nearest)
            else:
                track.append(None)
        tracks += [[None] * position + [faces[i]] for i in free]
    if not tracks:
        return [None] * len(candidates)
    return max(
        tracks, key=lambda track: sum(face[2] * face[3] * face[4] for face in track if face is not None)
    )


def _overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection over union of two boxes; 0 if they do not overlap."""
    right, bottom = np.minimum(first[:2] + first[2:4], second[:2] + second[2:4])
    width, height = right - max(first[0], second[0]), bottom - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = width * height
    return float(intersection / (first[2] * first[3] + second[2] * second[3] - intersection))


def _interpolate(detections: dict[int, np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smooth the boxes and landmarks of the detected faces, and interpolate them for the other frames.

    Args:
        detections: dict of frame position to array [15]: x, y, width, height, confidence and landmarks. In ascending
            order.
        count: int. Number of frames.

    Returns:
        Boxes, float64 [count, 4], confidences, float64 [count], and landmarks, float64 [count, 5, 2].
    """
    known = np.array(list(detections.values()))
    # The centre and the size of a box change more smoothly than its corners, so they are smoothed instead.
    known[:, :2] += known[:, 2:4] / 2
    for columns in (slice(0, 4), slice(5, None)):
        middle = (known[:-2, columns] + 2 * known[1:-1, columns] + known[2:, columns]) / 4
        known[1:-1, columns] = middle
    track = np.column_stack([np.interp(np.arange(count), list(detections), column) for column in known.T])
    track[:, :2] -= track[:, 2:4] / 2
    return track[:, :4], track[:, 4], track[:, 5:].reshape(count, *_LANDMARKS)
