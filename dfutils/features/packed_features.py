"""Features that stay on the disk and are read where they are needed: the X of a large FeatureSet."""

import mmap
import os
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dfutils.errors import MissingArtefactError, StoreError

_BLOCK = 256


class Rows(Protocol):
    """A table with one row of features per frame, of many clips after one another."""

    def rows(self) -> np.ndarray:
        """Return the table, [R, W]."""


class RowsInFile:
    """A file of frames, float16 [R, W], which is mapped into memory for each read only.

    So the memory of the process does not grow with the part of the file that was read. The file stays open: if another
    process replaces it, the old rows can still be read. A pickled object opens the file by its path.

    Args:
        path: Path. The file.
        width: int. The number W of values per frame.

    Raises:
        MissingArtefactError: If there is no such file.
    """

    def __init__(self, path: Path, width: int) -> None:
        self.path, self.width = Path(path).absolute(), width
        self._open()

    def _open(self) -> None:
        try:
            self._file = self.path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise MissingArtefactError(
                f"{self.path} is missing: the features were packed again since. Load them again."
            ) from error
        weakref.finalize(self, self._file.close)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "width": self.width}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def rows(self) -> np.ndarray:
        """Map the file, float16 [R, W]. The map ends with the last array that refers to it."""
        count = os.fstat(self._file.fileno()).st_size // (2 * self.width)
        if not count:
            return np.empty((0, self.width), np.float16)
        mapped = mmap.mmap(self._file.fileno(), 2 * self.width * count, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, np.float16).reshape(count, self.width)

    def read(self, start: int, count: int) -> bytes:
        """Read the bytes of some rows without mapping them. Fewer are returned where they cannot be read."""
        try:
            self._file.seek(2 * self.width * start)
            return self._file.read(2 * self.width * count)
        except OSError:  # a bad part of the disk
            return b""


class RowsInMemory:
    """An array of features, float32 [N, T, D], as a table of frames.

    Args:
        X: float32 array [N, T, D].
    """

    def __init__(self, X: np.ndarray) -> None:
        self._rows = X.reshape(X.shape[0] * X.shape[1], X.shape[2])

    def rows(self) -> np.ndarray:
        """Return the frames of all clips, float32 [N * T, D]."""
        return self._rows


