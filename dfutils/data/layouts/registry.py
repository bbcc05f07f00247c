"""Define and register data set layouts, with helper functions for their readers.

A layout describes how a data set names its files and folders. Its reader is a function `(Files) -> Reading`, registered
with `@layout`. A reader uses only the names of files and the lists that come with the data set. It decodes no video. It
returns the clips that it recognises. The catalog lists every other file as left out, with a reason.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dfutils.data.layouts.folder_names import HOLDERS
from dfutils.errors import DataError
from dfutils.media.files import Files, split_path


@dataclass(slots=True)
class Entry:
    """A clip of the data set, or something that is not a clip, with the reason.

    Args:
        path: str. The path of the file, or of the folder of image files, relative to the data set's folder.
        media: str. `"video"`, `"image"` or `"frames"` (a folder of image files that are the frames of one clip).
        label: int or None. 1 = fake, 0 = real, None = unknown.
        method: str. The forgery method. Defaults to `""`.
        group: str. The name of the clip's group. A split never divides a group. Defaults to the clip's own id.
        split: str. `train`, `val` or `test` where the data set publishes it. Defaults to `""`.
        clip_id: str. Defaults to the path without its suffix.
        identity: str. The person in the clip, where the data set names people. Defaults to `""`: unknown.
        donor: str. The person whose face was inserted; where people are not named, the recording that it comes
            from. Defaults to `""`: unknown.
        source: str. The recording that the clip comes from. Defaults to `""`: unknown.
        left_out: str. Why the file is not used as a clip. Defaults to `""`: the file is used.
    """

    path: str
    media: str = "video"
    label: int | None = None
    method: str = ""
    group: str = ""
    split: str = ""
    clip_id: str = ""
    identity: str = ""
    donor: str = ""
    source: str = ""
    left_out: str = ""

    @property
    def stem(self) -> str:
        """The name of the clip's file without its suffix, or the name of the clip's folder of image files."""
        return split_path(self.path)[1] if self.media != "frames" else self.path.rpartition("/")[2]

    @property
    def without_suffix(self) -> str:
        """The path of the clip without the file's suffix."""
        if self.media == "frames":
            return self.path
        folder, stem, _ = split_path(self.path)
        return f"{folder}/{stem}" if folder else stem


@dataclass
class Reading:
    """The clips, remarks and lists that a reader function returns.

    Args:
        entries: list of Entry.
        remarks: list of str. What the user should know.
        lists: list of str. The data set's own lists that were read.
    """

    entries: list[Entry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)


Reader = Callable[[Files], Reading]


@dataclass(frozen=True)
class Layout:
    """A data set layout, with functions that recognise and read it.

    Args:
        name: str. What `--layout` calls it.
        looks_like: str. Its folders in one line, for the message when no layout is recognised.
        otherwise: str. The reason given for videos and pictures that the reader does not return.
        rank: int. The lowest rank that fits wins: 0 for a table that the user wrote, 1 for a known data set, 2 for a
            form that many data sets share.
        recognises: function. `(Files) -> bool`.
        read: function. `(Files) -> Reading`.
    """

    name: str
    looks_like: str
    otherwise: str
    rank: int
    recognises: Callable[[Files], bool]
    read: Reader

    @property
    def is_known_data_set(self) -> bool:
        """Whether this is the layout of one published data set."""
        return self.rank == 1


# The registered layouts, by name. Layouts of other packages are registered when a layout is first looked up.
LAYOUTS: dict[str, Layout] = {}


def layout(
    name: str, looks_like: str, recognises: Callable[[Files], bool], *, otherwise: str, rank: int = 1
) -> Callable[[Reader], Reader]:
    """Register the decorated reader function as a data set layout.

    Args:
        name: str. What `--layout` calls it.
        looks_like: str. Its folders in one line, for the message when no layout is recognised.
        recognises: function. `(Files) -> bool`.
        otherwise: str. The reason given for videos and pictures that the reader does not return.
        rank: int. The lowest rank that fits wins: 0 for a table that the user wrote, 1 for a known data set, 2 for a
            form that many data sets share. Defaults to 1.

    Returns:
        A decorator that returns the reader unchanged.
    """

    def register(read: Reader) -> Reader:
        LAYOUTS[name] = Layout(name, looks_like, otherwise, rank, recognises, read)
        return read

    return register


def named_clips(files: Files) -> list[Entry]:
    """Return an Entry for every video and for every folder of image files, without label and group.

    Readers use this function where the name of a clip gives its label and group: `000.mp4`, or a folder `000` of image
    files. The frames of a video that is also present (`frames/000` next to `videos/000.mp4`) are left out.
    """
    videos = [Entry(path) for path in files.videos]
    by_place = {_without_holder(video.without_suffix): video.path for video in reversed(videos)}
    entries = list(videos)
    for folder in files.stills_folders:
        video = by_place.get(_without_holder(folder))
        entries.append(Entry(folder, media="frames", left_out=f"the frames of {video}" if video else ""))
    return entries


def matching_clips(files: Files, *patterns: re.Pattern[str]) -> list[tuple[Entry, re.Match[str]]]:
    """Return the clips whose path, without its suffix, matches one of the patterns, each with its first match.

    The clips are those of `named_clips`, so some of them may be left out already.
    """
    found = (
        (clip, [pattern.search(clip.without_suffix) for pattern in patterns]) for clip in named_clips(files)
    )
    return [(clip, next(filter(None, matches))) for clip, matches in found if any(matches)]


def _without_holder(path: str) -> str:
    """Return a path without folders named for a kind of file, such as `videos` or `frames`."""
    return "/".join(name for name in path.split("/") if name.lower() not in HOLDERS)


def any_clip(pattern: re.Pattern[str]) -> Callable[[Files], bool]:
    """Return a function that checks whether the path of any clip, without its suffix, matches a pattern."""
    return lambda files: any(pattern.search(clip.without_suffix) for clip in named_clips(files))


def read_json(files: Files, path: str, what: str) -> Any:
    """Read a JSON file that belongs to the data set.

    Args:
        files: Files.
        path: str. Relative to the data set's folder.
        what: str. What the file should be, for the message.

    Returns:
        The content of the file.

    Raises:
        DataError: If the file cannot be read as JSON.
    """
    try:
        return json.loads((files.root / path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{files.root / path} is not {what}: {error}. Fix or remove it.") from error
