"""Random weights for InceptionV3, with BatchNorm statistics measured on rendered faces.

The package contains the BatchNorm statistics for the default seed. After a change of the code that draws the weights,
`python -m dfutils.features.random_weights` measures the statistics again and overwrites the file.
"""

from pathlib import Path
from typing import Any

import numpy as np

from dfutils.errors import WeightsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.weights import CALIBRATION_SHEET
from dfutils.keras_runtime import load_keras

CALIBRATION = Path(__file__).with_name("calibration_statistics.npz")
_SHEET_ROWS, _SHEET_COLUMNS = 4, 6


def normalised_convolutions(network: Any) -> list[tuple[Any, Any]]:
    """Return each convolution layer of InceptionV3, paired with the BatchNorm layer after it.

    Args:
        network: keras.Model. InceptionV3.

    Returns:
        list of (keras.layers.Conv2D, keras.layers.BatchNormalization), in the order of the network.
    """
    keras = load_keras()
    norms = {id(n.input): n for n in network.layers if isinstance(n, keras.layers.BatchNormalization)}
    return [(c, norms[id(c.output)]) for c in network.layers if isinstance(c, keras.layers.Conv2D)]


def fill_at_random(network: Any, seed: int) -> None:
    """Set random kernels drawn from a seed, and BatchNorm statistics measured on rendered faces, in place.

    Args:
        network: keras.Model. InceptionV3 without its classification layer. Its weights are changed in place.
        seed: int. Seed of the kernels. For the default seed, the statistics are read from a file of the package. For
            another seed, they are measured, which takes seconds.
    """
    rng = np.random.default_rng(seed)
    pairs = normalised_convolutions(network)
    for layer, _ in pairs:
        height, width, channels, filters = layer.kernel.shape
        # Glorot and Bengio (2010). NumPy draws the numbers, so that they are the same with every version of Keras.
        limit = np.sqrt(6 / (height * width * (channels + filters)))
        layer.set_weights([rng.uniform(-limit, limit, layer.kernel.shape).astype("float32")])
    if seed == Backbone.seed:
        with np.load(CALIBRATION) as file:
            statistics = np.split(file["statistics"], np.cumsum([c.filters for c, _ in pairs])[:-1], axis=1)
    else:
        statistics = calibrate(network)
    for (_, norm), (mean, variance) in zip(pairs, statistics, strict=True):
        norm.set_weights([np.zeros_like(mean), mean, variance])


def calibrate(network: Any) -> list[np.ndarray]:
    """Measure the mean and variance of each convolution's output on rendered faces, for use as BatchNorm statistics.

    Each convolution is measured after all earlier outputs were normalised. This is a data-dependent initialisation
    (Krähenbühl et al., 2016). Without it, activations vanish or explode across the 94 convolution layers, and the
    features differ far less between images.

    Args:
        network: keras.Model. InceptionV3 without its classification layer. Its BatchNorm statistics are not used.

    Returns:
        list of float32 arrays [2, channels]. Mean and variance, in the order of the network's convolutions.
    """
    keras = load_keras()
    import tensorflow as tf

    statistics = {}
    outputs = {id(network.input): tf.constant(calibration_faces().astype("float32") / 127.5 - 1)}
    for layer in network.layers[1:]:
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        values = [outputs[id(tensor)] for tensor in inputs]
        if isinstance(layer, keras.layers.BatchNormalization):
            mean, variance = tf.nn.moments(values[0], [0, 1, 2])
            statistics[id(inputs[0])] = np.stack([mean, variance])
            scale = tf.math.rsqrt(variance + layer.epsilon)
            outputs[id(layer.output)] = values[0] * scale - mean * scale
        else:
            outputs[id(layer.output)] = layer(values if len(values) > 1 else values[0])
    return [statistics[id(convolution.output)] for convolution, _ in normalised_convolutions(network)]


def calibration_faces() -> np.ndarray:
    """Return the rendered face crops on which the BatchNorm statistics of the `"random"` weights are measured.

    Returns:
        uint8 array [24, 299, 299, 3], RGB. They are read from an image file of the package, not rendered, so that a
        change of the demo data set does not change the weights.

    Raises:
        WeightsError: If the image file is missing or damaged.
    """
    import cv2

    picture = cv2.imread(str(CALIBRATION_SHEET))
    if picture is None:
        raise WeightsError(f"{CALIBRATION_SHEET} is missing or damaged. Install dfutils again.")
    sheet = picture[..., ::-1]
    side = sheet.shape[0] // _SHEET_ROWS
    tiles = (
        sheet.reshape(_SHEET_ROWS, side, _SHEET_COLUMNS, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    )
    return np.stack([cv2.resize(tile, (299, 299), interpolation=cv2.INTER_CUBIC) for tile in tiles])


def renew_statistics(*, path: Path = CALIBRATION) -> None:
    """Measure the BatchNorm statistics for the default seed and write them to the file that `fill_at_random` reads.

    Args:
        path: Path. The file to write. Defaults to the file of the package.
    """
    network = load_keras().applications.InceptionV3(
        include_top=False, weights=None, input_shape=(299, 299, 3)
    )
    fill_at_random(network, Backbone.seed)
    np.savez_compressed(path, statistics=np.concatenate(calibrate(network), axis=1))


if __name__ == "__main__":
    renew_statistics()
