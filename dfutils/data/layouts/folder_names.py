"""Find the class (real or fake) or the split in the name of a folder."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
# Names of folders that give only the kind of file in the folder.
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
_SOUNDS = frozenset({"audio", "sound", "voice", "speech"})
_OF_A_SPLIT = frozenset({"set", "data", "split", "video", "image", "frame", "face"})
_CLASS_WORDS = {
    **dict.fromkeys(("real", "original", "genuine", "authentic", "pristine"), 0),
    **dict.fromkeys(("fake", "deepfake", "manipulated", "synthetic", "synthesis", "forged", "tampered"), 1),
}


def label_of_word(word: str) -> int | None:
    """Convert a word such as fake, real, 1 or 0 to a label (1 = fake, 0 = real), or None for any other word."""
    word = word.strip().lower()
    if word in ("1", "1.0", "0", "0.0"):
        return int(float(word))
    return _CLASS_WORDS.get(re.sub(r"s$", "", word))


def label_of_folder(name: str) -> int | None:
    """Return the label in a folder's name: 1 for fake, 0 for real, None if the name has neither class or both."""
    words = _words(name)
    # The sound may be forged without the picture: FakeVideo-RealAudio is fake, and RealVideo-FakeAudio is real.
    named = [word for word, following in zip_longest(words, words[1:]) if following not in _SOUNDS]
    labels = {_CLASS_WORDS[word] for word in named if word in _CLASS_WORDS}
    if {"not", "non", "no"} & {*words}:
        return None
    return labels.pop() if len(labels) == 1 else None


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, without a plural s: `RealVideos_2` gives real, video."""
    name = re.sub(r"(?i)(?<=[a-z])(video|image|face|frame|clip)(s?)(?=[^a-z]|$)", r"_\1\2", name)
    return [re.sub(r"s$", "", word.lower()) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def split_of_folder(name: str) -> str:
    """Return the split in a folder's name (`train`, `Valid`, `test_set`, `train_real`), `""` if there is none."""
    if name.lower() in SPLIT_WORDS:
        return SPLIT_WORDS[name.lower()]
    words = _words(name)
    splits = {SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS}
    # The names test_001 and train_clip are names of clips, not of splits.
    plain = name == without_numbers(name) and all(
        word in SPLIT_WORDS or word in _CLASS_WORDS or word in _OF_A_SPLIT for word in words
    )
    return splits.pop() if len(splits) == 1 and plain else ""


def says_nothing(name: str) -> bool:
    """Return whether a folder's name is only a split (`train`) or a kind of file (`frames`), without a class."""
    return name.lower() in HOLDERS or (split_of_folder(name) != "" and label_of_folder(name) is None)


class ClassFolder(NamedTuple):
    """The folder in a file's path whose name gives the class of the file, such as `real` or `fake`.

    Args:
        label: int or None. 1 = fake, 0 = real; None if no folder names a class, or two folders name different classes.
        at: int. The position of the folder in the path, from 0; -1 if no folder names a class.
        is_clip: bool. Whether the folder is a clip, because its name has a number and a folder next to it differs
            only in the number: `real_001`, `real_002`.
        reason: str. Which folders name different classes, or `""`.
    """

    label: int | None = None
    at: int = -1
    is_clip: bool = False
    reason: str = ""


class ClassFolders:
    """Find the folders of a data set that name the class of the files in them.

    A path may hold several folders with a class in their names, such as `fake/original_001`. The class is given by the
    folder that has a folder of the other class next to it: here `fake`, next to `real`. If there is no such folder, as
    in a data set of one class, a folder whose name is only a class gives the class. If there is no such folder either,
    the last folder with a class in its name gives the class.

    Args:
        paths: iterable of str. All files of the data set.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._labels: dict[str, set[int]] = defaultdict(set)
        self._numbered: dict[str, bool] = {}
        self._known: dict[str, ClassFolder] = {}
        siblings: dict[str, set[str]] = defaultdict(set)
        for folder in {path.rpartition("/")[0] for path in paths}:
            for parent, name, label, _ in _named_classes(folder):
                self._labels[parent].add(label)
                siblings[parent].add(name)
        for parent, names in siblings.items():
            alike = Counter(map(without_numbers, names))
            self._numbered[parent] = any(count > 1 for count in alike.values())

    def of(self, path: str) -> ClassFolder:
        """Return the folder in a file's path whose name gives the class of the file."""
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def _find(self, folder: str) -> ClassFolder:
        named = list(_named_classes(folder))
        chosen = [one for one in named if 1 - one.label in self._labels[one.parent]]
        chosen = chosen or [one for one in named if _names_only_a_class(one.name)]
        chosen = chosen or named[-1:]
        if not chosen:
            return ClassFolder()
        if len({one.label for one in chosen}) > 1:
            names = " and ".join(repr(one.name) for one in chosen)
            return ClassFolder(reason=f"its folders {names} say both real and fake")
        parent, name, label, at = chosen[0]
        return ClassFolder(label, at, is_clip=self._numbered[parent] and name != without_numbers(name))


class _NamedClass(NamedTuple):
    """A folder with a class in its name, such as `fake`.

    `parent` is the path of the folder above, without folders named for a split or for a kind of file.
    """

    parent: str
    name: str
    label: int
    at: int


def _named_classes(folder: str) -> Iterator[_NamedClass]:
    """Yield every folder in a path that has a class (real or fake) in its name."""
    names = folder.split("/")
    for at, name in enumerate(names):
        label = label_of_folder(name)
        if label is not None:
            parent = "/".join(other for other in names[:at] if not says_nothing(other))
            yield _NamedClass(parent, name, label, at)


def _names_only_a_class(name: str) -> bool:
    return all(word in _CLASS_WORDS or word in _NEUTRAL for word in _words(name))


def without_numbers(name: str) -> str:
    """Replace every number in a name by `#`, so that `clip_1` and `clip_2` become equal."""
    return re.sub(r"\d+", "#", name)