class PackedFeatures:
    """An array of features, float32 [N, T, D], that is read from the disk in the parts that are used.

    Indexing works as for a NumPy array, and returns a NumPy array in memory with zeros after the last frame of a clip.
    `take` and `columns` choose clips and features without reading anything. NumPy functions can be called with the
    object, but they read all of it into memory.

    Args:
        tables: sequence of Rows. Where the frames are.
        chosen: sequence of int arrays [D]. For each table, its columns.
        table: int array [N]. The table of each clip.
        starts: int array [N]. The first row of each clip in its table.
        frames: int array [N]. The number of rows of each clip, at most T.
        length: int. T.
    """

    dtype = np.dtype(np.float32)
    ndim = 3

    def __init__(
        self,
        tables: Sequence[Rows],
        chosen: Sequence[np.ndarray],
        *,
        table: np.ndarray,
        starts: np.ndarray,
        frames: np.ndarray,
        length: int,
    ) -> None:
        self._tables, self._chosen = tuple(tables), tuple(chosen)
        self._table, self._starts, self._frames, self._length = table, starts, frames, length

    @classmethod
    def joined(cls, first: "np.ndarray | PackedFeatures", second: "np.ndarray | PackedFeatures") -> Any:
        """Return the clips of both, with the longer T. Nothing is read or copied."""
        parts = [one if isinstance(one, cls) else cls._of_array(np.asarray(one)) for one in (first, second)]
        before = len(parts[0]._tables)
        return cls(
            parts[0]._tables + parts[1]._tables,
            parts[0]._chosen + parts[1]._chosen,
            table=np.concatenate([parts[0]._table, parts[1]._table + before]),
            starts=np.concatenate([one._starts for one in parts]),
            frames=np.concatenate([one._frames for one in parts]),
            length=max(one._length for one in parts),
        )

    @classmethod
    def _of_array(cls, X: np.ndarray) -> "PackedFeatures":
        count, length, width = X.shape
        return cls(
            [RowsInMemory(X)],
            [np.arange(width)],
            table=np.zeros(count, int),
            starts=np.arange(count) * length,
            frames=np.full(count, length),
            length=length,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """N, T and D."""
        return len(self._starts), self._length, len(self._chosen[0])

    @property
    def size(self) -> int:
        """The number of values, with padding."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[position] for position in range(len(self)))

    def __repr__(self) -> str:
        return f"PackedFeatures(shape={self.shape})"

    def take(self, rows: np.ndarray | slice) -> "PackedFeatures":
        """Return the chosen clips. Nothing is read.

        Args:
            rows: slice, int array of positions, or bool array [N].
        """
        return PackedFeatures(
            self._tables,
            self._chosen,
            table=self._table[rows],
            starts=self._starts[rows],
            frames=self._frames[rows],
            length=self._length,
        )

    def columns(self, chosen: np.ndarray | slice) -> "PackedFeatures":
        """Return the chosen features of all clips. Nothing is read.

        Args:
            chosen: slice or int array. Positions along D.
        """
        return PackedFeatures(
            self._tables,
            [columns[chosen] for columns in self._chosen],
            table=self._table,
            starts=self._starts,
            frames=self._frames,
            length=self._length,
        )

    def astype(self, dtype: Any) -> np.ndarray:
        """Read everything into an array in memory."""
        return self[:].astype(dtype, copy=False)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read everything into an array in memory, float32 [N, T, D]: 4 N T D bytes."""
        if copy is False:
            raise ValueError("Packed features are on the disk, so an array of them is always a copy.")
        return self.astype(dtype or self.dtype)

    def __getitem__(self, index: Any) -> np.ndarray:
        mask = np.asarray(index) if isinstance(index, np.ndarray | list) else None
        if mask is not None and mask.dtype == bool and mask.shape == self.shape[:2]:
            return self._frames_of(mask)
        parts = _parts(index)
        if parts is None:
            return self._read(np.arange(len(self)))[index]
        first, *others = parts
        source = self
        if isinstance(others[-1], slice):
            source, others[-1] = self.columns(others[-1]), slice(None)
        rows = np.arange(len(self))[first]
        values = source._read(np.ravel(rows))
        where: Any = np.arange(rows.size).reshape(rows.shape) if np.ndim(rows) else 0
        if np.ndim(rows) == 1 and all(isinstance(part, slice) for part in others):
            where = slice(None)
        return values[(slice(None) if isinstance(first, slice) else where, *others)]

    def _frames_of(self, mask: np.ndarray) -> np.ndarray:
        """Return the frames for which a bool array [N, T] is True, float32 [K, D], as X[mask] does."""
        ends = np.cumsum(mask.sum(1))
        result = np.empty((int(ends[-1]) if len(ends) else 0, self.shape[2]), np.float32)
        for begin in range(0, len(self), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            found = self[block][mask[block]]
            last = int(ends[block][-1])
            result[last - len(found) : last] = found
        return result

    def _read(self, rows: np.ndarray) -> np.ndarray:
        """Read the clips at some positions, float32 [n, T, D]."""
        values = np.zeros((len(rows), *self.shape[1:]), np.float32)
        for number, (source, columns) in enumerate(zip(self._tables, self._chosen, strict=True)):
            places = np.flatnonzero(self._table[rows] == number)
            if not len(places):
                continue
            table, wanted = source.rows(), _as_slice(columns)
            starts, counts = self._starts[rows[places]], self._frames[rows[places]]
            if (starts + counts).max() > len(table):
                raise StoreError("The pack of the features was cut off while it was read. Load them again.")
            for place, start, count in zip(places.tolist(), starts.tolist(), counts.tolist(), strict=True):
                values[place, :count] = table[start : start + count, wanted]
        return values


def _parts(index: Any) -> list[Any] | None:
    """Return an index as three parts, one per axis; None if an axis has no part of its own."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if dots := [number for number, part in enumerate(parts) if part is Ellipsis]:
        parts[dots[0] : dots[0] + 1] = [slice(None)] * (4 - len(parts))
    parts += [slice(None)] * (3 - len(parts))
    if len(parts) != 3 or any(part is None or part is Ellipsis or isinstance(part, bool) for part in parts):
        return None
    if any(np.ndim(part) != 1 and np.asarray(part).dtype == bool for part in parts):
        return None
    return parts


def _as_slice(columns: np.ndarray) -> np.ndarray | slice:
    """Return consecutive columns as a slice, with which they are read faster."""
    if len(columns) and (np.diff(columns) == 1).all():
        return slice(int(columns[0]), int(columns[-1]) + 1)
    return columns
