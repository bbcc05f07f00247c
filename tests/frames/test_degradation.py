"""A degraded clip is the same clip, only worse."""

import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import Degradation, Sampling, read_clip, read_degraded

SAMPLING = Sampling(frames=5)


def error(first, second):
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


def test_compression_costs_more_the_stronger_it_is(demo_dir):
    path, dense = (
        next(demo_dir.rglob("*.mp4")),
        Sampling(frames=25),
    )  # sparse samples may snap to other neighbours
    clip = read_clip(path, dense)
    light, heavy = (read_degraded(path, Degradation("h264", crf), dense) for crf in (10, 45))
    for other in (light, heavy):
        assert other.path == path
        assert other.frames.shape == clip.frames.shape
        np.testing.assert_allclose(other.times, clip.times, atol=1e-3)
    assert error(light.frames, clip.frames) < 2
    assert error(heavy.frames, clip.frames) > 2 * error(light.frames, clip.frames)
    again = read_degraded(path, Degradation("h264", 45), dense)
    np.testing.assert_array_equal(again.frames, heavy.frames)


@pytest.mark.parametrize(
    ("kind", "weak", "strong"), [("resolution", 0.9, 0.2), ("blur", 0.5, 4), ("noise", 2, 30)]
)
def test_frames_are_spoilt_by_degrees(make_video, kind, weak, strong):
    path = make_video("a.mp4", face=True)
    clip = read_clip(path, SAMPLING)
    errors = [
        error(read_degraded(path, Degradation(kind, s), SAMPLING).frames, clip.frames) for s in (weak, strong)
    ]
    assert 0 < errors[0] < errors[1]


def test_noise_is_as_strong_as_asked_and_the_same_again(make_video):
    path = make_video("a.mp4", face=True)
    clip = read_clip(path, SAMPLING).frames.astype(int)
    noisy = read_degraded(path, Degradation("noise", 8), SAMPLING).frames.astype(int)
    middle = (clip > 60) & (clip < 190)
    assert (noisy - clip)[middle].std() == pytest.approx(8, rel=0.03)
    np.testing.assert_array_equal(noisy, read_degraded(path, Degradation("noise", 8), SAMPLING).frames)


def test_stills_and_odd_sizes_are_encoded_too(tmp_path):
    import cv2

    (tmp_path / "clip").mkdir()
    rng = np.random.default_rng(0)
    for i in range(4):
        cv2.imwrite(str(tmp_path / "clip" / f"{i}.png"), rng.integers(0, 256, (33, 51, 3), np.uint8))
    frames = read_degraded(tmp_path / "clip", Degradation("h264", 30), SAMPLING).frames
    assert frames.shape == (4, 32, 50, 3)
    frames = read_degraded(tmp_path / "clip" / "0.png", Degradation("h264", 30), SAMPLING).frames
    assert frames.shape == (1, 32, 50, 3)


def test_what_cannot_be_used_says_why_as_ever(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    for degradation in (Degradation("h264", 30), Degradation("blur", 1)):
        with pytest.raises(ClipError, match="no bytes"):
            read_degraded(tmp_path / "a.mp4", degradation, SAMPLING)


def test_degradations_are_checked_and_read_from_text():
    assert Degradation.parse("h264:40") == Degradation("h264", 40.0)
    assert str(Degradation("resolution", 0.5)) == "resolution:0.5"
    for wrong in ("fog:1", "h264:60", "h264:much", "h264", "noise:-1"):
        with pytest.raises(SettingsError):
            Degradation.parse(wrong)
