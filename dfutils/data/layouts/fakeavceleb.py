"""Read the data set FakeAVCeleb (Khalid et al., NeurIPS Datasets and Benchmarks 2021), version 1.2."""

import re

from dfutils.data.layouts.own_lists import only_listed, read_table
from dfutils.data.layouts.registry import Entry, Reading, any_clip, layout, matching_clips
from dfutils.errors import DataError
from dfutils.media.files import Files, split_path

_CLIP = re.compile(
    r"(?:^|/)(?P<type>(?P<picture>Real|Fake)Video-(?:Real|Fake)Audio)/(?:videos/)?"
    r"[^/]+/(?:men|women)/(?P<person>id\d+)/(?P<name>[^/]+)$",
    re.IGNORECASE,
)
_TABLE = re.compile(r"(?:^|/)meta_data\.csv$", re.IGNORECASE)
_COLUMNS = ("source", "target1", "method", "type", "race", "gender")
# These methods insert a face. Wav2Lip alone changes the mouth, and RTVC only the voice.
_SWAPS = ("faceswap", "fsgan")


@layout(
    "fakeavceleb",
    "RealVideo-RealAudio/African/men/id00076/00109.mp4, three more folders with FakeVideo or FakeAudio, meta_data.csv",
    any_clip(_CLIP),
    otherwise="not in <type>/<race>/<men or women>/<person> of FakeAVCeleb",
)
def read_fakeavceleb(files: Files) -> Reading:
    """Read FakeAVCeleb. A group is all clips of one person.

    The label says whether the picture is forged: RealVideo-FakeAudio is real. `meta_data.csv` gives the method and the
    donor of a face. A donor is given only where faces are swapped (`faceswap`, `fsgan`), because the documentation
    does not say whose face the others show. Without the file, the method is the name of the folder. A recording
    (source) is the person's clip whose name the forgery starts with. FakeAVCeleb publishes no split.
    """
    entries, by_key = [], {}
    for clip, match in matching_clips(files, _CLIP):
        entries.append(clip)
        if clip.left_out:
            continue
        clip.label = int(match["picture"].lower() == "fake")
        clip.method = match["type"] if clip.label else ""
        clip.identity = clip.group = match["person"].lower()
        clip.source = f"{clip.identity}/{match['name'].partition('_')[0]}"
        by_key[_key(match["type"], match["person"], match["name"])] = clip
    tables = [match.string for match in files.matching(_TABLE)]
    for path in tables:
        entries += _read_table(files, path, by_key)
    remarks = []
    if any("realvideo-fakeaudio" in entry.path.lower() and not entry.left_out for entry in entries):
        remarks.append(
            "FakeAVCeleb also forges voices. dfutils looks at the picture only, so RealVideo-FakeAudio is real here: "
            "its pictures are those of RealVideo-RealAudio."
        )
    if any(entry.donor for entry in entries):
        remarks.append(
            "In FakeAVCeleb, the clips are grouped by the person in the video. A donor's face may be seen on both "
            "sides of the split. The audit lists such donors."
        )
    elif not tables:
        remarks.append(
            "meta_data.csv is not there: it names the methods, and the donors of the faces. Put it next to the four "
            "folders."
        )
    return Reading(entries, remarks, tables)


def _read_table(files: Files, path: str, by_key: dict[str, Entry]) -> list[Entry]:
    """Set the method and the donor of the clips in `meta_data.csv`, in place.

    Return an Entry that is left out for each clip in the table that is not on disk. The column `path` holds names of
    files. A column without a name holds their folders.

    Raises:
        DataError: If the file is not FakeAVCeleb's table.
    """
    folder, absent = split_path(path)[0], []
    for row in read_table(files, path, _COLUMNS, filled="type"):
        values = row.values
        name = values.get("filename") or values.get("path", "")
        if not name:
            raise DataError(
                f"{files.root / path}, line {row.line}: there is no name of a file. Fix or remove the line."
            )
        clip = by_key.get(_key(values["type"], values["source"], split_path(name)[1]))
        if clip is None:
            places = (folder, values["type"], values["race"], values["gender"], values["source"], name)
            absent.append(only_listed("/".join(place for place in places if place), path))
        elif clip.label == 1:
            clip.method = values["method"] or clip.method
            donor = values["target1"].lower()
            if re.fullmatch(r"id\d+", donor) and any(swap in clip.method for swap in _SWAPS):
                clip.donor = donor
    return absent


def _key(kind: str, person: str, stem: str) -> str:
    return f"{kind}/{person}/{stem}".lower()
