"""Build the feature extractor: InceptionV3 (Szegedy et al., 2016) with frozen weights."""

import functools
import re
from typing import Any

import numpy as np

from dfutils.errors import SettingsError, WeightsError
from dfutils.features.backbone_settings import Backbone, Pooling
from dfutils.features.random_weights import fill_at_random, normalised_convolutions
from dfutils.features.view import View
from dfutils.features.weights import Weights, resolve_weights
from dfutils.keras_runtime import load_keras, python_random_kept

_LONGEST_REASON = 160  # of an error of Keras, in characters


def build_backbone(backbone: Backbone) -> Any:
    """Build the network that computes the features, InceptionV3.

    The network is built once per process for each `Backbone`; later calls return the same network.

    Args:
        backbone: Backbone.

    Returns:
        keras.Model. It maps uint8 crops [N, 299, 299, 3] (RGB) to float32 features [N, D]: the pooled outputs of the
        layers, concatenated in the order of `backbone.layers`, and of `backbone.pooling` within a layer.

    Raises:
        WeightsError: If the weights are not available, or do not fit InceptionV3.
        SettingsError: If the weights were adapted with another view than the settings ask for.
    """
    weights = resolve_weights(backbone)
    view = resolve_view(backbone, weights)
    return _build(backbone.layers, backbone.pooling, view, weights, backbone.precision, backbone.seed)


def resolve_view(backbone: Backbone, weights: Weights) -> View:
    """Return how the network sees a face crop: as the weights were adapted, or as the settings say.

    Raises:
        SettingsError: If the settings ask for another view than the one that the weights were adapted with.
    """
    if weights.view is None:
        return backbone.view
    if backbone.view not in (View(), weights.view):
        raise SettingsError(
            f"{weights.path} was adapted with {weights.view}, so it needs this view. Leave Backbone.view out. "
            f"Received: {backbone.view}"
        )
    return weights.view


def layer_maps(backbone: Backbone, crops: np.ndarray) -> dict[str, np.ndarray]:
    """Return the outputs of the layers before they are pooled.

    The mean of a map over its height and width is the feature that `build_backbone` gives with `pooling=("mean",)`, up
    to rounding.

    Args:
        backbone: Backbone.
        crops: uint8 array [N, 299, 299, 3], RGB. All are computed at once: about 5 MB per crop and layer.

    Returns:
        dict. {layer: float32 array [N, H, W, C]}. If the view is mirrored, the mean of both maps, in the place of the
        crop.

    Raises:
        WeightsError, SettingsError: As `build_backbone`.
    """
    weights = resolve_weights(backbone)
    view = resolve_view(backbone, weights)
    network = _maps_network(backbone.layers, view, weights, backbone.precision, backbone.seed)
    maps = network.predict_on_batch(crops)
    return {name: np.asarray(found, np.float32) for name, found in maps.items()}


@functools.cache
def _build(
    layers: tuple[str, ...],
    pooling: tuple[Pooling, ...],
    view: View,
    weights: Weights,
    precision: str,
    seed: int,
) -> Any:
    keras = load_keras()
    with python_random_kept():
        network = _fold_batch_norms(load_inception(weights, seed, side=view.side), precision)
    pooled = [values for name in layers for values in _pool(network.get_layer(name).output, pooling)]
    extractor = keras.Model(
        network.input, pooled[0] if len(pooled) == 1 else keras.layers.Concatenate()(pooled), name="extractor"
    )
    crops, scaled = _input(view)
    features = extractor(scaled)
    if view.mirror:
        features = keras.layers.Average()([features, extractor(keras.ops.flip(scaled, axis=2))])
    return _frozen(crops, features)


@functools.cache
def _maps_network(layers: tuple[str, ...], view: View, weights: Weights, precision: str, seed: int) -> Any:
    keras = load_keras()
    network = _build(layers, ("mean",), view, weights, precision, seed).get_layer("extractor")
    mapper = keras.Model(network.input, {name: network.get_layer(name).output for name in layers})
    crops, scaled = _input(view)
    maps = mapper(scaled)
    if view.mirror:
        mirrored = mapper(keras.ops.flip(scaled, axis=2))
        maps = {name: (maps[name] + keras.ops.flip(mirrored[name], axis=2)) / 2 for name in layers}
    return _frozen(crops, maps)


