"""Read the data set KoDF, the Korean DeepFake Detection Dataset (Kwon et al., ICCV 2021), as AI Hub distributes it."""

import re

from dfutils.data.layouts.own_lists import ClipsByName, only_listed, read_table
from dfutils.data.layouts.registry import Entry, Reading, layout, named_clips
from dfutils.media.files import Files, plain_name, split_path

_PERSON = r"(?:[0-9a-f]{20}|\d{6})"
_FAKE = re.compile(rf"(?P<target>{_PERSON})_(?P<donor>{_PERSON})_(?P<code>\d)_\d+", re.IGNORECASE)
_REAL = re.compile(rf"(?P<target>{_PERSON})_\d+", re.IGNORECASE)
# Six digits may be anything, such as a date, so only the longer names tell KoDF from other data sets.
_IN_HEX = re.compile(r"[0-9a-f]{20}_[0-9a-f]{20}_[1-5]_\d+$", re.IGNORECASE)
# The numbers in the names of fakes.
_METHODS = {"1": "dfl", "2": "dffs", "3": "fsgan", "4": "fo", "5": "audio-driven"}
# Original (원본영상) or forged (변조영상) videos, then the part, then "metadata" (메타데이터).
_TABLE = re.compile(r"(?:^|/)(?P<kind>원본|변조)영상_(?P<part>training|validation)_메타데이터\.csv$")
_PART_FOLDER = re.compile(r"(?:^|/)(?P<part>1\.Training|2\.Validation)/")
_PARTS = {"training": "train", "validation": "val", "1.Training": "train", "2.Validation": "val"}
_AGAINST_DETECTORS = "탐지방해"
_CLIP_ID, _TARGET_CLIP, _METHOD = "영상ID", "타겟영상", "변조모델"
_UUID, _TARGET_UUID, _SOURCE_UUID = "UUID", "타겟UUID", "소스UUID"


def _tables(files: Files) -> list[tuple[str, re.Match[str]]]:
    """Return the path of each table of KoDF, and what its name says. Korean names may be spelt in NFC or NFD."""
    found = ((path, _TABLE.search(plain_name(path))) for path in files.paths)
    return [(path, match) for path, match in found if match]


@layout(
    "kodf",
    "원본영상_training_메타데이터.csv and 변조영상_training_메타데이터.csv, with the folders of their videos",
    lambda files: bool(_tables(files)) or any(_IN_HEX.match(clip.stem) for clip in named_clips(files)),
    otherwise="in no table of KoDF, and not named <person>_<number> or <target>_<source>_<code>_<number>",
)
def read_kodf(files: Files) -> Reading:
    """Read KoDF. A group is all clips with the same person as target.

    The tables give the people, the methods and the original of a fake; without them, the names of the files give the
    people and the methods. The split is the published one: training and validation. The published test part is not in
    these folders. Both people of a fake are recorded, as identity and donor. For the methods `fo` and `audio-driven`,
    which move a face and swap none, the documentation at hand does not say whose face is seen. Copies that were
    disturbed to mislead detectors (탐지방해) are left out: they have the names of other clips.
    """
    clips, entries = [], []
    for clip in named_clips(files):
        if _AGAINST_DETECTORS in plain_name(clip.path):
            clip.left_out = f"disturbed to mislead detectors ({_AGAINST_DETECTORS}): a copy of another clip"
            entries.append(clip)
        elif clip.left_out or _fill_from_name(clip):
            entries.append(clip)
        if not clip.left_out:
            clips.append(clip)
    by_name = ClipsByName(clips)
    known = {id(entry) for entry in entries}
    lists = []
    for path, match in _tables(files):
        lists.append(path)
        for clip in _read_table(files, path, match, by_name):
            if id(clip) not in known:
                entries.append(clip)
                known.add(id(clip))
    remarks = []
    if any(entry.donor for entry in entries):
        remarks.append(
            "In KoDF, people lend each other their faces, and its clips are grouped by target. A donor's face may be "
            "seen on both sides of the split. The audit lists such donors."
        )
    if not lists:
        remarks.append(
            "KoDF's tables (원본영상_…_메타데이터.csv, 변조영상_…_메타데이터.csv) are not there: people and methods "
            "are read from the names of the files."
        )
    return Reading(entries, remarks, lists)


def _fill_from_name(clip: Entry) -> bool:
    """Set the label, method, people and split of a clip, in place, from its path. Return whether its name is KoDF's."""
    fake, real = _FAKE.fullmatch(clip.stem), _REAL.fullmatch(clip.stem)
    match = fake or real
    if match is None:
        return False
    clip.label = int(fake is not None)
    clip.identity = clip.group = match["target"].lower()
    if fake:
        clip.method, clip.donor = _METHODS.get(fake["code"], "deepfake"), fake["donor"].lower()
    else:
        clip.source = clip.stem
    part = _PART_FOLDER.search(clip.path)
    clip.split = _PARTS[part["part"]] if part else ""
    return True


def _read_table(files: Files, path: str, kind: re.Match[str], by_name: ClipsByName) -> list[Entry]:
    """Set what a table says of its clips, in place. Return them, and an Entry for each clip that is not on disk.

    The tables are in a folder next to the folder of the videos, so the clips are looked for by name. A clip that is in
    the folder of the other part is not of this table.
    """
    is_fake = kind["kind"] == "변조"
    people = (_TARGET_UUID, _SOURCE_UUID, _METHOD) if is_fake else (_UUID,)
    split = _PARTS[kind["part"]]
    found = []
    for row in read_table(files, path, (_CLIP_ID, *people), filled=_CLIP_ID):
        name = row.values[_CLIP_ID]
        clips = [clip for clip in by_name.below("", name) if clip.split in ("", split)]
        for clip in clips:
            clip.label, clip.split = int(is_fake), split
            clip.identity = clip.group = row.values[people[0]].lower()
            if is_fake:
                clip.donor, clip.method = row.values[_SOURCE_UUID].lower(), row.values[_METHOD] or "deepfake"
            clip.source = split_path(row.values.get(_TARGET_CLIP, "") if is_fake else name)[1]
        found += clips or [only_listed(name, path)]
    return found
