"""Videos and pictures are opened, or refused with a status and a reason."""

import os
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.media.opening import (
    check_file,
    frame_rate,
    open_video,
    promised_frames,
    promised_seconds,
    read_image,
    shrink,
)

ODD_FILES = Path(__file__).resolve().parents[3] / "shared" / "odd-files"


def test_files_that_hold_nothing_or_are_not_there_are_named(tmp_path):
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, status, reason in (
        (tmp_path / "empty.mp4", "empty", "the file has no bytes"),
        (tmp_path / "gone.mp4", "unreadable", "is not there"),
        (tmp_path, "unreadable", "is a folder, not a file"),
        (tmp_path / "pipe.mp4", "unreadable", "is not an ordinary file"),
    ):
        with pytest.raises(ClipError) as caught:
            check_file(path)
        assert (caught.value.status, caught.value.reason) == (status, reason)


def test_a_header_states_frames_seconds_and_rate(make_video):
    with open_video(make_video("a.mp4", frames=50), threads=1) as container:
        stream = container.streams.video[0]
        assert promised_frames(container) == 50
        assert promised_seconds(container) == pytest.approx(2.0)
        assert frame_rate(stream) == 25.0
        assert stream.codec_context.thread_count == 1


def test_a_header_that_states_no_length_gives_zero(tmp_path):
    path = tmp_path / "live.mkv"
    with av.open(str(path), "w", options={"live": "1"}) as container:
        stream = container.add_stream("mpeg4", rate=25, width=96, height=64, pix_fmt="yuv420p")
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8), format="rgb24"))
        )
        container.mux(stream.encode())
    with open_video(path) as container:
        assert promised_frames(container) == 0
        assert promised_seconds(container) == 0


def test_a_file_without_a_video_stream_is_empty(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(ClipError, match="empty: no video stream"):
        open_video(path)


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXTINF:1,\nother.mp4\n", "ffconcat version 1.0\nfile other.mp4\n", "words"]
)
def test_lists_of_other_files_are_not_followed(tmp_path, make_video, text):
    make_video("other.mp4")
    (tmp_path / "list.mp4").write_text(text)
    with pytest.raises((av.error.FFmpegError, ValueError)):
        open_video(tmp_path / "list.mp4")


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
def test_odd_files_are_opened_or_refused_in_the_known_ways():
    opened = 0
    for path in sorted(ODD_FILES.iterdir()):
        try:
            with open_video(path) as container:
                assert promised_frames(container) >= 0
                opened += 1
        except (ClipError, av.error.FFmpegError, ValueError):
            continue
    assert opened >= 10


def test_a_picture_is_rgb_and_upright_as_its_exif_data_say(tmp_path):
    from PIL import Image

    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = 255  # red on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif, quality=100, subsampling=0)
    turned = read_image(tmp_path / "a.jpg")
    assert turned.shape == (40, 20, 3)
    assert turned[:20].mean((0, 1)) == pytest.approx([254, 0, 0], abs=2)


def test_names_beyond_ascii_are_opened(tmp_path):
    ok, content = cv2.imencode(".png", np.full((4, 4, 3), 7, np.uint8))
    assert ok
    (tmp_path / "脸 ü.png").write_bytes(content.tobytes())
    assert read_image(tmp_path / "脸 ü.png").tolist() == [[[7, 7, 7]] * 4] * 4


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_not_a_picture_is_unreadable(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ClipError, match="unreadable: is not a picture that can be decoded"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((100, 50), 200, (100, 50)),
        ((100, 50), 50, (50, 25)),
        ((10, 1000), 100, (1, 100)),
        ((1, 9), 3, (1, 3)),
    ],
)
def test_a_picture_is_shrunk_to_its_longer_side(size, max_side, expected):
    assert shrink(np.zeros((*size, 3), np.uint8), max_side).shape[:2] == expected
