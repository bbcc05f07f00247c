import dataclasses

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.training import (
    GRUSettings,
    build_gru,
    fit_baselines,
    load_model,
    mean_features,
    predict,
    save_model,
    train,
    train_seeds,
)


def test_gru_learns_what_can_be_learned(clips):
    settings = GRUSettings(units=8, learning_rate=1e-2)
    run = train(build_gru(6, settings), clips(60), clips(20, seed=1), epochs=10, progress=False)
    assert len(run.history) == 10
    assert run.history.loc[run.best_epoch, "val_auc"] > 0.9
    assert run.history.loc[run.best_epoch, "val_loss"] == run.history["val_loss"].min()


def test_model_is_what_the_method_says():
    import keras

    model = build_gru(6, GRUSettings(weight_decay=0.02))
    assert isinstance(model.optimizer, keras.optimizers.AdamW)
    assert model.optimizer.weight_decay == pytest.approx(0.02)
    assert model.loss == "binary_crossentropy"
    assert isinstance(model.get_layer("gru"), keras.layers.GRU)
    assert model.get_layer("score").activation is keras.activations.sigmoid
    assert model.output_shape == (None, 1)


def test_standardisation_is_fitted_on_the_training_frames_alone(clips):
    part, val = clips(30), clips(20, seed=5)
    val.X += 100
    part.X[~part.mask] = 1000  # padding must not count either
    model = build_gru(6)
    train(model, part, val, epochs=1, progress=False)
    frames = part.X[part.mask]
    layer = model.get_layer("standardise")
    np.testing.assert_allclose(np.ravel(layer.mean), frames.mean(0), atol=1e-4)
    np.testing.assert_allclose(np.ravel(layer.variance), frames.var(0), rtol=1e-3)


@pytest.mark.parametrize("differences", [False, True])
def test_padding_changes_no_score(clips, differences):
    part = clips(6)
    model = build_gru(6, GRUSettings(units=4, differences=differences))
    before = predict(model, part)
    longer = dataclasses.replace(
        part,
        X=np.pad(part.X, ((0, 0), (0, 3), (0, 0)), constant_values=7.0),
        mask=np.pad(part.mask, ((0, 0), (0, 3))),
    )
    longer.X[~longer.mask] = -50
    np.testing.assert_allclose(predict(model, longer), before, atol=1e-5)


def test_differences_let_the_gru_see_what_wavers(clips):
    """A sign that is lost in the mean: fakes jump to and fro, real clips stand still."""
    rng = np.random.default_rng(0)

    def wavering(n, seed):
        part = clips(n, seed=seed, signal=0.0, length=12)
        part.mask[:] = True
        jump = rng.choice([-1.0, 1.0], (n, 12, 1)) * (part.y == 1)[:, None, None]
        part.X[:] = 0.3 * part.X + rng.normal(0, 1, (n, 1, 6)) + 1.2 * jump
        return part

    parts = wavering(80, 1), wavering(40, 2)
    with_changes = train(
        build_gru(6, GRUSettings(16, learning_rate=1e-2, differences=True)), *parts, epochs=8, progress=False
    )
    assert with_changes.history["val_auc"].max() > 0.9


def test_same_seed_same_scores_other_seed_other_scores(clips):
    part, val = clips(24), clips(12, seed=1)
    first, again, other = (
        predict(train(build_gru(6, seed=s), part, val, epochs=2, seed=s, progress=False).model, val)
        for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-6


def test_saved_model_scores_the_same(clips, tmp_path):
    part = clips(12)
    model = train(build_gru(6), part, clips(8, seed=1), epochs=1, progress=False).model
    save_model(model, tmp_path / "gru.keras")
    np.testing.assert_allclose(
        predict(load_model(tmp_path / "gru.keras"), part), predict(model, part), atol=1e-6
    )


def test_missing_and_damaged_model(tmp_path):
    with pytest.raises(MissingArtefactError, match="04_gru_training"):
        load_model(tmp_path / "gru.keras")
    (tmp_path / "gru.keras").write_bytes(b"no model")
    with pytest.raises(DataError, match="not a model of ours"):
        load_model(tmp_path / "gru.keras")


def test_wrong_features_are_refused(clips):
    with pytest.raises(DataError, match="takes 5 numbers"):
        predict(build_gru(5), clips(4))


def test_unusable_training_clips_are_refused_by_name(clips):
    model, val = build_gru(6), clips(8, seed=1)
    one_class = clips(8)
    one_class.y[:] = 1
    with pytest.raises(DataError, match="All 8 training clips are fake"):
        train(model, one_class, val, progress=False)
    broken = clips(8)
    broken.X[3, 0, 0] = np.nan
    with pytest.raises(DataError, match="clip003"):
        train(model, broken, val, progress=False)
    unlabelled = clips(8)
    unlabelled.y[2] = -1
    with pytest.raises(DataError, match="clip002"):
        train(model, unlabelled, val, progress=False)


def test_settings_are_checked():
    for wrong in ({"units": 0}, {"dropout": 1.0}, {"learning_rate": 0.0}, {"weight_decay": -1.0}):
        with pytest.raises(SettingsError):
            GRUSettings(**wrong)


def test_constant_baseline_is_the_training_share_and_the_linear_one_learns(clips):
    part, val = clips(60), clips(20, seed=1)
    baselines = fit_baselines(part)
    assert set(baselines["constant"].score(val)) == {0.5}
    scores = baselines["mean-pooled logistic regression"].score(val)
    assert roc_auc_score(val.y, scores) > 0.9


def test_mean_leaves_padding_out(clips):
    part = clips(4)
    expected = part.X[0, : part.mask[0].sum()].mean(0)
    np.testing.assert_allclose(mean_features(part)[0], expected, rtol=1e-5)


def test_one_training_a_seed(clips):
    runs = train_seeds(
        clips(16), clips(8, seed=1), GRUSettings(units=4), range(3, 5), epochs=1, progress=False
    )
    scores = [predict(run.model, clips(8, seed=1)) for run in runs]
    assert len(runs) == 2
    assert np.abs(scores[0] - scores[1]).max() > 1e-6
