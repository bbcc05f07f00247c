"""Read the data set UADFV (Yang, Li and Lyu, ICASSP 2019)."""

import re

from dfutils.data.layouts.registry import Reading, layout, matching_clips, named_clips
from dfutils.media.files import Files

_CLIP = re.compile(
    r"(?:^|/)(?:real/(?:(?:videos|frames)/)?(?P<real>\d{4})|fake/(?:(?:videos|frames)/)?(?P<fake>\d{4})_fake)$",
    re.IGNORECASE,
)


def _recognises(files: Files) -> bool:
    """Return whether every fake is `fake/0000_fake`, so that other folders named fake are not taken for UADFV."""
    clips = [clip.without_suffix for clip in named_clips(files)]
    fakes = [path for path in clips if re.search(r"(?:^|/)fake/", path, re.IGNORECASE)]
    matches = [_CLIP.search(path) for path in fakes]
    return bool(fakes) and all(match and match["fake"] for match in matches)


@layout(
    "uadfv",
    "real/0000.mp4 and fake/0000_fake.mp4",
    _recognises,
    otherwise="not named <4 digits> in real or <4 digits>_fake in fake",
)
def read_uadfv(files: Files) -> Reading:
    """Read UADFV. A group is a real video (`0000`) and the forgery made from it (`0000_fake`).

    UADFV does not name the people in its videos, and publishes no split.
    """
    entries = []
    for clip, match in matching_clips(files, _CLIP):
        entries.append(clip)
        if clip.left_out:
            continue
        clip.label = int(match["fake"] is not None)
        clip.method = "FakeApp" if clip.label else ""
        clip.group = clip.source = match["fake"] or match["real"]
    return Reading(
        entries,
        [
            "UADFV does not say who is seen: if one person is in several pairs, that person is in several groups."
        ],
    )
