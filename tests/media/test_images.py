"""Image files are read as people see them, and damage is noticed."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from dfutils.errors import ClipError
from dfutils.frames import Sampling, read_clip
from dfutils.media.images import animation_length, is_damaged_jpeg, read_image, shrink


def test_a_picture_is_rgb_and_upright_as_its_exif_data_say(tmp_path):
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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no picture", "is a text, not a video or a picture"),
        (b"\x89PNG\r\n\x1a\n", "is not a picture that can be decoded"),
        (b"GIF89a", "is a GIF animation with the suffix .png"),
    ],
)
def test_what_is_not_a_picture_is_unreadable(tmp_path, content, reason):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ClipError, match=f"unreadable: {reason}"):
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


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif", "a.tiff", "a.jpg"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_pictures_of_an_animation_are_counted(tmp_path, name, count):
    first, *others = [Image.fromarray(np.full((8, 8, 3), 50 * i, np.uint8)) for i in range(count)]
    more = {} if name == "a.jpg" else {"save_all": True, "append_images": others}
    first.save(tmp_path / name, **more)
    animated = name in ("a.png", "a.webp", "a.gif")
    assert animation_length(tmp_path / name) == (count if animated else 1)


def test_a_damaged_picture_is_no_animation(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    assert animation_length(tmp_path / "a.png") == 1


def noise_picture(size=(160, 120)):
    blocks = np.random.default_rng(0).integers(0, 256, (15, 20, 3)).astype(np.uint8)
    return Image.fromarray(cv2.resize(blocks, size, interpolation=cv2.INTER_CUBIC))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"optimize": True}, {"subsampling": 0}, {"restart_marker_rows": 2}]
)
def test_damage_is_claimed_of_damaged_jpegs_only(tmp_path, mode, options):
    buffer = io.BytesIO()
    noise_picture().convert(mode).save(buffer, "JPEG", **options)
    content = buffer.getvalue()
    path = tmp_path / "a.jpg"
    for whole in (
        content,
        content + b"what a phone appends",
        content + b"\0\0\0\x18ftypmp42" + content[:500],
    ):
        path.write_bytes(whole)
        assert not is_damaged_jpeg(path)
    path.write_bytes(content[: 2 * len(content) // 3])
    assert is_damaged_jpeg(path)


def test_hole_in_a_jpeg_is_said(tmp_path):
    for name in ("a.jpg", "clip/0.jpg", "clip/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        noise_picture().save(tmp_path / name)
    content = bytearray((tmp_path / "a.jpg").read_bytes())
    half = len(content) // 2
    content[half : half + 300] = np.random.default_rng(1).bytes(300)
    for name in ("a.jpg", "clip/1.jpg"):
        (tmp_path / name).write_bytes(content)
    assert read_clip(tmp_path / "a.jpg").note == "a part of the picture is damaged"
    assert read_clip(tmp_path / "clip").note == "a part of 1 of the 2 sampled stills is damaged (1.jpg)"


def test_other_image_files_are_no_damaged_jpegs(tmp_path):
    noise_picture().save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "a.png").read_bytes()[:500])
    assert not is_damaged_jpeg(tmp_path / "a.png")
    assert not is_damaged_jpeg(tmp_path / "b.jpg")
    assert not is_damaged_jpeg(tmp_path / "gone.jpg")


def test_frames_are_scaled_to_the_size_that_most_of_them_have(tmp_path):
    for i, size in enumerate([(80, 60), (160, 120), (160, 120)]):
        noise_picture(size).save(tmp_path / f"{i}.png")
    clip = read_clip(tmp_path, Sampling(frames=3))
    assert clip.frames.shape == (3, 120, 160, 3)
    assert "scaled to the size that most of them have" in clip.note