def _input(view: View) -> tuple[Any, Any]:
    """Return the input of a network, uint8 crops, and the scaled pictures that InceptionV3 takes."""
    keras = load_keras()
    crops = keras.Input((299, 299, 3), dtype="uint8", name="crops")
    seen = crops
    if view != View():
        seen = keras.layers.CenterCrop(view.crop, view.crop, dtype="float32")(crops)
        seen = keras.layers.Resizing(view.side, view.side, interpolation="bilinear", dtype="float32")(seen)
    # InceptionV3 was trained on pixels scaled to [-1, 1].
    return crops, keras.layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(seen)


def _frozen(crops: Any, outputs: Any) -> Any:
    model = load_keras().Model(crops, outputs, name="backbone")
    model.trainable = False
    model.compile(jit_compile=False)
    return model


def _pool(output: Any, pooling: tuple[Pooling, ...]) -> list[Any]:
    """Return the pooled values of a layer's output [N, H, W, C], one float32 tensor per way of pooling."""
    keras = load_keras()
    ops = keras.ops
    pooled = []
    for way in pooling:
        if way == "mean":
            pooled.append(keras.layers.GlobalAveragePooling2D(dtype="float32")(output))
            continue
        values = ops.cast(output, "float32")
        if way == "maximum":
            pooled.append(ops.max(values, axis=(1, 2)))
        elif way == "deviation":
            pooled.append(ops.std(values, axis=(1, 2)))
        else:
            # Where the number of rows or columns is odd, the middle one belongs to both halves.
            height, width = output.shape[1:3]
            for rows in (slice(0, -(-height // 2)), slice(height // 2, None)):
                for columns in (slice(0, -(-width // 2)), slice(width // 2, None)):
                    pooled.append(ops.mean(values[:, rows, columns], axis=(1, 2)))
    return pooled


def load_inception(weights: Weights, seed: int, *, side: int = 299) -> Any:
    """Return Keras's InceptionV3 without its classification layer, with the given weights.

    Args:
        weights: Weights.
        seed: int. Seed of random weights.
        side: int. Side of the pictures that it takes, in pixels. Defaults to 299.

    Returns:
        keras.Model.

    Raises:
        WeightsError: If the weights do not fit.
    """
    network = load_keras().applications.InceptionV3(
        include_top=False, weights=None, input_shape=(side, side, 3)
    )
    if weights.kind == "random":
        fill_at_random(network, seed)
        return network
    try:
        network.load_weights(weights.path)
    except (ValueError, OSError, KeyError) as error:
        raise WeightsError(
            f"{weights.path} does not fit InceptionV3 without its top. Give weights saved from "
            f"keras.applications.InceptionV3(include_top=False). {_why_not_loaded(error)}"
        ) from error
    return network


def _why_not_loaded(error: Exception) -> str:
    """Return why Keras could not load weights, in one sentence."""
    first, *_ = str(error).splitlines()
    layers = re.findall(r"name=(\w+)", str(error).partition("List of objects")[2])
    if layers:
        return f"{len(layers)} layers could not be loaded, such as {', '.join(layers[:3])}."
    if "truncated file" in first:
        return "The file is incomplete: download or copy it again."
    if "signature not found" in first:
        return "The file is not an HDF5 file."
    return first if len(first) <= _LONGEST_REASON else f"{first[:_LONGEST_REASON]}…"


def _fold_batch_norms(network: Any, precision: str) -> Any:
    """Return a copy of the network in which each BatchNorm is merged into the convolution before it.

    With fixed statistics, a convolution followed by a BatchNorm equals one convolution with a bias. The copy gives the
    same results up to rounding, and is faster.
    """
    keras = load_keras()

    def clone(layer: Any) -> Any:
        if isinstance(layer, keras.layers.BatchNormalization):
            return keras.layers.Activation("linear", name=layer.name, dtype=precision)
        bias = {"use_bias": True} if isinstance(layer, keras.layers.Conv2D) else {}
        return type(layer).from_config({**layer.get_config(), **bias, "dtype": precision})

    folded = keras.models.clone_model(
        network, clone_function=clone, call_function=lambda layer, *inputs, **_: layer(*inputs)
    )
    for convolution, norm in normalised_convolutions(network):
        beta, mean, variance = norm.get_weights()
        scale = 1 / np.sqrt(variance + norm.epsilon)
        (kernel,) = convolution.get_weights()
        folded.get_layer(convolution.name).set_weights([kernel * scale, beta - mean * scale])
    return folded
