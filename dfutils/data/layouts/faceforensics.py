"""Read the data sets FaceForensics++ (Rössler et al., ICCV 2019) and DeepFakeDetection (DFD).

DeepFakeDetection was filmed with actors and is distributed with FaceForensics++.
"""

import json
import re
from collections import Counter
from functools import cache
from importlib.resources import files as package_files

from dfutils.data.layouts.components import Components
from dfutils.data.layouts.registry import (
    Entry,
    Reading,
    any_clip,
    layout,
    matching_clips,
    named_clips,
    read_json,
)
from dfutils.errors import DataError
from dfutils.media.files import Files

_INNER = r"(?:(?:videos|images|frames|faces)/)?"
_ORIGINALS = ("youtube", "actors", "original")
_METHODS = "Deepfakes|Face2Face|FaceSwap|NeuralTextures|FaceShifter|DeepFakeDetection"
COMPRESSIONS = ("raw", "c0", "c23", "c40")
OFFICIAL = re.compile(
    # The user may give one of the two `_sequences` folders. A source folder is then recognised by its own name.
    rf"(?:^|/)(?:(?P<kind>original|manipulated)_sequences/|(?=(?:youtube|actors|{_METHODS})/))"
    rf"(?P<source>[^/]+)/(?P<compression>{'|'.join(COMPRESSIONS)})/{_INNER}(?P<name>[^/]+)$"
)
# The copy on Kaggle, `xdxd003/ff-c23`, keeps the same videos in one folder per method.
_FLAT = re.compile(
    rf"(?:^|/)(?P<source>original|{_METHODS})/{_INNER}(?P<name>\d{{3}}|\d{{3}}_\d{{3}}|\d{{2}}_\d{{2}}__[^/]+)$"
)
_YOUTUBE = re.compile(r"(?P<target>\d{3})(?:_(?P<donor>\d{3}))?")
_ACTOR = re.compile(r"(?P<target>\d{2})(?:_(?P<donor>\d{2}))?__.+")
_SPLIT_LIST = re.compile(r"(?:^|/)(?:splits/)?(train|val|test)\.json$")

PEOPLE_UNKNOWN = (
    "FaceForensics++ does not say who is seen: some people are in several videos, so one person may be in several "
    "groups."
)

CROSSES_ACTOR_SPLIT = "its target and its donor are in different parts of dfutils' own split by actor"

_is_official = any_clip(OFFICIAL)


def compression_of(clip_id: str) -> str:
    """Return the FaceForensics++ compression level in the path of a clip.

    Args:
        clip_id: str. A clip's id or path.

    Returns:
        str. `"raw"`, `"c0"`, `"c23"` or `"c40"`; `""` where the path has no such folder.
    """
    if match := OFFICIAL.search(clip_id):
        return match["compression"]
    return next((folder for folder in clip_id.split("/")[:-1] if folder in COMPRESSIONS), "")


def _recognises(files: Files) -> bool:
    if _is_official(files):
        return not _for_deeperforensics(files)
    return any(
        (match := _FLAT.search(clip.without_suffix)) and match["source"] != "original"
        for clip in named_clips(files)
    )


def _for_deeperforensics(files: Files) -> bool:
    """Return whether a folder holds the forgeries of DeeperForensics and only the originals of FaceForensics++."""
    return not any(files.matching(r"(?:^|/)manipulated_sequences/")) and any(
        files.matching(r"(?:^|/)manipulated_videos/[^/]+/\d{3}_[MW]\d{3}")
    )


@layout(
    "faceforensics",
    "original_sequences/youtube/c23/videos/000.mp4 and manipulated_sequences/<method>/c23/videos/000_003.mp4",
    _recognises,
    otherwise="not where FaceForensics++ keeps its videos",
)
def read_faceforensics(files: Files) -> Reading:
    """Read FaceForensics++. A group is two original videos whose faces were swapped, and the forgeries made from them.

    A group of one target video would leak the donor's face across the split. FaceForensics++ numbers its videos and
    does not name the people in them. Some people are in several videos (043 and 343 show one person). So one person
    may be in several groups. DeepFakeDetection names its few actors. Their donors connect almost all of them, so a
    group is all clips with the same target actor.
    """
    entries, pairs = [], Components()
    targets: dict[str, str] = {}
    published, lists = _published_splits(files)
    for clip, match in matching_clips(files, OFFICIAL, _FLAT):
        entries.append(clip)
        if clip.left_out:
            continue
        original = match.groupdict().get("kind") == "original" or match["source"] in _ORIGINALS
        name = _YOUTUBE.fullmatch(match["name"]) or _ACTOR.fullmatch(match["name"])
        if name is None or bool(name["donor"]) == original:
            expected = "one number" if original else "<target>_<source>"
            clip.left_out = f"its name is not {expected}, as FaceForensics++ has it"
            continue
        clip.label, clip.method = int(not original), "" if original else match["source"]
        if name.re is _ACTOR:
            _fill_actors(clip, name)
            continue
        clip.source, clip.donor = name["target"], name["donor"] or ""
        clip.split = published.get(name["target"], "")
        pairs.join(name["target"], name["donor"] or name["target"])
        targets[clip.path] = name["target"]
    names = pairs.names()
    for clip in entries:
        if clip.path in targets:
            clip.group = names[targets[clip.path]]
    actor_remarks = _actor_remarks(entries)
    remarks = [PEOPLE_UNKNOWN] * bool(targets) + actor_remarks
    if "test" in published.values() and actor_remarks:
        remarks.append(
            "FaceForensics++'s test list names none of DeepFakeDetection's clips: they are trained on, never tested "
            "on. To test on them, read their folders alone."
        )
    return Reading(entries, remarks, lists)


