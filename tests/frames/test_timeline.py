"""The frames of a video are listed without decoding, from its index or its packets."""

import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames.timeline import IrregularVideo, VideoFile, scan


def scan_file(path):
    return scan(VideoFile(path, max_side=1280, threads=0))


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.ts"])
def test_times_are_those_of_a_full_decode(make_encoding, decode_all, name):
    path = make_encoding(name, count=60, options={"preset": "veryfast", "g": "20"})
    timeline = scan_file(path)
    np.testing.assert_allclose(timeline.times, sorted(decode_all(path)), atol=1e-3)
    assert timeline.keys.tolist() == [0, 20, 40]
    assert len(timeline.stamps) == 60


def test_uneven_times_are_listed_from_packets(make_encoding, decode_all):
    path = make_encoding("a.mkv", count=60, uneven=True)
    np.testing.assert_allclose(scan_file(path).times, sorted(decode_all(path)), atol=2e-3)


def test_truncated_file_lists_the_frames_that_are_there(make_encoding):
    path = make_encoding("a.mp4", count=60, container={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])
    assert 10 < len(scan_file(path).times) < 50


def test_header_that_promises_more_frames_than_bytes_is_unreadable(make_encoding):
    path = make_encoding("a.avi", codec="mpeg4", count=10)
    content = path.read_bytes()
    at = content.index(b"strh") + 8 + 32  # the length in the header of the stream
    assert int.from_bytes(content[at : at + 4], "little") == 10
    path.write_bytes(content[:at] + (10**8).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(ClipError, match="promises 100000000 frames in") as caught:
        scan_file(path)
    assert caught.value.status == "unreadable"


def with_damaged_packets(path, numbers):
    """Mark packets of a transport stream as damaged."""
    content = bytearray(path.read_bytes())
    for packet in numbers(len(content) // 188):
        content[packet * 188 + 1] |= 0x80  # the transport error indicator
    path.write_bytes(content)
    return path


def test_frames_that_build_on_a_damaged_packet_are_not_visible(make_encoding):
    path = make_encoding("a.ts", count=90, options={"preset": "veryfast", "g": "30"})
    timeline = scan_file(with_damaged_packets(path, lambda count: [count // 2]))
    assert timeline.damaged == 1
    assert 0 < timeline.spoilt < 30
    hidden = sorted({*range(90)} - {*timeline.visible.tolist()})
    assert len(hidden) == timeline.damaged + timeline.spoilt
    assert 30 <= hidden[0] < hidden[-1] == 59


def test_a_damaged_start_makes_a_video_irregular(make_encoding):
    path = make_encoding("a.ts", count=60)
    with pytest.raises(IrregularVideo):
        scan_file(with_damaged_packets(path, lambda count: range(4, count, 2)))


def test_strict_video_is_opened_to_report_damage(make_encoding):
    path = make_encoding("a.mp4", count=10)
    for strict, options in ((True, {"err_detect": "explode"}), (False, {})):
        with VideoFile(path, 1280, 0, strict=strict).open() as video:
            assert video.stream.codec_context.options == options
