"""The GRU as a detector: fitted again and again, saved, and trained once per seed."""

import numpy as np
import pytest

from dfutils.errors import DfutilsError, MissingArtefactError, SettingsError
from dfutils.training import GRUDetector, GRUSettings, seeds_table, train_seeds

SMALL = GRUDetector(settings=GRUSettings(units=4), epochs=1)


@pytest.mark.slow
def test_fit_returns_a_fitted_copy_and_leaves_the_detector_alone(make_clips):
    fitted = SMALL.fit(make_clips(16), make_clips(8, seed=1), seed=3)
    assert isinstance(fitted, GRUDetector)
    assert fitted.run.seed == 3
    assert fitted.layers == ("mixed2", "mixed10")
    assert np.isfinite(fitted.score(make_clips(6))).all()
    assert SMALL.model is None
    with pytest.raises(DfutilsError, match="not fitted"):
        SMALL.score(make_clips(6))


@pytest.mark.slow
def test_options_reach_the_training(make_clips):
    detector = GRUDetector(
        settings=GRUSettings(units=4), layers=("mixed10",), epochs=2, batch_size=8, balance_classes=True
    )
    clips, val = make_clips(24), make_clips(8, seed=1)
    uneven = clips.take(np.r_[0:24:2, 1:8:2])
    fitted = detector.fit(uneven, val)
    assert fitted.model.input["features"].shape[-1] == 3
    assert len(fitted.run.history) == 2
    assert fitted.model.optimizer.iterations.numpy() == 2 * 2  # batches of 8 among 16 clips, in two epochs
    unbalanced = GRUDetector(settings=GRUSettings(units=4), layers=("mixed10",), epochs=2, batch_size=8)
    assert np.abs(fitted.score(val) - unbalanced.fit(uneven, val).score(val)).max() > 1e-4


@pytest.mark.slow
def test_detector_reads_its_own_layers_of_clips_with_more(make_clips):
    clips = make_clips(8)
    fitted = GRUDetector(settings=GRUSettings(units=4), layers=("mixed10",), epochs=1).fit(clips, clips)
    expected = fitted.score(clips.select(("mixed10",)))
    np.testing.assert_array_equal(fitted.score(clips), expected)
    clips.X[..., :3] = 100.0
    np.testing.assert_array_equal(fitted.score(clips), expected)


def test_layers_that_are_missing_are_refused(make_clips):
    with pytest.raises(SettingsError, match="mixed7"):
        GRUDetector(layers=("mixed7",)).fit(make_clips(8), make_clips(8, seed=1))


@pytest.mark.slow
def test_fewer_clips_than_a_batch_and_constant_features_give_finite_scores(make_clips):
    clips, val = make_clips(6), make_clips(4, seed=1)
    for part in (clips, val):
        part.X[..., 1:] = 3.0
    detector = GRUDetector(settings=GRUSettings(units=4, differences=True), epochs=2, batch_size=32)
    assert np.isfinite(detector.fit(clips, val).score(val)).all()


@pytest.mark.slow
def test_detector_from_a_file_scores_the_same_and_can_be_fitted_again(make_clips, tmp_path):
    clips, val = make_clips(16), make_clips(8, seed=1)
    options = {"settings": GRUSettings(units=4), "layers": ("mixed10",), "epochs": 1, "name": "from a file"}
    fitted = GRUDetector(**options).fit(clips, val)
    fitted.save(tmp_path / "gru.keras")
    loaded = GRUDetector.from_file(tmp_path / "gru.keras", **options)
    np.testing.assert_allclose(loaded.score(clips), fitted.score(clips), atol=1e-6)
    assert loaded == fitted
    assert loaded.run is None
    with pytest.raises(DfutilsError, match="no training run to show"):
        seeds_table([loaded])
    np.testing.assert_allclose(loaded.fit(clips, val).score(val), fitted.score(val), atol=1e-5)


def test_only_a_fitted_detector_can_be_saved(tmp_path):
    with pytest.raises(DfutilsError, match="not fitted"):
        GRUDetector().save(tmp_path / "gru.keras")
    with pytest.raises(MissingArtefactError, match="04_gru_training"):
        GRUDetector.from_file(tmp_path / "gru.keras", layers=None)


@pytest.mark.slow
def test_one_training_per_seed(make_clips):
    val = make_clips(8, seed=1)
    detectors = train_seeds(SMALL, make_clips(16), val, range(3, 5), progress=False)
    first, second = (detector.score(val) for detector in detectors)
    assert np.abs(first - second).max() > 1e-6
    table = seeds_table(detectors)
    assert table.index.tolist() == ["seed 3", "seed 4", "mean", "standard deviation"]
    aucs = [detector.run.history.loc[detector.run.best_epoch, "val_auc"] for detector in detectors]
    assert table.loc["mean", "val_auc"] == pytest.approx(np.mean(aucs))
    assert table.loc["standard deviation", "val_auc"] == pytest.approx(np.std(aucs, ddof=1))


@pytest.mark.parametrize("seeds", [[], [3, 3]])
def test_seeds_must_be_given_and_differ(make_clips, seeds):
    with pytest.raises(SettingsError, match="at least one seed, and no seed twice"):
        train_seeds(SMALL, make_clips(8), make_clips(6, seed=1), seeds)
