"""Training keeps the best epoch, standardises on the training clips alone, and repeats itself."""

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.training import GRUSettings, build_gru, predict, train
from dfutils.training.shared_networks import SharedNetwork

pytestmark = pytest.mark.slow
SMALL = GRUSettings(units=4)


def test_gru_learns_what_can_be_learned(make_clips):
    settings = GRUSettings(units=8, learning_rate=1e-2)
    run = train(build_gru(6, settings), make_clips(60), make_clips(20, seed=1), epochs=10, progress=False)
    assert run.history.index.tolist() == list(range(1, 11))
    assert run.history.loc[run.best_epoch, "val_auc"] > 0.9
    assert run.history.loc[run.best_epoch, "val_loss"] == run.history["val_loss"].min()


def test_weights_of_the_best_epoch_are_kept(make_clips):
    """With this learning rate, the validation loss rises after its lowest epoch."""
    val = make_clips(20, seed=1, signal=0.3)
    settings = GRUSettings(units=8, learning_rate=3e-2, dropout=0.0)
    run = train(build_gru(6, settings), make_clips(16, signal=0.3), val, epochs=8, progress=False)
    assert run.best_epoch < 8
    scores = predict(run.model, val).clip(1e-7, 1 - 1e-7)
    loss = -np.where(val.y == 1, np.log(scores), np.log(1 - scores)).mean()
    assert loss == pytest.approx(run.history["val_loss"].min(), abs=1e-5)


def test_standardisation_is_fitted_on_the_training_frames_alone(make_clips):
    clips, val = make_clips(30), make_clips(20, seed=5)
    val.X[:] += 100
    clips.X[~clips.mask] = 1000  # padding must not count either
    model = build_gru(6, SMALL)
    train(model, clips, val, epochs=1, progress=False)
    frames = clips.X[clips.mask]
    layer = model.get_layer("standardise")
    np.testing.assert_allclose(np.ravel(layer.mean), frames.mean(0), atol=1e-4)
    np.testing.assert_allclose(np.ravel(layer.variance), frames.var(0), rtol=1e-3)


def test_feature_that_hardly_varies_in_training_does_not_dominate(make_clips):
    clips, val, test = make_clips(60), make_clips(20, seed=1), make_clips(40, seed=2)
    for part in (clips, val, test):
        part.X[..., 5] = 0
    model = build_gru(6, GRUSettings(units=8, learning_rate=1e-2))
    train(model, clips, val, progress=False)
    before = predict(model, test)
    test.X[..., 5] = np.abs(np.random.default_rng(0).normal(0, 1e-3, test.X.shape[:2]))
    assert np.corrcoef(before, predict(model, test))[0, 1] > 0.9


def test_balanced_classes_count_alike(make_clips):
    clips, val = make_clips(64), make_clips(20, seed=1)
    clips.X[:] = val.X[:] = 0  # nothing to learn but the share of fakes
    clips = clips.take(np.flatnonzero((clips.y == 0) | (np.arange(64) % 8 == 1)))
    assert clips.y.mean() == 0.2

    def mean_score(**options):
        model = build_gru(6, GRUSettings(units=4, learning_rate=3e-2, dropout=0.0))
        return predict(train(model, clips, val, epochs=30, progress=False, **options).model, clips).mean()

    assert mean_score(balance_classes=True) == pytest.approx(0.5, abs=0.07)


def test_every_clip_is_shown_once_per_epoch_in_another_order(make_clips, monkeypatch):
    clips, shown = make_clips(50), []
    train_on = SharedNetwork.train_on

    def spy(network, inputs, labels, weights):
        shown.append(inputs["features"])
        return train_on(network, inputs, labels, weights)

    monkeypatch.setattr(SharedNetwork, "train_on", spy)
    train(build_gru(6, SMALL), clips, make_clips(8), epochs=2, batch_size=16, progress=False)
    assert [len(batch) for batch in shown] == [16, 16, 16, 2] * 2
    first, second = np.concatenate(shown[:4]), np.concatenate(shown[4:])
    assert not np.array_equal(first, second)
    for epoch in (first, second):
        np.testing.assert_array_equal(np.sort(epoch, axis=0), np.sort(clips.X, axis=0))


def test_pairs_are_in_one_batch(make_clips, monkeypatch):
    clips, shown = make_clips(50), []
    train_on = SharedNetwork.train_on

    def spy(network, inputs, labels, weights):
        rows = [int(np.flatnonzero((one == clips.X).all((1, 2)))[0]) for one in inputs["features"]]
        shown.append(rows)
        return train_on(network, inputs, labels, weights)

    monkeypatch.setattr(SharedNetwork, "train_on", spy)
    train(build_gru(6, SMALL), clips, make_clips(8), epochs=2, batch_size=16, pairs=True, progress=False)
    assert len(shown) == 8
    for rows in shown:
        counts = dict(zip(*np.unique(clips.groups[rows], return_counts=True), strict=True))
        assert set(counts.values()) == {2}
    assert sorted(row for rows in shown[:4] for row in rows) == list(range(50))
    assert shown[:4] != shown[4:]


