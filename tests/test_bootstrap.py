"""Intervals by resampling groups."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, norm

from dfutils.bootstrap import (
    Resamples,
    check_resampling,
    group_codes,
    group_remarks,
    interval_half_width,
    resample,
)
from dfutils.errors import SettingsError


def mean_of(values):
    """Return a function from weights to the weighted mean of values."""

    def compute(weights):
        return {"mean": weights @ values / weights.sum(1)}

    return compute


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["a", "b", "10", "9", "é"]), min_size=1), st.integers(0, 2**32 - 1))
def test_codes_number_the_groups_without_gaps_whatever_the_order_of_the_clips(groups, seed):
    codes = group_codes(groups)
    assert sorted(set(codes.tolist())) == list(range(len(set(groups))))
    assert len(set(zip(groups, codes.tolist(), strict=True))) == len(set(groups))
    order = np.random.default_rng(seed).permutation(len(groups))
    assert group_codes(np.array(groups)[order]).tolist() == codes[order].tolist()


def test_all_clips_of_a_group_are_drawn_together_and_as_many_groups_as_there_are():
    codes, seen = np.repeat(np.arange(6), 3), []

    def compute(weights):
        seen.append(weights)
        return {"total": weights.sum(1)}

    resample(codes, np.zeros(18), compute, n_bootstrap=50, seed=7)
    drawn = seen[0].reshape(50, 6, 3)
    assert (drawn == drawn[:, :, :1]).all()
    assert (drawn[:, :, 0].sum(1) == 6).all()


def test_the_jackknife_leaves_out_each_group_once():
    codes, seen = np.repeat(np.arange(4), 2), []

    def compute(weights):
        seen.append(weights)
        return {"total": weights.sum(1)}

    resample(codes, np.zeros(8), mean_of(np.ones(8)), n_bootstrap=20, seed=7, compute_jackknife=compute)
    assert (seen[0] == 0).sum(1).tolist() == [2, 2, 2, 2]
    assert (seen[0] == 0).sum(0).tolist() == [1] * 8


def test_very_many_groups_are_left_out_in_parts():
    codes = np.arange(1000)
    resamples = resample(codes, np.zeros(1000), mean_of(np.ones(1000)), n_bootstrap=20, seed=7)
    assert len(resamples.jackknife["mean"]) == 200


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution_where_there_are_many_groups():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 2000)
    resamples = resample(np.arange(2000), np.zeros(2000), mean_of(values), n_bootstrap=4000, seed=7)
    low, high = resamples.interval("mean", values.mean())
    error = values.std() / math.sqrt(2000)
    assert low == pytest.approx(values.mean() - norm.ppf(0.975) * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + norm.ppf(0.975) * error, abs=0.15 * error)


def test_resamples_that_hold_one_class_only_are_not_counted():
    labels = np.array([0, 0, 0, 1])
    resamples = resample(np.arange(4), labels, mean_of(labels), n_bootstrap=1000, seed=7)
    assert resamples.values["mean"].min() > 0
    # No draw holds the fourth group in (3/4)^4 of the resamples, and no other group in (1/4)^4 of them.
    assert resamples.one_class_share == pytest.approx(0.75**4 + 0.25**4, abs=0.04)
    assert len(resamples.values["mean"]) == round(1000 * (1 - resamples.one_class_share))
    assert resamples.n_groups_rarer_class == 1
    assert any("contain one class only" in remark for remark in group_remarks(resamples))


def test_the_same_seed_draws_the_same_groups():
    values = np.random.default_rng(0).normal(size=30)
    first, second, other = (
        resample(np.arange(30), np.zeros(30), mean_of(values), n_bootstrap=40, seed=seed).values["mean"]
        for seed in (7, 7, 8)
    )
    assert first.tolist() == second.tolist()
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize(("n_bootstrap", "codes"), [(0, [0, 1, 2]), (100, [0, 0, 0])])
def test_without_resamples_or_with_one_group_the_interval_is_undefined(n_bootstrap, codes):
    resamples = resample(
        np.array(codes), np.zeros(3), mean_of(np.arange(3.0)), n_bootstrap=n_bootstrap, seed=7
    )
    assert resamples.values == {}
    assert all(math.isnan(end) for end in resamples.interval("mean", 1.0))


def test_the_interval_of_an_undefined_value_is_undefined():
    resamples = Resamples({"a": np.full(50, np.nan), "b": np.arange(50.0)}, half_width=2.0)
    assert all(math.isnan(end) for end in resamples.interval("a", 0.5))
    assert all(math.isnan(end) for end in resamples.interval("b", math.nan))
    assert all(math.isnan(end) for end in resamples.interval("unknown", 0.5))


def test_undefined_resamples_are_left_out_of_the_interval():
    values = np.r_[np.linspace(0, 1, 101), [np.nan] * 20]
    with_gaps = Resamples({"a": values}, half_width=1.96).interval("a", 0.5)
    assert with_gaps == Resamples({"a": values[:101]}, half_width=1.96).interval("a", 0.5)


def test_noise_raises_the_calibration_error_so_its_interval_is_below_the_resampled_values():
    values = np.linspace(0.2, 0.4, 101)
    low, high = Resamples({"ece": values}, half_width=1.96).interval("ece", 0.25)
    assert low == pytest.approx(2 * 0.25 - 0.395, abs=0.001)
    assert high == pytest.approx(2 * 0.25 - 0.205, abs=0.001)
    assert Resamples({"ece": values}, half_width=1.96).interval("ece", 0.15) == (0.0, 0.15)


def test_the_interval_of_a_share_without_errors_is_that_of_a_binomial_share():
    """Four groups: the half-width of Student's t changes nothing, because the resampled values are all the same."""
    perfect = Resamples({"auc": np.ones(50)}, n_groups_rarer_class=4, half_width=3.67)
    assert perfect.interval("auc", 1.0) == (
        1.0,
        1.0,
    )  # not a share of clips: nothing is known about other clips
    assert perfect.interval("auc", 1.0, share_of=16) == (pytest.approx(beta.ppf(0.025, 16.5, 0.5)), 1.0)
    never = Resamples({"share": np.zeros(50)}, n_groups_rarer_class=40, half_width=2.0)
    assert never.interval("share", 0.0, share_of=80) == (0.0, pytest.approx(beta.ppf(0.975, 0.5, 80.5)))


