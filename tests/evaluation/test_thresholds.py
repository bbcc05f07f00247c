"""Thresholds: the promised rate is kept, and the balanced accuracy is the best there is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import choose_threshold, threshold_table


@st.composite
def predictions(draw):
    """Clips of both classes, with scores that tie often and may be 0 or 1."""
    n = draw(st.integers(2, 40))
    labels = [0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))]
    steps = draw(st.sampled_from([1, 4, 10, 1000]))
    scores = [step / steps for step in draw(st.lists(st.integers(0, steps), min_size=n, max_size=n))]
    ids = [f"c{i}" for i in range(n)]
    return pd.DataFrame({"clip_id": ids, "label": labels, "group": ids, "score": scores})


def rates(table, threshold):
    """Return recall and false-positive rate at a threshold."""
    called = table["score"] >= threshold
    return called[table["label"] == 1].mean(), called[table["label"] == 0].mean()


@settings(deadline=None, max_examples=50)
@given(predictions(), st.floats(0, 1))
def test_the_promised_false_positive_rate_is_kept_and_no_lower_threshold_keeps_it(table, target):
    chosen = choose_threshold(table, rule="false_positive_rate", target=target)
    recall, alarms = rates(table, chosen.value)
    assert (chosen.recall, chosen.false_positive_rate) == (pytest.approx(recall), pytest.approx(alarms))
    if "No threshold keeps" in chosen.remark:
        assert table.loc[table["label"] == 0, "score"].max() == 1
        return
    assert alarms <= target + 1e-9
    for lower in table["score"][table["score"] < chosen.value]:
        assert rates(table, lower)[1] > target - 1e-9


@settings(deadline=None, max_examples=50)
@given(predictions())
def test_no_threshold_has_a_higher_balanced_accuracy_than_the_chosen_one(table):
    def balanced_accuracy(threshold):
        recall, alarms = rates(table, threshold)
        return (recall + 1 - alarms) / 2

    scores = table["score"]
    chosen = choose_threshold(table)
    assert chosen.recall == pytest.approx(rates(table, chosen.value)[0])
    if scores.nunique() > 1:
        candidates = [*scores.unique(), 0.0, (scores.max() + 1) / 2 if scores.max() < 1 else 1.0]
        best = max(balanced_accuracy(threshold) for threshold in candidates)
        assert balanced_accuracy(chosen.value) == pytest.approx(best, abs=1e-9)


def test_the_best_balanced_accuracy_is_that_of_scikit_learn(make_predictions):
    table = make_predictions(80, decimals=4)
    labels, scores = table["label"], table["score"]
    chosen = choose_threshold(table)
    best = max(reference.balanced_accuracy_score(labels, scores >= t) for t in [*scores, 2])
    at_chosen = reference.balanced_accuracy_score(labels, scores >= chosen.value)
    assert at_chosen == pytest.approx(best, abs=1e-9)
    assert chosen.recall == pytest.approx(reference.recall_score(labels, scores >= chosen.value))


@settings(deadline=None, max_examples=50)
@given(predictions())
def test_the_table_of_thresholds_has_the_rates_at_each_of_them(table):
    costs = threshold_table(table)
    assert costs["threshold"].is_monotonic_increasing and costs["threshold"].is_unique
    assert costs["threshold"].between(0, 1).all()
    assert costs["false_positive_rate"].is_monotonic_decreasing
    for row in costs.itertuples():
        recall, alarms = rates(table, row.threshold)
        assert (row.recall, row.false_positive_rate) == (pytest.approx(recall), pytest.approx(alarms))
        assert row.balanced_accuracy == pytest.approx((recall + 1 - alarms) / 2)


@pytest.mark.parametrize("reals", [20, 40, 100])
def test_the_false_positive_rate_may_be_exactly_the_target(reals, make_predictions):
    score = np.r_[
        np.linspace(0.01, 0.4, reals - reals // 20), [0.9] * (reals // 20), np.linspace(0.5, 0.8, 20)
    ]
    table = make_predictions(reals + 20).assign(label=np.repeat([0, 1], [reals, 20]), score=score)
    chosen = choose_threshold(table, rule="false_positive_rate", target=0.05)
    assert (chosen.recall, chosen.false_positive_rate) == (1, pytest.approx(0.05))
    assert 0.4 < chosen.value < 0.5


def test_the_chosen_threshold_needs_no_remark_where_there_are_many_clips(make_predictions):
    chosen = choose_threshold(make_predictions(200, decimals=4), rule="false_positive_rate", target=0.1)
    assert chosen.remark == ""


def test_a_rate_that_so_few_real_clips_cannot_show_comes_with_a_remark(make_predictions):
    chosen = choose_threshold(make_predictions(20), rule="false_positive_rate", target=0.01)
    assert "allows no false alarm" in chosen.remark
    assert chosen.false_positive_rate == 0


def test_a_rate_that_no_threshold_keeps_comes_with_a_remark(make_predictions):
    full = make_predictions(20).assign(score=1.0)
    chosen = choose_threshold(full, rule="false_positive_rate", target=0.1)
    assert "highest possible score" in chosen.remark
    assert chosen.false_positive_rate == 1


@pytest.mark.parametrize(("score", "called"), [(0.8, 1), (0.5, 1), (0.2, 0)])
def test_if_all_scores_are_equal_the_threshold_is_one_half(score, called, make_predictions):
    chosen = choose_threshold(make_predictions(20).assign(score=score))
    assert (chosen.value, chosen.recall, chosen.false_positive_rate) == (0.5, called, called)
    assert "All scores are equal" in chosen.remark


def test_unknown_rules_and_impossible_targets_are_refused(make_predictions):
    with pytest.raises(SettingsError, match="Unknown rule 'best'"):
        choose_threshold(make_predictions(20), rule="best")
    with pytest.raises(SettingsError, match="target=3"):
        choose_threshold(make_predictions(20), rule="false_positive_rate", target=3)


def test_a_threshold_needs_both_classes(make_predictions):
    with pytest.raises(DataError, match="both classes"):
        choose_threshold(make_predictions(20).query("label == 1"))
