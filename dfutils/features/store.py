"""The cache: one file a clip, named by the clip's content.

    <store>/<fingerprint>/settings.json     the settings that the fingerprint stands for
    <store>/<fingerprint>/clips/<key>.npz   features and status of the clip with that content
    <store>/<fingerprint>/index.jsonl       which clip_id has which content; the last line for it counts
    <store>/<fingerprint>/partial/          files that are being written

A clip's file is written whole before it is moved to its place, and read with its checksums, so that a
damaged one is never taken for a good one. Lines are appended to the index in one write each, so that
two processes may fill a store at once and a kill loses a line at the most.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.errors import MissingArtefactError, SettingsError, StoreError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.settings import ExtractionSettings
from dfutils.media.files import media_of, stills
from dfutils.tables import STATUSES

_LEFTOVER_SECONDS = 600
_SAMPLE = 1 << 16
_PIECES, _PIECE = 64, 1 << 11
_SAMPLE_OF_STILL = 1 << 12  # a folder may hold a thousand
_ROW = {"clip_id": str, "key": str, "status": str, "reason": str, "frames": int}


@dataclass(frozen=True)
class StoredClip:
    """What the store knows of a clip.

    Args:
        status: str. `ok`, `empty`, `unreadable`, `too_short` or `no_face`.
        reason: str. Why, or what was lost; `""` when all is well.
        features: float16 array [T, D]; [0, D] unless the status is ok.
        times: float64 array [T], seconds.
        boxes: float64 array [T, 4]: x, y, width, height of the face in the clip's pixels.
    """

    status: str
    reason: str
    features: np.ndarray
    times: np.ndarray
    boxes: np.ndarray


def content_key(path: Path) -> str:
    """Return the key of a clip's content: its size, and a hash of its head, its tail and pieces between them.

    A file that is replaced gets another key, one that is moved or renamed keeps it, unless it becomes a clip of
    another kind (a video, a picture). Of a folder of stills it is made of all its pictures, in their order.

    Raises:
        OSError: If it cannot be read.
    """
    if not path.is_dir():
        return _sampled_hash(path, path.stat().st_size if _is_uncompressed(path) else _SAMPLE)
    digest = hashlib.blake2b(b"stills", digest_size=16)
    for picture in stills(path):
        sample = picture.stat().st_size if _is_uncompressed(picture) else _SAMPLE_OF_STILL
        digest.update(_sampled_hash(picture, sample).encode())
    return digest.hexdigest()


def _is_uncompressed(path: Path) -> bool:
    """Return whether a change inside may leave a file's size, head and tail as they were."""
    return path.suffix.lower() in (".bmp", ".tif", ".tiff")


