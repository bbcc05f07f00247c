from dataclasses import replace

import numpy as np
import pytest

from dfutils.adaptation.network import keep_network, take_network
from dfutils.features import Backbone, resolve_weights

pytestmark = pytest.mark.slow


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    pictures = rng.integers(60, 190, (8, 75, 75, 3)).astype(np.uint8)
    pictures[1::2, ::6] = 255
    return pictures, np.array([0, 1] * 4, np.float32)


@pytest.fixture
def network_of():
    """A function that returns a new network: `network_of(settings)`. Tests with the same settings share one."""
    weights, taken = resolve_weights(Backbone(weights="random")), []

    def take(settings):
        network = take_network(weights, settings)
        taken.append((network, network.state()))
        return network

    yield take
    for network, first in taken:
        keep_network(network, weights, first)


def test_steps_lower_the_loss_and_scores_follow(network_of, quick, batch):
    network = network_of(quick)
    assert network.score(batch[0]) == pytest.approx(0.5)  # the new layer starts at zero
    losses = [network.step(*batch, rate=1.0) for _ in range(25)]
    assert losses[0] == pytest.approx(np.log(2), abs=1e-4)
    assert losses[-1] < 0.5 * losses[0]
    scores = network.score(batch[0])
    assert scores[1::2].min() > scores[::2].max()
    head = network.head()
    assert (head.layer, head.kernel.shape) == ("mixed0", (256,))


def test_mirror_images_are_scored_too(network_of, quick, batch):
    network = network_of(quick)
    network.step(*batch, rate=1.0)
    assert quick.view.mirror
    np.testing.assert_allclose(network.score(batch[0]), network.score(batch[0][:, :, ::-1]), atol=1e-5)


def test_kept_network_is_used_again_from_its_first_state(quick, batch, monkeypatch):
    weights = resolve_weights(Backbone(weights="random"))
    network = take_network(weights, quick)
    first = network.state()
    losses = [network.step(*batch, rate=1.0) for _ in range(3)]
    keep_network(network, weights, first)
    again = take_network(weights, replace(quick, fakes="pseudo", frames=7))
    assert again is network
    assert again.settings.fakes == "pseudo"
    assert [again.step(*batch, rate=1.0) for _ in range(3)] == pytest.approx(losses, abs=1e-6)
    monkeypatch.setattr("dfutils.adaptation.network.AdaptedNetwork", lambda *_: "a new network")
    assert take_network(weights, quick) == "a new network"  # the other one is in use
    keep_network(network, weights, first)
    for change in ({"learning_rate": 1e-5}, {"until": "mixed1"}):
        assert take_network(weights, replace(quick, **change)) == "a new network"
    assert take_network(replace(weights, identity="others"), quick) == "a new network"
    assert take_network(weights, quick) is network


def test_a_rate_of_zero_changes_no_trained_weight(network_of, quick, batch):
    settings = replace(quick, batch_norm="frozen")
    network = network_of(settings)
    before = network.weights()
    network.step(*batch, rate=0.0)
    for one, other in zip(before, network.weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_state_can_be_set_back(network_of, quick, batch):
    network = network_of(quick)
    network.step(*batch, rate=1.0)
    state = network.state()
    first = [network.step(*batch, rate=1.0) for _ in range(3)]
    network.set_state(state)
    assert [network.step(*batch, rate=1.0) for _ in range(3)] == pytest.approx(first, abs=1e-6)


def test_averaged_weights_lie_between_those_of_the_latest_steps(network_of, quick, batch):
    network = network_of(quick)
    first = network.averaged_weights()
    for one, other in zip(first, network.weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    seen = []
    for _ in range(3):
        network.step(*batch, rate=1.0)
        seen.append(network.weights()[0])
    average = network.averaged_weights()[0]
    assert (average >= np.min(seen, 0) - 1e-6).all()
    assert (average <= np.max(seen, 0) + 1e-6).all()
    assert np.abs(average - seen[-1]).max() > 0


def test_weights_that_are_not_finite_are_recognised(network_of, quick):
    network = network_of(quick)
    assert network.is_finite()
    weights = network.weights()
    names = [weight.path for weight in network.model.weights]
    first = next(place for place, name in enumerate(names) if name.endswith("moving_variance"))
    weights[first][0] = np.nan
    network.set_weights(weights)
    assert not network.is_finite()


def test_a_gradient_that_is_not_finite_changes_no_weight(network_of, quick, batch):
    network = network_of(replace(quick, batch_norm="frozen"))
    network.step(*batch, rate=1.0)
    before = network.state()
    assert not np.isfinite(network.step(batch[0], np.full(8, np.nan, np.float32), rate=1.0))
    for one, other in zip(before, network.state(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_mixed_precision_learns_too_and_leaves_the_policy_alone(network_of, quick, batch):
    import keras

    before = keras.config.dtype_policy().name
    network = network_of(replace(quick, precision="bfloat16"))
    assert keras.config.dtype_policy().name == before
    losses = [network.step(*batch, rate=1.0) for _ in range(15)]
    assert losses[-1] < losses[0]
    assert all(one.dtype == np.float32 for one in network.weights())
