"""List the files in a data set's folder: videos, pictures, folders of stills, and everything else."""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from dfutils.errors import DataError

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg"),
        *("wmv", "flv", "3gp", "ts", "mts", "ogv", "gif"),
    )
)
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
_NOT_LISTED = frozenset({"Thumbs.db", "desktop.ini"})


def split_path(path: str) -> tuple[str, str, str]:
    """Return the folder, the name without suffix, and the suffix in lower case, of a `/` separated path."""
    folder, _, name = path.rpartition("/")
    stem, suffix = os.path.splitext(name)
    return folder, stem, suffix.lower()


def plain_name(path: str) -> str:
    """Return a path in which each accented letter is one character (NFC), so that equal names compare equal."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def leaves_root(path: str) -> bool:
    """Return whether a path that a list names is absolute or leads out of the folder."""
    plain = PurePosixPath(path.replace("\\", "/"))
    return plain.is_absolute() or ".." in plain.parts or bool(re.match(r"[A-Za-z]:", path))


def media_of(path: str) -> str:
    """Return `"video"`, `"image"` or `""`, judging by the suffix."""
    suffix = split_path(path)[2]
    return "video" if suffix in VIDEO_SUFFIXES else "image" if suffix in IMAGE_SUFFIXES else ""


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key for which `frame_2` comes before `frame_10`."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name)]


def stills(folder: Path) -> list[Path]:
    """Return the pictures directly in a folder, in their natural order.

    Raises:
        OSError: If the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = [
            entry.name
            for entry in entries
            if media_of(entry.name) == "image" and not entry.name.startswith(".") and entry.is_file()
        ]
    return [folder / name for name in sorted(names, key=natural_order)]


@dataclass
class Files:
    """The files below a data set's folder.

    Args:
        root: Path. The folder.
        paths: list of str. Relative to the root, `/` separated, sorted.
        unusable: list of (path, reason). What is neither an ordinary file nor a folder that can be read.
    """

    root: Path
    paths: list[str]
    unusable: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def videos(self) -> list[str]:
        """The paths of the videos."""
        return [path for path in self.paths if media_of(path) == "video"]

    @cached_property
    def images(self) -> list[str]:
        """The paths of the pictures."""
        return [path for path in self.paths if media_of(path) == "image"]

    @cached_property
    def stills_folders(self) -> list[str]:
        """The folders that directly hold pictures, sorted, without the root itself."""
        return sorted({split_path(path)[0] for path in self.images} - {""})

    def on_disk(self, path: str) -> str:
        """Return a listed path in the spelling used on disk. Accents can be stored in two ways (Unicode NFC or NFD)."""
        names = path.split("/")
        if path.isascii() or {"", ".."} & {*names} or os.path.lexists(self.root / path):
            return path
        spelt = ""
        for name in names:
            try:
                entries = [entry.name for entry in (self.root / spelt).iterdir()]
            except (OSError, ValueError):
                return path
            same = next((other for other in entries if plain_name(other) == plain_name(name)), name)
            spelt = f"{spelt}/{same}" if spelt else same
        return spelt

    def matching(self, pattern: re.Pattern[str] | str) -> Iterator[re.Match[str]]:
        """Yield a match for every path in which the pattern is found."""
        compiled = re.compile(pattern)
        return (match for path in self.paths if (match := compiled.search(path)))


def list_files(root: Path) -> Files:
    """List the files below a folder. No file is opened.

    Hidden files and folders are ignored. Linked folders are not entered, so that a loop cannot occur; linked files
    count as files.

    Raises:
        DataError: If the folder itself cannot be read.
    """
    paths: list[str] = []
    unusable: list[tuple[str, str]] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        before = len(paths) + len(unusable)
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name in _NOT_LISTED:
                        continue
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    elif reason := _why_unusable(entry):
                        unusable.append((path, reason))
                    else:
                        paths.append(path)
        except OSError as error:
            if not folder:
                raise DataError(
                    f"{root} cannot be read: {error.strerror}. Change its permissions."
                ) from error
            unusable.append((folder, f"this folder cannot be read: {error.strerror}"))
        # A folder named like a video is not a clip, but the person who made it expects one.
        if folder and media_of(folder) == "video" and len(paths) + len(unusable) == before:
            unusable.append((folder, "a folder without a file, named like a video"))
    return Files(Path(root), sorted(paths), sorted(unusable))


def _why_unusable(entry: os.DirEntry[str]) -> str:
    """Return why an entry is not a file that can be used, `""` if it is one."""
    try:
        if entry.is_file():
            return ""
        if entry.is_symlink():
            return "a link to a folder, which is not followed" if entry.is_dir() else "a link to nothing"
    except OSError as error:
        return f"cannot be followed: {error.strerror}"
    return "not an ordinary file"
