"""Find the main face of a clip, track it from frame to frame, and cut out square crops."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.alignment import align_crops
from dfutils.frames.cropping import crop_squares
from dfutils.frames.detection import LANDMARKS, LOOK_SIDE, MIN_CONFIDENCE, find_landmarks
from dfutils.frames.reader import Clip
from dfutils.frames.tracking import MainFace, follow_faces, follow_main_face

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
        look_every: int. The detector runs on every `look_every`-th sampled frame and on the last one. In the other
            frames, the box is interpolated and checked. The detector also runs on frames in which the check fails.
            Defaults to 5.
        look_side: int. Frames are shrunk to this longer side, in pixels, before the detector runs on them. Defaults
            to 480.
        min_confidence: float from 0 to 1. Detections with a lower confidence are ignored. Defaults to 0.9.
        align: bool. Turn, scale and move each crop so that the eyes, the nose and the mouth are always in the same
            places. Defaults to False: crops are upright squares of the frame.
        min_share: float from 0 to 1. A clip has the status `no_face` if a smaller share of its sampled frames shows a
            face, or if less than half this share shows the main face. Defaults to 0.5.

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
    """Crops and boxes of the main face of a clip. There are T of its N sampled frames that show this face.

    Args:
        crops: uint8 array [T, size, size, 3], RGB.
        boxes: float64 array [T, 4]. x, y, width and height of the face in pixels of the clip's frames.
        confidence: float64 array [T]. The detector's confidence, interpolated like the boxes; 1 without a detector.
        landmarks: float64 array [T, 5, 2]. x and y of both eyes, the nose and both corners of the mouth, in pixels of
            the clip's frames, interpolated like the boxes. NaN without a detector.
        positions: int64 array [T]. The position of each crop's frame in the clip's `frames` and `times`. Ascending.
            Frames that do not show the main face are left out.
        looked: bool array [N]. True for frames that the detector ran on.
        found: bool array [N]. True for frames in which the detector found the main face.
        enlargement: float. How many times the squares of the frames were enlarged to the size of the crops; below 1 if
            they were shrunk. Turning and scaling by `align` is not counted.
        note: str. Which part of a damaged clip could not be read, how many frames do not show the main face, and how
            much small crops were enlarged. `""` if there is nothing to say.
    """

    crops: np.ndarray
    boxes: np.ndarray
    confidence: np.ndarray
    landmarks: np.ndarray
    positions: np.ndarray
    looked: np.ndarray
    found: np.ndarray
    enlargement: float
    note: str


def crop_faces(clip: Clip, settings: FaceCrop | None = None) -> FaceTrack:
    """Find the main face of a clip, and cut a square crop out of every sampled frame that shows it.

    If there are several faces, the main one is the face that is present in most frames. Of faces that are present for
    about as long (at least three quarters of the longest time), it is the largest. The face is followed by the overlap
    of its boxes, by its movement, and by the colours of head and collar. So it is also followed across a cut.

    The boxes are smoothed to reduce the jitter of the detector. In frames that the detector did not run on, the box is
    interpolated, and a network checks that the face is there. A frame without the main face gets no crop. A crop is
    never distorted: where the square extends beyond the frame, the pixels at the edge of the frame are repeated.

    Args:
        clip: Clip. Its `frames` are uint8 [T, H, W, 3], RGB.
        settings: FaceCrop. Defaults to `FaceCrop()`.

    Returns:
        FaceTrack. Its `crops` are uint8 [T, size, size, 3], its `boxes` float64 [T, 4].

    Raises:
        ClipError: With status `no_face` if too few frames show the main face.

    Example:
        >>> from dfutils.frames import FaceCrop, Sampling, crop_faces, read_clip
        >>> clip = read_clip("faces/person_000/take0.mp4", Sampling(frames=4))
        >>> crop_faces(clip, FaceCrop(detector="none", size=128)).crops.shape
        (4, 128, 128, 3)
    """
    settings = settings or FaceCrop()
    if settings.detector == "none":
        return _middle_squares(clip, settings)
    return _crop_main(clip, follow_main_face(clip.frames, **_looking(settings)), settings)


def crop_all_faces(clip: Clip, settings: FaceCrop | None = None, *, people: int = 10) -> list[FaceTrack]:
    """Cut square crops of the face of every person in a clip, as `crop_faces` does for the main face.

    Args:
        clip: Clip. Its `frames` are uint8 [T, H, W, 3], RGB.
        settings: FaceCrop. Defaults to `FaceCrop()`. With `detector="none"`, there is one person.
        people: int. The largest number of people. Defaults to 10.

    Returns:
        list of FaceTrack, one per person: the main face first, which is the one that `crop_faces` returns, then the
        faces that are present in most frames.

    Raises:
        ClipError: With status `no_face` if too few frames show the main face.
    """
    settings = settings or FaceCrop()
    if settings.detector == "none":
        return [_middle_squares(clip, settings)]
    main, *others = follow_faces(clip.frames, people=people, **_looking(settings))
    return [_crop_main(clip, main, settings), *(_crop(clip, face, settings) for face in others)]


def _looking(settings: FaceCrop) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in ("look_every", "look_side", "min_confidence")}


def _crop_main(clip: Clip, main: MainFace, settings: FaceCrop) -> FaceTrack:
    """Crop the main face; raise a ClipError if too few frames show it."""
    is_shown = np.mean(main.present | main.others) >= settings.min_share
    if not main.present.any() or not is_shown or np.mean(main.present) < settings.min_share / 2:
        raise ClipError("no_face", "; ".join(filter(None, [_describe_shown(main), clip.note])))
    return _crop(clip, main, settings)


def _crop(clip: Clip, main: MainFace, settings: FaceCrop) -> FaceTrack:
    """Crop a face in every frame in which it is present."""
    (positions,) = np.nonzero(main.present)
    frames, faces = [clip.frames[i] for i in positions], main.faces[positions]
    boxes, landmarks = faces[:, :4], faces[:, 5:].reshape(-1, *LANDMARKS)
    if settings.align:
        crops = align_crops(frames, landmarks, margin=settings.margin, size=settings.size)
    else:
        crops = crop_squares(frames, boxes, margin=settings.margin, size=settings.size)
    enlargement, enlarged = _describe_size(boxes, margin=settings.margin, size=settings.size)
    return FaceTrack(
        crops=crops,
        boxes=boxes,
        confidence=faces[:, 4],
        landmarks=landmarks,
        positions=positions,
        looked=main.looked,
        found=main.found,
        enlargement=enlargement,
        note="; ".join(filter(None, [clip.note, _describe_missing(main), enlarged])),
    )


def _describe_shown(main: MainFace) -> str:
    """Say in how many frames a face is present, for a clip with too few of them."""
    count, present, others = len(main.present), int(main.present.sum()), int(main.others.sum())
    if not others:
        return f"a face in {present} of {count} frames"
    return f"the main face in {present} of {count} frames, only another face in {others}"


def _describe_missing(main: MainFace) -> str:
    """Say in how many frames there is no face, or only another one. `""` if the main face is in every frame."""
    count, others = len(main.present), int(main.others.sum())
    empty = count - others - int(main.present.sum())
    parts = [
        f"no face in {empty} of {count} frames" if empty else "",
        f"only another face in {others} of {count} frames" if others else "",
    ]
    return ", ".join(filter(None, parts))


def _describe_size(boxes: np.ndarray, *, margin: float, size: int) -> tuple[float, str]:
    """Return how much crops are enlarged, and a text that says so if it is much."""
    side = max(1.0, float(np.median(boxes[:, 2:].max(1))) * margin)
    enlargement = size / side
    words = f"crops of {side:.0f} pixels, enlarged {enlargement:.1f} times"
    return enlargement, words if enlargement > _MUCH_ENLARGED else ""


def _middle_squares(clip: Clip, settings: FaceCrop) -> FaceTrack:
    """Crop the largest centred square of every frame, without a face detector."""
    count, height, width = clip.frames.shape[:3]
    side = min(height, width)
    boxes = np.tile([(width - side) / 2, (height - side) / 2, side, side], (count, 1)).astype(float)
    crops = crop_squares(clip.frames, boxes, margin=1.0, size=settings.size)
    if settings.align:
        landmarks = find_landmarks(crops)
        seen = np.isfinite(landmarks).all(axis=(1, 2))
        crops[seen] = align_crops(crops[seen], landmarks[seen], margin=settings.margin, size=settings.size)
    nowhere = np.zeros(count, bool)
    unknown = np.full((count, *LANDMARKS), np.nan)
    enlargement, enlarged = _describe_size(boxes, margin=1.0, size=settings.size)
    return FaceTrack(
        crops=crops,
        boxes=boxes,
        confidence=np.ones(count),
        landmarks=unknown,
        positions=np.arange(count),
        looked=nowhere,
        found=nowhere,
        enlargement=enlargement,
        note="; ".join(filter(None, [clip.note, enlarged])),
    )
