"""Find the clips to judge: files, folders and patterns become a list of paths."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dfutils.media.files import media_of, stills


def find_clips(given: Iterable[str], *, recursive: bool = False) -> list[str]:
    """Return the paths of the clips that are meant.

    A file is a clip. A folder with image files and without videos is one clip, whose frames are the images. Of any
    other folder, the videos and the images in it are clips. A pattern such as `clips/*.mp4` stands for all files that
    match, if no file has this name.

    Args:
        given: iterable of str. Files, folders and patterns. A path that does not exist is returned as it is.
        recursive: bool. Look into the folders of folders, too. Defaults to False.
    """
    return [path for name in given for path in _clips_of(name, recursive=recursive)]


def _clips_of(name: str, *, recursive: bool) -> Iterator[str]:
    if not os.path.lexists(name) and glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 (the pattern may be absolute)
        for match in matches:
            yield from _clips_of(match, recursive=recursive)
        if matches:
            return
    if not Path(name).is_dir():
        yield name
        return
    yield from _clips_in(Path(name), recursive=recursive)


def _clips_in(folder: Path, *, recursive: bool) -> Iterator[str]:
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    videos = [path for path in entries if path.is_file() and media_of(path.name) == "video"]
    if not videos and stills(folder):
        yield str(folder)
    else:
        yield from (str(path) for path in entries if path.is_file() and media_of(path.name))
    if recursive:
        for path in entries:
            if path.is_dir() and not path.is_symlink():
                yield from _clips_in(path, recursive=True)
