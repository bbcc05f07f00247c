"""Frames come out upright, in RGB, and not larger than asked."""

import av
import numpy as np
import pytest

from dfutils.frames import Sampling, read_clip
from dfutils.frames.orientation import to_rgb, turn_upright

TURNS = [
    ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),  # a quarter to the right, as phones write it
    ((0, -1, 1, 0), lambda image: np.rot90(image)),
    ((-1, 0, 0, -1), lambda image: image[::-1, ::-1]),
    ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    ((1, 0, 0, -1), lambda image: image[::-1]),
    ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
    ((1, 0, 0, 1), lambda image: image),
    ((0, 0, 0, 0), lambda image: image),
]


def display_matrix(a, b, c, d):
    return np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 0x4000 << 16], np.int32)


@pytest.mark.parametrize(("matrix", "turn"), TURNS)
def test_picture_is_turned_and_mirrored_as_its_matrix_says(matrix, turn):
    image = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    np.testing.assert_array_equal(turn_upright(image, display_matrix(*matrix)), turn(image))


@pytest.mark.parametrize(("matrix", "turn"), TURNS)
def test_video_is_turned_and_mirrored_as_its_matrix_says(make_encoding, matrix, turn):
    path = make_encoding("a.mp4", count=10)
    stored = read_clip(path, Sampling(frames=3)).frames
    content = path.read_bytes()
    at = content.index(b"tkhd") + 4 + 40
    written = b"".join(int(number).to_bytes(4, "big", signed=True) for number in display_matrix(*matrix))
    path.write_bytes(content[:at] + written + content[at + 36 :])
    shown = read_clip(path, Sampling(frames=3)).frames
    np.testing.assert_array_equal(shown, [turn(frame) for frame in stored])


def test_colours_are_rgb_and_large_frames_are_shrunk():
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[..., 0] = 200
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    np.testing.assert_array_equal(to_rgb(frame, 80), picture)
    shrunk = to_rgb(frame, 20)
    assert shrunk.shape == (10, 20, 3)
    assert shrunk[..., 0].min() > 190
    assert shrunk[..., 1:].max() < 10
