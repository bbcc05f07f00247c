"""One reader for each data-set layout.

A reader is a function `(root, files) -> (entries, remarks)` with an entry for every file, registered
with `@layout`. It looks at names and at the data set's own lists only; it decodes nothing.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from dfutils.errors import DataError

VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg"),
        *("wmv", "flv", "3gp", "ts", "mts", "ogv", "gif"),
    )
)
_SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


@dataclass
class Entry:
    """A file of the data set: a clip, or left out for a reason."""

    path: str
    label: int | None = None
    method: str = ""
    group: str = ""
    split: str = ""
    clip_id: str = ""
    media: str = "video"
    left_out: str = ""


Reading = tuple[list[Entry], list[str]]


@dataclass(frozen=True)
class Layout:
    """A layout by name: how to tell it, and how to read it."""

    name: str
    looks_like: str
    rank: int
    recognises: Callable[[Path, list[str]], bool]
    read: Callable[[Path, list[str]], Reading]


LAYOUTS: dict[str, Layout] = {}


def layout(name: str, looks_like: str, recognises: Callable[[Path, list[str]], bool], rank: int = 1):
    """Register a reader.

    Args:
        name: str. What `--layout` calls it.
        looks_like: str. Its folders in one line, for the message when nothing is recognised.
        recognises: function. `(root, files) -> bool`.
        rank: int. The lowest rank that fits wins: 0 for a list that the user wrote, 1 for a known
            data set, 2 for a form that many data sets share. Defaults to 1.
    """

    def register(read):
        LAYOUTS[name] = Layout(name, looks_like, rank, recognises, read)
        return read

    return register


def _any_match(*patterns: re.Pattern) -> Callable[[Path, list[str]], bool]:
    return lambda root, files: any(p.search(file) for file in files for p in patterns)


def _not_a_clip(path: str, reason: str) -> Entry:
    suffix = PurePosixPath(path).suffix
    if suffix.lower() not in VIDEO_SUFFIXES:
        reason = f"not a video file (suffix {suffix!r})" if suffix else "not a video file (no suffix)"
    return Entry(path, left_out=reason)


# A user's own table, and the built-in data set, which brings one -------------------------------------


def _tables_at_top(files: list[str]) -> list[str]:
    return [file for file in files if "/" not in file and file.lower().endswith(".csv")]


def _is_table(root: Path, files: list[str]) -> bool:
    for file in _tables_at_top(files):
        header = (root / file).open(encoding="utf-8-sig", errors="replace").readline().lower()
        if {"path", "label"} <= {column.strip().strip('"') for column in header.split(",")}:
            return True
    return False


_LABEL_WORDS = {"1": 1, "fake": 1, "1.0": 1, "0": 0, "real": 0, "0.0": 0, "": None}


@layout("table", "a CSV with columns path and label at the top; the demo brings one", _is_table, rank=0)
def read_table_layout(root: Path, files: list[str]) -> Reading:
    tables = [file for file in _tables_at_top(files) if _is_table(root, [file])]
    if len(tables) != 1:
        raise DataError(
            f"{root} needs one CSV with columns path and label. Received: {', '.join(tables) or 'none'}. "
            "Give the path of the CSV itself."
        )
    try:
        table = pd.read_csv(root / tables[0], dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(f"{root / tables[0]} cannot be read as a CSV: {error}") from error
    table.columns = [column.strip().lower() for column in table.columns]
    if table.empty:
        raise DataError(f"{root / tables[0]} has no rows. Write one row a clip, with its path and label.")
    on_disk, entries = set(files), []
    for row in table.to_dict("records"):
        entry = Entry(
            path=PurePosixPath(row["path"].strip().replace("\\", "/")).as_posix(),
            **{key: row[key].strip() for key in ("clip_id", "group", "method", "split") if key in row},
        )
        entry.left_out = _why_row_is_no_clip(root, entry, row["label"], on_disk)
        if not entry.left_out:
            entry.label = _LABEL_WORDS[row["label"].strip().lower()]
            entry.split = _SPLIT_WORDS.get(entry.split.lower(), "")
            if entry.label == 1:
                entry.method = entry.method or "fake"
        entries.append(entry)
    named = {entry.path for entry in entries}
    entries += [
        _not_a_clip(file, f"not named in {tables[0]}")
        for file in files
        if file not in named and PurePosixPath(file).suffix.lower() in VIDEO_SUFFIXES
    ]
    return entries, []


def _why_row_is_no_clip(root: Path, entry: Entry, label: str, on_disk: set[str]) -> str:
    path = PurePosixPath(entry.path)
    if not entry.path or entry.path == ".":
        return "the table names no path"
    if path.is_absolute() or ".." in path.parts:
        return "the table names a path outside the data set's folder"
    if label.strip().lower() not in _LABEL_WORDS:
        return f"its label {label!r} is none of 1, fake, 0, real"
    if entry.split and entry.split.lower() not in _SPLIT_WORDS:
        return f"its split {entry.split!r} is none of train, val, test"
    if entry.path not in on_disk and not (root / entry.path).is_file():
        return "named in the table, but not on disk"
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        return f"not a video file (suffix {path.suffix!r})"
    return ""


# SDFVD -----------------------------------------------------------------------------------------------

_SDFVD = re.compile(r"(?:^|/)videos_(?:real/v|fake/vs)(\d+)\.\w+$", re.IGNORECASE)


@layout("sdfvd", "videos_real/v1.mp4 and videos_fake/vs1.mp4", _any_match(_SDFVD))
def read_sdfvd(root: Path, files: list[str]) -> Reading:
    """The same number is one real/fake pair (data set card, Kaggle `deep-fake-dataset`)."""
    entries = []
    for file in files:
        match = _SDFVD.search(file)
        if match and PurePosixPath(file).suffix.lower() in VIDEO_SUFFIXES:
            fake = "/videos_fake/" in f"/{file.lower()}"
            entries.append(Entry(file, int(fake), "deepfake" if fake else "", group=str(int(match[1]))))
        else:
            entries.append(
                _not_a_clip(file, "not named v<number> or vs<number> in videos_real or videos_fake")
            )
    return entries, []


# FaceForensics++ -------------------------------------------------------------------------------------

_FFPP = re.compile(
    r"(?:^|/)(?P<kind>original|manipulated)_sequences/(?P<source>[^/]+)/(?P<compression>raw|c23|c40)/videos/"
    r"(?P<stem>[^/]+)\.\w+$"
)
_YOUTUBE_CLIP = re.compile(r"(\d{3})(?:_(\d{3}))?")
_ACTOR_CLIP = re.compile(r"(\d{2})(?:_(\d{2}))?__.+")


@layout(
    "faceforensics",
    "original_sequences/youtube/c23/videos/000.mp4 and manipulated_sequences/<method>/c23/videos/000_003.mp4",
    _any_match(_FFPP),
)
def read_faceforensics(root: Path, files: list[str]) -> Reading:
    """Group by the connected pair {target, source}: grouping by target alone leaks the donor's face.

    DeepFakeDetection's few actors are all connected through their donors, so these clips are grouped by
    target, and a remark says which donors remain on both sides (Rössler et al., ICCV 2019).
    """
    entries, pairs, published, remarks = [], _Components(), _published_splits(root, files), []
    members: list[tuple[Entry, str]] = []
    for file in files:
        match = _FFPP.search(file)
        if not match or PurePosixPath(file).suffix.lower() not in VIDEO_SUFFIXES:
            entries.append(_not_a_clip(file, "not where FaceForensics++ keeps its videos"))
            continue
        fake = match["kind"] == "manipulated"
        method = match["source"] if fake else ""
        name = _YOUTUBE_CLIP.fullmatch(match["stem"]) or _ACTOR_CLIP.fullmatch(match["stem"])
        if name is None or bool(name[2]) != fake:
            expected = "<target>_<source>" if fake else "one number"
            entries.append(Entry(file, left_out=f"its name is not {expected}, as FaceForensics++ has it"))
            continue
        entry = Entry(file, int(fake), method)
        if len(name[1]) == 3:
            pairs.join(name[1], name[2] or name[1])
            members.append((entry, name[1]))
            entry.split = published.get(name[1], "")
        else:
            entry.group = f"actor-{name[1]}"
        entries.append(entry)
    names = pairs.names()
    for entry, target in members:
        entry.group = names[target]
    if any(entry.group.startswith("actor-") and entry.label == 1 for entry in entries):
        remarks.append(
            "DeepFakeDetection's actors are donors to one another: its clips are grouped by target, and a donor's "
            "face may still be seen on both sides of the split."
        )
    return entries, remarks


def _published_splits(root: Path, files: list[str]) -> dict[str, str]:
    """Return {clip number: split} from `splits/{train,val,test}.json`, lists of pairs of numbers."""
    splits = {}
    for file in files:
        match = re.search(r"(?:^|/)splits/(train|val|test)\.json$", file)
        if match:
            try:
                listed = json.loads((root / file).read_text())
                splits |= {str(number): match[1] for pair in listed for number in pair}
            except (ValueError, TypeError) as error:
                raise DataError(
                    f"{root / file} is not a list of pairs of clip numbers: {error}. Mend or remove it."
                ) from error
    return splits


class _Components:
    """Connected components of things joined in pairs."""

    def __init__(self):
        self._parent: dict[str, str] = {}

    def join(self, first: str, second: str) -> None:
        a, b = self._top(first), self._top(second)
        self._parent[max(a, b)] = min(a, b)

    def names(self) -> dict[str, str]:
        """Return {thing: name of its component}."""
        together = defaultdict(list)
        for thing in self._parent:
            together[self._top(thing)].append(thing)
        return {
            thing: "-".join(sorted(things)) if len(things) <= 3 else f"{min(things)}+{len(things) - 1}"
            for things in together.values()
            for thing in things
        }

    def _top(self, thing: str) -> str:
        self._parent.setdefault(thing, thing)
        while self._parent[thing] != thing:
            self._parent[thing] = self._parent[self._parent[thing]]
            thing = self._parent[thing]
        return thing


# Folders named real and fake -------------------------------------------------------------------------

_CLASS_WORDS = {"real": 0, "original": 0, "fake": 1, "deepfake": 1, "manipulated": 1}


def _class_of_folder(name: str) -> int | None:
    words = {re.sub(r"s$", "", word) for word in re.split(r"[^a-z]+", name.lower())}
    labels = {_CLASS_WORDS[word] for word in words if word in _CLASS_WORDS}
    return labels.pop() if len(labels) == 1 else None


def _class_folder(file: str) -> tuple[int | None, int]:
    """Return the label and the position of the deepest folder that names a class."""
    folders = PurePosixPath(file).parts[:-1]
    for position in range(len(folders) - 1, -1, -1):
        label = _class_of_folder(folders[position])
        if label is not None:
            return label, position
    return None, -1


def _has_class_folders(root: Path, files: list[str]) -> bool:
    return any(
        PurePosixPath(file).suffix.lower() in VIDEO_SUFFIXES and _class_folder(file)[0] is not None
        for file in files
    )


@layout(
    "folders",
    "real/…mp4 and fake/…mp4, with or without train, val and test above",
    _has_class_folders,
    rank=2,
)
def read_folders(root: Path, files: list[str]) -> Reading:
    entries = []
    for file in files:
        label, position = _class_folder(file)
        if PurePosixPath(file).suffix.lower() not in VIDEO_SUFFIXES or label is None:
            entries.append(_not_a_clip(file, "in no folder named real or fake"))
            continue
        parts = PurePosixPath(file).parts[:-1]
        below = next((p for p in parts[position + 1 :] if p.lower() not in _SPLIT_WORDS), "fake")
        split = next((_SPLIT_WORDS[p.lower()] for p in parts if p.lower() in _SPLIT_WORDS), "")
        entries.append(Entry(file, label, below if label == 1 else "", split=split))
    return entries, []
