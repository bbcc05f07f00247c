"""Build the feature extractor: InceptionV3 (Szegedy et al., 2016) with frozen weights."""

import functools
from typing import Any

import numpy as np

from dfutils.errors import WeightsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.random_weights import fill_at_random, normalised_convolutions
from dfutils.features.weights import Weights, resolve_weights
from dfutils.keras_runtime import load_keras, python_random_kept


def build_backbone(backbone: Backbone) -> Any:
    """Build the network that computes the features, InceptionV3.

    The network is built once per process for each `Backbone`; later calls return the same network.

    Args:
        backbone: Backbone.

    Returns:
        keras.Model. It maps uint8 crops [N, 299, 299, 3] (RGB) to float32 features [N, D]: the average-pooled outputs
        of the layers, concatenated in the order of `backbone.layers`.

    Raises:
        WeightsError: If the weights are not available, or do not fit InceptionV3.
    """
    return _build(backbone.layers, resolve_weights(backbone), backbone.precision, backbone.seed)


@functools.cache
def _build(layers: tuple[str, ...], weights: Weights, precision: str, seed: int) -> Any:
    keras = load_keras()
    with python_random_kept():
        network = _fold_batch_norms(_load_inception(weights, seed), precision)
    pooled = [
        keras.layers.GlobalAveragePooling2D(dtype="float32")(network.get_layer(name).output)
        for name in layers
    ]
    extractor = keras.Model(
        network.input, pooled[0] if len(pooled) == 1 else keras.layers.Concatenate()(pooled)
    )
    crops = keras.Input((299, 299, 3), dtype="uint8", name="crops")
    # InceptionV3 was trained on pixels scaled to [-1, 1].
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(crops)
    model = keras.Model(crops, extractor(scaled), name="backbone")
    model.trainable = False
    model.compile(jit_compile=False)
    return model


def _load_inception(weights: Weights, seed: int) -> Any:
    """Return Keras's InceptionV3 without its classification layer, with the given weights."""
    network = load_keras().applications.InceptionV3(
        include_top=False, weights=None, input_shape=(299, 299, 3)
    )
    if weights.kind == "random":
        fill_at_random(network, seed)
        return network
    try:
        network.load_weights(weights.path)
    except (ValueError, OSError, KeyError) as error:
        raise WeightsError(
            f"{weights.path} does not fit InceptionV3 without its top: {error}. "
            "Give weights saved from keras.applications.InceptionV3(include_top=False)."
        ) from error
    return network


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
