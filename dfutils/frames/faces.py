"""Find the face that a clip is about, follow it, and crop it square."""

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.reader import Clip
from dfutils.keras_runtime import load_keras

_SECOND_LOOK = 0.83  # halfway between two steps of MTCNN's pyramid, whose factor is 0.709


@dataclass(frozen=True)
class FaceCrop:
    """How faces are found and cropped.

    Args:
        face: str. `"mtcnn"` finds the face (Zhang et al., 2016); `"none"` takes the middle square of the
            frame, for data that is cropped already. Defaults to `"mtcnn"`.
        size: int. Side of a crop in pixels. Defaults to 299, what InceptionV3 was trained on.
        margin: float. Side of the square over the longer side of the face's box. Defaults to 1.3.
        look_every: int. A face is looked for in every so-many-th sampled frame, and in the last one;
            in between the box is interpolated. Defaults to 5.
        look_side: int. Frames are shrunk to this longer side, in pixels, to look for faces.
            Defaults to 480.
        min_confidence: float in (0, 1). Fainter finds do not count. Defaults to 0.9.
        min_share: float in (0, 1]. A clip with a face in a smaller share of the frames looked at is
            `no_face`. Defaults to 0.5.
    """

    face: str = "mtcnn"
    size: int = 299
    margin: float = 1.3
    look_every: int = 5
    look_side: int = 480
    min_confidence: float = 0.9
    min_share: float = 0.5

    def __post_init__(self):
        if self.face not in ("mtcnn", "none"):
            raise SettingsError(f"FaceCrop.face is 'mtcnn' or 'none'. Received: {self.face!r}")
        for name in ("size", "margin", "look_every", "look_side"):
            if getattr(self, name) < 1:
                raise SettingsError(f"FaceCrop.{name} must be at least 1. Received: {getattr(self, name)}")


@dataclass(frozen=True)
class FaceTrack:
    """The face of a clip, frame by frame.

    Args:
        crops: uint8 array [T, size, size, 3], RGB.
        boxes: float64 array [T, 4]: x, y, width and height of the face in the clip's pixels.
        confidence: float64 array [T]. The detector's, interpolated like the boxes; 1 without one.
        found: bool array [T]. True where the detector looked and found the face.
        looked: bool array [T]. True where it looked.
    """

    crops: np.ndarray
    boxes: np.ndarray
    confidence: np.ndarray
    found: np.ndarray
    looked: np.ndarray


def crop_faces(clip: Clip, settings: FaceCrop | None = None) -> FaceTrack:
    """Find the clip's main face and cut one square crop out of each sampled frame.

    Where several faces are seen, the main one is the largest in sum over the frames looked at,
    followed from frame to frame by overlap. Boxes are smoothed over the frames looked at, so that the
    detector's jitter does not look like a movement of the face, and interpolated between them. A crop is
    never distorted: where the square leaves the frame, the frame's edge is repeated.

    Args:
        clip: Clip. `frames` uint8 [T, H, W, 3] RGB.
        settings: FaceCrop. Defaults to `FaceCrop()`.

    Returns:
        FaceTrack. `crops` uint8 [T, size, size, 3], `boxes` float64 [T, 4], `confidence` [T].

    Raises:
        ClipError: With status `no_face` if too few of the frames looked at show one.
    """
    settings = settings or FaceCrop()
    count, height, width = clip.frames.shape[:3]
    looked = np.zeros(count, bool)
    if settings.face == "none":
        side = min(height, width)
        boxes = np.tile([(width - side) / 2, (height - side) / 2, side, side], (count, 1)).astype(float)
        crops = np.stack(
            [crop_square(f, b, 1.0, settings.size) for f, b in zip(clip.frames, boxes, strict=True)]
        )
        return FaceTrack(crops, boxes, np.ones(count), looked, looked)

    at = sorted({*range(0, count, settings.look_every), count - 1})
    looked[at] = True
    candidates = detect_faces(clip.frames[at], settings.look_side, settings.min_confidence)
    chosen = _main_face(candidates)
    hits = [i for i, face in enumerate(chosen) if face is not None]
    if not hits or len(hits) < settings.min_share * len(at):
        seen = f"a face in {len(hits)} of the {len(at)} frames looked at, of {count} sampled"
        raise ClipError("no_face", "; ".join(filter(None, [seen, clip.note])))
    found = np.zeros(count, bool)
    found[[at[i] for i in hits]] = True
    known = np.array([chosen[i] for i in hits])
    # The middle of the box and its size move smoothly; its corners less so.
    known[:, :2] += known[:, 2:4] / 2
    known[1:-1, :4] = (known[:-2, :4] + 2 * known[1:-1, :4] + known[2:, :4]) / 4
    track = np.column_stack(
        [np.interp(np.arange(count), [at[i] for i in hits], known[:, c]) for c in range(5)]
    )
    track[:, :2] -= track[:, 2:4] / 2
    boxes, confidence = track[:, :4], track[:, 4]
    crops = np.stack(
        [crop_square(f, b, settings.margin, settings.size) for f, b in zip(clip.frames, boxes, strict=True)]
    )
    return FaceTrack(crops, boxes, confidence, found, looked)


