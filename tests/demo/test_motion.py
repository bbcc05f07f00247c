"""A head moves smoothly and within what a neck and a camera allow."""

import numpy as np

from dfutils.demo.motion import Motion, draw_motion


def draw(seed, frames=250):
    return draw_motion(np.random.default_rng(seed), frames=frames)


def test_same_seed_same_motion_other_seed_other_motion():
    first, again, other = draw(1), draw(1), draw(2)
    for name, values in vars(first).items():
        np.testing.assert_array_equal(values, getattr(again, name))
    assert (first.yaw != other.yaw).any()


def test_every_value_is_given_for_every_frame():
    motion = draw(1, frames=7)
    assert len(motion) == 7
    assert {len(values) for values in vars(motion).values()} == {7}
    assert set(motion.at(3)) == set(Motion.__dataclass_fields__)
    assert motion.at(3)["yaw"] == motion.yaw[3]


def test_a_clip_of_one_frame_has_a_motion():
    assert np.isfinite(list(draw(1, frames=1).at(0).values())).all()


def test_values_stay_in_their_ranges():
    for seed in range(20):
        motion = draw(seed)
        for name, low, high in (
            *(("mouth", 0, 1), ("lids", 0, 1), ("brows", -0.015, 0.04)),
            *(("gaze_x", -0.8, 0.8), ("gaze_y", -0.4, 0.4), ("yaw", -1, 1), ("pitch", -0.6, 0.6)),
        ):
            values = getattr(motion, name)
            assert values.min() >= low, name
            assert values.max() <= high, name


def test_eyes_blink_and_the_mouth_opens_and_closes():
    motion = draw(3)
    assert motion.lids.min() < 0.3
    assert np.median(motion.lids) > 0.9
    assert np.ptp(motion.mouth) > 0.3
