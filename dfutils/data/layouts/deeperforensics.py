"""Read the data set DeeperForensics-1.0 (Jiang et al., CVPR 2020)."""

import re

from dfutils.data.layouts.faceforensics import OFFICIAL
from dfutils.data.layouts.own_lists import read_lines
from dfutils.data.layouts.registry import Reading, any_clip, layout, named_clips
from dfutils.media.files import Files

_FAKE = re.compile(
    r"(?:^|/)manipulated_videos/(?P<variant>[^/]+)/(?:[^/]+/)*(?P<target>\d{3})_(?P<actor>[MW]\d{3})$"
)
_SPLIT_LIST = re.compile(r"(?:^|/)splits/(train|val|test)\.txt$")


@layout(
    "deeperforensics",
    "manipulated_videos/end_to_end/000_W101.mp4, with FaceForensics++'s original_sequences/youtube/c23 next to it",
    any_clip(_FAKE),
    otherwise="neither a forgery in manipulated_videos nor a c23 original of FaceForensics++",
)
def read_deeperforensics(files: Files) -> Reading:
    """Read DeeperForensics. A group is a target video and all forgeries made from it.

    The real clips are the target videos: the YouTube originals of FaceForensics++, at compression c23. The donors are
    actors with known names. The people in the target videos are not named. The actors' `source_videos` are not used as
    real clips, as the data set's README says. They were filmed in a studio, so a detector would learn the background.
    """
    entries, lists = [], []
    remarks = [
        "DeeperForensics does not say who is seen in its targets, which are FaceForensics++'s YouTube videos: some "
        "people are in several of them, so one person may be in several groups."
    ]
    published: dict[str, str] = {}
    for match in files.matching(_SPLIT_LIST):
        names = " ".join(read_lines(files, match.string, "a list of videos")).split()
        published |= {
            number[1]: match[1] for name in names if (number := re.search(r"(\d{3})_[MW]\d{3}", name))
        }
        lists.append(match.string)
    for clip in named_clips(files):
        fake, real = _FAKE.search(clip.without_suffix), OFFICIAL.search(clip.without_suffix)
        target = fake["target"] if fake else real["name"] if real else ""
        if fake:
            clip.label, clip.method, clip.donor = 1, fake["variant"], fake["actor"]
        elif "/source_videos/" in f"/{clip.path}":
            clip.left_out = (
                "an actor's source video, which is not the real part of DeeperForensics (see its README)"
            )
        elif real and real["source"] == "youtube":
            clip.label = 0
            if real["compression"] != "c23":
                clip.left_out = f"{real['compression']}: DeeperForensics' real clips are the originals at c23"
        else:
            continue
        if not clip.left_out:
            clip.source = clip.group = target
            clip.split = published.get(clip.group, "")
        entries.append(clip)
    if not any(clip.label == 0 and not clip.left_out for clip in entries):
        remarks.append(
            "DeeperForensics has no real clips of its own: they are FaceForensics++'s YouTube originals. Put its "
            "original_sequences/youtube/c23 next to manipulated_videos."
        )
    remarks.append(
        "DeeperForensics inserts each actor's face into several videos, and its clips are grouped by target video. A "
        "donor's face may be seen on both sides of the split. The audit lists such donors."
    )
    return Reading(entries, remarks, lists)
