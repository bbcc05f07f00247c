"""Follow the faces of a clip from frame to frame, and choose the main one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from dfutils.frames.detection import FACE_VALUES, check_faces, detect_with_landmarks
from dfutils.frames.face_find import Find

# Of 4,279 places next to the faces of FaceForensics++ clips, the last stage of MTCNN takes 5 for a face at this limit.
# Of 1,620 boxes on faces, it misses none.
_MIN_CHECKED = 0.7
_AGREEING = 0.7  # intersection over union; with less, a measured box replaces the interpolated one
_STEADY = 0.5  # intersection over union; boxes with less are not smoothed
# Of faces that are present for nearly as long as the one that is present longest, the largest is the main one.
_NEARLY_AS_LONG = 0.75
_MOMENT = 0.25  # another face must be present in this share of the frames of the main face
_MOST_FACES = 10  # of a crowd, the largest faces are followed
_REMEMBERED = 3  # finds that a new one is compared with, because a face may turn away for a moment


@dataclass(frozen=True, eq=False)
class MainFace:
    """Where the main face of a clip is.

    Args:
        faces: float64 array [N, 15]. x, y, width, height, confidence and landmarks in each frame, in pixels; NaN where
            the main face was not found.
        looked: bool array [N]. True for frames that the detector ran on.
        found: bool array [N]. True for frames in which the detector found the main face.
        others: bool array [N]. True for frames without the main face in which the detector found another face.
    """

    faces: np.ndarray
    looked: np.ndarray
    found: np.ndarray
    others: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """True for frames with the main face, bool array [N]."""
        return np.isfinite(self.faces).all(axis=1)


@dataclass(eq=False)
class _Track:
    """The finds of one person, in the order of the frames."""

    finds: list[Find] = field(default_factory=list)

    @property
    def positions(self) -> list[int]:
        return [find.position for find in self.finds]

    def cost_of_adding(self, find: Find) -> float:
        """Return how badly a find fits as the next one; infinity if it shows somebody else."""
        overlap = max(_overlap(box, find.face) for box in (self.finds[-1].face, self._predict(find.position)))
        distance = min(known.distance(find, overlap) for known in self.finds[-_REMEMBERED:])
        return distance + 0.5 * (1 - overlap)

    def _predict(self, position: int) -> np.ndarray:
        """Return the box [4] at a position, if the face keeps moving as between its last two finds."""
        last = self.finds[-1]
        if len(self.finds) < 2:
            return last.face[:4]
        before = self.finds[-2]
        steps = (position - last.position) / (last.position - before.position)
        box = last.face[:4].copy()
        box[:2] += steps * (_middle(last.face) - _middle(before.face))
        return box

    def presence(self, looked: np.ndarray) -> np.ndarray:
        """Return in which frames the face is present, bool [N]: where it was found, and between two finds in a row."""
        present = np.zeros(len(looked), bool)
        present[self.positions] = True
        for first, second in pairwise(self.positions):
            if not looked[first + 1 : second].any():
                present[first:second] = True
        return present

    def size(self) -> float:
        """Return the mean area of the face in square pixels, weighted by the detector's confidence."""
        return float(np.mean([find.face[2] * find.face[3] * find.face[4] for find in self.finds]))


def follow_main_face(
    frames: np.ndarray, *, look_every: int, look_side: int, min_confidence: float
) -> MainFace:
    """Find the main face of a clip in each of its frames.

    1. The detector looks at every `look_every`-th frame and at the last one. Faces are followed from look to look, by
       the overlap of their boxes, by where they move, and by their colours.
    2. The main face is the largest of the faces that are present in most frames.
    3. In all other frames its box is interpolated, and checked with the last stage of the detector. A face that is
       there, but not where the interpolated box is, is measured.
    4. The detector looks at the frames in which the check fails, and all is done again. In a frame in which the
       detector does not find the main face either, it is not present.

    Args:
        frames: uint8 array [N, H, W, 3], RGB.
        look_every, look_side, min_confidence: As in `FaceCrop`.

    Returns:
        MainFace.
    """
    return follow_faces(
        frames, look_every=look_every, look_side=look_side, min_confidence=min_confidence, people=1
    )[0]


