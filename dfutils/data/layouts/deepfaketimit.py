"""Read the data set DeepfakeTIMIT (Korshunov and Marcel, 2018), with the real clips of VidTIMIT (Sanderson, 2002)."""

import re

from dfutils.data.layouts.components import Components
from dfutils.data.layouts.registry import Reading, any_clip, layout, named_clips
from dfutils.media.files import Files

_PERSON = r"[fm][a-z]{3}\d"
_UTTERANCE = r"s[aix]\d+"
_FAKE = re.compile(
    rf"(?:^|/)(?P<quality>(?:higher|lower)_quality)/(?P<target>{_PERSON})/"
    rf"(?P<utterance>{_UTTERANCE})-video-(?P<donor>{_PERSON})$",
    re.IGNORECASE,
)
_REAL = re.compile(rf"(?:^|/)(?P<target>{_PERSON})/(?:video/)?(?P<utterance>{_UTTERANCE})$", re.IGNORECASE)
_WITHOUT_SUFFIX = re.compile(rf"(?:^|/){_PERSON}/video/{_UTTERANCE}/\d+$", re.IGNORECASE)


@layout(
    "deepfaketimit",
    "higher_quality/fadg0/sa1-video-fram1.avi and lower_quality, with VidTIMIT's fadg0/video/sa1 (or fadg0/sa1.avi)",
    any_clip(_FAKE),
    otherwise="neither <person>/<sentence>-video-<donor> in a folder of DeepfakeTIMIT, nor a sentence of VidTIMIT",
)
def read_deepfaketimit(files: Files) -> Reading:
    """Read DeepfakeTIMIT. A group is all people that exchange faces, with their real clips.

    The real clips are those of VidTIMIT, which DeepfakeTIMIT was made from: `fadg0/sa1` is the original of
    `fadg0/sa1-video-fram1`, which shows the face of fram1. People whose faces are exchanged with nobody are a group
    each. The method is the quality, which is the name of the folder. VidTIMIT's sequences of head movements (`head`)
    are left out, because no forgery was made from them. No split is published.
    """
    entries, people = [], Components()
    for clip in named_clips(files):
        fake, real = _FAKE.search(clip.without_suffix), _REAL.search(clip.without_suffix)
        match = fake or real
        if not match:
            continue
        entries.append(clip)
        if clip.left_out:
            continue
        clip.label = int(fake is not None)
        clip.identity = match["target"].lower()
        clip.source = f"{clip.identity}/{match['utterance'].lower()}"
        if fake:
            clip.method, clip.donor = fake["quality"].lower(), fake["donor"].lower()
        people.join(clip.identity, clip.donor or clip.identity)
    groups = people.names()
    for clip in entries:
        clip.group = groups.get(clip.identity, "")
    remarks = []
    if not any(clip.label == 0 for clip in entries):
        remarks.append(
            "DeepfakeTIMIT has no real clips of its own: they are those of VidTIMIT. Put the folders of its people "
            "next to higher_quality and lower_quality."
        )
        if any(files.matching(_WITHOUT_SUFFIX)):
            remarks.append(
                "VidTIMIT's frames are JPEG files whose names have no suffix (fadg0/video/sa1/001), so they are not "
                "seen as pictures. Add the suffix .jpg to their names."
            )
    return Reading(entries, remarks)
