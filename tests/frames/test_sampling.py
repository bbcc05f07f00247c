"""The chosen frames are spread over the clip, whatever its length and keyframes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import Sampling
from dfutils.frames.sampling import RULES, check_length, choose_frames


def choose(count, rate=25.0, keys=(0,), **options):
    return choose_frames(Sampling(**options), np.arange(count) / rate, np.array(keys))


@st.composite
def clips(draw):
    """Return the times and the keyframes of a clip: of 1 to 2000 frames, regular or not, the first one a keyframe."""
    count = draw(st.integers(1, 2000))
    keys = draw(st.sets(st.integers(0, count - 1), max_size=60))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    steps = rng.uniform(0.001, draw(st.sampled_from([0.04, 1.0, 20.0])), count)
    return np.cumsum(steps) - steps[0], np.array(sorted({0, *keys}))


@settings(deadline=None, max_examples=200)
@given(clip=clips(), rule=st.sampled_from(RULES), frames=st.integers(1, 60), window=st.integers(1, 20))
def test_positions_are_ascending_distinct_and_as_many_as_asked(clip, rule, frames, window):
    times, keys = clip
    chosen = choose_frames(Sampling(rule=rule, frames=frames, window=window), times, keys)
    assert chosen == sorted(set(chosen))
    assert all(isinstance(position, int) and 0 <= position < len(times) for position in chosen)
    assert len(chosen) == min(frames, len(keys) if rule == "keyframes" else len(times))


@settings(deadline=None, max_examples=100)
@given(clip=clips(), frames=st.integers(1, 60))
def test_keyframes_rule_chooses_keyframes_only(clip, frames):
    times, keys = clip
    assert set(choose_frames(Sampling(rule="keyframes", frames=frames), times, keys)) <= set(keys.tolist())


@settings(deadline=None, max_examples=100)
@given(
    clip=clips(),
    rule=st.sampled_from(["uniform", "burst"]),
    more=st.integers(0, 100),
    window=st.integers(1, 20),
)
def test_a_short_clip_gives_all_its_frames(clip, rule, more, window):
    times, keys = clip
    sampling = Sampling(rule=rule, frames=len(times) + more, window=window)
    assert choose_frames(sampling, times, keys) == list(range(len(times)))


@settings(deadline=None, max_examples=100)
@given(clip=clips(), frames=st.integers(1, 60))
def test_uniform_takes_the_frames_that_are_shown_in_the_middles_of_parts_of_equal_length(clip, frames):
    times, keys = clip
    if len(times) <= frames or times[-1] > 2 * frames:  # in longer clips, keyframes stand for their part
        return
    step = np.median(np.diff(times))
    middles = (np.arange(frames) + 0.5) * (times[-1] + step) / frames
    shown = [
        set(np.searchsorted(times, middle + step * np.array([0, 0.002]), side="right") - 1)
        for middle in middles
    ]
    chosen = choose_frames(Sampling(frames=frames), times, keys)
    for i, position in enumerate(chosen):
        neighbours = {*chosen[max(0, i - 1) : i], *chosen[i + 1 : i + 2]}
        # Where several middles fall on one long frame, the frames next to it are taken.
        assert position in shown[i] or {position - 1, position + 1} & neighbours


@settings(deadline=None, max_examples=200)
@given(
    count=st.integers(1, 3000),
    rate=st.sampled_from([10.0, 24.0, 25.0, 29.97, 30.0, 60.0]),
    digits=st.sampled_from([3, 9]),
    frames=st.integers(1, 60),
)
def test_with_a_constant_frame_rate_parts_have_equally_many_frames(count, rate, digits, frames):
    times = np.round(np.arange(count) / rate, digits)  # Matroska rounds to milliseconds
    if count > frames and times[-1] <= 2 * frames:
        expected = [int((i + 0.5) * count / frames) for i in range(frames)]
        chosen = choose_frames(Sampling(frames=frames), times, np.array([0]))
        assert np.abs(np.subtract(chosen, expected)).max() <= (1 if digits == 3 else 0)


def test_a_screen_recording_is_sampled_evenly_in_time():
    # Two seconds with 60 frames each, and one frame per second elsewhere.
    times = np.unique(np.r_[np.arange(30), 5 + np.arange(60) / 60, 20 + np.arange(60) / 60])
    for sampling in (Sampling(), Sampling(rule="burst", window=2)):
        chosen = times[choose_frames(sampling, times, np.array([0]))]
        assert np.diff(chosen).max() <= 4
        assert np.histogram(chosen, bins=[0, 5, 10, 15, 20, 25, 30])[0].min() >= 2
    assert len(choose_frames(Sampling(), times, np.array([0]))) == 20


@pytest.mark.parametrize("times", [np.zeros(100), np.full(100, 3.5)])
def test_without_usable_times_frames_are_counted(times):
    assert choose_frames(Sampling(frames=5), times, np.array([0])) == [10, 30, 50, 70, 90]


def test_uniform_takes_the_middles():
    assert choose(50, frames=5) == [5, 15, 25, 35, 45]


def test_burst_takes_a_window_of_neighbours_from_each_part():
    chosen = np.array(choose(300, rule="burst", frames=20, window=5)).reshape(4, 5)
    assert (np.diff(chosen, axis=1) == 1).all()
    assert (chosen // 75 == np.arange(4)[:, None]).all()
    assert choose(300, rule="burst", frames=7, window=5)[:4] == [73, 74, 75, 76]


def test_keyframes_are_spread_over_all_keyframes():
    assert choose(100, keys=range(0, 100, 10), rule="keyframes", frames=5) == [10, 30, 50, 70, 90]
    assert choose(100, keys=(0,), rule="keyframes") == [0]


def test_long_video_is_sampled_at_the_keyframes_nearest_to_the_middles():
    keys = list(range(0, 45_000, 240))
    chosen = choose(45_000, keys=keys)
    assert set(chosen) <= set(keys)
    assert max(abs(at - (i + 0.5) * 2250) for i, at in enumerate(chosen)) <= 120


def test_a_part_of_a_long_video_without_a_keyframe_is_still_represented():
    assert choose(45_000, keys=(0,))[1:] == [int((i + 0.5) * 2250) for i in range(1, 20)]


def test_unknown_rule_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="must be one of uniform, burst, keyframes. Received: 'first'"):
        Sampling(rule="first")


@pytest.mark.parametrize("name", ["frames", "window", "min_frames", "max_side"])
@pytest.mark.parametrize("value", [0, -3, 2.5, "20", True, None])
def test_number_that_is_not_a_positive_integer_is_refused(name, value):
    with pytest.raises(SettingsError, match=f"Sampling.{name} must be a whole number.*Received: {value!r}"):
        Sampling(**{name: value})


def test_options_are_given_by_name():
    with pytest.raises(TypeError):
        Sampling("burst")


def test_clip_with_too_few_frames_is_too_short():
    check_length(4, Sampling(min_frames=4))
    with pytest.raises(ClipError, match="1 frame, but at least 4 are required") as caught:
        check_length(1, Sampling(min_frames=4))
    assert caught.value.status == "too_short"
