"""Extract the features of one clip: look it up in the store, decode it, crop its faces and save the features."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.errors import ClipError, StoreError, WeightsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.clip_keys import content_key
from dfutils.features.crop_files import write_crops
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.frames import FaceTrack, crop_all_faces, crop_faces, read_clip, read_degraded


@dataclass(eq=False)
class ClipJob:
    """The extraction of one clip, step by step.

    The steps are, in order: `look_up`, `decode`, `finish` and `save`. As soon as `result` is set, `decode` and `finish`
    are skipped.

    Args:
        path: Path. The video file, the image file, or the folder of image files (the frames of one clip).
        places: list of (int, str). Row number and clip_id of each catalog row whose file has this content.
        key: str. The content key, from `content_key`. `""` if the clip cannot be read reliably; the result
            is then not stored.
        problem: str. Why the stored features of the clip cannot be used. `""` if they can be used or do not exist.
        result: StoredClip or None. The features or the reason for having none. None until the clip is finished.
        track: FaceTrack or None. The face crops, from `decode` until `finish`.
        times: float64 array [T] or None. Seconds from the start of the clip.
        note: str. The note of the FaceTrack. `""` if there is nothing to say.
        everyone: bool. Also crop the faces of other people than the main one. Defaults to False.
        others: list of ClipJob. With `everyone`: one decoded job for each other person, from `decode` on. They have no
            content key, and are not stored.
        keep_track: bool. Keep `track` when the clip is finished. Its crops take most of the memory.
        seconds: float. Time spent on the clip.
        was_extracted: bool. True if this job computed the result; False if the result was read from the store.
        unexpected_error: Exception or None. An error whose cause may be outside the clip, such as a broken library.
    """

    path: Path
    places: list[tuple[int, str]] = field(default_factory=list)
    key: str = ""
    problem: str = ""
    result: StoredClip | None = None
    track: FaceTrack | None = None
    times: np.ndarray | None = None
    note: str = ""
    everyone: bool = False
    others: list["ClipJob"] = field(default_factory=list)
    keep_track: bool = False
    seconds: float = 0.0
    was_extracted: bool = False
    unexpected_error: Exception | None = None

    @property
    def outcome(self) -> StoredClip:
        """The attribute `result`; an AssertionError if it is still None."""
        assert self.result is not None, f"{self.path} has no result yet"
        return self.result

    @property
    def reason(self) -> str:
        """The text for the column `reason`: the reason of the result, and why stored features were replaced."""
        repaired = f"{self.problem}, so it was re-extracted" if self.problem and self.was_extracted else ""
        return "; ".join(filter(None, [self.outcome.reason, repaired]))

    def facts(self) -> dict[str, Any]:
        """Return the clip's entry for the store's index, without the clip_id: key, status, reason and frames."""
        return {
            "key": self.key,
            "status": self.outcome.status,
            "reason": self.outcome.reason,
            "frames": len(self.outcome.features),
        }

    def identify(self) -> None:
        """Compute the clip's content key. Sets `key`, to `""` if the file cannot be read."""
        try:
            self.key = content_key(self.path) if self.path.is_file() or self.path.is_dir() else ""
        except (
            OSError,
            ValueError,
        ):  # the file cannot be read, or the file system does not allow such a name
            self.key = ""

    def look_up(self, store: Store) -> None:
        """Compute the clip's content key, and read the result from the store if the clip is stored. Sets attributes."""
        self.identify()
        if self.key:
            self.result, self.problem = store.read(self.key)

    def decode(
        self, settings: ExtractionSettings, *, store: Store | None = None, crops: Path | None = None
    ) -> None:
        """Decode the clip and crop its faces. If that fails, `result` is set to the reason.

        Args:
            settings: ExtractionSettings.
            store: Store or None. If given, a result that another process has stored is used, and a file that changes
                while it is being read gets the status `"unreadable"`. Defaults to None.
            crops: Path or None. The folder to keep the face crops in, from `crop_files.crops_folder`. Defaults to None:
                they are not kept.

        Raises:
            ImportError: If a library is missing. Other errors are recorded as the clip's result.
            StoreError: If the crops cannot be written.
        """
        if store and self.key and not self.problem and store.path(self.key).is_file():
            self.result, _ = store.read(self.key)  # another process may have stored the clip in the meantime
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
            self.key = ""  # nothing is stored, so the next run tries the clip again
        if store and not self.is_unchanged():
            self.refuse("changed or vanished while it was being read", settings)
            self.track, self.key, self.others = None, "", []
        self.was_extracted = bool(self.key)
        if crops is not None and self.track is not None and self.key:
            facts = {"key": self.key, "status": "ok", "reason": self.note, "frames": len(self.track.crops)}
            try:
                write_crops(crops, facts, self.track.crops)
            except OSError as error:
                raise StoreError(
                    f"{crops} cannot be written: {error.strerror or error}. Make room, then run again to resume."
                ) from error
        self.seconds += time.perf_counter() - began

    def _read_faces(self, settings: ExtractionSettings) -> None:
        # One decoder thread per clip: a damaged video then always gives the same frames. Clips are read in parallel.
        if settings.degradation is None:
            clip = read_clip(self.path, settings.sampling, threads=1)
        else:
            clip = read_degraded(self.path, settings.degradation, settings.sampling, threads=1)
        tracks = crop_all_faces(clip, settings.face) if self.everyone else [crop_faces(clip, settings.face)]
        self.others = [ClipJob(self.path, places=self.places, keep_track=self.keep_track) for _ in tracks[1:]]
        for job, track in zip([self, *self.others], tracks, strict=True):
            job.track, job.times, job.note = track, clip.times[track.positions], track.note

    def is_unchanged(self) -> bool:
        """Read the file once more. Return True if its content key is the same, or if it has no key and no frames."""
        try:
            return content_key(self.path) == self.key if self.key else self.track is None
        except OSError:
            return False

    def refuse(self, reason: str, settings: ExtractionSettings) -> None:
        """Set `result` to the status `"unreadable"` with the given reason."""
        self.result = _unusable(ClipError("unreadable", reason), settings)

    def finish(self, features: np.ndarray, settings: ExtractionSettings) -> None:
        """Set `result` to the features of the clip's face crops, rounded to float16.

        Args:
            features: float32 array [T, D]. One row per face crop.
            settings: ExtractionSettings.

        Raises:
            WeightsError: If a feature is not finite or too large for float16. Trained weights do not cause this.
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
        if not self.keep_track:
            self.track = None

    def save(self, store: Store) -> None:
        """Write the result into the store. Do nothing if it came from the store, or if the clip has no content key.

        Raises:
            StoreError: If the store cannot be written.
        """
        if self.key and self.was_extracted:
            store.write(self.key, self.outcome)


def _unusable(error: ClipError, settings: ExtractionSettings) -> StoredClip:
    width = sum(layer_widths(settings.backbone.layers, pooling=settings.backbone.pooling).values())
    empty = np.empty((0, width), np.float16)
    return StoredClip(error.status, error.reason, empty, np.empty(0), np.empty((0, 4)))
