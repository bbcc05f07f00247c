"""Read the data set DeepSpeak (Barrington, Bohacek and Farid, 2024), versions 1, 1.1 and 2."""

import re

from dfutils.data.layouts.own_lists import ClipsByName, only_listed, read_table
from dfutils.data.layouts.registry import Entry, Reading, layout, named_clips
from dfutils.errors import DataError
from dfutils.media.files import Files, split_path

_TABLE = re.compile(r"(?:^|/)annotations-(?P<kind>real|fake|split-def)\.csv$", re.IGNORECASE)
# Version 1 names the people and the recordings of a fake: <engine>--<source>-<target>--<recordings>--<number>.
_FAKE = re.compile(r"(?P<engine>[a-z0-9_]+)--(?P<donor>\d+)-(?P<target>\d+)--\d+-\d+--\d+", re.IGNORECASE)
_SWAP = "facefusion"
APART = "DeepSpeak's split has its two people in different parts"


def _tables(files: Files, kind: str) -> list[str]:
    return [match.string for match in files.matching(_TABLE) if match["kind"].lower() == kind]


@layout(
    "deepspeak",
    "annotations-real.csv, annotations-fake.csv and annotations-split-def.csv, next to the folders of their videos",
    lambda files: (
        bool(_tables(files, "real") and _tables(files, "fake"))
        or any(_FAKE.fullmatch(clip.stem) for clip in named_clips(files))
    ),
    otherwise="named in no annotations-real.csv or annotations-fake.csv of DeepSpeak",
)
def read_deepspeak(files: Files) -> Reading:
    """Read DeepSpeak. A group is all clips that show one person as target.

    The tables name the people and the engines. Without `annotations-fake.csv`, fakes of version 1 are read from their
    names. A donor is given for the face swaps only (engines `facefusion…`), because the other engines move the face of
    the target. The published split gives each person to training or test. Its documentation does not say which of two
    people decides, so a face swap is left out if its people are in different parts.
    """
    entries = named_clips(files)
    by_name = ClipsByName(clip for clip in entries if not clip.left_out)
    lists, absent = [], []
    for kind in ("real", "fake"):
        for path in _tables(files, kind):
            absent += _read_annotations(files, path, kind, by_name)
            lists.append(path)
    for clip in entries:
        name = _FAKE.fullmatch(clip.stem)
        if name and clip.label is None and not clip.left_out:
            _fill_fake(clip, name["engine"], name["target"], name["donor"])
    known = [clip for clip in entries if clip.left_out or clip.label is not None]
    for path in _tables(files, "split-def"):
        _read_split(files, path, known)
        lists.append(path)
    remarks = []
    if not _tables(files, "split-def"):
        remarks.append(
            "DeepSpeak's annotations-split-def.csv is not there, so its published split is not used."
        )
    if any(clip.donor and not clip.left_out for clip in known):
        remarks.append(
            "In DeepSpeak, the clips are grouped by the person in the video. The face of a donor may be seen on both "
            "sides of a drawn split. The audit lists such donors."
        )
    return Reading(known + absent, remarks, lists)


def _read_annotations(files: Files, path: str, kind: str, by_name: ClipsByName) -> list[Entry]:
    """Set what a table says of its clips, in place. Return an Entry for each clip that is not on disk."""
    people = ("identity",) if kind == "real" else ("engine", "identity-target", "identity-source")
    folder, absent = split_path(path)[0], []
    for row in read_table(files, path, ("video-file", *people), filled="video-file"):
        name = row.values["video-file"]
        clips = list(by_name.below(folder, name))
        for clip in clips:
            if kind == "real":
                clip.label = 0
                clip.identity = clip.group = _person(row.values["identity"])
            else:
                _fill_fake(clip, *(row.values[column] for column in people))
        if not clips:
            absent.append(only_listed(f"{folder}/{name}" if folder else name, path))
    return absent


def _fill_fake(clip: Entry, engine: str, target: str, donor: str) -> None:
    clip.label, clip.method = 1, engine.lower() or "deepfake"
    clip.identity = clip.group = _person(target)
    clip.donor = _person(donor) if clip.method.startswith(_SWAP) else ""


def _person(number: str) -> str:
    """Return the name of a person. The tables may write a number as `87` or, where numbers are missing, as `87.0`."""
    number = re.sub(r"\.0$", "", number)
    return f"person-{number}" if number else ""


def _read_split(files: Files, path: str, clips: list[Entry]) -> None:
    """Set the split of the clips from `annotations-split-def.csv`, in place.

    Raises:
        DataError: If a part is neither train, val nor test, or a person is in two parts.
    """
    parts: dict[str, str] = {}
    for row in read_table(files, path, ("identity", "split"), filled="identity"):
        person, part = _person(row.values["identity"]), row.values["split"].lower()
        if part not in ("train", "val", "test"):
            raise DataError(
                f"{files.root / path}, line {row.line}: the split is train, val or test. Received: {part!r}"
            )
        if parts.setdefault(person, part) != part:
            raise DataError(
                f"{files.root / path}, line {row.line}: {person} is in {part} and in {parts[person]}. Fix one of them."
            )
    folder = split_path(path)[0]
    for clip in clips:
        if clip.left_out or (folder and not clip.path.startswith(f"{folder}/")):
            continue
        clip.split = parts.get(clip.identity, "")
        if clip.donor and parts.get(clip.donor, clip.split) != clip.split:
            clip.left_out = APART
