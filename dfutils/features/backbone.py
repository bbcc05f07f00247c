"""InceptionV3 (Szegedy et al., 2016) and where its weights come from."""

import functools
import hashlib
import os
import time
import urllib.request
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from dfutils.backend import load_keras
from dfutils.errors import SettingsError, WeightsError
from dfutils.workspace import atomic_path

LAYERS = tuple(f"mixed{i}" for i in range(11))
PRECISIONS = ("float32", "bfloat16")
CALIBRATION_SHEET = Path(__file__).with_name("calibration_faces.png")
CALIBRATION = Path(__file__).with_name("calibration_statistics.npz")
_CALIBRATION_GRID = (4, 6)
_RECIPE_VERSION = 2

# As in keras.applications.inception_v3.
_IMAGENET_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_IMAGENET_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_IMAGENET_FILE}"
_IMAGENET_MD5 = "bcbd6486424b2319ff4ef7d526e38f63"
_CONNECT_SECONDS = 5
_DOWNLOAD_SECONDS = 120


@dataclass(frozen=True)
class Backbone:
    """The network that turns a face crop into numbers.

    Args:
        weights: str. `"auto"`: ImageNet's where Keras has them cached or they can be fetched within two
            minutes, else `"random"`; `"imagenet"`: those or an error; `"random"`: a seeded
            initialisation whose BatchNorm statistics are set on rendered faces, for teaching and tests
            without a network; or the path of a Keras weights file. Defaults to `"auto"`.
        layers: tuple of str. The layers that are average-pooled over the picture and laid side by side,
            from `"mixed0"` (small patterns) to `"mixed10"` (the top, 2048 numbers). Defaults to
            `("mixed10",)`.
        precision: str. `"float32"`, or `"bfloat16"`: about twice as fast on processors that compute with it
            (AVX-512 BF16, AMX) and on recent GPUs, with three digits instead of seven. Defaults to `"float32"`.
        seed: int. Seed of the `"random"` weights; it is not the run's seed, so that a new run reuses the
            features. Defaults to 7.
    """

    weights: str = "auto"
    layers: tuple[str, ...] = ("mixed10",)
    precision: str = "float32"
    seed: int = 7

    def __post_init__(self):
        if not self.layers or len(set(self.layers)) < len(self.layers) or not set(self.layers) <= set(LAYERS):
            raise SettingsError(
                "Backbone.layers are different names from mixed0 to mixed10. "
                f"Received: {', '.join(self.layers) or 'none'}"
            )
        if self.precision not in PRECISIONS:
            raise SettingsError(
                f"Backbone.precision is one of {', '.join(PRECISIONS)}. Received: {self.precision!r}"
            )


@dataclass(frozen=True)
class Weights:
    """Weights that were found.

    Args:
        kind: str. `"imagenet"`, `"random"` or `"file"`.
        identity: str. Names the numbers: the file's hash, or the recipe that makes them.
        path: Path or None. The file.
        why: str. For `"random"` in place of ImageNet: why those could not be had.
    """

    kind: str
    identity: str
    path: Path | None = None
    why: str = ""

    @property
    def note(self) -> str:
        """What every page that used these weights must say; `""` if nothing."""
        if self.kind != "random":
            return ""
        return (
            "These features come from a seeded InceptionV3 without ImageNet weights. It serves for teaching and tests "
            "on the demo data; it is not for judging real videos."
        )


def resolve_weights(backbone: Backbone) -> Weights:
    """Find the weights that the settings ask for. What was found is remembered for the process.

    Args:
        backbone: Backbone.

    Returns:
        Weights. No network is built and TensorFlow is not loaded.

    Raises:
        WeightsError: If `"imagenet"` or a file is asked for and cannot be had.
    """
    return _resolve(backbone.weights, backbone.seed)


@functools.cache
def _resolve(weights: str, seed: int) -> Weights:
    if weights == "random":
        return _random_weights(seed)
    if weights in ("auto", "imagenet"):
        path, why = _imagenet_file()
        if path is not None:
            return Weights("imagenet", _digest(path), path)
        if weights == "auto":
            return _random_weights(seed, why)
        raise WeightsError(
            f"ImageNet weights cannot be had: they {why}. Connect to the network, or put {_IMAGENET_FILE} into "
            f"{_keras_models()}, or use weights='random' to try things out."
        )
    path = Path(weights).expanduser()
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file {weights!r}. Give the path of a Keras weights file, "
            "or one of: auto, imagenet, random."
        )
    return Weights("file", _digest(path), path)


