"""Frames come out upright, in RGB, with square pixels, and not larger than asked."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from dfutils.frames import Degradation, Sampling, read_clip, read_degraded
from dfutils.media.few_frames import read_frames
from dfutils.media.pictures import is_mostly_grey, rotation_matrix, to_rgb, turn_upright

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


def circle(width, height):
    """A circle that fills a picture of this size; it is round where the pixels are not square."""
    y, x = np.mgrid[:height, :width]
    inside = ((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2 < 0.16
    return np.where(inside[..., None], 255, 0).astype(np.uint8).repeat(3, -1)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("libx264", "a.mp4"),
        ("libx264", "a.mkv"),
        ("libx264", "a.ts"),
        ("mpeg4", "a.avi"),
        ("mpeg2video", "a.mpg"),
        ("mpeg2video", "a.ts"),
    ],
)
@pytest.mark.parametrize(
    ("size", "aspect", "shown"),
    [
        ((180, 144), Fraction(64, 45), (256, 144)),
        ((360, 270), Fraction(4, 3), (480, 270)),
        ((120, 120), Fraction(4, 3), (160, 120)),
        ((180, 120), Fraction(8, 9), (160, 120)),
        ((180, 144), Fraction(1), (180, 144)),
    ],
)
def test_pixels_that_are_not_square_are_shown_square(tmp_path, codec, name, size, aspect, shown):
    path = tmp_path / name
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, width=width, height=height, pix_fmt="yuv420p")
        stream.codec_context.sample_aspect_ratio = aspect
        for _ in range(12):
            frame = av.VideoFrame.from_ndarray(circle(width, height), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    read = read_clip(path, Sampling(frames=3)).frames[1]
    probed = read_frames(path, "video")[0]
    degraded = read_degraded(path, Degradation("h264", 20), Sampling(frames=3)).frames[1]
    for picture in (read, probed, degraded):
        if name.endswith(".mpg") or codec == "mpeg2video":  # MPEG-2 states the shape of the picture in steps
            assert abs(picture.shape[1] - shown[0]) <= 0.1 * shown[0]
        else:
            assert picture.shape[:2] == shown[::-1]
        inside = picture[..., 1] > 127
        wide, high = inside.any(0).sum(), inside.any(1).sum()
        assert wide / high == pytest.approx(picture.shape[1] / picture.shape[0], rel=0.05)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90])
def test_a_rotation_in_degrees_turns_like_its_matrix(degrees):
    image = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    turned = turn_upright(image, rotation_matrix(degrees))
    np.testing.assert_array_equal(turned, np.rot90(image, degrees // 90))


def test_a_stretch_that_no_camera_has_is_ignored():
    frame = av.VideoFrame.from_ndarray(np.zeros((40, 80, 3), np.uint8), format="rgb24")
    assert to_rgb(frame, 1280, pixel_aspect=1.5).shape == (40, 120, 3)
    assert to_rgb(frame, 60, pixel_aspect=1.5).shape == (20, 60, 3)
    for absurd in (0.001, 1000.0, 0.0):
        assert to_rgb(frame, 1280, pixel_aspect=absurd).shape == (40, 80, 3)


@pytest.mark.parametrize("count", [1, 12])
def test_side_data_that_pyav_has_no_name_for_does_not_matter(tmp_path, count):
    path = tmp_path / "a.avi"
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25, width=96, height=64, pix_fmt="yuvj420p")
        for level in range(count):
            content = io.BytesIO()
            Image.fromarray(np.full((64, 96, 3), 20 * level, np.uint8)).save(content, "JPEG", exif=exif)
            packet = av.Packet(content.getvalue())
            packet.stream, packet.pts, packet.dts = stream, level, level
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            container.mux(packet)
    with av.open(str(path)) as container, pytest.raises(ValueError, match="is not a valid Type"):
        _ = next(container.decode(video=0)).side_data
    clip = read_clip(path)
    assert len(clip.frames) == count
    assert clip.note == ""
    np.testing.assert_allclose(clip.frames.mean((1, 2, 3)), 20 * np.arange(count), atol=2)


@pytest.mark.parametrize(
    ("level", "share", "grey"), [(128, 0.6, True), (130, 0.6, True), (130, 0.4, False), (140, 1.0, False)]
)
def test_the_grey_of_missing_data_is_known(level, share, grey):
    picture = np.random.default_rng(0).integers(0, 256, (100, 80, 3)).astype(np.uint8)
    picture[: round(100 * share)] = level
    assert is_mostly_grey(picture) == grey
