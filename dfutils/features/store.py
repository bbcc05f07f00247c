"""The feature store: one file per clip, named by a hash of the clip's content.

    <store>/<fingerprint>/settings.json     the extraction settings; <fingerprint> is their hash
    <store>/<fingerprint>/clips/<key>.npz   features and status of the clip with this content key
    <store>/<fingerprint>/index.jsonl       content key of each clip_id; the last line for a clip_id counts
    <store>/<fingerprint>/partial/          files that are being written
    <store>/<fingerprint>/pack/             copies of the features in one file, for large data sets; see pack.py

A clip's file is written to partial/ and then moved to clips/. Its checksums are verified when it is read. So a damaged
file is never used. Each line of the index is appended with a single write. So two processes may fill a store at the
same time, and a killed process loses at most one line.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.errors import MissingArtefactError, SettingsError, StoreError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.settings import ExtractionSettings
from dfutils.tables import STATUSES

# A file in partial/ that has not changed for this many seconds was left by a killed process.
_LEFTOVER_SECONDS = 600
_INDEX_COLUMNS = {"clip_id": str, "key": str, "status": str, "reason": str, "frames": int}


@dataclass(frozen=True, eq=False)
class StoredClip:
    """The features of one clip, or the reason why the clip has no features.

    Args:
        status: str. `"ok"`, `"empty"`, `"unreadable"`, `"too_short"` or `"no_face"`.
        reason: str. Why the clip cannot be used, which part of a damaged clip could not be read, how many frames do not
            show the main face, or how much a small face was enlarged. `""` if there is nothing to say.
        features: float16 array [T, D]. D features of T frames. T is 0 unless the status is `"ok"`.
        times: float64 array [T]. The time of each frame, in seconds from the start of the clip.
        boxes: float64 array [T, 4]. x, y, width and height of the face in each frame, in pixels.
    """

    status: str
    reason: str
    features: np.ndarray
    times: np.ndarray
    boxes: np.ndarray

    @property
    def face_side(self) -> float:
        """The longer side of the face in pixels, the median over the frames."""
        return float(np.median(self.boxes[:, 2:].max(axis=1)))


class Store:
    """Stored features of clips, all extracted with the same settings.

    Args:
        directory: str or Path. The store's folder. A subfolder for the settings is created by `create`.
        settings: ExtractionSettings. The settings of the extraction.

    Raises:
        WeightsError: If the weights are not available.
    """

    def __init__(self, directory: str | Path, settings: ExtractionSettings) -> None:
        self.settings = settings
        self.fingerprint = settings.fingerprint()
        self.folder = Path(directory) / self.fingerprint

    @classmethod
    def only(cls, directory: str | Path) -> "Store":
        """Open a store without naming its settings: with the only settings in it, or else with the default settings.

        Args:
            directory: str or Path. The store's folder.

        Raises:
            MissingArtefactError: If the store is empty, or if it holds several settings but not the default settings.
            SettingsError: If the stored settings cannot be read.
        """
        folders = sorted(path.parent for path in Path(directory).glob("*/settings.json"))
        if not folders:
            raise MissingArtefactError(
                f"There are no features in {directory} yet. Run notebook 03_feature_caching or `dfutils extract`."
            )
        if len(folders) == 1:
            return cls(directory, stored_settings(folders[0]))
        default = cls(directory, ExtractionSettings())
        if default.folder not in folders:
            names = ", ".join(folder.name for folder in folders)
            raise MissingArtefactError(
                f"{directory} holds features of several settings ({names}), but not of the default ones. Choose with "
                "settings=."
            )
        return default

    def create(self) -> None:
        """Create the folder for these settings and write settings.json, if they do not exist yet.

        Raises:
            StoreError: If the folder cannot be written.
        """
        try:
            (self.folder / "clips").mkdir(parents=True, exist_ok=True)
            try:
                is_described = stored_settings(self.folder) == self.settings
            except (OSError, SettingsError):
                is_described = False
            if not is_described:
                with atomic_path(self.folder / "settings.json") as temporary:
                    temporary.write_text(json.dumps(self.settings.to_dict(), indent=2) + "\n")
            self._clear_leftovers()
        except OSError as error:
            raise self.cannot_write(error) from error

    def _clear_leftovers(self) -> None:
        """Remove files in partial/ that a killed process left; keep files that another process is writing."""
        for leftover in (self.folder / "partial").glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                    leftover.unlink()

    def check_writable(self) -> None:
        """Check that a file can be written to the store, before features are computed for hours.

        Raises:
            StoreError: If the folder cannot be written.
        """
        try:
            (self.folder / "partial").mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder / "partial") as file:
                file.write(b" ")
        except OSError as error:
            raise self.cannot_write(error) from error

    def path(self, key: str) -> Path:
        """Return the path of the .npz file for the clip with this content key."""
        return self.folder / "clips" / f"{key}.npz"

    def read(self, key: str) -> tuple[StoredClip | None, str]:
        """Read the stored clip with this content key.

        Args:
            key: str. From `content_key`.

        Returns:
            (clip, `""`) if the file is valid, (None, reason) if the file cannot be used, (None, `""`) if there is no
            file.
        """
        try:
            with np.load(self.path(key), allow_pickle=False) as file:
                facts = json.loads(str(file["facts"]))
                clip = StoredClip(
                    facts["status"], facts["reason"], file["features"], file["times"], file["boxes"]
                )
            if facts["fingerprint"] != self.fingerprint:
                return None, "its stored features are from other settings"
            if facts["key"] != key:
                return None, "its stored features belong to another clip"
            if not self._is_valid(clip):
                return None, "its stored features are not finite numbers, or have the wrong shape"
        except FileNotFoundError:
            return None, ""
        except Exception as error:  # a flipped bit inside a zip file can raise anything
            return None, f"its stored features are damaged ({error or type(error).__name__})"
        return clip, ""

    def _is_valid(self, clip: StoredClip) -> bool:
        count = len(clip.times)
        width = sum(
            layer_widths(self.settings.backbone.layers, pooling=self.settings.backbone.pooling).values()
        )
        return (
            clip.status in STATUSES
            and (clip.status == "ok") == (count > 0)
            and clip.features.shape == (count, width)
            and clip.features.dtype == np.float16
            and clip.boxes.shape == (count, 4)
            and all(np.isfinite(values).all() for values in (clip.features, clip.times, clip.boxes))
        )

    def write(self, key: str, clip: StoredClip) -> None:
        """Write a clip to the store. If the write is interrupted, an earlier file of the clip is kept unchanged.

        Args:
            key: str. From `content_key`.
            clip: StoredClip.

        Raises:
            StoreError: If the folder cannot be written.
        """
        facts = {"status": clip.status, "reason": clip.reason, "fingerprint": self.fingerprint, "key": key}
        try:
            (self.folder / "partial").mkdir(exist_ok=True)
            with (
                atomic_path(self.path(key), folder=self.folder / "partial") as temporary,
                temporary.open("wb") as file,
            ):
                np.savez(
                    file, facts=json.dumps(facts), features=clip.features, times=clip.times, boxes=clip.boxes
                )
        except OSError as error:
            raise self.cannot_write(error) from error

    def index(self) -> dict[str, dict[str, Any]]:
        """Read the index, which gives the content key and the status of each clip_id.

        Returns:
            dict. {clip_id: {clip_id, key, status, reason, frames}}. Incomplete lines are left out.
        """
        rows: dict[str, dict[str, Any]] = {}
        try:
            lines = (self.folder / "index.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return rows
        for line in lines:
            try:
                row = json.loads(line)
                is_valid = all(isinstance(row[name], kind) for name, kind in _INDEX_COLUMNS.items())
                if is_valid and 0 <= row["frames"] <= self.settings.sampling.frames:
                    rows[row["clip_id"]] = row
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # an incomplete line: `extract` writes it again
        return rows

    def add_to_index(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append rows to the index.

        Args:
            rows: iterable of dict. clip_id, key, status, reason and frames of each clip.

        Raises:
            StoreError: If the folder cannot be written.
        """
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        if not lines:
            return
        try:
            # A killed process may leave an incomplete last line. The leading newline separates the new rows from it.
            handle = os.open(self.folder / "index.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, ("\n" + lines).encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise self.cannot_write(error) from error

    def cannot_write(self, error: OSError) -> StoreError:
        """Return the error to raise when a file of the store cannot be written."""
        return StoreError(
            f"{self.folder} cannot be written: {error.strerror or error}. The clips stored so far are kept. Make room "
            "or choose another folder, then run again to resume."
        )


def stored_settings(folder: Path) -> ExtractionSettings:
    """Read the extraction settings from the settings.json of a folder in a store.

    Args:
        folder: Path. `<store>/<fingerprint>`.

    Raises:
        SettingsError: If settings.json is damaged, or was written by an incompatible version.
    """
    path = folder / "settings.json"
    try:
        return ExtractionSettings.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"{path} is damaged ({error}). Run the extraction again to rewrite it."
        ) from error
