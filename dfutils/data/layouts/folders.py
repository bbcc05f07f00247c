"""Folders named real and fake, as many data sets have them, of videos, pictures or folders of stills."""

from collections import Counter

from dfutils.data.layouts.folder_names import (
    HOLDERS,
    ClassFolders,
    says_nothing,
    split_of_folder,
    without_numbers,
)
from dfutils.data.layouts.registry import Entry, Reading, layout, named_clips
from dfutils.media.files import Files, media_of

_SEQUENCE = 3  # pictures in a folder that may be the frames of a clip


def _recognises(files: Files) -> bool:
    classes = ClassFolders(files.paths)
    return any(media_of(path) and classes.of(path).at >= 0 for path in files.paths)


@layout(
    "folders",
    "real/… and fake/… (videos, pictures, or a folder of stills a clip), with or without train, val and test above",
    _recognises,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_folders(files: Files) -> Reading:
    """Nothing tells which clips belong together: every clip is a group of its own.

    Pictures that lie in a class's own folder are one clip each. A folder of pictures below that is one clip where
    most pictures of every class lie in one, or there are as many such folders as pictures beside them.
    """
    classes = ClassFolders(files.paths)
    if _are_stills(files.images, classes):
        return read_stills(files)
    reading = read_pictures(files)
    below = {clip.path.rpartition("/")[0] for clip in reading.entries if _in_a_folder(clip, classes)}
    if below:
        reading.remarks.append(
            f"The pictures in {len(below)} folders (such as {min(below)}) are read as one clip each. Where such a "
            "folder is one clip, name the layout `stills` (`--layout stills`, or `-p layout=stills` for a report)."
        )
    return reading


@layout(
    "stills",
    "the same, where every folder of pictures below a class's own is one clip; never recognised by itself",
    lambda files: False,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_stills(files: Files) -> Reading:
    """As `folders`, but every folder of pictures is one clip, as in `fake/clip_1/0001.png`."""
    classes = ClassFolders(files.paths)
    clips = [
        clip
        for clip in named_clips(files)
        if clip.media == "video" or not _is_class_itself(f"{clip.path}/", classes)
    ]
    clips += [Entry(path, media="image") for path in files.images if _is_class_itself(path, classes)]
    reading = _by_class(clips, classes)
    folders = sum(clip.media == "frames" and not clip.left_out for clip in reading.entries)
    if folders:
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
    clips = [Entry(path) for path in files.videos] + [Entry(path, media="image") for path in files.images]
    return _by_class(clips, ClassFolders(files.paths))


def _by_class(clips: list[Entry], classes: ClassFolders) -> Reading:
    """Label clips by the folders above them, and leave out those that lie in no class's folder."""
    remarks = []
    known, contradicted, sets = [], [], set()
    for clip in clips:
        # A folder of stills may itself say the class: real_001.
        found = classes.of(f"{clip.path}/" if clip.media == "frames" else clip.path)
        clip.left_out = clip.left_out or found.reason
        if found.reason:
            contradicted.append(clip)
        if found.label is None:
            continue
        folders = clip.path.split("/")
        clip.label = found.label
        sets.add("/".join(name for name in folders[: found.at] if not says_nothing(name)) or ".")
        clip.split = next(filter(None, map(split_of_folder, folders[:-1])), "")
        known.append(clip)
    _name_methods(known, classes)
    published = {clip.split for clip in known if not clip.left_out}
    if len(published) == 1 and "" not in published:
        for clip in known:
            clip.split = ""
        remarks.append(f"All clips lie in a folder named {published.pop()}, which is no split: one is drawn.")
    sets = sorted(sets)
    if len(sets) > 1:
        remarks.append(
            f"Several folders are read as one data set: {', '.join(sets[:5])}{' …' * (len(sets) > 5)}."
        )
    return Reading(known + contradicted, remarks)


def _name_methods(clips: list[Entry], classes: ClassFolders) -> None:
    """Name each fake's method, in place, by the folder below its class.

    Numbered folders that hold a clip each (`clip_1`, `clip_2`) are no methods.
    """
    below: dict[str, list[Entry]] = {}
    of_reals = set()
    for clip in clips:
        clip.method = "fake" if clip.label == 1 else ""
        *folders, own = clip.path.split("/")
        if clip.media == "frames" and own.lower() in HOLDERS and folders:
            folders.pop()  # fake/clip_1/frames
        name = next(
            (name for name in folders[classes.of(clip.path + "/").at + 1 :] if not says_nothing(name)), ""
        )
        if name and clip.label == 1:
            below.setdefault(name, []).append(clip)
        elif name:
            of_reals.add(without_numbers(name))
    held: dict[str, list[int]] = {}
    for name, fakes in below.items():
        held.setdefault(without_numbers(name), []).append(len(fakes))
    for name, fakes in below.items():
        alike = without_numbers(name)
        several = len(held[alike]) > 1 or alike in of_reals
        if alike == name or not several or max(held[alike]) > 1:
            for clip in fakes:
                clip.method = name


def _is_class_itself(path: str, classes: ClassFolders) -> bool:
    """Return whether a file at `path` lies in its class's own folder, or in a split's folder there."""
    found = classes.of(path)
    below = path.split("/")[found.at + 1 : -1]
    return found.label is not None and not found.is_clip and all(says_nothing(name) for name in below)


def _in_a_folder(clip: Entry, classes: ClassFolders) -> bool:
    return clip.media == "image" and not clip.left_out and not _is_class_itself(clip.path, classes)


def _are_stills(images: list[str], classes: ClassFolders) -> bool:
    """Return whether the folders of pictures below the classes' own are clips."""
    direct, below, folders = Counter(), Counter(), Counter()
    for path in images:
        label = classes.of(path).label
        if label is None:
            continue
        if _is_class_itself(path, classes):
            direct[label] += 1
        else:
            below[label] += 1
            folders[path.rpartition("/")[0]] += 1
    most_lie_below = all(below[label] > direct[label] for label in {*direct, *below})
    sequences = sum(count >= _SEQUENCE for count in folders.values())
    return bool(below) and (most_lie_below or sequences >= direct.total())