def follow_faces(
    frames: np.ndarray, *, look_every: int, look_side: int, min_confidence: float, people: int
) -> list[MainFace]:
    """Find the main face of a clip as `follow_main_face` does, and then the faces of other people.

    The detector looks at no further frames for the others: a face that is there for a moment only is not followed.

    Args:
        frames, look_every, look_side, min_confidence: As for `follow_main_face`.
        people: int. The largest number of people to follow.

    Returns:
        list of MainFace: the main face first, then the others, those that are present in most frames first. A face that
        is present in less than a quarter of the frames of the main face is left out.
    """
    count = len(frames)
    finds: dict[int, list[Find]] = {}
    wanted = sorted({*range(0, count, look_every), count - 1})
    while True:
        found = detect_with_landmarks(frames[wanted], look_side, min_confidence)
        for position, faces in zip(wanted, found, strict=True):
            largest = np.argsort(-faces[:, 2] * faces[:, 3])[:_MOST_FACES]
            finds[position] = [
                Find.describe(position, frames[position], face) for face in faces[np.sort(largest)]
            ]
        looked = np.zeros(count, bool)
        looked[list(finds)] = True
        tracks = _link(finds)
        main = _choose_main(tracks, looked)
        faces = _fill_in(frames, main, finds) if main else np.full((count, FACE_VALUES), np.nan)
        present = np.isfinite(faces).all(axis=1)
        wanted = np.flatnonzero(~present & ~looked).tolist()
        if not wanted:
            break
    anybody = (
        np.any([track.presence(looked) for track in tracks], axis=0) if tracks else np.zeros(count, bool)
    )

    def describe(track: _Track | None, faces: np.ndarray) -> MainFace:
        found = np.zeros(count, bool)
        found[track.positions if track else []] = True
        return MainFace(faces, looked, found, anybody & ~np.isfinite(faces).all(axis=1))

    followed = [describe(main, faces)]
    rest = sorted((track for track in tracks if track is not main), key=_Track.size, reverse=True)
    others = [
        describe(track, _fill_in(frames, track, finds)) for track in rest[: _MOST_FACES if people > 1 else 0]
    ]
    others.sort(key=lambda face: -face.present.sum())
    lasting = [face for face in others if face.present.sum() >= max(1, _MOMENT * present.sum())]
    return [*followed, *lasting[: people - 1]]


def _link(finds: dict[int, list[Find]]) -> list[_Track]:
    """Follow faces from look to look, and return the track of each person."""
    tracks: list[_Track] = []
    for position in sorted(finds):
        costs = np.array([[track.cost_of_adding(find) for find in finds[position]] for track in tracks])
        taken = set()
        if costs.size:
            affordable = np.where(np.isfinite(costs), costs, 1e3)
            for row, column in zip(*linear_sum_assignment(affordable), strict=True):
                if np.isfinite(costs[row, column]):
                    tracks[row].finds.append(finds[position][column])
                    taken.add(column)
        tracks += [_Track([find]) for i, find in enumerate(finds[position]) if i not in taken]
    return tracks


def _choose_main(tracks: Iterable[_Track], looked: np.ndarray) -> _Track | None:
    """Return the largest of the faces that are present for nearly as long as the one that is present longest."""
    present = {track: int(track.presence(looked).sum()) for track in tracks}
    longest = max(present.values(), default=0)
    lasting = [track for track, frames in present.items() if frames >= _NEARLY_AS_LONG * longest]
    return max(lasting, key=_Track.size, default=None)


def _fill_in(frames: np.ndarray, main: _Track, finds: dict[int, list[Find]]) -> np.ndarray:
    """Return the main face in each frame, float64 [N, 15]: found, interpolated and checked, or NaN."""
    known = main.positions
    faces = _interpolate({find.position: find.face for find in main.finds}, len(frames))
    missing = [i for i in range(len(frames)) if i not in known]
    if not missing:
        return faces
    checked = check_faces([frames[i] for i in missing], faces[missing, :4])
    for i, face in zip(missing, checked, strict=True):
        nearest = min(main.finds, key=lambda find: abs(find.position - i))
        is_elsewhere = any(_overlap(face, find.face) > _STEADY for find in finds.get(i, []))
        same_place = _overlap(face, faces[i])
        if (
            face[4] < _MIN_CHECKED
            or is_elsewhere
            or np.isinf(nearest.distance(Find.describe(i, frames[i], face), same_place))
        ):
            faces[i] = np.nan
        elif same_place < _AGREEING:
            faces[i] = face
    return faces


def _interpolate(found: dict[int, np.ndarray], count: int) -> np.ndarray:
    """Smooth the faces that were found, and interpolate them for the other frames.

    Args:
        found: dict of frame position to array [15]. In ascending order.
        count: int. Number of frames.

    Returns:
        float64 array [count, 15].
    """
    known = np.array(list(found.values()))
    steady = [_overlap(a, b) >= _STEADY for a, b in pairwise(known)]
    inner = 1 + np.flatnonzero(np.logical_and(steady[:-1], steady[1:]))
    # The centre and the size of a box change more smoothly than its corners, so they are smoothed instead.
    known[:, :2] += known[:, 2:4] / 2
    smooth = (known[inner - 1] + 2 * known[inner] + known[inner + 1]) / 4
    smooth[:, 4] = known[inner, 4]
    known[inner] = smooth
    faces = np.column_stack([np.interp(np.arange(count), list(found), column) for column in known.T])
    faces[:, :2] -= faces[:, 2:4] / 2
    return faces


def _middle(face: np.ndarray) -> np.ndarray:
    return face[:2] + face[2:4] / 2


def _overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Return the intersection over union of two boxes; 0 if they do not overlap."""
    right, bottom = np.minimum(first[:2] + first[2:4], second[:2] + second[2:4])
    width, height = right - max(first[0], second[0]), bottom - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = width * height
    return float(intersection / (first[2] * first[3] + second[2] * second[3] - intersection))
