import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.training import Decision
from dfutils.training.decision import from_logits, to_logits


def test_limits_divide_scores_into_three_verdicts():
    decision = Decision(real_below=0.3, threshold=0.5, fake_from=0.8)
    verdicts = [decision.verdict(score) for score in (0.0, 0.29, 0.3, 0.5, 0.79, 0.8, 1.0)]
    assert verdicts == ["real", "real", "unsure", "unsure", "unsure", "fake", "fake"]


def test_without_limits_the_threshold_decides_and_limits_out_of_reach_are_never_met():
    assert [Decision().verdict(score) for score in (0.49, 0.5)] == ["real", "fake"]
    never = Decision(real_below=0.0, fake_from=2.0)
    assert {never.verdict(score) for score in (0.0, 0.5, 1.0)} == {"unsure"}


def test_temperature_moves_scores_towards_the_middle_and_keeps_nan():
    scores = Decision(temperature=2.0).calibrate([0.0, 0.2, 0.5, 0.9, np.nan])
    assert scores[1] == pytest.approx(1 / 3)
    assert scores[2] == pytest.approx(0.5)
    assert scores[3] == pytest.approx(0.75)
    assert 0 < scores[0] < 0.001
    assert np.isnan(scores[4])


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 0}, {"threshold": 1.1}, {"real_below": 0.9, "fake_from": 0.8}, {"real_below": -0.1}],
    ids=str,
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError, match="Received"):
        Decision(**wrong)


def test_logits_become_scores_again_without_overflow():
    scores = np.array([1e-6, 0.2, 0.5, 0.9])
    np.testing.assert_allclose(from_logits(to_logits(scores)), scores, rtol=1e-9)
    assert from_logits(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]