def test_the_binomial_interval_counts_the_independent_clips_that_the_groups_are_worth():
    values = np.tile([0.8, 1.0], 50)  # a standard error of 0.1 at 0.9: worth 9 clips
    of_nine = beta.ppf([0.025, 0.975], 0.9 * 9 + 0.5, 0.1 * 9 + 0.5)
    resamples = Resamples({"accuracy": values}, n_groups_rarer_class=8, half_width=norm.ppf(0.975))
    assert resamples.interval("accuracy", 0.9, share_of=100) == pytest.approx(
        (of_nine[0], 1.0)
    )  # 1.0: BCa's end
    wider = replace(resamples, half_width=2 * norm.ppf(0.975))
    assert wider.interval("accuracy", 0.9, share_of=100)[0] < of_nine[0]


@pytest.mark.parametrize(
    ("n_groups", "value", "wider"), [(29, 0.8, True), (30, 0.8, False), (30, 0.96, True)]
)
def test_the_binomial_interval_counts_with_few_groups_or_few_errors(n_groups, value, wider):
    values = np.random.default_rng(0).choice([value - 0.01, value + 0.01], 200)
    resamples = Resamples({"accuracy": values}, n_groups_rarer_class=n_groups, half_width=norm.ppf(0.975))
    ends = resamples.interval("accuracy", value, share_of=100)
    assert (ends[0] < value - 0.02 < value + 0.02 < ends[1]) == wider
    assert (ends == resamples.interval("accuracy", value)) != wider


def test_a_share_that_the_design_fixes_has_no_wider_interval():
    """All scores are equal: the AUC is 0.5 in every resample, and for all other clips too."""
    fixed = Resamples({"auc": np.full(50, 0.5)}, n_groups_rarer_class=4, half_width=3.67)
    assert fixed.interval("auc", 0.5, share_of=16) == (0.5, 0.5)


def test_intervals_are_wider_for_fewer_groups():
    widths = [interval_half_width(freedom) for freedom in (1, 2, 10, 100)]
    assert widths == sorted(widths, reverse=True)
    assert interval_half_width(math.inf) == pytest.approx(norm.ppf(0.975))
    assert interval_half_width(0) == interval_half_width(1)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 1), "intervals are undefined"),
        ((5, 5), "Only 5 groups: "),
        ((20, 5), "Only 5 groups of one of the classes"),
        ((20, 1), "Only 1 group of one of the classes"),
    ],
)
def test_few_groups_come_with_a_remark(counts, words):
    n_groups, rarer = counts
    (remark,) = group_remarks(Resamples(n_groups=n_groups, n_groups_rarer_class=rarer))
    assert words in remark


def test_many_groups_need_no_remark():
    assert group_remarks(Resamples(n_groups=40, n_groups_rarer_class=30)) == []


@pytest.mark.parametrize("n_bootstrap", [1, 19, -1, 99.5, "100", None])
def test_invalid_numbers_of_resamples_are_refused(n_bootstrap):
    with pytest.raises(SettingsError, match="n_bootstrap"):
        check_resampling(n_bootstrap, 7)


@pytest.mark.parametrize("seed", [-1, 0.5, "7", None])
def test_invalid_seeds_are_refused(seed):
    with pytest.raises(SettingsError, match="seed"):
        check_resampling(100, seed)


def test_zero_and_twenty_resamples_are_allowed():
    check_resampling(0, 0)
    check_resampling(np.int64(20), np.int64(7))
