"""Frames are written with the encoder settings of another video."""

from fractions import Fraction

import av
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames import Sampling, read_clip
from dfutils.frames.writing import EncoderSettings, all_frames, encoder_like, write_frames


@pytest.fixture
def frames():
    """Twelve frames of a moving square, with their times."""
    pictures = np.full((12, 48, 64, 3), 90, np.uint8)
    for i, picture in enumerate(pictures):
        picture[10:30, 3 * i : 3 * i + 20] = (200, 60, 30)
    return [(picture, i / 25) for i, picture in enumerate(pictures)]


def write(path, frames, codec, *, options=None, bit_rate=0, pix_fmt="yuv420p"):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        stream.time_base = Fraction(1, 25)
        if bit_rate:
            stream.bit_rate = bit_rate
        for picture, _ in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def test_settings_of_x264_are_read_and_used_again(frames, tmp_path):
    options = {"crf": "31", "preset": "slow", "g": "7", "bf": "1"}
    write(tmp_path / "a.mp4", frames, "libx264", options=options, pix_fmt="yuv444p")
    settings = encoder_like(tmp_path / "a.mp4")
    assert (settings.encoder, settings.pix_fmt, settings.bit_rate, settings.note) == (
        "libx264",
        "yuv444p",
        0,
        "",
    )
    params = settings.options["x264-params"].split(":")
    assert {"crf=31.0", "keyint=7", "bframes=1"} <= set(params)
    write_frames(tmp_path / "b.mp4", frames, settings)
    again = encoder_like(tmp_path / "b.mp4")
    assert again == settings
    sizes = [(tmp_path / name).stat().st_size for name in ("a.mp4", "b.mp4")]
    assert 0.8 < sizes[1] / sizes[0] < 1.25


@pytest.mark.parametrize(
    ("codec", "suffix"), [("libx265", ".mp4"), ("mpeg4", ".mp4"), ("libvpx-vp9", ".webm"), ("mjpeg", ".avi")]
)
def test_other_codecs_keep_codec_and_bit_rate(codec, suffix, frames, tmp_path):
    if codec not in av.codecs_available:
        pytest.skip(f"FFmpeg has no {codec} here")
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    write(tmp_path / f"a{suffix}", frames, codec, bit_rate=200_000, pix_fmt=pix_fmt)
    settings = encoder_like(tmp_path / f"a{suffix}")
    assert (settings.encoder, settings.suffix) == (codec, suffix)
    assert settings.bit_rate > 0
    assert "average bit rate" in settings.note
    write_frames(tmp_path / f"b{suffix}", frames, settings)
    clip = read_clip(tmp_path / f"b{suffix}", Sampling(frames=20))
    assert clip.frames.shape == (12, 48, 64, 3)
    assert np.abs(clip.frames[5].astype(int) - frames[5][0]).mean() < 12


def test_codec_without_an_encoder_becomes_h264(frames, tmp_path, monkeypatch):
    monkeypatch.setattr("dfutils.frames.writing._ENCODERS", {})
    write(tmp_path / "a.mp4", frames, "libx264")
    settings = encoder_like(tmp_path / "a.mp4")
    assert settings.encoder == "libx264"
    assert "no encoder for h264" in settings.note


def test_time_stamps_and_frames_are_kept(frames, tmp_path):
    uneven = [(picture, seconds**1.1) for picture, seconds in frames]
    write_frames(tmp_path / "a.mp4", uneven, EncoderSettings(options={"crf": "10"}))
    read = list(all_frames(tmp_path / "a.mp4", Sampling(), 1))
    np.testing.assert_allclose(
        [seconds for _, seconds in read], [seconds for _, seconds in uneven], atol=1e-3
    )
    assert all(
        np.abs(one[0].astype(int) - other[0]).mean() < 6 for one, other in zip(read, frames, strict=True)
    )


def test_odd_and_changing_sizes_are_cut_or_scaled(tmp_path):
    sizes = [(49, 65), (49, 65), (30, 40), (100, 100)]
    frames = [(np.full((*size, 3), 120, np.uint8), i / 25) for i, size in enumerate(sizes)]
    write_frames(tmp_path / "a.mp4", frames, EncoderSettings())
    assert read_clip(tmp_path / "a.mp4").frames.shape == (4, 48, 64, 3)
    with pytest.raises(ClipError, match="too small to be encoded"):
        write_frames(tmp_path / "b.mp4", [(np.zeros((1, 9, 3), np.uint8), 0.0)], EncoderSettings())


def test_file_that_is_no_video_says_so(tmp_path):
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(ClipError, match="is a text"):
        encoder_like(tmp_path / "a.mp4")
    with pytest.raises(ClipError):
        list(all_frames(tmp_path / "a.mp4", Sampling(), 1))
