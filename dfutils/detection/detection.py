"""The result of judging one file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from dfutils.training.decision import Verdict

COLUMNS = ("file", "status", "reason", "verdict", "score", "frames", "unlike", "seconds")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True, eq=False)
class Detection:
    """What a detector says about one file. There are T frames that show the main face.

    Args:
        path: str. The file, as it was given.
        status: str. `"ok"`, or why there is no score: `"empty"`, `"unreadable"`, `"too_short"` or `"no_face"`.
        reason: str. Why the file cannot be judged, or what of it could not be used. `""` if there is nothing to say.
        score: float. The calibrated P(fake). NaN if the file cannot be judged.
        verdict: str. `"fake"`, `"real"` or `"unsure"`. `""` if the file cannot be judged.
        remarks: tuple of str. In what the file is unlike the clips that the detector was trained on.
        frame_scores: float64 array [T]. The calibrated score of the frames around each frame, up to five.
        influence: float64 array [T]. How much each frame raised the score: the score of the clip, minus its score
            without the frame. NaN for a clip with one frame.
        times: float64 array [T]. The time of each frame, in seconds from the start.
        boxes: float64 array [T, 4]. x, y, width and height of the face in each frame, in pixels.
        crops: uint8 array [T, 299, 299, 3]. The face crops. Empty unless the file was judged with `explain=True`.
        heat: float32 array [T, 299, 299]. How much each place of each crop moves the score towards fake, see
            `explanation.HeatMaps`. Empty unless the file was judged with `explain=True`.
        people: tuple of Detection. The results for each person, the main one first, if all faces were judged and there
            are several. The other values are then those of the most fake person. Defaults to `()`.
        seconds: float. Time spent on the file.
        judged: str. When the file was judged, as `"2026-11-30T12:00:00+00:00"`.
        size: int. Size of the file in bytes. 0 for a folder, and if it was not judged with `explain=True`.
        sha256: str. The SHA-256 of the file, see `file_hash.sha256_of_clip`. `""` unless the file was judged with
            `explain=True`.
    """

    path: str
    status: str
    reason: str = ""
    score: float = math.nan
    verdict: Verdict | Literal[""] = ""
    remarks: tuple[str, ...] = ()
    frame_scores: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    influence: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    times: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    boxes: np.ndarray = field(default_factory=lambda: np.empty((0, 4)), repr=False)
    crops: np.ndarray = field(default_factory=lambda: np.empty((0, 299, 299, 3), np.uint8), repr=False)
    heat: np.ndarray = field(default_factory=lambda: np.empty((0, 299, 299), np.float32), repr=False)
    people: tuple["Detection", ...] = ()
    seconds: float = 0.0
    judged: str = field(default_factory=_now)
    size: int = 0
    sha256: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The result as one row of a table, by the names in `COLUMNS`. An undefined score is None."""
        return {
            "file": self.path,
            "status": self.status,
            "reason": self.reason,
            "verdict": self.verdict,
            "score": None if math.isnan(self.score) else round(self.score, 6),
            "frames": len(self.times),
            "unlike": "; ".join(self.remarks),
            "seconds": round(self.seconds, 3),
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each person, with the number of the person: one row, `row`, if only the main face was judged."""
        people = self.people or (self,)
        return [found.row | {"person": number} for number, found in enumerate(people, 1)]

    @classmethod
    def of_people(cls, people: Sequence["Detection"]) -> "Detection":
        """Return the result of a file that shows several people: the one of the most fake person.

        Args:
            people: sequence of Detection. All of one file, the main face first. If this one was not judged, because the
                file changed meanwhile, it is the result.
        """
        if people[0].status != "ok":
            return people[0]
        worst = int(np.argmax([found.score for found in people]))
        chosen = people[worst]
        if len(people) == 1:
            return chosen
        words = f"{len(people)} people: this is the verdict on person {worst + 1}, the most fake one"
        return replace(
            chosen,
            people=tuple(people),
            reason="; ".join(filter(None, [words, chosen.reason])),
            seconds=sum(found.seconds for found in people),
        )

    def without_pictures(self) -> "Detection":
        """Return the result without face crops and heat maps, which take 10 MB or more."""
        people = tuple(found.without_pictures() for found in self.people)
        return replace(self, crops=self.crops[:0].copy(), heat=self.heat[:0].copy(), people=people)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the pictures as values that JSON can hold."""

        def numbers(array: np.ndarray) -> list[float | None]:
            return [None if math.isnan(value) else round(float(value), 6) for value in array]

        return self.row | {
            "unlike": list(self.remarks),
            "judged": self.judged,
            "size": self.size,
            "sha256": self.sha256,
            "frame_scores": numbers(self.frame_scores),
            "influence": numbers(self.influence),
            "times": numbers(self.times),
            "boxes": [numbers(box) for box in self.boxes],
            "people": [found.to_dict() for found in self.people],
        }
