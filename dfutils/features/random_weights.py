"""The seeded weights: random filters whose BatchNorm statistics are set on rendered faces."""

from pathlib import Path

import numpy as np

from dfutils.features.backbone_settings import Backbone
from dfutils.features.weights import CALIBRATION_SHEET
from dfutils.keras_runtime import load_keras

CALIBRATION = Path(__file__).with_name("calibration_statistics.npz")
_CALIBRATION_GRID = (4, 6)


def normalised_convolutions(network) -> list[tuple]:
    """Return each convolution of InceptionV3 with the BatchNorm behind it, in the network's order."""
    keras = load_keras()
    norms = {id(n.input): n for n in network.layers if isinstance(n, keras.layers.BatchNormalization)}
    return [(c, norms[id(c.output)]) for c in network.layers if isinstance(c, keras.layers.Conv2D)]


def fill_at_random(network, seed: int) -> None:
    """Fill every kernel from a seed, and set the BatchNorm statistics to those that rendered faces have."""
    rng = np.random.default_rng(seed)
    pairs = normalised_convolutions(network)
    for layer, _ in pairs:
        height, width, channels, filters = layer.kernel.shape
        # Glorot and Bengio (2010), drawn by NumPy so that no Keras version changes them.
        limit = np.sqrt(6 / (height * width * (channels + filters)))
        layer.set_weights([rng.uniform(-limit, limit, layer.kernel.shape).astype("float32")])
    if seed == Backbone.seed:  # shipped, because it takes seconds
        with np.load(CALIBRATION) as file:
            statistics = np.split(file["statistics"], np.cumsum([c.filters for c, _ in pairs])[:-1], axis=1)
    else:
        statistics = calibrate(network)
    for (_, norm), (mean, variance) in zip(pairs, statistics, strict=True):
        norm.set_weights([np.zeros_like(mean), mean, variance])


def calibrate(network) -> list[np.ndarray]:
    """Measure what every convolution gives on rendered faces, when those before it are normalised.

    Data-dependent initialisation (Krähenbühl et al., 2016): without it, activations die out or blow up on
    the way through 94 layers, and the features tell pictures apart far less.

    Args:
        network: keras.Model. InceptionV3 without its top; its BatchNorm statistics do not matter.

    Returns:
        list of float32 arrays [2, channels]: mean and variance, in the order of the network's convolutions.
    """
    keras = load_keras()
    import tensorflow as tf

    found = {}
    outputs = {id(network.input): tf.constant(calibration_faces().astype("float32") / 127.5 - 1)}
    for layer in network.layers[1:]:
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        values = [outputs[id(tensor)] for tensor in inputs]
        if isinstance(layer, keras.layers.BatchNormalization):
            mean, variance = tf.nn.moments(values[0], [0, 1, 2])
            found[id(inputs[0])] = np.stack([mean, variance])
            scale = tf.math.rsqrt(variance + layer.epsilon)
            outputs[id(layer.output)] = values[0] * scale - mean * scale
        else:
            outputs[id(layer.output)] = layer(values if len(values) > 1 else values[0])
    return [found[id(convolution.output)] for convolution, _ in normalised_convolutions(network)]


def calibration_faces() -> np.ndarray:
    """Return the frozen face crops that the `"random"` weights are calibrated on.

    Returns:
        uint8 array [24, 299, 299, 3], RGB. They are shipped as a picture, and not rendered anew, so that
        improving the demo changes no weights.
    """
    import cv2

    sheet = cv2.imread(str(CALIBRATION_SHEET))[..., ::-1]
    rows, columns = _CALIBRATION_GRID
    side = sheet.shape[0] // rows
    tiles = sheet.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    return np.stack([cv2.resize(tile, (299, 299), interpolation=cv2.INTER_CUBIC) for tile in tiles])


if __name__ == "__main__":  # renews the statistics that are shipped, after a change of the recipe
    untouched = load_keras().applications.InceptionV3(
        include_top=False, weights=None, input_shape=(299, 299, 3)
    )
    fill_at_random(untouched, Backbone.seed)
    np.savez_compressed(CALIBRATION, statistics=np.concatenate(calibrate(untouched), axis=1))
