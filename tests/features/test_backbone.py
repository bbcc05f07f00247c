import re

import numpy as np
import pytest

from dfutils.errors import WeightsError
from dfutils.features import Backbone, View, backbone, build_backbone
from dfutils.features.random_weights import calibration_faces, fill_at_random

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def faces():
    return calibration_faces()[:2]


@pytest.fixture(scope="module")
def inception():
    """Keras's own InceptionV3 with the random weights of the default seed."""
    import keras

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    fill_at_random(network, 7)
    return network


def test_random_weights_are_the_same_in_every_process(faces):
    wanted = Backbone(weights="random", layers=("mixed2",))
    first = build_backbone(wanted).predict_on_batch(faces)
    backbone._build.cache_clear()
    again = build_backbone(wanted).predict_on_batch(faces)
    np.testing.assert_array_equal(first, again)
    assert np.isfinite(first).all()
    assert first.std() > 0.01


def test_building_leaves_the_global_state_alone(check_global_state):
    backbone._build.cache_clear()
    check_global_state(lambda: build_backbone(Backbone(weights="random", layers=("mixed0",))))


@pytest.mark.parametrize("layer", ["mixed2", "mixed10"])
def test_folded_network_gives_the_features_of_inception(layer, faces, inception):
    import keras

    model = keras.Model(inception.input, inception.get_layer(layer).output)
    expected = model(faces.astype("float32") / 127.5 - 1, training=False).numpy().mean((1, 2))
    pooled = build_backbone(Backbone(weights="random", layers=(layer,))).predict_on_batch(faces)
    np.testing.assert_allclose(pooled, expected, rtol=1e-3, atol=1e-4)


def test_layers_are_concatenated_in_their_order(faces):
    def features(*layers):
        return build_backbone(Backbone(weights="random", layers=layers)).predict_on_batch(faces)

    expected = np.concatenate([features("mixed2"), features("mixed0")], axis=1)
    np.testing.assert_allclose(features("mixed2", "mixed0"), expected, rtol=1e-5, atol=1e-5)


def test_weights_from_a_file_are_loaded(tmp_path, faces, inception):
    path = tmp_path / "own.weights.h5"
    inception.save_weights(path)
    pooled = build_backbone(Backbone(weights=str(path))).predict_on_batch(faces)
    expected = inception(faces.astype("float32") / 127.5 - 1).numpy().mean((1, 2))
    np.testing.assert_allclose(pooled, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text", "The file is not an HDF5 file."),
        ("half", "The file is incomplete: download or copy it again."),
        ("another network", r"\d+ layers could not be loaded, such as \w+, \w+, \w+\."),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_few_words(tmp_path, inception, name, reason):
    import keras

    path = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save_weights(path)
    if name == "text":
        path.write_text("these are not weights")
    if name == "half":
        path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(
        WeightsError, match=r"does not fit InceptionV3 without its top\. Give weights"
    ) as caught:
        build_backbone(Backbone(weights=str(path)))
    assert re.search(reason + "$", str(caught.value))
    assert len(str(caught.value)) < 400


def test_coarse_precision_is_close(faces):
    exact = build_backbone(Backbone(weights="random", layers=("mixed0",))).predict_on_batch(faces)
    coarse_backbone = Backbone(weights="random", layers=("mixed0",), precision="bfloat16")
    coarse = build_backbone(coarse_backbone).predict_on_batch(faces)
    assert exact.dtype == coarse.dtype == np.float32
    assert 0 < np.abs(coarse - exact).mean() < 0.02 * np.abs(exact).mean()


def test_pooling_gives_the_statistics_of_the_layer(faces, inception):
    import keras

    model = keras.Model(inception.input, inception.get_layer("mixed1").output)
    values = model(faces.astype("float32") / 127.5 - 1, training=False).numpy()
    half = -(-values.shape[1] // 2), values.shape[1] // 2
    grid = [
        values[:, rows, columns].mean((1, 2))
        for rows in (slice(0, half[0]), slice(half[1], None))
        for columns in (slice(0, half[0]), slice(half[1], None))
    ]
    expected = np.concatenate([values.max((1, 2)), values.std((1, 2)), *grid, values.mean((1, 2))], axis=1)
    settings = Backbone(
        weights="random", layers=("mixed1",), pooling=("maximum", "deviation", "grid", "mean")
    )
    pooled = build_backbone(settings).predict_on_batch(faces)
    np.testing.assert_allclose(pooled, expected, rtol=2e-3, atol=1e-3)


def test_view_shows_the_network_the_middle_of_the_crop(faces):
    view = View(crop=149, side=149)
    changed = faces.copy()
    changed[:, :75] = 255 - changed[:, :75]
    for layers, same in ((view, True), (View(), False)):
        network = build_backbone(Backbone(weights="random", layers=("mixed0",), view=layers))
        first, second = (network.predict_on_batch(pictures) for pictures in (faces, changed))
        assert np.array_equal(first, second) == same


def test_view_can_average_a_crop_and_its_mirror_image(faces):
    crops = np.concatenate([faces, faces[:, :, ::-1]])
    alone, both = (
        build_backbone(
            Backbone(weights="random", layers=("mixed0",), view=View(side=149, mirror=mirror))
        ).predict_on_batch(crops)
        for mirror in (False, True)
    )
    half = len(faces)
    np.testing.assert_allclose(both[:half], (alone[:half] + alone[half:]) / 2, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(both[:half], both[half:], rtol=1e-3, atol=1e-4)
