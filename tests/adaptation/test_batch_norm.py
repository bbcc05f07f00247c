import numpy as np
import pytest

from dfutils.adaptation.batch_norm import with_fused_batch_norm
from dfutils.features import Backbone, resolve_weights
from dfutils.features.backbone import load_inception

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pair():
    network = load_inception(resolve_weights(Backbone(weights="random")), 7, side=75)
    return network, with_fused_batch_norm(network)


@pytest.mark.parametrize("training", [True, False])
def test_results_and_statistics_are_those_of_keras(pair, training):
    import keras

    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 75, 75, 3)).astype(np.float32)
    lower = [keras.Model(network.input, network.get_layer("mixed0").output) for network in pair]
    before = lower[0].get_weights()
    results = [np.asarray(network(pictures, training=training)) for network in lower]
    np.testing.assert_allclose(*results, atol=1e-3)
    weights = [network.get_weights() for network in lower]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    changed = any(not np.array_equal(*both) for both in zip(before, weights[0], strict=True))
    assert changed == training


def test_weights_files_are_interchangeable(pair, tmp_path):
    _, fused = pair
    fused.save_weights(tmp_path / "fused.weights.h5")
    names, others = ([layer.name for layer in one.layers[1:]] for one in pair)
    assert names == others
    other = load_inception(resolve_weights(Backbone(weights=str(tmp_path / "fused.weights.h5"))), 7, side=75)
    for one, another in zip(fused.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
