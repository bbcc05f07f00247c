"""List the files in a data set's folder, and find out which are videos or image files."""

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
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff"})
_NOT_LISTED = frozenset({"Thumbs.db", "desktop.ini"})


def split_path(path: str) -> tuple[str, str, str]:
    """Split a path with `/` into folder, file name without suffix, and suffix in lower case."""
    folder, _, name = path.rpartition("/")
    stem, suffix = os.path.splitext(name)
    return folder, stem, suffix.lower()


def plain_name(path: str) -> str:
    """Normalise a path to Unicode NFC, so that names with accents compare equal."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def leaves_root(path: str) -> bool:
    """Return whether a path in a list of files is absolute, or leads out of the data set's folder."""
    plain = PurePosixPath(path.replace("\\", "/"))
    return plain.is_absolute() or ".." in plain.parts or bool(re.match(r"[A-Za-z]:", path))


def media_of(path: str) -> str:
    """Return the kind of a file by its suffix: `"video"`, `"image"`, or `""` for any other file."""
    suffix = split_path(path)[2]
    return "video" if suffix in VIDEO_SUFFIXES else "image" if suffix in IMAGE_SUFFIXES else ""


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that orders numbers in names by value, so that `frame_2` comes before `frame_10`."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name)]


def stills(folder: Path) -> list[Path]:
    """Return the image files directly in a folder, sorted so that `frame_2` comes before `frame_10`.

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
    """The files in a data set's folder and its subfolders.

    Args:
        root: Path. The data set's folder.
        paths: list of str. The paths of the files, relative to the root, with `/`, sorted.
        unusable: list of (path, reason). Links to folders that are not followed, broken links, special files, and
            unreadable folders.
    """

    root: Path
    paths: list[str]
    unusable: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def videos(self) -> list[str]:
        """The paths of the video files in the data set's folder."""
        return [path for path in self.paths if media_of(path) == "video"]

    @cached_property
    def images(self) -> list[str]:
        """The paths of the image files in the data set's folder."""
        return [path for path in self.paths if media_of(path) == "image"]

    @cached_property
    def stills_folders(self) -> list[str]:
        """The sorted paths of the subfolders that directly hold image files."""
        return sorted({split_path(path)[0] for path in self.images} - {""})

    def on_disk(self, path: str) -> str:
        """Return a path from a list of files, with its accents spelt as on disk (Unicode NFC or NFD)."""
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
        """Yield a match object for every file path in which a regular expression is found."""
        compiled = re.compile(pattern)
        return (match for path in self.paths if (match := compiled.search(path)))


def list_files(root: Path) -> Files:
    """List the files in a folder and its subfolders, without opening any file.

    Hidden files and folders are ignored. Links to files count as files. A link to a folder is followed if the folder is
    outside the data set's folder, once for each folder. Other links to folders would list files twice, or without end.

    Raises:
        DataError: If the folder cannot be read.
    """
    paths: list[str] = []
    unusable: list[tuple[str, str]] = []
    folders = [""]
    listed = [str(root)]
    while folders:
        folder = folders.pop()
        before = len(paths) + len(unusable)
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                # In order, so that of two links to one folder always the same one is followed.
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.name.startswith(".") or entry.name in _NOT_LISTED:
                        continue
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) or _leads_out(entry, listed):
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
        # An empty folder with the suffix of a video is reported, because the user may expect a video.
        if folder and media_of(folder) == "video" and len(paths) + len(unusable) == before:
            unusable.append((folder, "a folder without a file, named like a video"))
    return Files(Path(root), sorted(paths), sorted(unusable))


def _leads_out(entry: os.DirEntry[str], listed: list[str]) -> bool:
    """Return whether an entry is a link to a folder that is apart from all folders in `listed`. It is then added."""
    if not (entry.is_symlink() and Path(entry.path).is_dir()):  # of a loop, entry.is_dir() raises an error
        return False
    if any(overlap(entry.path, folder) for folder in listed):
        return False
    listed.append(entry.path)
    return True


def overlap(first: str | Path, second: str | Path) -> bool:
    """Return whether two folders are the same one, or one of them is in the other. Links are followed."""
    paths = [os.path.realpath(first), os.path.realpath(second)]
    return os.path.commonpath(paths) in paths


def _why_unusable(entry: os.DirEntry[str]) -> str:
    """Return why an entry of a folder is not a usable file, or `""` if it is usable."""
    try:
        if entry.is_file():
            return ""
        if entry.is_symlink():
            return (
                "a link to a folder that is listed already, or that holds this one"
                if entry.is_dir()
                else "a link whose target is missing"
            )
    except OSError as error:
        return f"cannot be followed: {error.strerror}"
    return "not an ordinary file"
