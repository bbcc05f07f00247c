"""Read the data set WildDeepfake (Zi et al., ACM Multimedia 2020)."""

import re

from dfutils.data.layouts.registry import Reading, any_clip, layout, matching_clips
from dfutils.media.files import Files

_SEQUENCE = re.compile(
    # The archives hold `./1/fake/131/942.png`. They may be unpacked into a folder below `fake_train`.
    r"(?:^|/)(?P<kind>real|fake)[_ ](?P<split>train|test)/(?:[^/]+/)?(?P<archive>\d+)/(?P<inner>real|fake)/"
    r"(?P<sequence>\d+)$",
    re.IGNORECASE,
)


@layout(
    "wilddeepfake",
    "fake_train/1/fake/131/942.png, that is the archives of real_train, real_test, fake_train and fake_test, unpacked",
    any_clip(_SEQUENCE),
    otherwise="not in <real or fake>_<train or test>/<archive>/<real or fake>/<sequence>",
)
def read_wilddeepfake(files: Files) -> Reading:
    """Read WildDeepfake. A clip is a sequence of face crops, and a group is what comes from one archive.

    WildDeepfake was collected from the web. It names neither people nor videos, and sequences of one video may be in
    one archive. So an archive is not divided. Archives with one number in `real_train` and `fake_train` are one group
    too. The split into training and test is the published one. How the fakes were made is not known.
    """
    entries = []
    for clip, match in matching_clips(files, _SEQUENCE):
        entries.append(clip)
        kind, split = match["kind"].lower(), match["split"].lower()
        if match["inner"].lower() != kind:
            clip.left_out = (
                f"its folders {match['kind']}_{match['split']} and {match['inner']} say both real and fake"
            )
        if clip.left_out:
            continue
        clip.label = int(kind == "fake")
        clip.method = "deepfake" if clip.label else ""
        clip.group, clip.split = f"{split}-{int(match['archive'])}", split
    return Reading(
        entries,
        [
            "WildDeepfake does not say who is seen, or which sequences are of one video: a person or a video may be in "
            "several groups. Its clips are cropped to the face already."
        ],
    )
