"""Read data sets with folders named real and fake, which hold videos, image files or folders of image files."""

import re
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

_SEQUENCE = 3  # a folder with at least 3 image files may hold the frames of one clip
_FEWEST_VIDEOS = 5  # with fewer names, pictures may just be numbered: `img_0001.png`
_MOSTLY = 0.8


def _recognises(files: Files) -> bool:
    classes = ClassFolders(files.paths)
    return any(media_of(path) and classes.of(path).at >= 0 for path in files.paths)


@layout(
    "folders",
    "real/… and fake/… (videos, pictures, or one folder of stills per clip), with or without train, val and test above",
    _recognises,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_folders(files: Files) -> Reading:
    """Read folders named real and fake. Every clip is a group of its own, because the folders do not name people.

    Each image file directly in a folder named real or fake is one clip. A subfolder of image files is one clip in two
    cases: most image files of every class are in subfolders, or the subfolders with at least 3 image files are at least
    as many as the image files directly in the folders named real or fake.
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
    "the same, where every folder of pictures below a class's own is one clip; only when it is named",
    lambda files: False,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_stills(files: Files) -> Reading:
    """Read folders named real and fake, where each subfolder of image files is one clip (`fake/clip_1/0001.png`)."""
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
    "the same, where every picture is one clip whatever folder it is in; only when it is named",
    lambda files: False,
    otherwise="in no folder named real or fake",
    rank=2,
)
def read_pictures(files: Files) -> Reading:
    """Read folders named real and fake, where each image file is a clip of one frame (`fake/stylegan/00001.png`)."""
    clips = [Entry(path) for path in files.videos] + [Entry(path, media="image") for path in files.images]
    reading = _by_class(clips, ClassFolders(files.paths))
    reading.remarks += _remark_on_frames([clip.path for clip in reading.entries if clip.media == "image"])
    return reading


def _remark_on_frames(pictures: list[str]) -> list[str]:
    """Say so if pictures that are one clip each look like frames of a few videos: `clip_07_frame_012.png`."""
    videos = Counter(match[1] for path in pictures if (match := re.match(r"(.*[^/\d])\d+\.\w+$", path)))
    frames = {name: count for name, count in videos.items() if count >= _SEQUENCE}
    count = sum(frames.values())
    if len(frames) < _FEWEST_VIDEOS or count < _MOSTLY * len(pictures):
        return []
    name = min(frames)
    return [
        f"{count} pictures look like the frames of {len(frames)} videos (such as {name}…, {frames[name]} pictures), "
        "but each one is a clip and a group of its own. So frames of one video may be in training and in test. Put "
        "the frames of each video into a folder of its own."
    ]


def _by_class(clips: list[Entry], classes: ClassFolders) -> Reading:
    """Set the label and split of each clip, in place, from the folders in its path.

    Clips that are in no folder named real or fake are left out.
    """
    remarks = []
    known, contradicted = [], []
    sets: dict[str, list[Entry]] = {}
    for clip in clips:
        # The name of a folder of image files may give the class: real_001.
        folder = classes.of(f"{clip.path}/" if clip.media == "frames" else clip.path)
        clip.left_out = clip.left_out or folder.reason
        if folder.reason:
            contradicted.append(clip)
        if folder.label is None:
            continue
        folders = clip.path.split("/")
        clip.label = folder.label
        above = "/".join(name for name in folders[: folder.at] if not says_nothing(name))
        sets.setdefault(above or ".", []).append(clip)
        clip.split = next(filter(None, map(split_of_folder, folders[:-1])), "")
        known.append(clip)
    _name_methods(known, classes)
    _name_methods_by_set(sets)
    published = {clip.split for clip in known if not clip.left_out}
    if len(published) == 1 and "" not in published:
        for clip in known:
            clip.split = ""
        remarks.append(
            f"All clips are in a folder named {published.pop()}: that is not a split, so one is drawn."
        )
    if len(sets) > 1:
        names = sorted(sets)
        remarks.append(
            f"Several folders are read as one data set: {', '.join(names[:5])}{' …' * (len(names) > 5)}."
        )
    return Reading(known + contradicted, remarks)


def _name_methods(clips: list[Entry], classes: ClassFolders) -> None:
    """Set the forgery method of each fake clip, in place, to the name of its subfolder in the folder named fake.

    A name is not a method if it is only a number, if a subfolder of the folder named real has it too (`African`), or if
    subfolders differ only in a number and hold one clip each (`clip_1`, `clip_2`).
    """
    below: dict[str, list[Entry]] = {}
    of_reals: set[str] = set()
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
            of_reals |= {name, without_numbers(name)}
    held: dict[str, list[int]] = {}
    for name, fakes in below.items():
        held.setdefault(without_numbers(name), []).append(len(fakes))
    for name, fakes in below.items():
        if name in of_reals or name.isdecimal():
            continue
        alike = without_numbers(name)
        several = len(held[alike]) > 1 or alike in of_reals
        if alike == name or not several or max(held[alike]) > 1:
            for clip in fakes:
                clip.method = name


def _name_methods_by_set(sets: dict[str, list[Entry]]) -> None:
    """Set the method of fakes without one, in place, to the folder above fake, if there are several such folders.

    `FaceSwap/train/fake/000_003` and `Face2Face/train/fake/000_003` are of two methods; `part_1/fake` and `part_2/fake`
    are not.
    """
    names = {path: path.rpartition("/")[2] for path in sets}
    if "." in sets or len({without_numbers(name) for name in names.values()}) < len(sets):
        return
    for path, clips in sets.items():
        for clip in clips:
            if clip.method == "fake" and len(sets) > 1:
                clip.method = names[path]


def _is_class_itself(path: str, classes: ClassFolders) -> bool:
    """Return whether a file is directly in a folder named real or fake, or in a split folder directly below."""
    folder = classes.of(path)
    below = path.split("/")[folder.at + 1 : -1]
    return folder.label is not None and not folder.is_clip and all(says_nothing(name) for name in below)


def _in_a_folder(clip: Entry, classes: ClassFolders) -> bool:
    return clip.media == "image" and not clip.left_out and not _is_class_itself(clip.path, classes)


def _are_stills(images: list[str], classes: ClassFolders) -> bool:
    """Return whether each subfolder of image files in the folders named real and fake is one clip."""
    direct: Counter[int] = Counter()
    below: Counter[int] = Counter()
    folders: Counter[str] = Counter()
    for path in images:
        label = classes.of(path).label
        if label is None:
            continue
        if _is_class_itself(path, classes):
            direct[label] += 1
        else:
            below[label] += 1
            folders[path.rpartition("/")[0]] += 1
    mostly_below = all(below[label] > direct[label] for label in {*direct, *below})
    sequences = sum(count >= _SEQUENCE for count in folders.values())
    return bool(below) and (mostly_below or sequences >= direct.total())
