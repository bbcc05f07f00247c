"""The verdict says yes only where the interval says so, and why it cannot be told elsewhere."""

import numpy as np
import pytest

from dfutils.evaluation import Difference
from dfutils.tuning import verdict

STEADY, BETTER = [0.80, 0.81, 0.79, 0.80, 0.80], [0.90, 0.91, 0.92, 0.90, 0.91]


def make_gain(value, low=np.nan, high=np.nan):
    return Difference("auc", value, low, high, [])


def say(gain, untuned=STEADY, tuned=BETTER, **options):
    return verdict(gain, untuned, tuned, n_groups=4, **options)


def test_gain_above_zero_is_a_yes_with_its_numbers():
    text = say(make_gain(0.1, 0.04, 0.16))
    assert text.startswith(
        "Yes: on the test clips of 4 groups the tuned GRU's AUC is 0.100 above that of the untuned GRU "
        "(95 % interval +0.040 to +0.160), in the mean of 5 seeds"
    )
    assert "varies from seed to seed by 0.008 (standard deviation)" in text
    assert "are better" not in text


@pytest.mark.parametrize(
    ("gain", "untuned", "tuned", "beginning"),
    [
        (make_gain(0.01, -0.05, 0.07), STEADY, BETTER, "No, not by more than chance explains: "),
        (make_gain(-0.1, -0.2, -0.03), BETTER, STEADY, "No, it is worse: "),
        (make_gain(0.1), STEADY, BETTER, "It cannot be told, because there are too few groups"),
        (make_gain(0, 0, 0), STEADY, STEADY, "It cannot be told, because every resample of the groups"),
        (make_gain(0.1, 0.02, 0.2), [0.8], [0.9], "It cannot be told from a single seed: "),
        (make_gain(np.nan), STEADY, BETTER, "It cannot be told: the scored test clips are of one class"),
    ],
)
def test_verdict_says_no_or_why_it_cannot_be_told(gain, untuned, tuned, beginning):
    assert say(gain, untuned, tuned).startswith(beginning)


def test_few_seeds_are_pointed_out():
    text = say(make_gain(0.1, 0.04, 0.2), STEADY[:3], BETTER[:3])
    assert "3 seeds give only a rough idea of seed noise, 5 are better" in text
    assert "a single seed shows no seed noise" in say(make_gain(0.1, 0.04, 0.2), [0.8], [0.9])


def test_cross_validation_decides_because_it_has_more_groups():
    wide, narrow = make_gain(0.1, -0.2, 0.4), make_gain(0.12, 0.05, 0.2)
    text = say(wide, crossed=narrow, folds=4)
    assert text.startswith("Yes: in 4-fold cross-validation by group, with a separate search in each fold")
    assert "-0.200 to +0.400" in text
    assert say(narrow, crossed=wide, folds=4).startswith("No, not by more")


def test_trainings_per_fold_are_mentioned():
    text = say(make_gain(0.1, -0.2, 0.4), crossed=make_gain(0.12, 0.05, 0.2), folds=4, fold_seeds=5)
    assert "a separate search and 5 trainings of both models in each fold" in text


def test_cross_validation_without_an_interval_does_not_decide():
    text = say(make_gain(0.12, 0.05, 0.2), crossed=make_gain(0.1), folds=4)
    assert text.startswith("Yes: on the test clips")
