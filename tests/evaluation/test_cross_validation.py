"""Cross-validation keeps everything that is fitted inside the fold."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import METRICS, cross_validate, evaluate
from dfutils.training import ConstantBaseline, GRUDetector, GRUSettings, MeanPooledBaseline


def run(clips, detectors=None, **options):
    detectors = detectors or {"linear": MeanPooledBaseline(), "constant": ConstantBaseline()}
    return cross_validate(clips, detectors, k=3, progress=False, **options)


def test_every_clip_is_tested_once_a_repeat_and_never_with_its_group_in_training(make_clips):
    seen = []

    class Spy(ConstantBaseline):
        def fit(self, train, val, seed):
            self.known = set(train.groups) | set(val.groups)
            assert not set(train.groups) & set(val.groups)
            return super().fit(train)

        def score(self, clips):
            if not set(make_clips.groups) <= self.known:
                assert not set(make_clips.groups) & self.known
                seen.extend(make_clips.clip_ids)
            return super().score(make_clips)

    result = run(make_clips(60), {"spy": Spy()}, repeats=2)
    assert sorted(seen) == sorted(list(make_clips(60).clip_ids) * 2)
    assert result.predictions.groupby("repeat")["clip_id"].nunique().tolist() == [60, 60]
    folds = [part.set_index("clip_id")["fold"] for _, part in result.predictions.groupby("repeat")]
    assert not folds[0].equals(folds[1].loc[folds[0].index])


def auc_within_folds(run):
    """Of all pairs of a fake and a real clip of one fold: in how many has the fake the higher score?"""
    right = pairs = 0
    for _, fold in run.groupby("fold"):
        fakes, reals = (fold.loc[fold["label"] == label, "score"].to_numpy()[:, None] for label in (1, 0))
        right += (fakes > reals.T).sum() + 0.5 * (fakes == reals.T).sum()
        pairs += len(fakes) * len(reals)
    return right / pairs


def test_metrics_are_those_of_all_clips_with_their_own_folds_thresholds(make_clips):
    result = run(make_clips(60), repeats=2)
    table = result.table(n_bootstrap=100)
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


def test_a_constant_is_at_chance_however_the_classes_fall_into_the_folds(make_clips):
    """Scores of all folds laid together would give it an AUC of about 0.4, as scikit-learn's shows here."""
    pooled = []
    for seed in range(5):
        part = make_clips(80, seed=seed)
        part.groups[:] = [f"g{i // 4}" for i in range(80)]
        part.y[:] = np.random.default_rng(seed).permutation(np.arange(20) % 3 == 0)[np.arange(80) // 4]
        result = run(part, {"constant": ConstantBaseline()}, calibrate=False, seed=seed)
        row = result.table(n_bootstrap=100).loc[("constant", "auc")]
        assert (row["value"], row["low"], row["high"]) == (0.5, 0.5, 0.5)
        pooled.append(roc_auc_score(result.predictions["label"].astype(int), result.predictions["score"]))
    assert np.mean(pooled) < 0.45


def test_several_seeds_are_fitted_on_the_same_folds(make_clips):
    class Noisy(MeanPooledBaseline):
        def fit(self, train, val, seed):
            super().fit(train)
            self.rng = np.random.default_rng(seed)
            return self

        def score(self, clips):
            return np.clip(super().score(make_clips) + self.rng.normal(0, 0.05, len(make_clips)), 0, 1)

    detectors = {"linear": MeanPooledBaseline(), "noisy": Noisy()}
    result = run(make_clips(60), detectors, seeds=3, seed=11)
    assert result.predictions["seed"].unique().tolist() == [11, 12, 13]
    assert result.predictions.groupby("clip_id")["fold"].nunique().max() == 1
    table = result.table(n_bootstrap=50)
    assert table.loc[("linear", "auc"), "spread"] == 0
    assert table.loc[("noisy", "auc"), "spread"] > 0
    gap = result.compare("noisy", "linear", n_bootstrap=300)
    assert gap.value == pytest.approx(
        table.loc[("noisy", "auc"), "value"] - table.loc[("linear", "auc"), "value"]
    )
    assert gap.low < gap.value < gap.high


def test_difference_is_paired(make_clips):
    result = run(make_clips(60))
    gap = result.compare("linear", "constant", n_bootstrap=200)
    table = result.table(n_bootstrap=0)["value"]
    assert gap.value == pytest.approx(table["linear", "auc"] - table["constant", "auc"])
    assert gap.low > 0
    assert result.compare("linear", "linear", n_bootstrap=50).high == 0
    with pytest.raises(SettingsError, match="no detector 'forest'"):
        result.compare("linear", "forest")


def test_where_only_the_group_is_predictable_the_score_is_chance(make_clips):
    """Each person looks different and is real or fake at random: who knows the person knows the answer."""
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
        leaky = MeanPooledBaseline().fit(part.take(np.arange(0, 160, 2)))
        rest = part.take(np.arange(1, 160, 2))
        assert roc_auc_score(rest.y, leaky.score(rest)) > 0.9
    assert np.mean(aucs) == pytest.approx(0.5, abs=0.1)


def test_a_gru_goes_through_the_folds_and_leaves_tables_that_evaluate_takes(make_clips):
    detector = GRUDetector(GRUSettings(units=8, learning_rate=3e-2), epochs=8)
    result = run(make_clips(60, signal=3.0), {"GRU": detector})
    assert evaluate(result.predictions, n_bootstrap=0).table.loc["auc", "value"] > 0.8


def test_there_are_no_more_folds_than_groups(make_clips):
    part = make_clips(24)
    part.groups[:] = [f"g{i // 6}" for i in range(24)]
    assert cross_validate(part, {"constant": ConstantBaseline()}, k=10, progress=False).k == 4


def test_groups_for_validation_have_clips_of_both_classes(make_clips):
    """The first ones drawn here do not: others are taken."""
    part, fakes = make_clips(55), [5, 1, 4, 5, 3, 1, 1, 2, 3, 3, 3]
    part.groups[:] = [f"g{i // 5:02d}" for i in range(55)]
    part.y[:] = [int(i % 5 < fakes[i // 5]) for i in range(55)]
    for seed in range(10):
        result = cross_validate(part, {"linear": MeanPooledBaseline()}, k=5, seed=seed, progress=False)
        assert result.predictions["score"].notna().all()


def test_wrong_scores_and_no_labels_are_said(make_clips):
    class Odd(ConstantBaseline):
        def score(self, clips):
            return super().score(make_clips)[:, None]

    with pytest.raises(DataError, match="one number for each"):
        run(make_clips(60), {"odd": Odd()})
    part = make_clips(20)
    part.y[:] = -1
    with pytest.raises(DataError):
        run(part)


def test_too_few_groups_are_said(make_clips):
    part = make_clips(8)
    part.groups[:] = [f"g{i // 4}" for i in range(8)]
    with pytest.raises(DataError, match="none to validate on"):
        run(part)
    part.groups[:] = "g"
    with pytest.raises(DataError, match="folds need at least 2 groups"):
        run(part)
    for wrong in ({"repeats": 0}, {"seeds": 0}, {"detectors": {}}):
        with pytest.raises(SettingsError, match="at least two folds"):
            cross_validate(
                make_clips(60), **{"detectors": {"constant": ConstantBaseline()}, **wrong}, progress=False
            )
    with pytest.raises(SettingsError, match="at least two folds"):
        cross_validate(make_clips(60), {"constant": ConstantBaseline()}, k=1, progress=False)
