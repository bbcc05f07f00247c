"""The table of a pack: where the frames of each clip are, and their checksum."""

import zlib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from dfutils.atomic import atomic_path

_FORMAT = 1
_COLUMNS = {"keys": "S", "starts": "i", "frames": "i", "sides": "f", "checksums": "u"}


@dataclass(frozen=True, eq=False)
class PackTable:
    """One row per packed clip.

    Args:
        frames_file: str. The name of the file with the frames, in the same folder.
        fingerprint: str. The fingerprint of the settings of the features.
        width: int. Values per frame.
        end: int. The frames in the file that belong to the table. What follows was left by a killed process.
        keys: bytes array [N]. The content key of each clip. All differ.
        starts: int64 array [N]. The position of a clip's first frame in the file.
        frames: int64 array [N]. The number of frames.
        sides: float64 array [N]. `StoredClip.face_side`.
        checksums: uint32 array [N]. From `checksum`.
    """

    frames_file: str
    fingerprint: str
    width: int
    end: int = 0
    keys: np.ndarray = field(default_factory=lambda: np.empty(0, "S1"), repr=False)
    starts: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    frames: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64), repr=False)
    sides: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    checksums: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint32), repr=False)

    @classmethod
    def read(cls, path: Path, *, fingerprint: str, width: int) -> Self | None:
        """Read the table; None if it is missing, damaged or of other settings."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                if int(stored["format"]) != _FORMAT:
                    return None
                values: dict[str, Any] = {one.name: stored[one.name] for one in fields(cls)}
        except Exception:  # a flipped bit inside a zip file can raise anything
            return None
        for name, kind in (("frames_file", str), ("fingerprint", str), ("width", int), ("end", int)):
            values[name] = kind(values[name])
        table = cls(**values)
        return (
            table if (table.fingerprint, table.width) == (fingerprint, width) and table._is_valid() else None
        )

    def _is_valid(self) -> bool:
        columns = [getattr(self, name) for name in _COLUMNS]
        return (
            all(one.shape == self.keys.shape and one.ndim == 1 for one in columns)
            and all(one.dtype.kind == kind for one, kind in zip(columns, _COLUMNS.values(), strict=True))
            and Path(self.frames_file).name == self.frames_file
            and bool((self.starts >= 0).all() and (self.frames > 0).all())
            and bool((self.starts + self.frames <= self.end).all())
            and pd.Index(self.keys).is_unique
        )

    def write(self, path: Path) -> None:
        """Write the table. If writing fails, the old one stays.

        Raises:
            OSError: If it cannot be written.
        """
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, format=_FORMAT, **{one.name: getattr(self, one.name) for one in fields(self)})

    def find(self, keys: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the row of each clip, int array; -1 for a clip that is not there with this number of frames.

        Args:
            keys: bytes array. Content keys.
            counts: int array. The number of frames of each clip.
        """
        rows = pd.Index(self.keys).get_indexer(pd.Index(keys))
        if not len(self.keys):
            return rows
        return np.where((rows >= 0) & (self.frames[rows] == counts), rows, -1)

    def without(self, keys: np.ndarray) -> Self:
        """Return a table without some clips. Their place in the file stays taken."""
        kept = ~pd.Index(self.keys).isin(keys)
        columns: dict[str, Any] = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return replace(self, **columns)

    def extended(self, rows: list[tuple[bytes, int, float, int]]) -> Self:
        """Return a table with more clips, whose frames follow one another from `end`. They replace rows of their keys.

        Args:
            rows: list of (key, number of frames, face side, checksum).
        """
        if not rows:
            return self
        keys, frames, sides, checksums = (np.array(column) for column in zip(*rows, strict=True))
        ends = self.end + np.cumsum(frames)
        rest = self.without(keys)
        added = {
            "keys": keys,
            "starts": ends - frames,
            "frames": frames,
            "sides": sides,
            "checksums": checksums.astype(np.uint32),
        }
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(rest, name), column]) for name, column in added.items()
        }
        return replace(self, end=int(ends[-1]), **joined)


def checksum(key: bytes, frames: bytes | memoryview) -> int:
    """Return the CRC-32 of a clip's key and frames. The key is in it, so that no clip is taken for another."""
    return zlib.crc32(frames, zlib.crc32(key))
