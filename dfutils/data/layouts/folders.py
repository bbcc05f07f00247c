"""Folders named real and fake, as many data sets have them, of videos, pictures or folders of stills."""

from collections import Counter

from dfutils.data.files import Files, media_of, split_path
from dfutils.data.layouts.layout import (
    HOLDERS,
    SPLIT_WORDS,
    Entry,
    Reading,
    class_folder,
    layout,
    named_clips,
)

_NO_METHOD = {*SPLIT_WORDS, *HOLDERS}


@layout(
    "folders",
    "real/… and fake/… (videos, pictures, or a folder of stills a clip), with or without train, val and test above",
    lambda files: any(media_of(path) and class_folder(path)[0] is not None for path in files.paths),
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_folders(files: Files) -> Reading:
    """Nothing tells which clips belong together: every clip is a group of its own.

    Pictures that lie in a class's own folder are one clip each. Where both classes have them in folders
    below that, each such folder is one clip.
    """
    images = files.images
    if _are_stills(images):
        entries = [clip for clip in named_clips(files) if clip.media == "video" or _is_below_class(clip.path)]
    else:
        entries = [Entry(path) for path in files.videos] + [Entry(path, media="image") for path in images]
    remarks = []
    known, sets = [], set()
    for clip in entries:
        label, position = class_folder(clip.path)
        if label is None:
            continue
        folders = clip.path.split("/")[:-1]
        clip.label = label
        sets.add("/".join(name for name in folders[:position] if name.lower() not in SPLIT_WORDS) or ".")
        below = next((name for name in folders[position + 1 :] if name.lower() not in _NO_METHOD), "fake")
        clip.method = below if label == 1 else ""
        clip.split = next((SPLIT_WORDS[name] for name in map(str.lower, folders) if name in SPLIT_WORDS), "")
        known.append(clip)
    published = {clip.split for clip in known}
    if "" not in published and not {"train", "test"} <= published:
        for clip in known:
            clip.split = ""
        named = " and ".join(sorted(published))
        remarks.append(
            f"All clips lie in folders named {named}, which is no split to train and test: one is drawn."
        )
    sets = sorted(sets)
    if len(sets) > 1:
        remarks.append(
            f"Several folders are read as one data set: {', '.join(sets[:5])}{' …' * (len(sets) > 5)}."
        )
    return Reading(known, remarks)


def _is_below_class(folder: str) -> bool:
    return class_folder(folder)[0] is not None and not _is_class_itself(f"{folder}/")


def _is_class_itself(path: str) -> bool:
    """Return whether a file at `path` lies in its class's own folder, or in a split's folder there."""
    label, position = class_folder(path)
    folders = split_path(path)[0].split("/")
    return label is not None and all(name.lower() in _NO_METHOD for name in folders[position + 1 :])


def _are_stills(images: list[str]) -> bool:
    """Return whether the pictures of every class mostly lie in folders below the class's own."""
    direct, below = Counter(), Counter()
    for path in images:
        label, _ = class_folder(path)
        if label is not None:
            (direct if _is_class_itself(path) else below)[label] += 1
    return bool(below) and all(below[label] > direct[label] for label in {*direct, *below})
