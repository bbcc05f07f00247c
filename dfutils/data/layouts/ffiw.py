"""Read the data set FFIW-10K, Face Forensics in the Wild (Zhou et al., CVPR 2021)."""

import re

from dfutils.data.layouts.registry import Reading, any_clip, layout, named_clips
from dfutils.media.files import Files

_CLIP = re.compile(
    r"(?:^|/)(?P<kind>source|target)/(?:(?P<folder>train|val|test)/)?(?:(?:videos|frames)/)?"
    r"(?P<name>(?P<split>train|val|test)_\d{8})$",
    re.IGNORECASE,
)
_MASK = re.compile(r"(?:^|/)target_mask/", re.IGNORECASE)


@layout(
    "ffiw",
    "source/train/train_00000000.mp4 (real) and target/train/train_00000000.mp4 (fake), also val and test",
    any_clip(_CLIP),
    otherwise="not named <train, val or test>_<8 digits> in source or target",
)
def read_ffiw(files: Files) -> Reading:
    """Read FFIW-10K. A group is a real clip (in `source`) and the fake of the same name (in `target`).

    The published split is in the names. FFIW-10K shows several people in a clip, and names none of them. Its
    documentation does not say that clips of one name belong together. So no source is given, and they only share a
    group. How a fake was made is not said either.
    """
    entries = []
    for clip in named_clips(files):
        if _MASK.search(clip.path):
            clip.left_out = "a mask of the forged region"
            entries.append(clip)
            continue
        match = _CLIP.search(clip.without_suffix)
        if not match:
            continue
        entries.append(clip)
        split = match["split"].lower()
        if match["folder"] and match["folder"].lower() != split:
            clip.left_out = f"its name says {split}, but its folder says {match['folder'].lower()}"
        if clip.left_out:
            continue
        clip.label = int(match["kind"].lower() == "target")
        clip.method = "deepfake" if clip.label else ""
        clip.group, clip.split = match["name"].lower(), split
    return Reading(
        entries,
        ["FFIW-10K does not say who is seen: one person may be in several clips, and so in several groups."],
    )
