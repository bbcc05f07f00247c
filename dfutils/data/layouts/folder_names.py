"""What the names of folders say: a class, a split, or nothing."""

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
