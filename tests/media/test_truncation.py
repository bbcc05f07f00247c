"""The container reveals whether a file is complete."""

import av
import numpy as np
import pytest

from dfutils.media.truncation import is_cut_off

# What FFmpeg writes, by suffix: codec, pixel format, options of the container.
WRITTEN = {
    "a.mp4": ("libx264", "yuv420p", {}),
    "fragments.mp4": ("libx264", "yuv420p", {"movflags": "frag_keyframe+empty_moov"}),
    "a.mov": ("libx264", "yuv420p", {}),
    "a.mkv": ("libx264", "yuv420p", {}),
    "a.webm": ("libvpx", "yuv420p", {}),
    "a.ts": ("libx264", "yuv420p", {}),
    "a.avi": ("mpeg4", "yuv420p", {}),
    "a.flv": ("flv1", "yuv420p", {}),
    "a.mpg": ("mpeg2video", "yuv420p", {}),
    "a.wmv": ("wmv2", "yuv420p", {}),
    "a.gif": ("gif", "rgb8", {}),
    "a.ogv": ("libvpx", "yuv420p", {}),
}


@pytest.fixture
def make_noise(tmp_path):
    """A function that writes a short video of noise into a container; returns its path and FFmpeg's format name."""

    def make(name):
        codec, pixels, options = WRITTEN[name]
        rng = np.random.default_rng(0)
        path = tmp_path / name
        try:
            with av.open(str(path), "w", options=options) as container:
                stream = container.add_stream(codec, rate=25, width=96, height=64, pix_fmt=pixels)
                for _ in range(20):
                    picture = rng.integers(0, 256, (64, 96, 3), np.uint8)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                container.mux(stream.encode())
        except (av.error.FFmpegError, ValueError) as error:
            pytest.skip(f"this FFmpeg cannot write {name}: {error}")
        with av.open(str(path)) as container:
            return path, container.format.name

    return make


@pytest.mark.parametrize("name", WRITTEN)
def test_a_complete_file_is_not_cut_off_and_its_beginning_is(make_noise, name):
    path, container = make_noise(name)
    content = path.read_bytes()
    assert not is_cut_off(path, container)
    noticed = []
    for share in np.random.default_rng(0).uniform(0.05, 0.99, 20):
        path.write_bytes(content[: int(len(content) * share)])
        noticed.append(is_cut_off(path, container))
    # A break between two packets of MPEG leaves no trace.
    assert np.mean(noticed) >= (0.7 if name in ("a.mpg", "a.ts") else 1.0)


def test_bytes_appended_to_a_video_are_not_a_cut(make_noise):
    path, container = make_noise("a.mp4")
    path.write_bytes(path.read_bytes() + bytes(1000))
    assert not is_cut_off(path, container)


def test_an_unknown_container_reveals_nothing(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"anything")
    assert not is_cut_off(tmp_path / "a.raw", "rawvideo")


@pytest.mark.parametrize("container", ["mov", "avi", "asf", "matroska", "mpegts", "mpeg", "gif", "ogg"])
@pytest.mark.parametrize(
    "content", [b"x", b"\0" * 40, bytes(range(256)) * 4], ids=["a byte", "zeros", "all bytes"]
)
def test_no_content_raises(tmp_path, container, content):
    (tmp_path / "a").write_bytes(content)
    assert is_cut_off(tmp_path / "a", container) in (True, False)
