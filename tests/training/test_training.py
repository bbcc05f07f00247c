import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.training import (
    GRUDetector,
    GRUSettings,
    TemporalBaseline,
    build_gru,
    check_clips,
    fit_baselines,
    load_model,
    mean_change,
    mean_features,
    predict,
    save_model,
    seeds_table,
    temporal_features,
    train,
    train_seeds,
)


def test_gru_learns_what_can_be_learned(make_clips):
    settings = GRUSettings(units=8, learning_rate=1e-2)
    run = train(build_gru(6, settings), make_clips(60), make_clips(20, seed=1), epochs=10, progress=False)
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


def test_standardisation_is_fitted_on_the_training_frames_alone(make_clips):
    part, val = make_clips(30), make_clips(20, seed=5)
    val.X += 100
    part.X[~part.mask] = 1000  # padding must not count either
    model = build_gru(6)
    train(model, part, val, epochs=1, progress=False)
    frames = part.X[part.mask]
    layer = model.get_layer("standardise")
    np.testing.assert_allclose(np.ravel(layer.mean), frames.mean(0), atol=1e-4)
    np.testing.assert_allclose(np.ravel(layer.variance), frames.var(0), rtol=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"differences": True},
        {"bidirectional": True},
        {"differences": True, "bidirectional": True, "depth": 2},
    ],
)
def test_padding_changes_no_score(make_clips, options):
    part = make_clips(6)
    model = build_gru(6, GRUSettings(units=4, **options))
    before = predict(model, part)
    longer = dataclasses.replace(
        part,
        X=np.pad(part.X, ((0, 0), (0, 3), (0, 0)), constant_values=7.0),
        mask=np.pad(part.mask, ((0, 0), (0, 3))),
    )
    longer.X[~longer.mask] = -50
    np.testing.assert_allclose(predict(model, longer), before, atol=1e-5)
    short = part.mask[0].sum()  # the first clip is shorter than the others
    alone = dataclasses.replace(part.take(np.array([0])), X=part.X[:1, :short], mask=part.mask[:1, :short])
    np.testing.assert_allclose(predict(model, alone), before[:1], atol=1e-5)


def test_options_reach_the_network():
    import keras

    plain = build_gru(6, GRUSettings(units=4))
    deep = build_gru(6, GRUSettings(units=4, depth=2, bidirectional=True))
    assert isinstance(deep.get_layer("gru"), keras.layers.Bidirectional)
    assert deep.get_layer("gru_2").output.shape == (None, 8)
    assert [layer.name for layer in plain.layers if "gru" in layer.name] == ["gru"]
    assert deep.get_layer("gru").forward_layer.units == 4
    assert build_gru(6, GRUSettings(dropout=0.5)).get_layer("dropout").rate == 0.5


def test_class_weights_make_the_rarer_class_count_alike(make_clips):
    part, val = make_clips(64), make_clips(20, seed=1, signal=0.0)
    part.X[:] = 0  # nothing to learn but how many fakes there are
    rare = np.flatnonzero((part.y == 0) | (np.arange(64) % 8 == 1))
    part = part.take(rare)
    val.X[:] = 0

    def mean_score(**options):
        model = build_gru(6, GRUSettings(units=4, learning_rate=3e-2, dropout=0.0))
        return predict(train(model, part, val, epochs=30, progress=False, **options).model, part).mean()

    assert part.y.mean() == 0.2
    weighted = mean_score(class_weights=True)
    assert weighted == pytest.approx(0.5, abs=0.07)


def test_every_clip_is_shown_once_an_epoch_in_another_order(make_clips):
    from dfutils.training.training_run import _batches

    part = make_clips(50)
    batches = _batches(part, 16, np.ones(50, np.float32), seed=3)

    def epoch():
        features = [batches[i][0]["features"] for i in range(len(batches))]
        batches.on_epoch_end()
        return np.concatenate(features)

    first, second = epoch(), epoch()
    assert first.shape == part.X.shape
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first, axis=0), np.sort(part.X, axis=0))


