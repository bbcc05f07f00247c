"""A degraded clip is the same clip, only worse."""

import cv2
import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import Degradation, Sampling, read_clip, read_degraded

SAMPLING = Sampling(frames=5)


def error(first, second):
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


@pytest.mark.slow
def test_compression_costs_more_the_stronger_it_is(demo_dir):
    path = next(demo_dir.rglob("*.mp4"))
    dense = Sampling(frames=25)  # of sparse samples, other neighbours may be chosen
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "weak", "strong"), [("resolution", 0.9, 0.2), ("blur", 0.5, 4), ("noise", 2, 30)]
)
def test_a_stronger_degradation_changes_more(make_video, kind, weak, strong):
    path = make_video("a.mp4", face=True)
    clip = read_clip(path, SAMPLING)
    errors = [
        error(read_degraded(path, Degradation(kind, s), SAMPLING).frames, clip.frames) for s in (weak, strong)
    ]
    assert 0 < errors[0] < errors[1]


@pytest.mark.slow
def test_noise_is_as_strong_as_asked_and_the_same_each_time(make_video):
    path = make_video("a.mp4", face=True)
    clip = read_clip(path, SAMPLING).frames.astype(int)
    noisy = read_degraded(path, Degradation("noise", 8), SAMPLING).frames.astype(int)
    middle = (clip > 60) & (clip < 190)
    assert (noisy - clip)[middle].std() == pytest.approx(8, rel=0.03)
    np.testing.assert_array_equal(noisy, read_degraded(path, Degradation("noise", 8), SAMPLING).frames)


def test_stills_and_odd_sizes_are_encoded_too(tmp_path):
    (tmp_path / "clip").mkdir()
    rng = np.random.default_rng(0)
    for i in range(4):
        cv2.imwrite(str(tmp_path / "clip" / f"{i}.png"), rng.integers(0, 256, (33, 51, 3), np.uint8))
    frames = read_degraded(tmp_path / "clip", Degradation("h264", 30), SAMPLING).frames
    assert frames.shape == (4, 32, 50, 3)
    frames = read_degraded(tmp_path / "clip" / "0.png", Degradation("h264", 30), SAMPLING).frames
    assert frames.shape == (1, 32, 50, 3)


def test_unusable_clip_gives_the_same_reason_as_without_a_degradation(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    for degradation in (Degradation("h264", 30), Degradation("blur", 1)):
        with pytest.raises(ClipError, match="no bytes"):
            read_degraded(tmp_path / "a.mp4", degradation, SAMPLING)


def test_sampling_may_be_left_out(make_video):
    path = make_video("a.mp4", frames=30)
    assert read_degraded(path, Degradation("blur", 1)).frames.shape == (20, 64, 96, 3)


def test_strength_of_no_effect_leaves_the_frames_as_they_are(make_video):
    path = make_video("a.mp4")
    clip = read_clip(path, SAMPLING)
    for neutral in (Degradation("blur", 0), Degradation("noise", 0), Degradation("resolution", 1)):
        np.testing.assert_array_equal(read_degraded(path, neutral, SAMPLING).frames, clip.frames)


def test_degradation_is_written_and_read_as_text():
    assert Degradation.parse("h264:40") == Degradation("h264", 40.0)
    assert str(Degradation("resolution", 0.5)) == "resolution:0.5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fog:1", "kind must be one of h264, resolution, blur, noise. Received: 'fog'"),
        ("h264:60", "constant rate factor.* must be from 0 to 51. Received: 60"),
        ("noise:-1", "must be from 0 to 256. Received: -1"),
        ("blur:nan", "must be from 0 to 100. Received: nan"),
        ("h264:much", "kind:strength, for example h264:40. Received: 'h264:much'"),
        ("h264", "kind:strength, for example h264:40. Received: 'h264'"),
    ],
)
def test_text_that_is_not_a_degradation_is_refused(text, message):
    with pytest.raises(SettingsError, match=message):
        Degradation.parse(text)
