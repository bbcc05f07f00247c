"""The pack of a store: the features of its clips in one file, which is read in parts.

    <store>/<fingerprint>/pack/frames-<name>.f16   float16 [R, W]: the frames of all packed clips after one another
    <store>/<fingerprint>/pack/table.npz           where each clip is, by content key, and its checksum

The clips' own files stay what counts, and a pack can be removed at any time. Clips are only ever appended: first their
frames are written, then the table that names them. So a killed process leaves at most some bytes after the last clip,
which are overwritten. Rows that do not have their checksum are taken from the clips' files again. Where the table
cannot be used, a new file is begun; a process that is still reading the old one keeps it open.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock
from tqdm import tqdm

from dfutils.errors import MissingArtefactError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.pack_table import PackTable, checksum
from dfutils.features.packed_features import RowsInFile
from dfutils.features.store import Store

_TABLE, _LOCK = "table.npz", ".lock"
# The table is written after so many clips, so that a killed process has not packed them for nothing.
_CLIPS_PER_TABLE = 4096
_BYTES_PER_READ = 1 << 23


class PackedRows(NamedTuple):
    """Where clips are in a pack.

    Args:
        file: RowsInFile. The frames.
        starts: int64 array [N]. The row of each clip's first frame; -1 for a clip whose features are not in the store.
        sides: float64 array [N]. `StoredClip.face_side`; NaN where `starts` is -1.
    """

    file: RowsInFile
    starts: np.ndarray
    sides: np.ndarray


@dataclass(frozen=True)
class Pack:
    """The pack of a store.

    Args:
        store: Store.
    """

    store: Store

    @property
    def folder(self) -> Path:
        """The folder of the pack."""
        return self.store.folder / "pack"

    @property
    def width(self) -> int:
        """The number of values per frame."""
        backbone = self.store.settings.backbone
        return sum(layer_widths(backbone.layers, pooling=backbone.pooling).values())

    def rows(self, keys: list[str], counts: np.ndarray, *, progress: bool = True) -> PackedRows:
        """Find clips in the pack. Those that are not in it yet, or are damaged, are packed first.

        If all clips are there, nothing is written, so that a store may be on a disk that cannot be written.

        Args:
            keys: list of str. The content key of each clip.
            counts: int array [N]. The number of frames of each clip.
            progress: bool. Show a progress bar while clips are packed. Defaults to True.

        Raises:
            StoreError: If the pack cannot be written.
        """
        names = np.array(keys, "S")
        table = self._read_table()
        if table is not None and (table.find(names, counts) >= 0).all():
            with contextlib.suppress(MissingArtefactError):  # another process has just replaced the file
                file = RowsInFile(self.folder / table.frames_file, self.width)
                found = _sound_rows(file, table, names, counts)
                if (found >= 0).all():
                    return _packed_rows(file, table, found)
        try:
            with self._locked():
                return self._pack(names, counts, progress)
        except OSError as error:
            raise self.store.cannot_write(error) from error

    def _read_table(self) -> PackTable | None:
        return PackTable.read(self.folder / _TABLE, fingerprint=self.store.fingerprint, width=self.width)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time write."""
        self.folder.mkdir(exist_ok=True)
        with FileLock(self.folder / _LOCK):
            yield

    def _pack(self, names: np.ndarray, counts: np.ndarray, progress: bool) -> PackedRows:
        """Append the clips that are missing or damaged, and return where all of them are."""
        table = self._read_table()
        if table is None or not (self.folder / table.frames_file).is_file():
            table = PackTable(f"frames-{secrets.token_hex(4)}.f16", self.store.fingerprint, self.width)
            (self.folder / table.frames_file).touch()
        file = RowsInFile(self.folder / table.frames_file, self.width)
        found = _sound_rows(file, table, names, counts)
        lost = found < 0
        table = table.without(names[lost & (table.find(names, counts) >= 0)])
        wanted = dict(zip(names[lost].tolist(), counts[lost].tolist(), strict=True))
        table = self._append(table, wanted, progress)
        self._clear(keep=table.frames_file)
        return _packed_rows(file, table, table.find(names, counts))

    def _append(self, table: PackTable, wanted: dict[bytes, int], progress: bool) -> PackTable:
        """Append clips, {content key: number of frames}. Those without such features in the store are left out."""
        keys = list(wanted)
        with (
            (self.folder / table.frames_file).open("r+b") as file,
            tqdm(
                total=len(keys), desc="packing features", unit="clip", disable=not (progress and keys)
            ) as bar,
        ):
            file.seek(2 * self.width * table.end)
            for begin in range(0, len(keys), _CLIPS_PER_TABLE):
                rows = []
                for key in keys[begin : begin + _CLIPS_PER_TABLE]:
                    clip, _ = self.store.read(key.decode())
                    bar.update()
                    if clip is not None and len(clip.features) == wanted[key]:
                        frames = clip.features.tobytes()
                        file.write(frames)
                        rows.append((key, len(clip.features), clip.face_side, checksum(key, frames)))
                if rows:
                    file.flush()
                    os.fsync(file.fileno())
                    table = table.extended(rows)
                    table.write(self.folder / _TABLE)
        return table

    def _clear(self, *, keep: str) -> None:
        """Remove the files of earlier packs, and what a killed process was writing."""
        for path in self.folder.iterdir():
            if path.name not in (keep, _TABLE, _LOCK):
                with contextlib.suppress(OSError):  # Windows keeps a file that another process reads
                    path.unlink()


def _packed_rows(file: RowsInFile, table: PackTable, found: np.ndarray) -> PackedRows:
    is_there = found >= 0
    starts, sides = np.full(len(found), -1), np.full(len(found), np.nan)
    starts[is_there], sides[is_there] = table.starts[found[is_there]], table.sides[found[is_there]]
    return PackedRows(file, starts, sides)


def _sound_rows(file: RowsInFile, table: PackTable, names: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the row of each clip in the table; -1 for a clip that is not there or does not have its checksum.

    The frames are read once, in the order of the file.
    """
    found = table.find(names, counts)
    rows = np.unique(found[found >= 0])
    rows = rows[np.argsort(table.starts[rows], kind="stable")]
    is_sound = np.zeros(len(table.keys), bool)
    for run in _runs(table, rows):
        first = table.starts[run[0]]
        content = memoryview(file.read(first, table.starts[run[-1]] + table.frames[run[-1]] - first))
        for row in run.tolist():
            begin = 2 * table.width * int(table.starts[row] - first)
            frames = content[begin : begin + 2 * table.width * int(table.frames[row])]
            is_sound[row] = checksum(table.keys[row], frames) == table.checksums[row]
    return np.where((found >= 0) & is_sound[found], found, -1) if len(is_sound) else found


def _runs(table: PackTable, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Cut rows, in the order of the file, into runs without gaps that are read at once."""
    starts, ends = table.starts[rows], table.starts[rows] + table.frames[rows]
    piece = 2 * table.width * starts // _BYTES_PER_READ
    is_new = np.ones(len(rows), bool)
    is_new[1:] = (starts[1:] != ends[:-1]) | (piece[1:] != piece[:-1])
    borders = [*np.flatnonzero(is_new).tolist(), len(rows)]
    for begin, end in pairwise(borders):
        yield rows[begin:end]