def test_differences_let_the_gru_see_what_wavers(make_clips):
    """A sign that is lost in the mean: fakes jump to and fro, real clips stand still."""
    rng = np.random.default_rng(0)

    def wavering(n, seed):
        part = make_clips(n, seed=seed, signal=0.0, length=12)
        part.mask[:] = True
        jump = rng.choice([-1.0, 1.0], (n, 12, 1)) * (part.y == 1)[:, None, None]
        part.X[:] = 0.3 * part.X + rng.normal(0, 1, (n, 1, 6)) + 1.2 * jump
        return part

    parts = wavering(80, 1), wavering(40, 2)
    with_changes = train(
        build_gru(6, GRUSettings(16, learning_rate=1e-2, differences=True)), *parts, epochs=8, progress=False
    )
    assert with_changes.history["val_auc"].max() > 0.9


def test_same_seed_same_scores_other_seed_other_scores(make_clips):
    part, val = make_clips(24), make_clips(12, seed=1)
    first, again, other = (
        predict(train(build_gru(6, seed=s), part, val, epochs=2, seed=s, progress=False).model, val)
        for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-6


def test_saved_model_scores_the_same(make_clips, tmp_path):
    part = make_clips(12)
    model = train(build_gru(6), part, make_clips(8, seed=1), epochs=1, progress=False).model
    save_model(model, tmp_path / "gru.keras")
    np.testing.assert_allclose(
        predict(load_model(tmp_path / "gru.keras"), part), predict(model, part), atol=1e-6
    )


def test_saved_model_scores_the_same_in_a_fresh_process(make_clips, tmp_path):
    part = make_clips(12)
    detector = GRUDetector(GRUSettings(units=4, depth=2, bidirectional=True, differences=True), epochs=1)
    run = detector.fit(part, make_clips(8, seed=1))
    save_model(run.model, tmp_path / "gru.keras")
    np.savez(tmp_path / "clips.npz", X=part.X, mask=part.mask)
    code = (
        "import sys, numpy as np; from dfutils.training import load_model\n"
        "data = dict(np.load(sys.argv[1] + '/clips.npz'))\n"
        "model = load_model(sys.argv[1] + '/gru.keras')\n"
        "scores = model.predict({'features': data['X'], 'mask': data['mask']}, verbose=0)\n"
        "np.save(sys.argv[1] + '/scores.npy', scores[:, 0])"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), run.score(part), atol=1e-6)


def test_model_file_that_holds_code_is_refused(tmp_path):
    import keras

    given = keras.Input((None, 6), name="features")
    model = keras.Model(given, keras.layers.Lambda(lambda x: x * 2, name="standardise")(given))
    model.save(tmp_path / "gru.keras")
    with pytest.raises(DataError, match="not a model of ours"):
        load_model(tmp_path / "gru.keras")


def test_missing_and_damaged_model(tmp_path):
    with pytest.raises(MissingArtefactError, match="04_gru_training"):
        load_model(tmp_path / "gru.keras")
    (tmp_path / "gru.keras").write_bytes(b"no model")
    with pytest.raises(DataError, match="not a model of ours"):
        load_model(tmp_path / "gru.keras")


def test_wrong_features_are_refused(make_clips):
    with pytest.raises(DataError, match="takes 5 numbers"):
        predict(build_gru(5), make_clips(4))