def _sampled_hash(path: Path, sample: int) -> str:
    size = path.stat().st_size
    digest = hashlib.blake2b(f"{media_of(path.name)} {size}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(sample))
        # A copy with holes, as a download leaves behind that was broken off, has the same size, head and tail.
        pieces = 2 if sample == _SAMPLE_OF_STILL else _PIECES
        for piece in range(1, pieces) if size > 2 * sample else ():
            file.seek(sample + piece * (size - 2 * sample) // pieces)
            digest.update(file.read(_PIECE))
        file.seek(max(min(sample, size), size - sample))
        digest.update(file.read(sample))
    return digest.hexdigest()


class Store:
    """The clips extracted with one set of settings.

    Args:
        directory: Path. The store; its folder for these settings is made when something is written.
        settings: ExtractionSettings.
    """

    def __init__(self, directory: str | Path, settings: ExtractionSettings):
        self.settings = settings
        self.fingerprint = settings.fingerprint()
        self.folder = Path(directory) / self.fingerprint

    @classmethod
    def only(cls, directory: str | Path) -> "Store":
        """Open a store whose settings are not said: those it holds if it holds one set, else the defaults.

        Raises:
            MissingArtefactError: If it holds none, or several and not the defaults.
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
                f"{directory} holds features of several settings ({names}). Say which with settings=."
            )
        return default

    def create(self) -> None:
        """Make the folder, with a description of the settings.

        Raises:
            StoreError: If it cannot be written.
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
            raise self._cannot_write(error) from error

    def _clear_leftovers(self) -> None:
        """Remove half-written files that a kill left behind, but none that is being written."""
        for leftover in (self.folder / "partial").glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                    leftover.unlink()

    def check_writable(self) -> None:
        """Make sure that there is room for a file, before hours are spent on what to write into it.

        Raises:
            StoreError: If it cannot be written.
        """
        try:
            (self.folder / "partial").mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder / "partial") as file:
                file.write(b" ")
        except OSError as error:
            raise self._cannot_write(error) from error

    def path(self, key: str) -> Path:
        return self.folder / "clips" / f"{key}.npz"

    def read(self, key: str) -> tuple[StoredClip | None, str]:
        """Return the clip with that content, or None and why what is there cannot be used.

        The reason is `""` where there is simply nothing yet.
        """
        try:
            with np.load(self.path(key), allow_pickle=False) as file:
                facts = json.loads(str(file["facts"]))
                clip = StoredClip(
                    facts["status"], facts["reason"], file["features"], file["times"], file["boxes"]
                )
            if facts["fingerprint"] != self.fingerprint:
                return None, "its cached features are from other settings"
            if facts["key"] != key:
                return None, "its cached features are another clip's"
            if not self._is_sound(clip):
                return (
                    None,
                    "its cached features hold values that are no numbers, or not as many as they should",
                )
        except FileNotFoundError:
            return None, ""
        except Exception as error:  # whatever a flipped bit makes of a zip file's innards
            return None, f"its cached features are damaged ({error or type(error).__name__})"
        return clip, ""

    def _is_sound(self, clip: StoredClip) -> bool:
        count = len(clip.times)
        width = sum(layer_widths(self.settings.backbone.layers).values())
        return (
            clip.status in STATUSES
            and (clip.status == "ok") == (count > 0)
            and clip.features.shape == (count, width)
            and clip.features.dtype == np.float16
            and clip.boxes.shape == (count, 4)
            and all(np.isfinite(values).all() for values in (clip.features, clip.times, clip.boxes))
        )

    def write(self, key: str, clip: StoredClip) -> None:
        """Store a clip, atomically.

        Raises:
            StoreError: If it cannot be written.
        """
        facts = {"status": clip.status, "reason": clip.reason, "fingerprint": self.fingerprint, "key": key}
        try:
            (self.folder / "partial").mkdir(exist_ok=True)
            with (
                atomic_path(self.path(key), self.folder / "partial") as temporary,
                temporary.open("wb") as file,
            ):
                np.savez(
                    file, facts=json.dumps(facts), features=clip.features, times=clip.times, boxes=clip.boxes
                )
        except OSError as error:
            raise self._cannot_write(error) from error

    def index(self) -> dict[str, dict]:
        """Return {clip_id: {clip_id, key, status, reason, frames}}."""
        rows = {}
        try:
            lines = (self.folder / "index.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        for line in lines:
            try:
                row = json.loads(line)
                is_sound = all(isinstance(row[name], kind) for name, kind in _ROW.items())
                if is_sound and 0 <= row["frames"] <= self.settings.sampling.frames:
                    rows[row["clip_id"]] = row
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # as a line cut off by a kill: its clip is looked at again
        return rows

    def add_to_index(self, rows: Iterable[dict]) -> None:
        """Append rows of {clip_id, key, status, reason, frames}.

        Raises:
            StoreError: If it cannot be written.
        """
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        if not lines:
            return
        try:
            # A leading newline keeps a line that a kill cut off from swallowing this one.
            handle = os.open(self.folder / "index.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, ("\n" + lines).encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.folder} cannot be written: {error.strerror or error}. Clips stored so far are kept; make room "
            "or choose another folder, and run again to go on."
        )


def stored_settings(folder: Path) -> ExtractionSettings:
    """Return the settings that a store's folder describes.

    Raises:
        SettingsError: If they are not of this version.
    """
    path = folder / "settings.json"
    try:
        return ExtractionSettings.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is damaged ({error}). Extract again: it is written anew.") from error
