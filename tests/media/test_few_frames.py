"""A few frames of a clip, read at little cost."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.media.few_frames import read_frames

ODD_FILES = Path(__file__).resolve().parents[3] / "shared" / "odd-files"


def test_frames_are_few_and_spread_over_a_video(make_video):
    frames = read_frames(make_video("long.mp4", frames=500), "video")
    assert len(frames) == 4
    assert len({frame.tobytes() for frame in frames}) == 4
    assert len(read_frames(make_video("short.mp4", frames=1), "video")) == 1


def test_only_the_first_seconds_are_used(make_video):
    path = make_video("long.mp4", frames=200)
    start = {frame.tobytes() for frame in read_frames(path, "video", seconds=1)}
    everywhere = {frame.tobytes() for frame in read_frames(path, "video")}
    assert len(start) == 4
    assert not start & everywhere


def test_a_video_whose_header_does_not_state_its_length_is_read(tmp_path):
    path = tmp_path / "live.mkv"
    with av.open(str(path), "w", options={"live": "1"}) as container:
        stream = container.add_stream("mpeg4", rate=25, width=96, height=64, pix_fmt="yuv420p")
        for level in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 5 * level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert len(read_frames(path, "video")) == 2


def test_a_phones_video_is_turned_upright(make_video):
    path = make_video("a.mp4")
    stored = read_frames(path, "video")
    content = path.read_bytes()
    header = content.index(b"tkhd") + 4 + 40
    matrix = [0, 1, 0, -1, 0, 0, 0, 0, 0x4000]
    rotation = b"".join((number << 16).to_bytes(4, "big", signed=True) for number in matrix)
    path.write_bytes(content[:header] + rotation + content[header + 36 :])
    np.testing.assert_array_equal(read_frames(path, "video"), [np.rot90(frame, -1) for frame in stored])


def test_frames_have_no_gaps_between_rows_and_are_at_most_1280_pixels(tmp_path):
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((70, 2000, 3), np.uint8))
    (picture,) = read_frames(tmp_path / "wide.png", "image")
    assert picture.shape == (45, 1280, 3)
    path = tmp_path / "odd.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, width=98, height=66, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((66, 98, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert all(frame.flags["C_CONTIGUOUS"] for frame in [picture, *read_frames(path, "video")])


def test_a_folder_of_stills_is_read_without_its_broken_pictures(tmp_path):
    for i in range(8):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((20, 30, 3), 30 * i, np.uint8))
    (tmp_path / "3.png").write_bytes(b"broken")
    assert [int(frame[0, 0, 0]) for frame in read_frames(tmp_path, "frames")] == [30, 150, 210]
    assert read_frames(tmp_path / "7.png", "image")[0].shape == (20, 30, 3)
    with pytest.raises(ClipError, match="unreadable"):
        read_frames(tmp_path / "3.png", "image")


@pytest.mark.parametrize(
    ("name", "media", "status"),
    [("gone", "frames", "unreadable"), ("gone.mp4", "video", "unreadable"), ("none", "frames", "empty")],
)
def test_what_is_not_there_has_a_status(tmp_path, name, media, status):
    (tmp_path / "none").mkdir()
    with pytest.raises(ClipError) as raised:
        read_frames(tmp_path / name, media)
    assert raised.value.status == status


@pytest.mark.slow
@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
def test_odd_files_are_read_or_refused_with_a_reason():
    read = 0
    for path in sorted(ODD_FILES.iterdir()):
        try:
            read += len(read_frames(path, "video")) > 0
        except ClipError as error:
            assert error.reason
    assert read >= 12
