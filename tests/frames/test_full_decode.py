"""A damaged video is decoded from end to end, and says what is damaged."""

import av
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames import Sampling, read_clip
from dfutils.frames.full_decode import read_whole
from dfutils.frames.timeline import VideoFile


def read(path, strict=True, **options):
    return read_whole(VideoFile(path, max_side=1280, threads=1, strict=strict), Sampling(**options))


def test_intact_video_gives_its_true_pictures(make_encoding, decode_all):
    path = make_encoding("a.mp4", count=50)
    truth = decode_all(path)
    whole = read(path, frames=5)
    assert whole.count == 50
    assert whole.seconds == pytest.approx(49 / 25)
    assert whole.damage == []
    np.testing.assert_allclose([time * 25 for _, time in whole.pictures], [5, 15, 25, 35, 45])
    for picture, time in whole.pictures:
        np.testing.assert_array_equal(picture, truth[round(time, 4)])


def test_frames_that_build_on_damage_are_left_out(make_encoding, decode_all):
    path = make_encoding("a.mp4", count=120, options={"preset": "veryfast", "g": "30"})
    truth = decode_all(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(content)
    whole = read(path, frames=1000)
    assert 40 <= whole.count < 120
    skipped, left_out = whole.damage
    assert skipped.endswith("damaged packets were skipped")
    assert left_out.endswith("frames that build on damaged data were left out")
    for picture, time in whole.pictures:
        np.testing.assert_array_equal(picture, truth[round(time, 4)])


def test_video_with_nothing_but_damage_is_used_with_a_note(make_encoding):
    path = make_encoding("a.mp4", count=30, options={"preset": "veryfast", "g": "250"})
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    first = int.from_bytes(content[start : start + 4], "big")  # the encoder's note
    picture = start + 4 + first
    content[picture + 200 : picture + 260] = bytes(60)  # in the first picture, on which all others build
    path.write_bytes(content)
    whole = read(path, frames=4)
    assert len(whole.pictures) == 4
    assert "all of its frames build on damaged data" in whole.damage


def test_truncated_video_gives_the_frames_before_the_break(make_encoding):
    path = make_encoding("a.mp4", count=60, container={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])
    whole = read(path, frames=5)
    assert 10 < whole.count < 60
    assert len(whole.pictures) == 5
    assert "1 damaged packet was skipped" in whole.damage


def test_video_without_a_frame_is_empty(make_encoding):
    path = make_encoding("a.mp4", count=30)
    content = bytearray(path.read_bytes())
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content[start:end] = bytes(end - start)
    path.write_bytes(content)
    with pytest.raises(ClipError) as caught:
        read(path)
    assert caught.value.status in ("empty", "unreadable")
    assert caught.value.reason


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mpeg4"), ("a.mp4", "mpeg4"), ("a.flv", "flv1")])
def test_pictures_that_are_mostly_grey_are_no_frames(tmp_path, name, codec):
    path = tmp_path / name
    blocks = np.random.default_rng(0).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    still = av.VideoFrame.from_ndarray(blocks.repeat(8, 0).repeat(8, 1), format="rgb24")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, width=96, height=64, pix_fmt="yuv420p")
        stream.options = {"g": "600"}
        for _ in range(40):
            container.mux(stream.encode(still))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        key = next(packet for packet in container.demux(video=0) if packet.size)
    content = bytearray(path.read_bytes())
    content[key.pos + 60 : key.pos + key.size - 10] = bytes(key.size - 70)
    path.write_bytes(content)
    try:
        assert "the grey that decoders show where data is missing" in read_clip(path, Sampling(frames=5)).note
    except ClipError as error:
        assert error.status == "empty"
        assert "mostly grey" in error.reason
