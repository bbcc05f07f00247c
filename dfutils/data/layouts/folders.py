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
    if not _are_stills(files.images):
        return read_pictures(files)
    reading = _by_class(
        [c for c in named_clips(files) if c.media == "video" or not _is_class_itself(f"{c.path}/")]
    )
    reading.entries += [
        Entry(path, left_out="lies beside folders of stills, which are the clips here")
        for path in files.images
        if _is_class_itself(path)
    ]
    folders = sum(clip.media == "frames" and not clip.left_out for clip in reading.entries)
    reading.remarks.append(
        f"{folders} folders of pictures are read as one clip each, their pictures in order. Where a folder holds "
        "single pictures, of one source or method, name the layout `pictures` (`--layout pictures`, or "
        "`-p layout=pictures` for a report)."
    )
    return reading


@layout(
    "pictures",
    "the same, where every picture is one clip whatever folder it lies in; never recognised by itself",
    lambda files: False,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_pictures(files: Files) -> Reading:
    """As `folders`, but every picture is a clip of one frame, as in `fake/stylegan/00001.png`."""
    return _by_class(
        [Entry(path) for path in files.videos] + [Entry(path, media="image") for path in files.images]
    )


def _by_class(entries: list[Entry]) -> Reading:
    """Label clips by the folders above them, and leave out those that lie in no class's folder."""
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
