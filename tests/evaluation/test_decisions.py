"""The limits of the verdicts keep their promise on clips of new groups."""

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import choose_decision


def draw(rng, groups, *, separation=2.0, per_group=4):
    """Scores of half real and half fake clips. The clips of a group are alike."""
    count = groups * per_group
    labels = np.arange(count) % 2
    shift = np.repeat(rng.normal(0, 0.7, groups), per_group)
    logits = separation * (labels - 0.5) * 2 + shift + rng.normal(0, 1, count)
    names = [f"g{number // per_group}" for number in range(count)]
    ids = [f"c{number}" for number in range(count)]
    return pd.DataFrame({"clip_id": ids, "label": labels, "group": names, "score": 1 / (1 + np.exp(-logits))})


def wrong_shares(decision, table):
    verdicts = np.array([decision.verdict(score) for score in decision.calibrate(table["score"])])
    labels = table["label"].to_numpy()
    fake, real = labels[verdicts == "fake"], labels[verdicts == "real"]
    return (1 - fake.mean() if len(fake) else 0.0), (real.mean() if len(real) else 0.0), verdicts


def test_promise_is_kept_on_average_on_new_groups():
    rng = np.random.default_rng(0)
    fakes, reals, unsure = [], [], []
    for _ in range(120):
        decision = choose_decision(draw(rng, 30, separation=1.0), wrong=0.1)
        assert decision.promised is not None
        fake, real, verdicts = wrong_shares(decision, draw(rng, 200, separation=1.0))
        fakes.append(fake - decision.promised)
        reals.append(real - decision.promised)
        unsure.append((verdicts == "unsure").mean())
    assert np.mean(fakes) < 0.01
    assert np.mean(reals) < 0.01
    assert 0.05 < np.mean(unsure) < 0.9


def test_scores_that_separate_the_classes_leave_nobody_unsure():
    decision = choose_decision(draw(np.random.default_rng(1), 40, separation=9.0))
    assert decision.promised == 0.1
    assert decision.fake_from == decision.real_below == decision.threshold
    assert decision.remark == ""


def test_too_few_groups_promise_nothing_and_say_so():
    decision = choose_decision(draw(np.random.default_rng(2), 2, separation=9.0))
    assert decision.promised is None
    assert decision.fake_from == decision.real_below == decision.threshold
    assert "of 2 groups. That is too few to promise at most 30% wrong verdicts" in decision.remark


def test_some_groups_promise_the_smallest_share_that_they_can():
    decision = choose_decision(draw(np.random.default_rng(3), 7, separation=9.0))
    assert decision.promised == 0.15  # one imagined mistake among 7 + 1 groups
    assert "The smallest share that can be promised is 15%." in decision.remark


def test_scores_that_say_nothing_never_lead_to_a_verdict():
    table = draw(np.random.default_rng(4), 40, separation=0.0)
    decision = choose_decision(table)
    _, _, verdicts = wrong_shares(decision, table)
    assert (verdicts == "unsure").mean() > 0.9
    assert "No limit keeps the share of wrong verdicts" in decision.remark


def test_copies_of_the_clips_of_a_group_are_no_further_evidence():
    table = draw(np.random.default_rng(5), 8, separation=9.0)
    copies = pd.concat([table, *(table.assign(clip_id=table["clip_id"] + f"x{i}") for i in range(9))])
    assert choose_decision(copies).promised == choose_decision(table).promised


def test_scores_of_a_cross_validation_choose_the_limits_and_nothing_else():
    rng = np.random.default_rng(7)
    val, crossed = draw(rng, 4, separation=3.0), draw(rng, 40, separation=3.0)
    few, many = choose_decision(val), choose_decision(val, crossed=crossed)
    assert (many.temperature, many.threshold) == (few.temperature, few.threshold)
    assert (few.groups, many.groups) == (4, 40)
    assert many.promised == 0.1
    assert many.promised < (few.promised or 1)


def test_one_class_and_shares_out_of_range_are_refused():
    table = draw(np.random.default_rng(6), 8)
    with pytest.raises(DataError, match="both classes"):
        choose_decision(table[table["label"] == 1])
    with pytest.raises(SettingsError, match=r"wrong=0\.5"):
        choose_decision(table, wrong=0.5)