def _random_weights(seed: int, why: str = "") -> Weights:
    faces = _digest(CALIBRATION_SHEET)
    recipe = f"random seed={seed} recipe={_RECIPE_VERSION} keras={version('keras')} faces={faces}"
    return Weights("random", recipe, why=why)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _keras_models() -> Path:
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def _imagenet_file() -> tuple[Path | None, str]:
    """Return Keras's cached file, fetched within the time limit if need be, or None and why not."""
    path = _keras_models() / _IMAGENET_FILE
    if path.is_file():
        return path, ""
    # Keras's own download has no time limit: a machine behind a silent firewall would hang for good.
    deadline = time.monotonic() + _DOWNLOAD_SECONDS
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with (
            urllib.request.urlopen(_IMAGENET_URL, timeout=_CONNECT_SECONDS) as response,
            atomic_path(path) as temporary,
        ):
            with temporary.open("wb") as file:
                while block := response.read(1 << 20):
                    file.write(block)
                    digest.update(block)
                    if time.monotonic() > deadline:
                        raise OSError(f"the download took more than {_DOWNLOAD_SECONDS} s")
            if digest.hexdigest() != _IMAGENET_MD5:
                raise OSError("the download was damaged")
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        return None, f"are not cached and could not be fetched: {reason}"
    return path, ""


def build_backbone(backbone: Backbone):
    """Build the network, once for the process.

    Args:
        backbone: Backbone.

    Returns:
        A keras.Model from uint8 crops [N, 299, 299, 3] (RGB) to float32 features [N, D], the layers
        side by side in the order of `backbone.layers`.

    Raises:
        WeightsError: If the weights cannot be had, or do not fit InceptionV3.
    """
    return _build(backbone.layers, resolve_weights(backbone), backbone.precision, backbone.seed)


@functools.cache
def _build(layers: tuple[str, ...], weights: Weights, precision: str, seed: int):
    keras = load_keras()
    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    if weights.kind == "random":
        _fill_at_random(network, seed)
    else:
        try:
            network.load_weights(weights.path)
        except (ValueError, OSError, KeyError) as error:
            raise WeightsError(
                f"{weights.path} does not fit InceptionV3 without its top: {error}. "
                "Give weights saved from keras.applications.InceptionV3(include_top=False)."
            ) from error
    network = _fold(network, precision)
    crops = keras.Input((299, 299, 3), dtype="uint8", name="crops")
    pooled = [
        keras.layers.GlobalAveragePooling2D(dtype="float32")(network.get_layer(name).output)
        for name in layers
    ]
    inner = keras.Model(network.input, pooled[0] if len(pooled) == 1 else keras.layers.Concatenate()(pooled))
    # InceptionV3 was trained on pixels scaled to [-1, 1].
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(crops)
    model = keras.Model(crops, inner(scaled), name="backbone")
    model.trainable = False
    model.compile(jit_compile=False)
    return model


def _fold(network, precision: str):
    """Return the same network with each frozen BatchNorm folded into the convolution before it.

    A convolution and a BatchNorm are both linear: one convolution with a bias does the work of the two, faster.
    """
    keras = load_keras()

    def clone(layer):
        if isinstance(layer, keras.layers.BatchNormalization):
            return keras.layers.Activation("linear", name=layer.name, dtype=precision)
        bias = {"use_bias": True} if isinstance(layer, keras.layers.Conv2D) else {}
        return type(layer).from_config({**layer.get_config(), **bias, "dtype": precision})

    folded = keras.models.clone_model(
        network, clone_function=clone, call_function=lambda layer, *inputs, **_: layer(*inputs)
    )
    for convolution, norm in _normalised(network):
        beta, mean, variance = norm.get_weights()
        scale = 1 / np.sqrt(variance + norm.epsilon)
        (kernel,) = convolution.get_weights()
        folded.get_layer(convolution.name).set_weights([kernel * scale, beta - mean * scale])
    return folded


def _normalised(network) -> list[tuple]:
    """Return each convolution of InceptionV3 with the BatchNorm behind it, in the network's order."""
    keras = load_keras()
    norms = {id(n.input): n for n in network.layers if isinstance(n, keras.layers.BatchNormalization)}
    return [(c, norms[id(c.output)]) for c in network.layers if isinstance(c, keras.layers.Conv2D)]


def layer_widths(layers: tuple[str, ...]) -> dict[str, int]:
    """Return how many numbers each layer gives, in order."""
    widths = dict(zip(LAYERS, (256, 288, 288, 768, 768, 768, 768, 768, 1280, 2048, 2048), strict=True))
    return {name: widths[name] for name in layers}


def _fill_at_random(network, seed: int) -> None:
    """Fill every kernel from a seed, and set the BatchNorm statistics to those that rendered faces have."""
    rng = np.random.default_rng(seed)
    pairs = _normalised(network)
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
    return [found[id(convolution.output)] for convolution, _ in _normalised(network)]


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
    _fill_at_random(untouched, Backbone.seed)
    np.savez_compressed(CALIBRATION, statistics=np.concatenate(calibrate(untouched), axis=1))