@layout(
    "dfd",
    "DFD_original_sequences/01__scene.mp4 and DFD_manipulated_sequences/01_02__scene__XXXXXXXX.mp4",
    lambda files: (
        any_clip(re.compile(r"(?:^|/)\d\d_\d\d__[^/]+__[A-Z0-9]{8}$"))(files)
        and not _is_official(files)
        and not _recognises(files)
    ),
    otherwise="not named <actor>__<scene> or <target>_<source>__<scene>__<8 characters>",
)
def read_dfd(files: Files) -> Reading:
    """Read DeepFakeDetection without FaceForensics++. The file names give the actors; the folders are ignored.

    DeepFakeDetection publishes no split, and its donors connect almost all actors. So dfutils has its own split by
    actor (`dfd_actor_split.json`). A fake is left out if its target and its donor are in different parts, because a
    detector would meet a face of the test in training. All real clips are kept. They are the scarce class, with 363
    clips and 3,068 fakes, so the fakes that are left still outnumber them.
    """
    entries = []
    parts = dfd_actor_split()
    for clip in named_clips(files):
        name = _ACTOR.fullmatch(clip.stem)
        if not name:
            continue
        entries.append(clip)
        if clip.left_out:
            continue
        clip.label = int(bool(name["donor"]))
        clip.method = "DeepFakeDetection" if clip.label else ""
        _fill_actors(clip, name)
        actors = [actor for actor in name.group("target", "donor") if actor]
        unknown = [actor for actor in actors if actor not in parts]
        if unknown:
            clip.left_out = f"actor {unknown[0]} is not one of DeepFakeDetection's 28 actors"
        elif len({parts[actor] for actor in actors}) > 1:
            clip.left_out = CROSSES_ACTOR_SPLIT
        else:
            clip.split = parts[actors[0]]
    return Reading(entries, _split_remarks(entries))


@cache
def dfd_actor_split() -> dict[str, str]:
    """Return dfutils' own split of DeepFakeDetection, as {number of the actor: part}."""
    text = (package_files("dfutils.data.layouts") / "dfd_actor_split.json").read_text(encoding="utf-8")
    return {actor: part for part, actors in json.loads(text)["parts"].items() for actor in actors}


def _split_remarks(entries: list[Entry]) -> list[str]:
    count = Counter(entry.left_out == CROSSES_ACTOR_SPLIT for entry in entries if entry.label == 1)
    remark = "The split by actor is dfutils' own; DeepFakeDetection publishes none."
    if count[True]:
        remark += (
            f" {count[True]} of {count.total()} fakes are left out, because their target and their donor are in "
            "different parts. So no actor is on both sides."
        )
    parts = {entry.split for entry in entries if not entry.left_out}
    # Where a part is empty, `assign_splits` draws it from the others by target.
    return [remark] if len(parts) == 3 else [remark, *_actor_remarks(entries)]


def _fill_actors(clip: Entry, name: re.Match[str]) -> None:
    clip.identity = clip.group = f"actor-{name['target']}"
    clip.donor = f"actor-{name['donor']}" if name["donor"] else ""


def _actor_remarks(entries: list[Entry]) -> list[str]:
    if not any(entry.donor.startswith("actor-") for entry in entries):
        return []
    return [
        "In DeepFakeDetection, the faces of many actors are also inserted into videos of others, and its clips are "
        "grouped by target only. A donor's face may be seen on both sides of the split. The audit lists such donors."
    ]


def _published_splits(files: Files) -> tuple[dict[str, str], list[str]]:
    """Read the published split from `train.json`, `val.json` and `test.json`.

    Return {video number: split}, and the paths of the lists that were read.

    Raises:
        DataError: If one of these files, in `splits/` or directly in the data set's folder, is not a list of pairs, or
            a video is in two lists.
    """
    splits: dict[str, str] = {}
    lists = []
    for match in files.matching(_SPLIT_LIST):
        path, split = match.string, match[1]
        try:
            numbers = _numbers_of_pairs(files, path)
        except DataError:
            if "/" not in path or "splits/" in path:
                raise
            continue  # in another folder, a file with this name is not a list of the split
        twice = next((number for number in numbers if splits.get(number, split) != split), None)
        if twice:
            raise DataError(
                f"{files.root / path} names the video {twice}, which is in {splits[twice]} too. Fix one of the lists."
            )
        splits |= dict.fromkeys(numbers, split)
        lists.append(path)
    return splits, lists


def _numbers_of_pairs(files: Files, path: str) -> list[str]:
    """Return the video numbers in a list of pairs, as three digits.

    Raises:
        DataError: If the file is not a list of pairs of video numbers.
    """
    what = "a list of pairs of video numbers"
    listed = read_json(files, path, what)
    if isinstance(listed, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in listed):
        numbers = [str(number).zfill(3) for pair in listed for number in pair]
        if all(re.fullmatch(r"\d{3}", number) for number in numbers):
            return numbers
    raise DataError(f"{files.root / path} is not {what}. Fix or remove it.")
