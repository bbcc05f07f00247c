"""Read the lists that come with data sets: lines of text, and tables in CSV files."""

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dfutils.data.layouts.registry import Entry
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, plain_name, split_path


class Row(NamedTuple):
    """A row of a table: its line number, and its values by column name."""

    line: int
    values: dict[str, str]


def read_lines(files: Files, path: str, what: str) -> list[str]:
    """Return the lines of a text file that belongs to the data set.

    Args:
        files: Files.
        path: str. Relative to the data set's folder.
        what: str. What the file should be, for the message.

    Returns:
        list of str, without line ends.

    Raises:
        DataError: If the file cannot be read as text.
    """
    try:
        return (files.root / path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{files.root / path} is not {what}: {error}. Fix or remove it.") from error


def read_table(files: Files, path: str, columns: Iterable[str], *, filled: str) -> list[Row]:
    """Return the rows of a CSV file that belongs to the data set. Names and values lose spaces at their ends.

    Args:
        files: Files.
        path: str. Relative to the data set's folder.
        columns: iterable of str. Columns that must be there.
        filled: str. The column that must have a value in every row.

    Returns:
        list of Row. Empty lines are left out.

    Raises:
        DataError: If the file cannot be read, a column is missing, or a row has no value in the column `filled`.
    """
    place = files.root / path
    lines = read_lines(files, path, "a table of the data set")
    reader = csv.reader(lines)
    rows = []
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise DataError(
                f"{place}, line 1: there is no column {missing[0]!r}. Use the file as the data set ships it, or "
                "remove it."
            )
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            row = dict(zip(header, (value.strip() for value in values), strict=False))
            if not row.get(filled):
                raise DataError(
                    f"{place}, line {reader.line_num}: the column {filled!r} is empty. Fix or remove the line."
                )
            rows.append(Row(reader.line_num, row))
    except csv.Error as error:
        raise DataError(f"{place}, line {reader.line_num}: {error}. Fix the line.") from error
    return rows


def only_listed(name: str, path: str) -> Entry:
    """Return the Entry for a clip that a list names, and that is not on disk.

    Args:
        name: str. The path of the clip, relative to the data set's folder.
        path: str. The path of the list.

    Returns:
        Entry. It is left out, with the reason.
    """
    if leaves_root(name):
        return Entry(name, left_out=f"{path} names a path outside the data set's folder")
    return Entry(name, left_out=f"named in {path}, but not on disk")


class ClipsByName:
    """The clips of a data set by the name of their file, for lists that give names without folders.

    Args:
        clips: iterable of Entry.
    """

    def __init__(self, clips: Iterable[Entry]) -> None:
        self._clips: dict[str, list[Entry]] = {}
        for clip in clips:
            self._clips.setdefault(plain_name(clip.stem).lower(), []).append(clip)

    def below(self, folder: str, name: str) -> Iterator[Entry]:
        """Yield the clips in a folder or its subfolders whose file has the given name. The suffix may differ."""
        stem = split_path(plain_name(name))[1].lower()
        for clip in self._clips.get(stem, ()):
            if not folder or clip.path.startswith(f"{folder}/"):
                yield clip
