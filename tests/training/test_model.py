"""The GRU is built as the settings say, and from its seed alone."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.training import GRUSettings, build_gru, predict

EVERYTHING = GRUSettings(units=4, depth=2, bidirectional=True, differences=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": 0},
        {"units": 2.5},
        {"depth": 0},
        {"dropout": 1.0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"weight_decay": -1.0},
        {"weight_decay": float("inf")},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(SettingsError, match=f"{name}={value}"):
        GRUSettings(**wrong)


def test_settings_are_given_by_name():
    with pytest.raises(TypeError):
        GRUSettings(64)


@pytest.mark.parametrize(("feature_dim", "seed", "name"), [(0, 7, "feature_dim"), (6, -1, "seed")])
def test_model_without_features_or_with_a_wrong_seed_is_refused(feature_dim, seed, name):
    with pytest.raises(SettingsError, match=name):
        build_gru(feature_dim, seed=seed)


@pytest.mark.slow
def test_model_is_what_the_method_says():
    import keras

    model = build_gru(6, GRUSettings(weight_decay=0.02))
    assert isinstance(model.optimizer, keras.optimizers.AdamW)
    assert model.optimizer.weight_decay == pytest.approx(0.02)
    assert model.loss == "binary_crossentropy"
    assert isinstance(model.get_layer("gru"), keras.layers.GRU)
    assert model.get_layer("score").activation is keras.activations.sigmoid
    assert model.output_shape == (None, 1)


@pytest.mark.slow
def test_options_reach_the_network():
    import keras

    plain = build_gru(6, GRUSettings(units=4))
    deep = build_gru(6, GRUSettings(units=4, depth=2, bidirectional=True))
    assert isinstance(deep.get_layer("gru"), keras.layers.Bidirectional)
    assert deep.get_layer("gru_2").output.shape == (None, 8)
    assert [layer.name for layer in plain.layers if "gru" in layer.name] == ["gru"]
    assert deep.get_layer("gru").forward_layer.units == 4
    assert deep.get_layer("gru").backward_layer.go_backwards
    assert build_gru(6, GRUSettings(dropout=0.5)).get_layer("dropout").rate == 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"differences": True},
        {"bidirectional": True},
        {"differences": True, "bidirectional": True, "depth": 2},
    ],
    ids=str,
)
def test_padding_changes_no_score(make_clips, options):
    clips = make_clips(6)
    model = build_gru(6, GRUSettings(units=4, **options))
    before = predict(model, clips)
    longer = dataclasses.replace(
        clips,
        X=np.pad(clips.X, ((0, 0), (0, 3), (0, 0)), constant_values=7.0),
        mask=np.pad(clips.mask, ((0, 0), (0, 3))),
    )
    longer.X[~longer.mask] = -50
    np.testing.assert_allclose(predict(model, longer), before, atol=1e-5)
    short = clips.mask[0].sum()  # the first clip is shorter than the others
    alone = dataclasses.replace(clips.take(np.array([0])), X=clips.X[:1, :short], mask=clips.mask[:1, :short])
    np.testing.assert_allclose(predict(model, alone), before[:1], atol=1e-5)


@pytest.mark.slow
def test_clips_of_one_frame_go_through_a_model_of_changes(make_clips):
    model = build_gru(6, GRUSettings(units=4, differences=True))
    clips = make_clips(4, length=2)
    one_frame = dataclasses.replace(clips, X=clips.X[:, :1], mask=np.ones((4, 1), bool))
    padded = dataclasses.replace(
        clips, X=np.pad(one_frame.X, ((0, 0), (0, 3), (0, 0))), mask=np.eye(1, 4, dtype=bool).repeat(4, 0)
    )
    np.testing.assert_allclose(predict(model, one_frame), predict(model, padded), atol=1e-6)


@pytest.mark.slow
def test_initial_weights_depend_on_the_seed_alone():
    import keras

    def weights(seed, global_seed):
        keras.utils.set_random_seed(global_seed)
        return [weight.numpy() for weight in build_gru(6, EVERYTHING, seed=seed).trainable_variables]

    first, again, other = weights(3, 1), weights(3, 2), weights(4, 1)
    for weight, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(weight, same)
    assert all(
        (weight != changed).any() for weight, changed in zip(first, other, strict=True) if weight.any()
    )


@pytest.mark.slow
def test_no_two_weights_start_alike():
    """The same seed twice would start the two directions, or two layers, with the same weights."""
    model = build_gru(8, EVERYTHING)
    weights = [weight.numpy() for weight in model.trainable_variables]
    drawn = [np.ravel(weight)[:4] for weight in weights if weight.any()]
    assert (
        len(drawn) == 2 * 2 * 2 + 1
    )  # kernel and recurrent kernel, of two directions of two layers, and the output
    assert len(np.unique(np.round(drawn, 6), axis=0)) == len(drawn)


@pytest.mark.slow
@pytest.mark.parametrize("bidirectional", [False, True])
def test_initial_weights_are_drawn_as_keras_draws_them(bidirectional):
    """Kernels: uniform within Glorot's bounds. Recurrent kernels: orthogonal. Biases: zero."""
    import keras

    model = build_gru(48, GRUSettings(units=32, bidirectional=bidirectional))
    gru = model.get_layer("gru")
    cells = [gru.forward_layer.cell, gru.backward_layer.cell] if bidirectional else [gru.cell]
    default = keras.layers.GRU(32)
    for cell in cells:
        assert type(cell.kernel_initializer) is type(default.kernel_initializer)
        assert type(cell.recurrent_initializer) is type(default.recurrent_initializer)
        kernel, recurrent = cell.kernel.numpy(), cell.recurrent_kernel.numpy()
        bound = np.sqrt(6 / (48 + 3 * 32))
        assert 0.98 * bound < np.abs(kernel).max() <= bound
        assert kernel.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
        assert abs(kernel.mean()) < 0.05 * bound
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(32), atol=1e-5)
        assert not cell.bias.numpy().any()
    output = model.get_layer("score").kernel.numpy()
    assert np.abs(output).max() <= np.sqrt(6 / (len(output) + 1))


@pytest.mark.slow
def test_building_leaves_the_global_state_alone(check_global_state):
    check_global_state(lambda: build_gru(6, EVERYTHING))


@pytest.mark.slow
def test_building_in_a_fresh_process_leaves_the_global_generators_alone():
    """There, it also imports TensorFlow."""
    code = (
        "import random, numpy as np\n"
        "from dfutils.training import build_gru\n"
        "random.seed(0), np.random.seed(0)\n"
        "expected = random.getstate(), np.random.get_state()[1].tolist()\n"
        "build_gru(6)\n"
        "assert (random.getstate(), np.random.get_state()[1].tolist()) == expected\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
