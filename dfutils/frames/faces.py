"""Find the main face of a clip, track it from frame to frame, and cut out square crops."""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.alignment import align_crops
from dfutils.frames.detection import (
    LANDMARKS,
    LOOK_SIDE,
    MIN_CONFIDENCE,
    detect_with_landmarks,
    find_landmarks,
)
from dfutils.frames.reader import Clip

FaceDetector = Literal["mtcnn", "none"]
DETECTORS: tuple[FaceDetector, ...] = get_args(FaceDetector)
_MUCH_ENLARGED = 2.0  # more than this is said, because enlarging adds no detail


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
    look_side: int = LOOK_SIDE
    min_confidence: float = MIN_CONFIDENCE
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
        enlargement: float. How many times the squares of the frames were enlarged to the size of the crops; below 1 if
            they were shrunk. Turning and scaling by `align` is not counted.
        note: str. Which part of a damaged clip could not be read, and how much small crops were enlarged. `""` if there
            is nothing to say.
    """

    crops: np.ndarray
    boxes: np.ndarray
    confidence: np.ndarray
    found: np.ndarray
    looked: np.ndarray
    landmarks: np.ndarray
    enlargement: float
    note: str


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
    candidates = detect_with_landmarks(clip.frames[positions], settings.look_side, settings.min_confidence)
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
        crops = align_crops(clip.frames, landmarks, margin=settings.margin, size=settings.size)
    else:
        crops = _crop_all(clip.frames, boxes, margin=settings.margin, size=settings.size)
    enlargement, note = _describe_size(clip, boxes, margin=settings.margin, size=settings.size)
    return FaceTrack(crops, boxes, confidence, found, looked, landmarks, enlargement, note)


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


def _describe_size(clip: Clip, boxes: np.ndarray, *, margin: float, size: int) -> tuple[float, str]:
    """Return how much crops are enlarged, and the note of the clip, which says so if it is much."""
    side = max(1.0, float(np.median(boxes[:, 2:].max(1))) * margin)
    enlargement = size / side
    words = f"crops of {side:.0f} pixels, enlarged {enlargement:.1f} times"
    return enlargement, "; ".join(filter(None, [clip.note, words if enlargement > _MUCH_ENLARGED else ""]))


def _crop_all(frames: np.ndarray, boxes: np.ndarray, *, margin: float, size: int) -> np.ndarray:
    return np.stack(
        [crop_square(frame, box, margin=margin, size=size) for frame, box in zip(frames, boxes, strict=True)]
    )


def _middle_squares(clip: Clip, settings: FaceCrop) -> FaceTrack:
    """Crop the largest centred square of every frame, without a face detector."""
    count, height, width = clip.frames.shape[:3]
    side = min(height, width)
    boxes = np.tile([(width - side) / 2, (height - side) / 2, side, side], (count, 1)).astype(float)
    crops = _crop_all(clip.frames, boxes, margin=1.0, size=settings.size)
    if settings.align:
        landmarks = find_landmarks(crops)
        seen = np.isfinite(landmarks).all(axis=(1, 2))
        crops[seen] = align_crops(crops[seen], landmarks[seen], margin=settings.margin, size=settings.size)
    nowhere = np.zeros(count, bool)
    unknown = np.full((count, *LANDMARKS), np.nan)
    enlargement, note = _describe_size(clip, boxes, margin=1.0, size=settings.size)
    return FaceTrack(crops, boxes, np.ones(count), nowhere, nowhere, unknown, enlargement, note)


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
    return track[:, :4], track[:, 4], track[:, 5:].reshape(count, *LANDMARKS)