def test_differences_show_the_gru_what_wavers(make_clips):
    """A sign that is lost in the mean: fakes jump to and fro, real clips stand still."""
    rng = np.random.default_rng(0)

    def make_wavering(n, seed):
        clips = make_clips(n, seed=seed, signal=0.0, length=12)
        clips.mask[:] = True
        jumps = rng.choice([-1.0, 1.0], (n, 12, 1)) * (clips.y == 1)[:, None, None]
        clips.X[:] = 0.3 * clips.X + rng.normal(0, 1, (n, 1, 6)) + 1.2 * jumps
        return clips

    parts = make_wavering(80, 1), make_wavering(40, 2)
    settings = GRUSettings(units=16, learning_rate=1e-2, differences=True)
    run = train(build_gru(6, settings), *parts, epochs=8, progress=False)
    assert run.history["val_auc"].max() > 0.9


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (GRUSettings(units=4), {}),
        (
            GRUSettings(units=4, differences=True, bidirectional=True),
            {"pairs": True, "balance_classes": True},
        ),
    ],
    ids=["default", "differences in pairs"],
)
def test_packed_clips_train_the_same_model(settings, options, make_clips, make_packed, deterministic_ops):
    (clips, packed_clips), (val, packed_val) = (
        make_packed(make_clips(50)),
        make_packed(make_clips(20, seed=1)),
    )
    runs = []
    for parts in ((clips, val), (packed_clips, packed_val)):
        model = build_gru(6, settings, seed=7)
        runs.append(train(model, *parts, epochs=3, batch_size=8, progress=False, **options))
    pd.testing.assert_frame_equal(runs[0].history, runs[1].history, check_exact=True)
    for one, other in zip(runs[0].model.get_weights(), runs[1].model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(predict(runs[0].model, val), predict(runs[0].model, packed_val))
    assert predict(runs[0].model, packed_val.take(np.arange(0))).shape == (0,)


@pytest.fixture
def scores_of_seed(make_clips):
    """A function that trains with a seed and returns the scores of the validation clips."""
    clips, val = make_clips(24), make_clips(12, seed=1)

    def scores(seed):
        import keras

        keras.utils.set_random_seed(np.random.default_rng().integers(1000).item())  # it must not matter
        model = build_gru(6, SMALL, seed=seed)
        return predict(train(model, clips, val, epochs=2, batch_size=8, seed=seed, progress=False).model, val)

    return scores


@pytest.mark.usefixtures("deterministic_ops")
def test_same_seed_gives_the_same_scores_bit_for_bit(scores_of_seed):
    first, again, other = (scores_of_seed(seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-6


def test_same_seed_gives_the_same_scores_up_to_rounding_without_determinism(scores_of_seed):
    np.testing.assert_allclose(scores_of_seed(3), scores_of_seed(3), atol=1e-5)


def test_training_and_scoring_leave_the_global_state_alone(make_clips, check_global_state):
    model = build_gru(6, SMALL)
    clips, val = make_clips(24), make_clips(12, seed=1)
    check_global_state(lambda: train(model, clips, val, epochs=2, batch_size=8, progress=False))
    check_global_state(lambda: predict(model, val))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("one class", "All 8 training clips are fake"),
        ("no label", "clip002"),
        ("not finite", "clip003"),
        ("no frame", "clip004.*no frame"),
        ("padding before a frame", "clip005.*right-padded"),
    ],
)
def test_unusable_training_clips_are_refused(make_clips, make_faulty_clips, fault, message):
    model = build_gru(6, SMALL)
    with pytest.raises(DataError, match=message):
        train(model, make_faulty_clips(fault), make_clips(8, seed=1), progress=False)
    with pytest.raises(DataError, match=message.replace("training", "validation")):
        train(model, make_clips(8, seed=1), make_faulty_clips(fault), progress=False)


@pytest.mark.parametrize("fault", ["not finite", "no frame", "padding before a frame"])
def test_unusable_clips_are_not_scored(make_faulty_clips, fault):
    with pytest.raises(DataError, match="The given clip"):
        predict(build_gru(6, SMALL), make_faulty_clips(fault))


def test_clips_with_other_features_are_refused(make_clips):
    model = build_gru(5, SMALL)
    with pytest.raises(DataError, match="takes 5 features per frame, and the clips have 6"):
        predict(model, make_clips(4))
    with pytest.raises(DataError, match="takes 5 features per frame, and the training clips have 6"):
        train(model, make_clips(8), make_clips(8), progress=False)


def test_no_clips_give_no_scores(make_clips):
    assert predict(build_gru(6, SMALL), make_clips(8).take(np.arange(0))).shape == (0,)


def test_divergence_is_an_error_that_names_the_remedy(make_clips):
    model = build_gru(6, GRUSettings(units=2, learning_rate=1e38))
    with pytest.raises(SettingsError, match="validation loss was NaN in every epoch. Choose a lower"):
        train(model, make_clips(8), make_clips(6, seed=1), epochs=2, batch_size=1, progress=False)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"seed": -1}], ids=str)
def test_options_out_of_range_are_refused(make_clips, wrong):
    model = build_gru(6, SMALL)
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        train(model, make_clips(8), make_clips(6, seed=1), progress=False, **wrong)
    with pytest.raises(SettingsError, match="batch_size"):
        predict(model, make_clips(8), batch_size=0)