def detect_faces(
    frames: np.ndarray,
    look_side: int = FaceCrop.look_side,
    min_confidence: float = FaceCrop.min_confidence,
) -> list[np.ndarray]:
    """Find all faces in frames with MTCNN; where none is found, look once more at a smaller size.

    Args:
        frames: uint8 array [T, H, W, 3], RGB.
        look_side: int. Frames are shrunk to this longer side first.
        min_confidence: float. Fainter finds are left out.

    Returns:
        List of T float64 arrays [K, 5]: x, y, width, height in the frames' pixels, and confidence.
    """
    faces = _look(frames, look_side, min_confidence)
    # MTCNN looks at a pyramid of sizes and may miss a face that falls between two of them.
    missed = [i for i, found in enumerate(faces) if not len(found)]
    if missed:
        again = _look(frames[missed], _SECOND_LOOK * min(look_side, max(frames.shape[1:3])), min_confidence)
        for i, found in zip(missed, again, strict=True):
            faces[i] = found
    return faces


def _look(frames: np.ndarray, look_side: float, min_confidence: float) -> list[np.ndarray]:
    height, width = frames.shape[1:3]
    scale = min(1.0, look_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames]
    if min(size) < 24:  # MTCNN's smallest window is 12 pixels and its smallest face 20
        return [np.empty((0, 5)) for _ in frames]
    faces = []
    for finds in _mtcnn().detect_faces(small):
        rows = [[*face["box"], face["confidence"]] for face in finds if face["confidence"] >= min_confidence]
        rows = np.array(rows, float).reshape(-1, 5)
        rows[:, :4] /= scale
        faces.append(rows[(rows[:, 2] > 0) & (rows[:, 3] > 0)])
    return faces


def crop_square(frame: np.ndarray, box: np.ndarray, margin: float, size: int) -> np.ndarray:
    """Cut the square around a box out of a frame and resize it.

    Args:
        frame: uint8 array [H, W, 3].
        box: array [4]: x, y, width, height in pixels.
        margin: float. Side of the square over the longer side of the box.
        size: int. Side of the result in pixels.

    Returns:
        uint8 array [size, size, 3]. Where the square leaves the frame, the frame's edge is repeated.
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
    way = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=way)


def _main_face(candidates: list[np.ndarray]) -> list[np.ndarray | None]:
    """Return the main face in each of the frames looked at, None where it was not found."""
    tracks: list[list[np.ndarray | None]] = []
    for position, faces in enumerate(candidates):
        free = list(range(len(faces)))
        for track in tracks:
            last = next(face for face in reversed(track) if face is not None)
            nearest = max(free, key=lambda i: _closeness(last, faces[i]), default=None)
            if nearest is not None and _closeness(last, faces[nearest]) > 0:
                track.append(faces[nearest])
                free.remove(nearest)
            else:
                track.append(None)
        tracks += [[None] * position + [faces[i]] for i in free]
    if not tracks:
        return [None] * len(candidates)
    return max(tracks, key=lambda track: sum(f[2] * f[3] * f[4] for f in track if f is not None))


def _closeness(a: np.ndarray, b: np.ndarray) -> float:
    """Return the overlap of two boxes over their union; 0 if they are apart."""
    right, bottom = np.minimum(a[:2] + a[2:4], b[:2] + b[2:4])
    width, height = right - max(a[0], b[0]), bottom - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    overlap = width * height
    return float(overlap / (a[2] * a[3] + b[2] * b[3] - overlap))


@functools.cache
def _mtcnn():
    load_keras()
    import tensorflow as tf
    from mtcnn import MTCNN

    detector = MTCNN(device="CPU:0")
    for stage in detector.stages:
        # It calls its networks layer by layer; compiled, they give the same in about half the time.
        stage._model = tf.function(stage.model, reduce_retracing=True)
    return detector
