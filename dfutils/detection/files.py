"""Find the clips to judge: files, folders and patterns become a list of paths."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from dfutils.data import read_catalog
from dfutils.media.files import media_of, stills

_TABLES = (".csv", ".tsv")
_KNOWN = ("clip_id", "label", "group", "method", "split")


def find_clips(given: Iterable[str], *, recursive: bool = False) -> list[str]:
    """Return the paths of the clips that are meant.

    A file is a clip. A folder with image files and without videos is one clip, whose frames are the images. Of any
    other folder, the videos and the images in it are clips. If there are none, the folder itself is returned. A pattern
    such as `clips/*.mp4` stands for all files that match, if no file has this name.

    Args:
        given: iterable of str. Files, folders and patterns. A path that does not exist is returned as it is.
        recursive: bool. Look into the folders of folders, too. Defaults to False.
    """
    return [path for name in given for path in _clips_of(name, recursive=recursive)]


def read_catalogs(given: Iterable[str]) -> tuple[list[str], pd.DataFrame]:
    """Replace CSV files among the given paths by the clips that they list.

    Args:
        given: iterable of str. Files, folders, patterns and CSV files (see `data.read_catalog`).

    Returns:
        tuple (paths, known): list of str, with the clips of a CSV file in its place; DataFrame with one row per listed
        clip and the columns clip_id, label, group, method and split. Its index is the path.

    Raises:
        DataError: If a CSV file is not a catalog.
    """
    paths: list[str] = []
    tables = []
    for name in given:
        if Path(name).suffix.lower() not in _TABLES or not Path(name).is_file():
            paths.append(name)
            continue
        catalog = read_catalog(name)
        folder = catalog.root or Path(name).parent
        files = [str(folder / path) for path in catalog.table["path"]]
        paths += files + [
            str(folder / path) for path in catalog.left_out["path"]
        ]  # judging says what is wrong
        tables.append(catalog.table[list(_KNOWN)].set_axis(pd.Index(files, name="file")))
    known = pd.concat(tables) if tables else pd.DataFrame(columns=list(_KNOWN))
    return paths, known[~known.index.duplicated()]


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
    yield from list(_clips_in(Path(name), recursive=recursive)) or [name]


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