def test_unusable_training_clips_are_refused_by_name(make_clips):
    model, val = build_gru(6), make_clips(8, seed=1)
    one_class = make_clips(8)
    one_class.y[:] = 1
    with pytest.raises(DataError, match="All 8 training clips are fake"):
        train(model, one_class, val, progress=False)
    broken = make_clips(8)
    broken.X[3, 0, 0] = np.nan
    with pytest.raises(DataError, match="clip003"):
        train(model, broken, val, progress=False)
    unlabelled = make_clips(8)
    unlabelled.y[2] = -1
    with pytest.raises(DataError, match="clip002"):
        train(model, unlabelled, val, progress=False)
    blind = make_clips(8)
    blind.mask[4] = False
    with pytest.raises(DataError, match="clip004.*no frame"):
        train(model, blind, val, progress=False)
    gap = make_clips(8)
    gap.mask[5, 0] = False
    with pytest.raises(DataError, match="clip005.*right-padded"):
        train(model, gap, val, progress=False)
    for wrong in (broken, blind, gap):
        with pytest.raises(DataError, match="The given clip"):
            predict(model, wrong)
    with pytest.raises(DataError, match="clip003"):
        fit_baselines(broken)
    with pytest.raises(DataError, match="All 8 training clips are fake"):
        fit_baselines(one_class)
    with pytest.raises(DataError, match="All 8 test clips are fake: both classes are needed"):
        check_clips("test", one_class)


def test_constant_features_and_fewer_clips_than_a_batch_are_no_trouble(make_clips):
    part, val = make_clips(6), make_clips(4, seed=1)
    for some in (part, val):
        some.X[..., 1:] = 3.0
    detector = GRUDetector(GRUSettings(units=4, differences=True), epochs=2, batch_size=32)
    assert np.isfinite(detector.fit(part, val).score(val)).all()
    for baseline in fit_baselines(part).values():
        assert np.isfinite(baseline.score(val)).all()


def test_settings_are_checked():
    for wrong in ({"units": 0}, {"dropout": 1.0}, {"learning_rate": 0.0}, {"weight_decay": -1.0}):
        with pytest.raises(SettingsError):
            GRUSettings(**wrong)


def test_constant_baseline_is_the_training_share_and_the_linear_one_learns(make_clips):
    part, val = make_clips(60), make_clips(20, seed=1)
    baselines = fit_baselines(part)
    assert set(baselines["constant"].score(val)) == {0.5}
    scores = baselines["mean-pooled logistic regression"].score(val)
    assert roc_auc_score(val.y, scores) > 0.9


def test_mean_leaves_padding_out(make_clips):
    part = make_clips(4)
    expected = part.X[0, : part.mask[0].sum()].mean(0)
    np.testing.assert_allclose(mean_features(part)[0], expected, rtol=1e-5)


def test_temporal_statistics_are_those_of_the_frames_that_are_there(make_clips):
    part = make_clips(4)
    frames = part.X[0, part.mask[0]]
    expected = np.r_[frames.mean(0), frames.std(0), np.abs(np.diff(frames, axis=0)).mean(0)]
    np.testing.assert_allclose(temporal_features(part)[0], expected, rtol=1e-4, atol=1e-6)
    part.mask[1, 1:] = False  # a clip of one frame
    np.testing.assert_array_equal(temporal_features(part)[1, 6:], 0)


def test_change_is_measured_in_deviations(make_clips):
    part = make_clips(40, length=30, signal=0.0)
    change = mean_change(part)
    assert change.mean() == pytest.approx(2 / np.sqrt(np.pi), rel=0.05)  # of independent Gaussian frames
    part.X *= 100
    np.testing.assert_allclose(mean_change(part), change, rtol=1e-3)
    part.X[:20] = part.X[:20].mean(1, keepdims=True)
    still = mean_change(part)
    assert np.abs(still[:20]).max() < 1e-5
    assert still[20:].min() > 1


def test_one_training_a_seed(make_clips):
    detector = GRUDetector(GRUSettings(units=4), epochs=1)
    runs = train_seeds(detector, make_clips(16), make_clips(8, seed=1), range(3, 5), progress=False)
    scores = [run.score(make_clips(8, seed=1)) for run in runs]
    assert len(runs) == 2
    assert np.abs(scores[0] - scores[1]).max() > 1e-6
    table = seeds_table(runs)
    assert table.index.tolist() == ["seed 3", "seed 4", "mean", "standard deviation"]
    aucs = [run.history.loc[run.best_epoch, "val_auc"] for run in runs]
    assert table.loc["mean", "val_auc"] == pytest.approx(np.mean(aucs))
    assert table.loc["standard deviation", "val_auc"] == pytest.approx(np.std(aucs, ddof=1))


