"""A method that is left out of training is tested on clips of other groups, next to a training with it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import LeaveOneOut, leave_one_out
from dfutils.training import ConstantBaseline, MeanPooledBaseline


@pytest.fixture
def two_methods(make_clips):
    """96 clips of 24 groups. Each method shifts a feature of its own, so that one says nothing about the other."""
    clips = make_clips(96, signal=0.0)
    groups = np.array([f"g{i // 4}" for i in range(96)])
    methods = np.where(clips.y == 1, np.where(np.arange(96) % 4 == 1, "swap", "mouth"), "")
    X = clips.X.copy()
    X[methods == "swap", :, 1] += 3
    X[methods == "mouth", :, 4] += 3
    coverage = clips.coverage.assign(method=methods, group=groups)
    return replace(clips, X=X, groups=groups, coverage=coverage)


def run(clips, detectors=None, **options):
    detectors = detectors or {"linear": MeanPooledBaseline()}
    return leave_one_out(clips, detectors, **{"k": 3, "progress": False, **options})


def test_a_detector_sees_only_the_methods_that_it_was_trained_on(two_methods):
    table = run(two_methods).table(n_bootstrap=200)
    assert list(table.index) == [("linear", "mouth"), ("linear", "swap")]
    assert (table["trained_value"] > 0.9).all()
    assert (table["left_out_value"] < 0.7).all()
    assert (table["change_high"] < 0).all()
    np.testing.assert_allclose(table["change"], table["left_out_value"] - table["trained_value"])
    assert table[["n_real", "n_fake", "n_groups"]].values.tolist() == [[48, 24, 24]] * 2


def test_both_trainings_score_the_same_clips_of_groups_that_neither_has_seen(two_methods):
    trained_on = []

    class Spy(ConstantBaseline):
        def fit(self, train, val, *, seed):
            methods = set(train.coverage["method"]) | set(val.coverage["method"])
            trained_on.append((methods - {""}, {*train.groups, *val.groups}))
            return super().fit(train, val, seed=seed)

        def score(self, clips):
            assert not set(clips.groups) & trained_on[-1][1]
            return super().score(clips)

    result = run(two_methods, {"spy": Spy()})
    assert sorted(map(sorted, (methods for methods, _ in trained_on))) == sorted(
        [["mouth", "swap"], ["mouth", "swap"], ["mouth"], ["swap"]] * 3
    )
    for _, part in result.predictions.groupby("left_out"):
        clips = [set(rows["clip_id"]) for _, rows in part.groupby("trained_on")]
        assert clips[0] == clips[1]
        assert set(part.loc[part["label"] == 1, "method"]) == {part["left_out"].iloc[0]}
    assert (result.table(n_bootstrap=0)["trained_value"] == 0.5).all()


def test_same_seed_and_any_order_of_the_clips_give_the_same_table(two_methods):
    first = run(two_methods).table(n_bootstrap=50)
    shuffled = two_methods.take(np.random.default_rng(1).permutation(len(two_methods)))
    np.testing.assert_allclose(run(shuffled).table(n_bootstrap=0)["change"], first["change"], atol=0.02)
    assert run(two_methods).table(n_bootstrap=50).equals(first)


def test_several_seeds_are_averaged(two_methods):
    result = run(two_methods, seeds=2)
    assert sorted(result.predictions["seed"].unique()) == [7, 8]
    assert result.table(n_bootstrap=0).equals(
        run(two_methods).table(n_bootstrap=0)
    )  # nothing is random in this fit


def test_a_method_of_one_group_only_is_tested_where_it_is_found(two_methods):
    methods = two_methods.coverage["method"].to_numpy(object)
    methods[(methods == "swap") & (two_methods.groups != "g3")] = "mouth"
    result = run(replace(two_methods, coverage=two_methods.coverage.assign(method=methods)))
    assert result.table(n_bootstrap=0)["n_fake"].to_dict()["linear", "swap"] == 1


def test_a_method_that_cannot_be_left_out_is_named(two_methods):
    """The only other fakes are in the one group that is tested with it or used for validation."""
    methods = two_methods.coverage["method"].to_numpy(object)
    methods[(methods == "swap") & (two_methods.groups != "g3")] = "mouth"
    result = run(replace(two_methods, coverage=two_methods.coverage.assign(method=methods)))
    assert set(result.predictions["left_out"]) == {"swap"}
    assert "mouth could not be left out" in result.remarks[0]


def test_one_method_is_not_enough(make_clips):
    clips = make_clips(24)
    coverage = clips.coverage.assign(method=np.where(clips.y == 1, "swap", ""))
    with pytest.raises(DataError, match="fakes of at least two. These clips have: swap"):
        run(replace(clips, coverage=coverage))


def test_options_and_columns_are_checked(two_methods):
    with pytest.raises(SettingsError, match="at least two folds"):
        run(two_methods, k=1)
    with pytest.raises(DataError, match="no column dataset"):
        run(two_methods, by="dataset")
    with pytest.raises(SettingsError, match="one of auc, average_precision, eer"):
        run(two_methods).table(metric="accuracy")


def test_clips_that_the_weights_have_seen_are_refused(two_methods):
    seen = np.array(["its content"] + [""] * 95)
    with pytest.raises(DataError, match=r"1 of 96 of the clips.*\(g0"):
        run(replace(two_methods, seen=seen))


def test_scores_computed_elsewhere_give_the_same_table(two_methods):
    result = run(two_methods)
    again = LeaveOneOut.from_predictions(result.predictions.sample(frac=1, random_state=0))
    expected = result.table(n_bootstrap=0)
    np.testing.assert_allclose(again.table(n_bootstrap=0).loc[expected.index, "change"], expected["change"])
    with pytest.raises(DataError, match="scores of the same clips for the test 'mouth'"):
        LeaveOneOut.from_predictions(result.predictions.iloc[1:])
    with pytest.raises(DataError, match="no column score"):
        LeaveOneOut.from_predictions(result.predictions.drop(columns="score"))


def test_the_average_over_the_methods_has_an_interval_of_its_own(two_methods):
    result = run(two_methods)
    table, average = result.table(n_bootstrap=200), result.average(n_bootstrap=200).loc["linear"]
    for name in ("trained_value", "left_out_value", "change"):
        assert average[name] == pytest.approx(table[name].mean())
    assert average["change_low"] < average["change"] < average["change_high"] < 0
    width = table["change_high"] - table["change_low"]
    assert average["change_high"] - average["change_low"] < width.max()
    assert average[["n_real", "n_fake", "n_groups"]].tolist() == [48, 48, 24]


def test_clips_without_features_are_counted(two_methods):
    lost = two_methods.coverage.iloc[[0, 1, 3]]
    assert lost["method"].tolist() == ["", "swap", "mouth"]
    extra = lost.assign(clip_id=["x", "y", "z"], status="no_face")
    coverage = two_methods.coverage.assign(status="ok")
    table = run(replace(two_methods, coverage=pd.concat([coverage, extra]))).table(n_bootstrap=0)
    assert table["n_unscored"].tolist() == [2, 2]


def test_a_forgery_that_shows_what_the_others_show_is_not_said_to_be_lost(two_methods, make_clips):
    X = make_clips(96, signal=0.0).X.copy()
    X[two_methods.y == 1, :, 2] += 2
    table = run(replace(two_methods, X=X)).table(n_bootstrap=200)
    assert (table["left_out_value"] > 0.9).all()
    assert not (table["change_high"] < 0).any()


def test_both_trainings_have_as_many_fakes(two_methods):
    """A third of the fakes are of one method, so leaving the other one out would leave a third of them."""
    methods = two_methods.coverage["method"].to_numpy(object)
    methods[(methods == "swap") & (np.arange(96) % 8 == 1)] = "mouth"
    sizes = []

    class Spy(ConstantBaseline):
        def fit(self, train, val, *, seed):
            sizes.append([(part.y == 1).sum() for part in (train, val)])
            sizes[-1] += [(train.y == 0).sum(), (train.coverage["method"] == "swap").sum()]
            return super().fit(train, val, seed=seed)

    run(replace(two_methods, coverage=two_methods.coverage.assign(method=methods)), {"spy": Spy()})
    for of_all, of_others in zip(sizes[::2], sizes[1::2], strict=True):
        assert of_all[:3] == of_others[:3]
        share = of_all[3] / of_all[0]
        assert 0.15 < share < 0.35  # of the method with a quarter of the fakes
