"""Every metric: scikit-learn's value where it has the metric, also for weighted clips and ties."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from dfutils.evaluation.metrics import ECE_BINS, METRICS, Metric, ranking_metrics, weighted_metrics

NEED_BOTH = {"balanced_accuracy", "auc", "eer", "recall_at_fpr_01", "recall_at_fpr_05"}


def measure(labels, scores, weights=None, threshold=0.5):
    """Return {metric: value} of one weighting."""
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, float)
    values = weighted_metrics(np.asarray(labels), np.asarray(scores), weights[None], threshold)
    return {name: float(value[0]) for name, value in values.items()}


def expected_metrics(y, s, w=None):
    """Return what scikit-learn says, and an independent computation of what it does not have."""
    w = np.ones(len(y)) if w is None else w
    called = s >= 0.5
    options = {"sample_weight": w}
    fpr, tpr, _ = reference.roc_curve(y, s, drop_intermediate=False, **options)
    crossing = np.argmax(fpr >= 1 - tpr)
    before = max(0, crossing - 1)
    gap = (fpr - (1 - tpr))[[before, crossing]]
    step = -gap[0] / (gap[1] - gap[0]) if gap[1] != gap[0] else 0
    risks = []  # of each clip: the error rate of all clips that are at least as far from the threshold
    for confidence in np.abs(s - 0.5):
        kept = np.abs(s - 0.5) >= confidence
        risks.append((w * (called != y))[kept].sum() / w[kept].sum())
    bins = np.minimum((s * ECE_BINS).astype(int), ECE_BINS - 1)
    return {
        "accuracy": reference.accuracy_score(y, called, **options),
        "precision": reference.precision_score(y, called, zero_division=0, **options),
        "recall": reference.recall_score(y, called, zero_division=0, **options),
        "balanced_accuracy": reference.balanced_accuracy_score(y, called, **options),
        "f1": reference.f1_score(y, called, zero_division=0, **options),
        "auc": reference.roc_auc_score(y, s, **options),
        "average_precision": reference.average_precision_score(y, s, **options),
        "log_loss": reference.log_loss(y, np.clip(s, 1e-7, 1 - 1e-7), **options),
        "brier": reference.brier_score_loss(y, s, **options),
        "eer": fpr[before] + step * (fpr[crossing] - fpr[before]),
        "ece": sum(abs((w * (y - s))[bins == b].sum()) for b in range(ECE_BINS)) / w.sum(),
        "recall_at_fpr_01": tpr[fpr <= 0.01 + 1e-12].max(),
        "recall_at_fpr_05": tpr[fpr <= 0.05 + 1e-12].max(),
        "aurc": (w * risks).sum() / w.sum(),
    }


@st.composite
def weighted_clips(draw):
    """Labels of both classes, scores with many ties, and whole-number weights that leave both classes."""
    n = draw(st.integers(2, 30))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))])
    steps = draw(st.sampled_from([2, 5, 10, 1000]))
    scores = np.array(draw(st.lists(st.integers(0, steps), min_size=n, max_size=n))) / steps
    weights = np.array([1, 1, *draw(st.lists(st.integers(0, 4), min_size=n - 2, max_size=n - 2))])
    return labels, scores, weights


def test_the_names_of_the_metrics_are_a_literal_type():
    assert get_args(Metric) == METRICS
    assert list(measure([0, 1], [0.2, 0.7])) == list(METRICS)


@pytest.mark.parametrize("n", [4, 60, 700])
@pytest.mark.parametrize("decimals", [1, 4])
def test_every_metric_agrees_with_its_reference(n, decimals, make_predictions):
    table = make_predictions(n, decimals=decimals, seed=n + decimals)
    y, s = table["label"].to_numpy(), table["score"].to_numpy()
    values = measure(y, s)
    for name, value in expected_metrics(y, s).items():
        assert values[name] == pytest.approx(value, abs=1e-9), name


@settings(deadline=None, max_examples=50)
@given(weighted_clips())
def test_weighted_metrics_agree_with_their_reference(clips):
    labels, scores, weights = clips
    counted = weights > 0  # scikit-learn's curves keep points of clips that weigh nothing
    values = measure(labels, scores, weights)
    expected = expected_metrics(labels[counted], scores[counted], weights[counted].astype(float))
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-9), name


@settings(deadline=None, max_examples=50)
@given(weighted_clips())
def test_a_whole_number_weight_counts_like_repeated_clips(clips):
    labels, scores, weights = clips
    weighted = measure(labels, scores, weights)
    repeated = measure(np.repeat(labels, weights), np.repeat(scores, weights))
    assert weighted == pytest.approx(repeated, abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(weighted_clips(), st.integers(0, 2**32 - 1))
def test_many_weightings_at_once_are_those_one_by_one_in_any_order_of_the_clips(clips, seed):
    labels, scores, weights = clips
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    rows = np.stack([weights, np.ones(len(labels)), weights[::-1] + 1])
    together = weighted_metrics(labels[order], scores[order], rows[:, order], 0.5)
    for number, row in enumerate(rows):
        alone = measure(labels, scores, row)
        assert {name: values[number] for name, values in together.items()} == pytest.approx(alone, abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(weighted_clips())
def test_at_the_equal_error_rate_the_false_alarm_rate_equals_the_miss_rate(clips):
    """On the straight line between two neighbouring points of the ROC curve."""
    labels, scores, weights = clips
    eer = measure(labels, scores, weights)["eer"]
    fpr, tpr, _ = reference.roc_curve(
        labels, scores, sample_weight=weights.astype(float), drop_intermediate=False
    )
    points = np.c_[fpr, 1 - tpr]
    steps = np.linspace(0, 1, 2001)[:, None, None]
    lines = points[:-1] + steps * (points[1:] - points[:-1])
    assert np.abs(lines - eer).max(axis=-1).min() < 1e-3


def test_a_threshold_for_each_clip_is_compared_with_that_clip():
    values = measure([0, 1, 0, 1], [0.3, 0.3, 0.7, 0.7], threshold=np.array([0.5, 0.2, 0.8, 0.6]))
    assert values["accuracy"] == 1
    values = measure([0, 1, 0, 1], [0.3, 0.3, 0.7, 0.7], threshold=0.5)
    assert values["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("weights", "undefined"),
    [
        ([0, 1, 1], NEED_BOTH),
        ([1, 0, 0], NEED_BOTH | {"average_precision"}),
    ],
    ids=["only fakes", "only reals"],
)
def test_metrics_that_need_the_other_class_are_undefined(weights, undefined):
    values = measure([0, 1, 1], [0.1, 0.5, 0.9], weights)
    assert {name for name, value in values.items() if np.isnan(value)} == undefined


def test_a_ranking_without_any_weight_is_undefined():
    values = ranking_metrics(np.array([0, 1]), np.array([0.2, 0.8]), np.zeros((1, 2)))
    assert all(np.isnan(value[0]) for value in values.values())


def test_precision_is_0_where_no_clip_is_classified_as_fake():
    values = measure([0, 1], [0.1, 0.2])
    assert (values["precision"], values["recall"], values["f1"]) == (0, 0, 0)


def test_log_loss_of_a_confident_mistake_is_large_but_finite():
    assert measure([0, 1], [1.0, 1.0])["log_loss"] == pytest.approx(-np.log(1e-7) / 2, rel=1e-6)
