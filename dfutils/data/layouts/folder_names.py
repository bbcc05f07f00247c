"""Read what the name of a folder says: a class, a split, or nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
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
# Folders whose names only say what kind of file they hold.
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


def label_of_word(word: str) -> int | None:
    """Return the label that a word or a number names (1 = fake, 0 = real), None for any other word."""
    word = word.strip().lower()
    if word in ("1", "1.0", "0", "0.0"):
        return int(float(word))
    return _CLASS_WORDS.get(re.sub(r"s$", "", word))


def label_of_folder(name: str) -> int | None:
    """Return the label in a folder's name: 1 for fake, 0 for real, None if it names neither class or both."""
    words = _words(name)
    labels = {_CLASS_WORDS[word] for word in words if word in _CLASS_WORDS}
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
    # test_001 and train_clip are clips, not splits.
    plain = name == without_numbers(name) and all(
        word in SPLIT_WORDS or word in _CLASS_WORDS or word in _OF_A_SPLIT for word in words
    )
    return splits.pop() if len(splits) == 1 and plain else ""


def says_nothing(name: str) -> bool:
    """Return whether a folder's name gives only a split (`train`) or a kind of file (`frames`), and nothing else."""
    return name.lower() in HOLDERS or (split_of_folder(name) != "" and label_of_folder(name) is None)


class ClassFolder(NamedTuple):
    """The folder above a file that names its class.

    Args:
        label: int or None. 1 = fake, 0 = real; None where no folder names a class, or two contradict each other.
        at: int. Its position among the folders of the path; -1 if there is none.
        is_clip: bool. Whether it is one of several that differ by a number, as clips do: `real_001`, `real_002`.
        reason: str. What contradicts, or `""`.
    """

    label: int | None = None
    at: int = -1
    is_clip: bool = False
    reason: str = ""


class ClassFolders:
    """Find the folders of a data set that name the class of the files in them.

    Such a folder has one of the other class next to it: in `fake/original_001` it is the first one, next to `real`.
    Where no folder has, as in a data set of one class, it is a folder that names only the class, or else one that
    mentions it.

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
        """Return the folder that names the class of a file."""
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
    """A folder that names a class. `parent` is the path above it, without split folders and folders like `frames`."""

    parent: str
    name: str
    label: int
    at: int


def _named_classes(folder: str) -> Iterator[_NamedClass]:
    """Yield every folder of a path that names a class."""
    names = folder.split("/")
    for at, name in enumerate(names):
        label = label_of_folder(name)
        if label is not None:
            parent = "/".join(other for other in names[:at] if not says_nothing(other))
            yield _NamedClass(parent, name, label, at)


def _names_only_a_class(name: str) -> bool:
    return all(word in _CLASS_WORDS or word in _NEUTRAL for word in _words(name))


def without_numbers(name: str) -> str:
    """Return a name with every number replaced, so that `clip_1` and `clip_2` are alike."""
    return re.sub(r"\d+", "#", name)
