import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.frames import Sampling
from dfutils.frames.sampling import choose_frames


def choose(count, rate=25.0, keys=(0,), **settings):
    return choose_frames(Sampling(**settings), np.arange(count) / rate, np.array(keys))


@pytest.mark.parametrize("rule", ["uniform", "burst", "keyframes"])
def test_positions_are_different_ascending_and_inside(rule):
    rng = np.random.default_rng(0)
    for _ in range(300):
        count, frames, window = rng.integers(1, 400), rng.integers(1, 30), rng.integers(1, 9)
        keys = [0, *np.unique(rng.integers(1, count + 1, 5)).tolist()]
        keys = [key for key in keys if key < count]
        chosen = choose(count, rng.choice([1.0, 25.0]), keys, rule=rule, frames=frames, window=window)
        assert chosen == sorted(set(chosen))
        assert chosen[0] >= 0
        assert chosen[-1] < count
        assert len(chosen) == min(frames, len(keys) if rule == "keyframes" else count)


def test_uniform_takes_the_middles():
    assert choose(50, frames=5) == [5, 15, 25, 35, 45]


def test_burst_takes_windows_of_neighbours_one_in_each_stretch():
    chosen = np.array(choose(300, rule="burst", frames=20, window=5)).reshape(4, 5)
    assert (np.diff(chosen, axis=1) == 1).all()
    assert (chosen // 75 == np.arange(4)[:, None]).all()
    assert choose(300, rule="burst", frames=7, window=5)[:4] == [73, 74, 75, 76]


def test_keyframes_are_spread_over_those_there_are():
    assert choose(100, keys=range(0, 100, 10), rule="keyframes", frames=5) == [10, 30, 50, 70, 90]
    assert choose(100, keys=(0,), rule="keyframes") == [0]


def test_long_video_is_sampled_at_the_keyframes_nearest_to_the_middles():
    keys = list(range(0, 45_000, 240))
    chosen = choose(45_000, keys=keys)
    assert set(chosen) <= set(keys)
    assert max(abs(at - (i + 0.5) * 2250) for i, at in enumerate(chosen)) <= 120
    # A stretch without a keyframe is still represented.
    assert choose(45_000, keys=(0,))[1:] == [int((i + 0.5) * 2250) for i in range(1, 20)]


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="uniform, burst, keyframes"):
        Sampling(rule="first")
    with pytest.raises(SettingsError, match="Received: 0"):
        Sampling(window=0)
