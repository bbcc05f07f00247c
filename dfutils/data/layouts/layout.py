"""What a layout is, and the register of all of them.

A reader is a function `(Files) -> Reading`, registered with `@layout`. It looks at names and at the
data set's own lists only and decodes nothing. It returns the clips it knows; every other file is left
out by the catalog, with a reason.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dfutils.data.files import Files, split_path
from dfutils.errors import DataError

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
# Folders that say what they hold and nothing else.
HOLDERS = frozenset({"videos", "images", "frames", "faces"})
_NEUTRAL = frozenset(
    {
        *SPLIT_WORDS,
        "video",
        "image",
        "img",
        "picture",
        "photo",
        "frame",
        "face",
        "clip",
        "crop",
        "data",
        "set",
        "sample",
        "class",
    }
)
_OF_A_SPLIT = frozenset({"set", "data", "split", "video", "image", "frame", "face"})
_CLASS_WORDS = {
    **dict.fromkeys(("real", "original", "genuine", "authentic", "pristine"), 0),
    **dict.fromkeys(("fake", "deepfake", "manipulated", "synthetic", "synthesis", "forged", "tampered"), 1),
}


@dataclass(slots=True)
class Entry:
    """A clip of the data set, or something that is none, for a reason.

    Args:
        path: str. Relative to the data set's folder; of a folder of stills, that folder.
        media: str. `"video"`, `"image"` or `"frames"` (a folder of stills).
        label: int or None. 1 = fake, 0 = real, None = unknown.
        method: str. The manipulation's name. Defaults to `""`.
        group: str. What the clips that must stay on one side share. Defaults to the clip's own id.
        split: str. `train`, `val` or `test` where the data set publishes it. Defaults to `""`.
        clip_id: str. Defaults to the path without its suffix.
        identity: str. Who, or which source video, the clip shows. Defaults to unknown.
        donor: str. Whose face, or which source video's, was put in. Defaults to unknown.
        left_out: str. Why it is no clip. Defaults to `""`: it is one.
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
    left_out: str = ""

    @property
    def stem(self) -> str:
        """The file's name without its suffix; of a folder of stills, the folder's name."""
        return split_path(self.path)[1] if self.media != "frames" else self.path.rpartition("/")[2]

    @property
    def without_suffix(self) -> str:
        if self.media == "frames":
            return self.path
        folder, stem, _ = split_path(self.path)
        return f"{folder}/{stem}" if folder else stem


