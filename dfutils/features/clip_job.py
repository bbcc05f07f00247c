"""The steps that take one clip from its file into the store."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.errors import ClipError, WeightsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.clip_keys import content_key
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.frames import FaceTrack, crop_faces, read_clip, read_degraded


@dataclass(eq=False)
class ClipJob:
    """A clip on its way from its file into the store.

    The steps are, in order: `look_up`, `decode`, `finish` and `save`. A clip that has its `result` skips the rest.

    Args:
        path: Path. The file, or the folder of stills.
        places: list of (int, str). The rows of the catalog with this content: position and clip_id.
        key: str. The key of its content. `""` if nothing can be stored, because it could not be read reliably.
        problem: str. Why the features in the store could not be used. `""` if there are none, or nothing is wrong.
        result: StoredClip or None. None as long as it is unknown.
        track: FaceTrack or None. The face crops, from `decode` until `finish`.
        times: float64 array [T] or None. Seconds from the start of the clip.
        note: str. What was lost, if the file is damaged.
        seconds: float. Time spent on it.
        was_extracted: bool. False if the store has it already, from this process or from another one.
        unexpected_error: Exception or None. An error that is not known to be the clip's fault.
    """

    path: Path
    places: list[tuple[int, str]] = field(default_factory=list)
    key: str = ""
    problem: str = ""
    result: StoredClip | None = None
    track: FaceTrack | None = None
    times: np.ndarray | None = None
    note: str = ""
    seconds: float = 0.0
    was_extracted: bool = False
    unexpected_error: Exception | None = None

    @property
    def outcome(self) -> StoredClip:
        """The result, which must be known by now."""
        assert self.result is not None, f"{self.path} has no result yet"
        return self.result

    @property
    def reason(self) -> str:
        """The reason for people: the result's own, and why features were replaced."""
        repaired = f"{self.problem}, so it was re-extracted" if self.problem and self.was_extracted else ""
        return "; ".join(filter(None, [self.outcome.reason, repaired]))

    def facts(self) -> dict[str, Any]:
        """Return what the store's index holds for it, except the clip_id."""
        return {
            "key": self.key,
            "status": self.outcome.status,
            "reason": self.outcome.reason,
            "frames": len(self.outcome.features),
        }

    def look_up(self, store: Store) -> None:
        """Compute the key of the content, and take the result from the store if it has one."""
        try:
            self.key = content_key(self.path) if self.path.is_file() or self.path.is_dir() else ""
        except (OSError, ValueError):  # it cannot be read, or the file system does not allow such a name
            self.key = ""
        if self.key:
            self.result, self.problem = store.read(self.key)

    def decode(self, settings: ExtractionSettings, *, store: Store | None = None) -> None:
        """Decode the clip and crop its faces. If that fails, the reason becomes its result.

        Args:
            settings: ExtractionSettings.
            store: Store or None. If given, the result of another process is taken from it, and a file that changes
                while it is read is refused. Defaults to None.

        Raises:
            ImportError: If a library is missing: that is not the clip's fault.
        """
        if store and self.key and not self.problem and store.path(self.key).is_file():
            self.result, _ = store.read(self.key)  # another process may have been faster
            if self.result is not None:
                return
        began = time.perf_counter()
        try:
            self._read_faces(settings)
        except ClipError as error:
            self.result = _unusable(error, settings)
        except ImportError:
            raise
        except Exception as error:
            self.refuse(f"could not be read ({type(error).__name__}: {error})", settings)
            self.unexpected_error = error
            self.key = ""  # it is tried again in the next run
        if store and not self._is_unchanged():
            self.refuse("changed or vanished while it was being read", settings)
            self.track, self.key = None, ""
        self.was_extracted = bool(self.key)
        self.seconds += time.perf_counter() - began

    def _read_faces(self, settings: ExtractionSettings) -> None:
        # One thread per clip, so that a damaged video always gives the same frames. Several clips are read at a time.
        if settings.degradation is None:
            clip = read_clip(self.path, settings.sampling, threads=1)
        else:
            clip = read_degraded(self.path, settings.degradation, settings.sampling, threads=1)
        self.track, self.times, self.note = crop_faces(clip, settings.face), clip.times, clip.note

    def _is_unchanged(self) -> bool:
        """Return whether the key still names the content. A clip without a key must not have given any frames."""
        try:
            return content_key(self.path) == self.key if self.key else self.track is None
        except OSError:
            return False

    def refuse(self, reason: str, settings: ExtractionSettings) -> None:
        """Make `unreadable` the clip's status, with a reason."""
        self.result = _unusable(ClipError("unreadable", reason), settings)

    def finish(self, features: np.ndarray, settings: ExtractionSettings) -> None:
        """Turn the features of the clip's crops into its result.

        Args:
            features: float32 array [T, D].
            settings: ExtractionSettings.

        Raises:
            WeightsError: If a value cannot be stored, which no trained network would give.
        """
        assert self.track is not None and self.times is not None
        with np.errstate(over="ignore"):
            features = features.astype(np.float16)
        if not np.isfinite(features).all():
            raise WeightsError(
                f"With the weights {settings.backbone.weights!r}, InceptionV3 gives values for {self.path} that a "
                "float16 cannot hold (infinite, or not a number). Give weights trained for pixels scaled to [-1, 1]."
            )
        self.result = StoredClip("ok", self.note, features, self.times, self.track.boxes)
        self.track = None  # the crops take most of the memory

    def save(self, store: Store) -> None:
        """Write the result into the store, unless the store has it already or must not have it.

        Raises:
            StoreError: If the store cannot be written.
        """
        if self.key and self.was_extracted:
            store.write(self.key, self.outcome)


def _unusable(error: ClipError, settings: ExtractionSettings) -> StoredClip:
    width = sum(layer_widths(settings.backbone.layers).values())
    empty = np.empty((0, width), np.float16)
    return StoredClip(error.status, error.reason, empty, np.empty(0), np.empty((0, 4)))
