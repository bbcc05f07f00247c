"""Cross-validation keeps everything that is fitted inside the fold."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import METRICS, cross_validate, evaluate
from dfutils.training import ConstantBaseline, GRUDetector, GRUSettings, MeanPooledBaseline


def run(clips, detectors=None, **options):
    detectors = detectors or {"linear": MeanPooledBaseline(), "constant": ConstantBaseline()}
    return cross_validate(clips, detectors, **{"k": 3, "progress": False, **options})


def auc_within_folds(run):
    """Of all pairs of a fake and a real clip of one fold, the share in which the fake has the higher score."""
    right = pairs = 0
    for _, fold in run.groupby("fold"):
        fakes, reals = (fold.loc[fold["label"] == label, "score"].to_numpy()[:, None] for label in (1, 0))
        right += (fakes > reals.T).sum() + 0.5 * (fakes == reals.T).sum()
        pairs += len(fakes) * len(reals)
    return right / pairs


def test_every_clip_is_tested_once_per_repeat_and_never_with_its_group_in_training(make_clips):
    tested, known = [], set()

    class Spy(ConstantBaseline):
        def fit(self, train, val, *, seed):
            known.clear()
            known.update(train.groups, val.groups)
            assert not set(train.groups) & set(val.groups)
            return super().fit(train, val, seed=seed)

        def score(self, clips):
            if not set(clips.groups) <= known:
                assert not set(clips.groups) & known
                tested.extend(clips.clip_ids)
            return super().score(clips)

    result = run(make_clips(60), {"spy": Spy()}, repeats=2)
    assert sorted(tested) == sorted(list(make_clips(60).clip_ids) * 2)
    assert result.predictions.groupby("repeat")["clip_id"].nunique().tolist() == [60, 60]
    folds = [part.set_index("clip_id")["fold"] for _, part in result.predictions.groupby("repeat")]
    assert not folds[0].equals(folds[1].loc[folds[0].index])


def test_metrics_are_those_of_all_clips_with_the_threshold_of_their_fold(make_clips):
    result = run(make_clips(60), repeats=2)
    table = result.table(n_bootstrap=100).table
    assert table.index.get_level_values("metric").unique().tolist() == list(METRICS)
    linear = result.predictions.query("detector == 'linear'")
    aucs, right = [], []
    for _, part in linear.groupby("repeat"):
        aucs.append(auc_within_folds(part))
        right.append(((part["score"] >= part["threshold"]) == (part["label"] == 1)).mean())
    assert table.loc[("linear", "auc"), "value"] == pytest.approx(np.mean(aucs))
    assert table.loc[("linear", "accuracy"), "value"] == pytest.approx(np.mean(right))
    assert table.loc[("linear", "auc"), "spread"] == pytest.approx(np.std(aucs, ddof=1))
    row = table.loc[("linear", "auc")]
    assert row["low"] < row["value"] < row["high"]


def test_the_spread_of_a_single_run_is_undefined(make_clips):
    assert run(make_clips(60)).table(n_bootstrap=0).table["spread"].isna().all()


def test_target_is_the_highest_false_positive_rate_on_the_validation_clips_of_each_fold(make_clips):
    detectors = {"linear": MeanPooledBaseline()}
    low, high = (
        run(make_clips(90), detectors, rule="false_positive_rate", target=target).predictions
        for target in (0.0, 0.5)
    )
    assert (low.groupby("fold")["threshold"].first() > high.groupby("fold")["threshold"].first()).all()
    with pytest.raises(SettingsError, match="target=2"):
        run(make_clips(60), detectors, rule="false_positive_rate", target=2)


def test_remarks_are_about_the_groups(make_clips):
    clips = make_clips(24)
    clips.groups[:] = [f"g{i // 6}" for i in range(24)]
    remarks = run(clips).table(n_bootstrap=50).remarks
    assert "Only 4 groups" in remarks[0]


def test_a_constant_is_at_chance_however_the_classes_fall_into_the_folds(make_clips):
    """If the scores of all folds were ranked together, its AUC would be about 0.4, as scikit-learn shows here."""
    pooled = []
    for seed in range(5):
        part = make_clips(80, seed=seed)
        part.groups[:] = [f"g{i // 4}" for i in range(80)]
        part.y[:] = np.random.default_rng(seed).permutation(np.arange(20) % 3 == 0)[np.arange(80) // 4]
        result = run(part, {"constant": ConstantBaseline()}, calibrate=False, seed=seed)
        row = result.table(n_bootstrap=100).table.loc[("constant", "auc")]
        assert (row["value"], row["low"], row["high"]) == (0.5, 0.5, 0.5)
        pooled.append(roc_auc_score(result.predictions["label"].astype(int), result.predictions["score"]))
    assert np.mean(pooled) < 0.45


def test_several_seeds_are_fitted_on_the_same_folds(make_clips):
    class Noisy(MeanPooledBaseline):
        def fit(self, train, val, *, seed):
            fitted = super().fit(train, val, seed=seed)
            fitted.rng = np.random.default_rng(seed)
            return fitted

        def score(self, clips):
            return np.clip(super().score(clips) + self.rng.normal(0, 0.05, len(clips)), 0, 1)

    detectors = {"linear": MeanPooledBaseline(), "noisy": Noisy()}
    result = run(make_clips(60), detectors, seeds=3, seed=11)
    assert result.predictions["seed"].unique().tolist() == [11, 12, 13]
    assert result.predictions.groupby("clip_id")["fold"].nunique().max() == 1
    table = result.table(n_bootstrap=50).table
    assert table.loc[("linear", "auc"), "spread"] == 0
    assert table.loc[("noisy", "auc"), "spread"] > 0
    difference = result.compare("noisy", "linear", n_bootstrap=300)
    assert difference.value == pytest.approx(
        table.loc[("noisy", "auc"), "value"] - table.loc[("linear", "auc"), "value"]
    )
    assert difference.low < difference.value < difference.high


def test_the_difference_of_two_detectors_is_paired(make_clips):
    result = run(make_clips(60))
    difference = result.compare("linear", "constant", n_bootstrap=200)
    values = result.table(n_bootstrap=0).table["value"]
    assert difference.value == pytest.approx(values["linear", "auc"] - values["constant", "auc"])
    assert difference.low > 0
    assert result.compare("linear", "linear", n_bootstrap=50).high == 0
    with pytest.raises(SettingsError, match="no detector 'forest'"):
        result.compare("linear", "forest")


def test_where_only_the_group_is_predictable_the_score_is_chance(make_clips):
    """Each person looks different and is real or fake at random: knowing the person gives the answer."""
    aucs = []
    for seed in range(6):
        part = make_clips(160, seed=seed, signal=0.0, width=120)
        rng = np.random.default_rng(seed)
        part.groups[:] = [f"g{i // 4}" for i in range(160)]
        person = np.arange(160) // 4
        part.X[:] = rng.normal(0, 3, (40, 1, 120))[person] + rng.normal(0, 0.3, part.X.shape)
        part.y[:] = rng.permutation(np.arange(40) % 2)[person]
        part.coverage["label"] = part.y
        by_group = run(part, {"linear": MeanPooledBaseline()}, calibrate=False).predictions
        aucs.append(roc_auc_score(by_group["label"].astype(int), by_group["score"]))
        train, rest = (part.take(np.arange(start, 160, 2)) for start in (0, 1))
        leaky = MeanPooledBaseline().fit(train, rest, seed=seed)
        assert roc_auc_score(rest.y, leaky.score(rest)) > 0.9
    assert np.mean(aucs) == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_a_gru_goes_through_the_folds_and_leaves_tables_that_evaluate_takes(make_clips):
    detector = GRUDetector(settings=GRUSettings(units=8, learning_rate=3e-2), epochs=8)
    result = run(make_clips(60, signal=3.0), {"GRU": detector})
    assert evaluate(result.predictions, n_bootstrap=0).table.loc["auc", "value"] > 0.8


def test_there_are_no_more_folds_than_groups(make_clips):
    part = make_clips(24)
    part.groups[:] = [f"g{i // 6}" for i in range(24)]
    assert run(part, {"constant": ConstantBaseline()}, k=10).k == 4


def test_validation_groups_have_clips_of_both_classes(make_clips):
    """The first ones drawn here do not, so others are taken."""
    part, fakes = make_clips(55), [5, 1, 4, 5, 3, 1, 1, 2, 3, 3, 3]
    part.groups[:] = [f"g{i // 5:02d}" for i in range(55)]
    part.y[:] = [int(i % 5 < fakes[i // 5]) for i in range(55)]
    for seed in range(10):
        result = run(part, {"constant": ConstantBaseline()}, k=5, seed=seed)
        assert result.predictions["score"].notna().all()


def test_scores_of_the_wrong_shape_are_refused(make_clips):
    class Column(ConstantBaseline):
        def score(self, clips):
            return super().score(clips)[:, None]

    with pytest.raises(DataError, match="one score for each"):
        run(make_clips(60), {"column": Column()})


def test_clips_without_labels_are_refused(make_clips):
    part = make_clips(20)
    part.y[:] = -1
    with pytest.raises(DataError, match="Received: 0"):
        run(part)


def test_too_few_groups_are_refused_before_anything_is_fitted(make_clips):
    part = make_clips(8)
    part.groups[:] = [f"g{i // 4}" for i in range(8)]
    with pytest.raises(DataError, match="none for validation"):
        run(part)
    part.groups[:] = "g"
    with pytest.raises(DataError, match="folds need at least 2 groups"):
        run(part)


@pytest.mark.parametrize("option", [{"k": 1}, {"repeats": 0}, {"seeds": 0}])
def test_fewer_than_two_folds_or_one_run_are_refused(option, make_clips):
    with pytest.raises(SettingsError, match="at least two folds"):
        run(make_clips(60), **option)


def test_no_detector_is_refused(make_clips):
    with pytest.raises(SettingsError, match=r"detectors=\[\]"):
        cross_validate(make_clips(60), {}, progress=False)


def test_clips_that_the_weights_have_seen_are_refused_before_anything_is_fitted(make_clips):
    clips = make_clips(24)
    seen = np.array([""] * 20 + ["its group"] * 4)
    with pytest.raises(DataError, match=r"4 of 24 of the clips.*\(g10, g11; for example: its group"):
        run(replace(clips, seen=seen), {"none": None})
