"""Videos in many codecs and containers, and their frames decoded from end to end."""

from fractions import Fraction

import av
import numpy as np
import pytest

from dfutils.frames.orientation import to_rgb


@pytest.fixture
def make_encoding(tmp_path):
    """A function that writes a moving picture: `make_encoding(name, codec=…, options=…, count=…)`; returns its path.

    No two frames are alike. With `uneven=True`, each frame is shown for a different time.
    """

    def make(
        name,
        codec="libx264",
        options=None,
        pixels="yuv420p",
        count=240,
        uneven=False,
        container=None,
    ):
        rng = np.random.default_rng(1)
        ground = np.kron(rng.integers(0, 256, (50, 50, 3)), np.ones((8, 8, 1))).astype(np.uint8)
        options = {"preset": "veryfast"} if options is None and codec == "libx264" else options or {}
        with av.open(str(tmp_path / name), "w", options=container or {}) as file:
            stream = file.add_stream(codec, rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = 96, 64, pixels
            if uneven:
                stream.codec_context.time_base = Fraction(1, 1000)
            milliseconds = 0
            for i in range(count):
                picture = np.ascontiguousarray(ground[i % 251 : i % 251 + 64, i % 277 : i % 277 + 96])
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                if uneven:
                    frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
                    milliseconds += int(rng.integers(10, 90))
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        return tmp_path / name

    return make


@pytest.fixture
def decode_all():
    """A function that decodes a whole video from end to end: {seconds from the start: picture}."""

    def decode(path):
        with av.open(str(path)) as container:
            frames = [(frame.time, to_rgb(frame, 1280)) for frame in container.decode(video=0)]
        start = min(time for time, _ in frames)
        return {round(float(time - start), 4): picture for time, picture in frames}

    return decode
