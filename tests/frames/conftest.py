"""The frames of a video, decoded from end to end."""

import av
import pytest

from dfutils.media.pictures import to_rgb


@pytest.fixture
def decode_all():
    """A function that decodes a whole video from end to end: {seconds from the start: picture}."""

    def decode(path):
        with av.open(str(path)) as container:
            frames = [(frame.time, to_rgb(frame, 1280)) for frame in container.decode(video=0)]
        start = min(time for time, _ in frames)
        return {round(float(time - start), 4): picture for time, picture in frames}

    return decode
