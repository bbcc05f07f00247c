"""A heat map that is right points at what the score comes from."""

from dataclasses import replace

import numpy as np
import pytest

from dfutils.detection import Detector
from dfutils.lessons import compare_removals

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(trained):
    root, _ = trained
    judge = Detector.load(root / "models/linear")
    return judge, judge.detect(root / "clips/g09_fake.mp4", explain=True)


def test_score_falls_more_without_the_place_that_flickers(judged):
    judge, found = judged
    # The whole clip flickers: what is left still does where nothing is blurred.
    everything = compare_removals(judge, found, share=0.9)
    little = compare_removals(judge, found, share=0.02)
    assert everything.hottest > little.hottest
    assert everything.random > little.random


def test_only_the_heat_decides_which_part_is_blurred_and_the_seed_the_squares(judged):
    judge, found = judged
    upside_down = replace(found, heat=-found.heat)
    first, second = compare_removals(judge, found), compare_removals(judge, upside_down)
    assert first.hottest != second.hottest
    assert first.random == second.random
    assert compare_removals(judge, found, seed=8).random != first.random
    assert np.isfinite([first.hottest, first.random]).all()


def test_crops_are_left_alone(judged):
    judge, found = judged
    before = found.crops.copy()
    compare_removals(judge, found, draws=1)
    np.testing.assert_array_equal(found.crops, before)
