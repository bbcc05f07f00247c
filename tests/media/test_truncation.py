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


TRAILERS = {
    "zeros": bytes(1000),
    "a line of text": b"made with a recorder\n",
    "a long text": b"The quick brown fox jumps over the lazy dog. " * 40,
    "a phone's trailer": b"\0\0\0\x01\x01\x0a\x0e\0\0\0Image_UTC_Data1417"
    + bytes(range(64))
    + b"SEFH\x6b\0\0\0SEFT",
    "noise": np.random.default_rng(3).bytes(3000),
}


@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("name", WRITTEN)
def test_other_data_behind_a_complete_video_are_not_a_cut(make_noise, name, trailer):
    path, container = make_noise(name)
    path.write_bytes(path.read_bytes() + TRAILERS[trailer])
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
