"""Models that share a network are trained and scored as by Keras itself, each as if it were alone."""

import gc
import runpy
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.training import GRUSettings, build_gru, predict, shared_networks, train

pytestmark = pytest.mark.slow
SMALL = GRUSettings(units=4)
ARCHITECTURES = [
    GRUSettings(units=8),
    GRUSettings(units=4, depth=2, bidirectional=True, differences=True, weight_decay=0.1, learning_rate=1e-2),
]


@pytest.fixture(autouse=True)
def no_networks():
    shared_networks.clear()
    yield
    shared_networks.clear()


@pytest.fixture
def fit_with_keras():
    """The function of the benchmark that trains with `keras.Model.fit`."""
    benchmark = Path(__file__).parents[2] / "benchmarks/training.py"
    return runpy.run_path(str(benchmark))["fit_with_keras"]


@pytest.mark.parametrize("settings", ARCHITECTURES, ids=["plain", "with everything"])
def test_scores_and_history_are_those_of_keras(make_clips, fit_with_keras, settings):
    """The model shares the network of another one that was trained before it."""
    parts = make_clips(30, signal=0.7), make_clips(12, seed=1, signal=0.7)
    options = {"epochs": 5, "batch_size": 8}
    train(build_gru(6, settings, seed=1), *parts, **options, seed=1, progress=False)
    run = train(build_gru(6, settings, seed=2), *parts, **options, seed=2, progress=False)
    other = build_gru(6, settings, seed=2)
    history = fit_with_keras(other, *parts, **options, seed=2)
    assert set(run.history) == set(history)
    for name, values in history.items():
        np.testing.assert_allclose(run.history[name], values, atol=1e-5, err_msg=name)
    inputs = {"features": parts[1].X, "mask": parts[1].mask}
    expected = other.predict(inputs, verbose=0)[:, 0]
    np.testing.assert_allclose(predict(run.model, parts[1]), expected, atol=1e-6)
    np.testing.assert_allclose(run.model.predict(inputs, verbose=0)[:, 0], expected, atol=1e-6)


def test_models_that_differ_in_seed_and_learning_rate_share_a_network(make_clips):
    def network_of(**settings):
        with shared_networks.borrow(build_gru(6, GRUSettings(units=4, **settings), seed=4)) as network:
            return network

    first = network_of()
    assert network_of(learning_rate=0.1) is first
    for other in ({"dropout": 0.5}, {"weight_decay": 0.2}, {"depth": 2}, {"differences": True}):
        assert network_of(**other) is not first
    with shared_networks.borrow(build_gru(5, SMALL)) as network:
        assert network is not first


def test_second_training_traces_nothing(make_clips):
    clips, val = make_clips(16), make_clips(8, seed=1)
    traces = []
    for seed in (1, 2):
        model = build_gru(6, SMALL, seed=seed)
        train(model, clips, val, epochs=1, batch_size=5 + seed, seed=seed, progress=False)
        predict(model, make_clips(7, length=9))
        with shared_networks.borrow(model) as network:
            steps = network._train_step, network._score_step
            traces.append([step.experimental_get_tracing_count() for step in steps])
    assert traces == [[1, 1], [1, 1]]


def test_training_leaves_models_trained_earlier_alone(make_clips):
    clips, val = make_clips(16), make_clips(8, seed=1)
    first = train(build_gru(6, SMALL, seed=1), clips, val, epochs=2, seed=1, progress=False).model
    before = predict(first, val)
    second = train(build_gru(6, SMALL, seed=2), clips, val, epochs=2, seed=2, progress=False).model
    assert np.abs(predict(second, val) - before).max() > 1e-4
    np.testing.assert_array_equal(predict(first, val), before)


def test_model_that_is_trained_on_other_clips_is_standardised_anew(make_clips):
    model = build_gru(6, SMALL)
    train(model, make_clips(16), make_clips(8, seed=1), epochs=1, progress=False)
    clips, val = make_clips(16), make_clips(8, seed=1)
    for part in (clips, val):
        part.X[:] = 100 + 50 * part.X
    train(model, clips, val, epochs=1, progress=False)
    expected = model.predict({"features": val.X, "mask": val.mask}, verbose=0)[:, 0]
    np.testing.assert_allclose(predict(model, val), expected, atol=1e-6)
    # The same model, with the standardisation of clips that are scaled back, gives the same scores.
    layer = model.get_layer("standardise")
    mean, variance, count = layer.get_weights()
    layer.set_weights([(mean - 100) / 50, variance / 2500, count])
    shared_networks.update_constants(model)
    np.testing.assert_allclose(predict(model, make_clips(8, seed=1)), expected, atol=1e-4)


def test_interrupted_training_changes_neither_the_weights_nor_the_next_training(make_clips, monkeypatch):
    clips, val = make_clips(16), make_clips(8, seed=1)
    options = {"epochs": 2, "batch_size": 8, "progress": False}
    expected = predict(train(build_gru(6, SMALL), clips, val, **options).model, val)
    model, steps = build_gru(6, SMALL), []
    weights = [layer.get_weights() for layer in model.layers if layer.name != "standardise"]
    train_on = shared_networks.SharedNetwork.train_on

    def interrupt(network, *batch):
        steps.append(batch)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return train_on(network, *batch)

    monkeypatch.setattr(shared_networks.SharedNetwork, "train_on", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(model, clips, val, **options)
    for layer, before in zip(
        [layer for layer in model.layers if layer.name != "standardise"], weights, strict=True
    ):
        for now, then in zip(layer.get_weights(), before, strict=True):
            np.testing.assert_array_equal(now, then)
    monkeypatch.undo()
    np.testing.assert_allclose(predict(train(model, clips, val, **options).model, val), expected, atol=1e-6)


def test_number_of_networks_is_bounded_and_dropped_networks_are_freed(make_clips, monkeypatch):
    """TensorFlow keeps a graph in memory if anything in it is registered for the whole process."""
    monkeypatch.setattr(shared_networks, "MOST_NETWORKS", 2)
    clips, networks, graphs = make_clips(8), [], []
    for units in (2, 3, 4, 2):
        model = build_gru(6, GRUSettings(units=units))
        train(model, clips, clips, epochs=1, progress=False)
        with shared_networks.borrow(model) as network:
            networks.append(weakref.ref(network))
            graphs.append(weakref.ref(network._train_step.get_concrete_function().graph))
        del network, model
    gc.collect()
    assert [reference() is not None for reference in networks] == [False, False, True, True]
    assert [reference() is not None for reference in graphs] == [False, False, True, True]


def test_threads_do_not_disturb_each_other(make_clips):
    clips, val = make_clips(16), make_clips(8, seed=1)

    def scores(seed):
        model = build_gru(6, SMALL, seed=seed)
        return predict(train(model, clips, val, epochs=2, seed=seed, progress=False).model, val)

    expected, found = {seed: scores(seed) for seed in (1, 2, 3)}, {}
    threads = [
        threading.Thread(target=lambda seed=seed: found.update({seed: scores(seed)})) for seed in expected
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, values in expected.items():
        np.testing.assert_allclose(found[seed], values, atol=1e-6)


def test_model_that_is_not_compiled_is_refused(make_clips):
    model = build_gru(6, SMALL)
    model.optimizer = None
    with pytest.raises(SettingsError, match="build_gru"):
        predict(model, make_clips(8))
