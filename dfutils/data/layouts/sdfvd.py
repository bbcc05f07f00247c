"""SDFVD, the Small-scale Deepfake Forgery Video Dataset (Kaggle, `manasayelamarthy27/deep-fake-dataset`)."""

import re

from dfutils.data.layouts.registry import Reading, any_clip, layout, matching_clips
from dfutils.media.files import Files

_CLIP = re.compile(r"(?:^|/)videos_(?:(?P<real>real)/v|fake/vs)(?P<number>\d+)$", re.IGNORECASE)


@layout(
    "sdfvd",
    "videos_real/v1.mp4 and videos_fake/vs1.mp4",
    any_clip(_CLIP),
    otherwise="not named v<number> in videos_real or vs<number> in videos_fake",
)
def read_sdfvd(files: Files) -> Reading:
    """Read SDFVD. A group is a real video (`v1`) and the forgery made from it (`vs1`).

    SDFVD does not name the people in its videos.
    """
    entries = []
    for clip, match in matching_clips(files, _CLIP):
        clip.label = 0 if match["real"] else 1
        clip.method = "" if match["real"] else "deepfake"
        clip.group = clip.source = str(int(match["number"]))
        entries.append(clip)
    remark = (
        "SDFVD does not say who is seen: if one person is in several pairs, that person is in several groups."
    )
    return Reading(entries, [remark])