@dataclass
class Reading:
    """What a reader has found.

    Args:
        entries: list of Entry.
        remarks: list of str. What the user should know.
        lists: list of str. The data set's own lists that were read.
    """

    entries: list[Entry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """A layout by name: how to tell it, and how to read it."""

    name: str
    looks_like: str
    otherwise: str
    rank: int
    recognises: Callable[[Files], bool]
    read: Callable[[Files], Reading]


LAYOUTS: dict[str, Layout] = {}


def layout(name: str, looks_like: str, recognises: Callable[[Files], bool], otherwise: str, rank: int = 1):
    """Register a reader.

    Args:
        name: str. What `--layout` calls it.
        looks_like: str. Its folders in one line, for the message when nothing is recognised.
        recognises: function. `(Files) -> bool`.
        otherwise: str. The reason given for videos and pictures that the reader does not return.
        rank: int. The lowest rank that fits wins: 0 for a list that the user wrote, 1 for a known
            data set, 2 for a form that many data sets share. Defaults to 1.
    """

    def register(read):
        LAYOUTS[name] = Layout(name, looks_like, otherwise, rank, recognises, read)
        return read

    return register


def by_rank() -> list[Layout]:
    """Return all layouts: the user's own list first, then data sets, then what many share."""
    return sorted(LAYOUTS.values(), key=lambda layout: (layout.rank, layout.name))


def find_layout(name: str) -> Layout:
    """Return a layout by name; case and punctuation do not matter (`Celeb-DF` is `celebdf`).

    Raises:
        DataError: If there is none of that name.
    """

    def plain(word):
        return re.sub(r"[^a-z0-9]", "", word.lower())

    found = [layout for layout in by_rank() if plain(layout.name) == plain(name)]
    if not found:
        raise DataError(f"Unknown layout {name!r}. Known: auto, {', '.join(x.name for x in by_rank())}.")
    return found[0]


def named_clips(files: Files) -> list[Entry]:
    """Return every video, and every folder of stills, as an Entry still to be filled in.

    For data sets whose clips are told by their names: `000.mp4`, or a folder `000` of pictures. Frames whose
    video lies here too (`frames/000` beside `videos/000.mp4`) are no clip of their own.
    """
    videos = [Entry(path) for path in files.videos]
    by_place = {_without_holder(video.without_suffix): video.path for video in reversed(videos)}
    entries = list(videos)
    for folder in files.stills_folders:
        video = by_place.get(_without_holder(folder))
        entries.append(Entry(folder, media="frames", left_out=f"the frames of {video}" if video else ""))
    return entries


def _without_holder(path: str) -> str:
    """Return a path without the folders that only say what they hold."""
    return "/".join(name for name in path.split("/") if name.lower() not in HOLDERS)


def any_clip(pattern: re.Pattern) -> Callable[[Files], bool]:
    """Return a `recognises` that is true where a clip's path, without suffix, has the pattern in it."""
    return lambda files: any(pattern.search(clip.without_suffix) for clip in named_clips(files))


def label_of_word(word: str) -> int | None:
    """Return the label that a word or a number names (1 = fake, 0 = real), None for any other."""
    word = word.strip().lower()
    if word in ("1", "1.0", "0", "0.0"):
        return int(float(word))
    return _CLASS_WORDS.get(re.sub(r"s$", "", word))


def label_of_folder(name: str) -> int | None:
    """Return the label that a folder's name says, None where it names no class or both."""
    words = _words(name)
    labels = {_CLASS_WORDS.get(word) for word in words} - {None}
    if {"not", "non", "no"} & {*words}:
        return None
    return labels.pop() if len(labels) == 1 else None


def _words(name: str) -> list[str]:
    name = re.sub(r"(?i)(?<=[a-z])(video|image|face|frame|clip)(s?)(?=[^a-z]|$)", r"_\1\2", name)
    return [re.sub(r"s$", "", word.lower()) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def split_of_folder(name: str) -> str:
    """Return the split that a folder's name says (`train`, `Valid`, `test_set`, `train_real`), `""` for none."""
    if name.lower() in SPLIT_WORDS:
        return SPLIT_WORDS[name.lower()]
    words = _words(name)
    splits = {SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS}
    # test_001 and train_clip are clips.
    plain = name == without_numbers(name) and all(
        word in SPLIT_WORDS or word in _CLASS_WORDS or word in _OF_A_SPLIT for word in words
    )
    return splits.pop() if len(splits) == 1 and plain else ""


def says_nothing(name: str) -> bool:
    """Return whether a folder's name tells a split, or what kind of file it holds, and nothing else."""
    return name.lower() in HOLDERS or (split_of_folder(name) != "" and label_of_folder(name) is None)


class ClassFolder(NamedTuple):
    """The folder above a file that names its class.

    Args:
        label: int or None. None where no folder tells, or two contradict each other.
        at: int. Its position among the folders of the path; -1 for none.
        is_clip: bool. It is one of several that differ by a number, as clips do: `real_001`, `real_002`.
        reason: str. What contradicts; else `""`.
    """

    label: int | None = None
    at: int = -1
    is_clip: bool = False
    reason: str = ""


class ClassFolders:
    """Which folders of a data set name the class of what lies in them.

    It is the one that has a folder of the other class beside it: in `fake/original_001` the first one, beside
    `real`. Where none has, as in a data set of one class, it is one that says nothing but the class, or failing
    that one that mentions it.

    Args:
        paths: iterable of str. All files of the data set.
    """

    def __init__(self, paths: Iterable[str]):
        self._labels: dict[str, set[int]] = defaultdict(set)
        self._numbered: dict[str, bool] = {}
        self._known: dict[str, ClassFolder] = {}
        beside: dict[str, set[str]] = defaultdict(set)
        for folder in {path.rpartition("/")[0] for path in paths}:
            for parent, name, label, _ in _named_classes(folder):
                self._labels[parent].add(label)
                beside[parent].add(name)
        for parent, names in beside.items():
            alike = Counter(map(without_numbers, names))
            self._numbered[parent] = any(count > 1 for count in alike.values())

    def of(self, path: str) -> ClassFolder:
        """Return the folder that names the class of a file."""
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def _find(self, folder: str) -> ClassFolder:
        found = list(_named_classes(folder))
        chosen = [it for it in found if 1 - it[2] in self._labels[it[0]]]
        chosen = chosen or [
            it for it in found if all(w in _CLASS_WORDS or w in _NEUTRAL for w in _words(it[1]))
        ]
        chosen = chosen or found[-1:]
        if not chosen:
            return ClassFolder()
        if len({label for *_, label, _ in chosen}) > 1:
            names = " and ".join(repr(name) for _, name, *_ in chosen)
            return ClassFolder(reason=f"its folders {names} say both real and fake")
        parent, name, label, at = chosen[0]
        return ClassFolder(label, at, is_clip=self._numbered[parent] and name != without_numbers(name))


def _named_classes(folder: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield (what lies above it, name, label, position) for every folder of a path that names a class."""
    names = folder.split("/")
    for at, name in enumerate(names):
        label = label_of_folder(name)
        if label is not None:
            yield "/".join(other for other in names[:at] if not says_nothing(other)), name, label, at


def without_numbers(name: str) -> str:
    """Return a name with every number replaced, so that `clip_1` and `clip_2` are alike."""
    return re.sub(r"\d+", "#", name)


def read_json(files: Files, path: str, what: str):
    """Return what a JSON file holds.

    Raises:
        DataError: If it cannot be read; `what` says what it should have been.
    """
    try:
        return json.loads((files.root / path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{files.root / path} is not {what}: {error}. Mend or remove it.") from error
