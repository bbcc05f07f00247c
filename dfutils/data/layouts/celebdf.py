"""Read the data sets Celeb-DF v1 and v2 (Li et al., CVPR 2020) and Celeb-DF++ (Li et al., 2025)."""

import re

from dfutils.data.layouts.own_lists import only_listed, read_lines
from dfutils.data.layouts.registry import Entry, Reading, any_clip, layout, matching_clips
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, split_path

_CLIP = re.compile(
    r"(?:^|/)(?P<kind>celeb-real|youtube-real|celeb-synthesis)/"
    # Celeb-DF++ has a folder for each method, such as Celeb-synthesis/FaceSwap/BlendFace.
    r"(?:(?P<scenario>FaceSwap|FaceReenact|TalkingFace)/(?P<method>[^/]+)/)?"
    r"(?:(?:videos|images|frames|faces)/)?(?P<name>[^/]+)$",
    re.IGNORECASE,
)
_NAMES = {
    "celeb-real": re.compile(r"(?P<target>id\d+)_\d+", re.IGNORECASE),
    "youtube-real": re.compile(r"(?P<target>\d+)"),
    "celeb-synthesis": re.compile(r"(?P<target>id\d+)_(?P<donor>id\d+)_\d+", re.IGNORECASE),
}
# A talking face is driven by a recording of speech, so it has no donor.
_TALKING = re.compile(r"(?P<target>id\d+)_\d+_test_.+", re.IGNORECASE)
_TEST_LIST = re.compile(r"(?:^|/)List_of_testing_videos\.txt$", re.IGNORECASE)


@layout(
    "celebdf",
    "Celeb-real/id0_0000.mp4, YouTube-real/00000.mp4 and Celeb-synthesis/id0_id1_0000.mp4",
    any_clip(_CLIP),
    otherwise="not in Celeb-real, YouTube-real or Celeb-synthesis",
)
def read_celebdf(files: Files) -> Reading:
    """Read Celeb-DF. A group is all clips of one person; the official test list is the test split.

    The donor of a face is not used for grouping, because the donors connect almost all people, and almost all clips
    would be one group. The people in YouTube-real are not named, so each YouTube-real video is a group. The official
    test list writes 1 for real and 0 for fake. This function inverts these labels.

    Celeb-DF++ has the real videos of v2 and a folder of fakes for each of 22 methods. In a face reenactment, both
    people in the name are recorded (identity and donor): its documentation does not say clearly whose face is seen.
    """
    entries = []
    for clip, match in matching_clips(files, _CLIP):
        entries.append(clip)
        if clip.left_out:
            continue
        kind = match["kind"].lower()
        name = _NAMES[kind].fullmatch(match["name"])
        if match["scenario"]:
            talking = _TALKING.fullmatch(match["name"])
            name = (name or talking) if kind == "celeb-synthesis" else None
        if name is None:
            clip.left_out = "not named as Celeb-DF names its videos"
            continue
        clip.label = int(kind == "celeb-synthesis")
        clip.method = match["method"] or "Celeb-synthesis" if clip.label else ""
        if kind == "youtube-real":
            clip.source = clip.group = f"youtube-{name['target']}"
        else:
            clip.identity = clip.group = name["target"].lower()
            clip.donor = name.groupdict().get("donor", "").lower()
    lists = [match.string for match in files.matching(_TEST_LIST)]
    for path in lists:
        _read_test_list(files, path, entries)
    remarks = []
    if any(entry.source and not entry.left_out for entry in entries):
        remarks.append(
            "Celeb-DF does not say who is seen in YouTube-real: if one person is in several of these videos, that "
            "person is in several groups."
        )
    if any(entry.donor for entry in entries):
        remarks.append(
            "In Celeb-DF, the faces of many people are also inserted into videos of others, and its clips are grouped "
            "by the person in the video. A donor's face may be seen on both sides of the split. The audit lists such "
            "donors."
        )
    return Reading(entries, remarks, lists)


def _read_test_list(files: Files, path: str, entries: list[Entry]) -> None:
    """Set the split of the clips in the test list to test, in place.

    For each name in the list without a clip on disk, add an Entry that is left out.
    """
    folder = split_path(path)[0]  # v1 and v2 may be in one folder, each with its own test list
    inside = [e for e in entries if not e.left_out and (not folder or e.path.startswith(f"{folder}/"))]
    known = {_key(entry.without_suffix): entry for entry in reversed(inside)}
    known |= {_key(entry.path): entry for entry in inside}
    for number, line in enumerate(read_lines(files, path, "Celeb-DF's test list"), 1):
        if not line.strip():
            continue
        real, name = [*line.split(maxsplit=1), ""][:2]
        name = name.strip()
        if real not in ("0", "1") or not name:
            raise DataError(
                f"{files.root / path}, line {number}: expected '1 YouTube-real/00170.mp4'. Received: {line!r}"
            )
        if leaves_root(name):
            entries.append(only_listed(name, path))
            continue
        entry = known.get(_key(name)) or known.get(_key(name.rpartition(".")[0] or name))
        if entry is None:
            entries.append(only_listed(f"{folder}/{name}" if folder else name, path))
        elif entry.label != 1 - int(real):
            says = "real" if real == "1" else "fake"
            entry.left_out = f"{path} gives the label {says}, but the name of its folder gives the opposite"
        else:
            entry.split = "test"


def _key(path: str) -> str:
    """Return a clip's folder and name as Celeb-DF's test list writes them, such as `celeb-real/id0_0000`."""
    match = _CLIP.search(path)
    if not match:
        return path
    return "/".join(part for part in match.group("kind", "scenario", "method", "name") if part).lower()