def test_clips_of_one_frame_go_through_a_model_of_changes(make_clips):
    model = build_gru(6, GRUSettings(units=4, differences=True))
    alone = make_clips(4, length=2)
    one_frame = dataclasses.replace(alone, X=alone.X[:, :1], mask=np.ones((4, 1), bool))
    padded = dataclasses.replace(
        alone, X=np.pad(one_frame.X, ((0, 0), (0, 3), (0, 0))), mask=np.eye(1, 4, dtype=bool).repeat(4, 0)
    )
    np.testing.assert_allclose(predict(model, one_frame), predict(model, padded), atol=1e-6)


def test_what_hardly_varies_in_training_does_not_outweigh_the_rest(make_clips):
    part, val, test = make_clips(60), make_clips(20, seed=1), make_clips(40, seed=2)
    for some in (part, val):
        some.X[..., 5] = 0
    model = build_gru(6, GRUSettings(units=8, learning_rate=1e-2))
    train(model, part, val, progress=False)
    test.X[..., 5] = 0
    before = predict(model, test)
    test.X[..., 5] = np.abs(np.random.default_rng(0).normal(0, 1e-3, test.X.shape[:2]))
    assert np.corrcoef(before, predict(model, test))[0, 1] > 0.9


def test_baselines_refuse_what_the_gru_refuses(make_clips):
    fitted = TemporalBaseline().fit(make_clips(20))
    unknown, broken, blind = make_clips(8), make_clips(8), make_clips(8)
    unknown.y[2] = -1
    broken.X[3, 1, 0] = np.nan
    blind.mask[4] = False
    with pytest.raises(DataError, match="training clip 'clip002' has no label"):
        TemporalBaseline().fit(unknown)
    for some, message in (
        (broken, "given clip 'clip003' has features that are no numbers"),
        (blind, "given clip 'clip004' has no frame"),
        (make_clips(8, width=8), "takes 6 numbers a frame and the clips have 8"),
    ):
        with pytest.raises(DataError, match=message):
            fitted.score(some)
    assert len(fitted.score(make_clips(8).take(np.arange(0)))) == 0
    with pytest.raises(DataError, match="clip003"):
        mean_change(broken)


def test_settings_out_of_range_are_refused(make_clips):
    part, val = make_clips(8), make_clips(6, seed=1)
    for wrong in (
        {"units": 2.5},
        {"depth": 0},
        {"learning_rate": float("nan")},
        {"weight_decay": float("inf")},
    ):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            GRUSettings(**wrong)
    with pytest.raises(SettingsError, match="seed"):
        build_gru(6, seed=-1)
    model = build_gru(6, GRUSettings(units=2, learning_rate=1e38))
    with pytest.raises(SettingsError, match="Training diverged"):
        train(model, part, val, epochs=2, batch_size=1, progress=False)
    with pytest.raises(SettingsError, match="batch_size"):
        predict(model, part, batch_size=0)
    for seeds in ([], [3, 3]):
        with pytest.raises(SettingsError, match="at least one seed, and each once"):
            train_seeds(GRUDetector(), part, val, seeds)


def test_files_that_are_no_model_of_ours(make_clips, tmp_path):
    import keras

    model = build_gru(6, GRUSettings(units=2))
    with pytest.raises(SettingsError, match=r"ends in \.keras.*model\.h5"):
        save_model(model, tmp_path / "model.h5")
    (tmp_path / "text.keras").write_text("a model")
    with pytest.raises(DataError, match=r"text\.keras is not a model of ours, or it is damaged"):
        load_model(tmp_path / "text.keras")
    inputs = keras.Input((None, 6))
    other = keras.Model(inputs, keras.layers.Normalization(name="standardise")(inputs))
    other.save(tmp_path / "other.keras")
    with pytest.raises(DataError, match="does not take features and mask"):
        load_model(tmp_path / "other.keras")
