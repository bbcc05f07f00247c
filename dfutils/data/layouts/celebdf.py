"""Read the data sets Celeb-DF v1 and v2 (Li et al., CVPR 2020)."""

import re

from dfutils.data.layouts.registry import Entry, Reading, any_clip, layout, named_clips
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, split_path

_CLIP = re.compile(
    r"(?:^|/)(?P<kind>celeb-real|youtube-real|celeb-synthesis)/(?:(?:videos|images|frames|faces)/)?(?P<name>[^/]+)$",
    re.IGNORECASE,
)
_NAMES = {
    "celeb-real": re.compile(r"(?P<target>id\d+)_\d+"),
    "youtube-real": re.compile(r"(?P<target>\d+)"),
    "celeb-synthesis": re.compile(r"(?P<target>id\d+)_(?P<donor>id\d+)_\d+"),
}
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
    """
    entries = []
    for clip in named_clips(files):
        match = _CLIP.search(clip.without_suffix)
        if not match:
            continue
        entries.append(clip)
        if clip.left_out:
            continue
        kind = match["kind"].lower()
        name = _NAMES[kind].fullmatch(match["name"])
        if name is None:
            clip.left_out = "not named as Celeb-DF names its videos"
            continue
        clip.label = int(kind == "celeb-synthesis")
        clip.method = "Celeb-synthesis" if clip.label else ""
        if kind == "youtube-real":
            clip.source = clip.group = f"youtube-{name['target']}"
        else:
            clip.identity = clip.group = name["target"]
            clip.donor = name.groupdict().get("donor", "")
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
    try:
        lines = (files.root / path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{files.root / path} is not Celeb-DF's test list: {error}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        real, name = [*line.split(maxsplit=1), ""][:2]
        name = name.strip()
        if real not in ("0", "1") or not name:
            raise DataError(
                f"{files.root / path}, line {number}: expected '1 YouTube-real/00170.mp4'. Received: {line!r}"
            )
        if leaves_root(name):
            entries.append(Entry(name, left_out=f"{path} names a path outside the data set's folder"))
            continue
        entry = known.get(_key(name)) or known.get(_key(name.rpartition(".")[0] or name))
        if entry is None:
            listed = f"{folder}/{name}" if folder else name
            entries.append(Entry(listed, left_out=f"named in {path}, but not on disk"))
        elif entry.label != 1 - int(real):
            says = "real" if real == "1" else "fake"
            entry.left_out = f"{path} gives the label {says}, but the name of its folder gives the opposite"
        else:
            entry.split = "test"


def _key(path: str) -> str:
    """Return a clip's folder and name as Celeb-DF's test list writes them, such as `celeb-real/id0_0000`."""
    match = _CLIP.search(path)
    return f"{match['kind']}/{match['name']}".lower() if match else path
