"""The network that is adapted: InceptionV3 up to a layer, and one new layer that scores a crop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.adaptation.batch_norm import with_fused_batch_norm
from dfutils.adaptation.settings import AdaptSettings
from dfutils.features.backbone import load_inception
from dfutils.features.backbone_settings import Backbone
from dfutils.features.weights import Weights
from dfutils.features.weights_record import FrameHead
from dfutils.frames.self_blending import SelfBlend
from dfutils.keras_runtime import has_gpu, load_keras, python_random_kept

# The new layer starts at zero and must catch up with layers that are trained already.
_HEAD_RATE = 10.0
# InceptionV3's own momentum of 0.99 follows too slowly for a few hundred steps.
_MOMENTUM = 0.95
_SCORING_BATCH = 64
# The weights are averaged over about the last 30 steps. Single steps overshoot, and the average scores better.
_AVERAGE = 0.97


class AdaptedNetwork:
    """InceptionV3 with a new last layer, and its optimisers.

    Args:
        weights: Weights. The weights to start from.
        settings: AdaptSettings.
    """

    def __init__(self, weights: Weights, settings: AdaptSettings) -> None:
        keras = load_keras()
        import tensorflow as tf

        self.settings = settings
        self.precision = _resolve_precision(settings)
        with python_random_kept(), _dtype_policy(self.precision):
            network = load_inception(weights, Backbone.seed, side=settings.view.side)
            self.inception = with_fused_batch_norm(network)
        _name_by_place(self.inception)
        self._freeze()
        pictures = keras.Input((settings.view.side,) * 2 + (3,), dtype="uint8", name="pictures")
        scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="scaled")(pictures)
        body = keras.Model(self.inception.input, self.inception.get_layer(settings.until).output, name="body")
        pooled = keras.layers.GlobalAveragePooling2D(dtype="float32", name="pooled")(body(scaled))
        self._head = keras.layers.Dense(1, kernel_initializer="zeros", name="score", dtype="float32")
        self.model = keras.Model(pictures, self._head(pooled), name="adapted")
        if weights.record is not None and weights.record.head.layer == settings.until:
            head = weights.record.head
            self._head.set_weights([head.kernel[:, None], np.array([head.bias], np.float32)])
        self._make_optimisers()
        self._averages = [tf.Variable(one.value) for one in self.model.weights]
        self._step, self._logits = self._compile()

    def _freeze(self) -> None:
        keras = load_keras()
        frozen = bool(self.settings.frozen_until)
        for layer in self.inception.layers:
            layer.trainable = not frozen
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = _MOMENTUM
                # A BatchNorm layer that is not trainable uses and keeps its running statistics.
                layer.trainable = not frozen and self.settings.batch_norm == "adapt"
            if layer.name == self.settings.frozen_until:
                frozen = False

    def _make_optimisers(self) -> None:
        adam = load_keras().optimizers.AdamW
        decay = self.settings.weight_decay
        head = self._head.trainable_variables
        of_head = {id(variable) for variable in head}
        body = [variable for variable in self.model.trainable_variables if id(variable) not in of_head]
        self._parts = []
        for variables, rate in ((body, 1.0), (head, _HEAD_RATE)):
            if not variables:
                continue
            optimiser = adam(self.settings.learning_rate, weight_decay=decay)
            optimiser.exclude_from_weight_decay(var_list=[one for one in variables if len(one.shape) < 2])
            optimiser.build(variables)
            self._parts.append((optimiser, variables, rate))

    def _compile(self) -> tuple[Any, Any]:
        import tensorflow as tf

        side = self.settings.view.side
        pictures = tf.TensorSpec((None, side, side, 3), tf.uint8)

        number = tf.TensorSpec((), tf.float32)

        @tf.function(input_signature=[pictures, tf.TensorSpec((None,), tf.float32), number], autograph=False)
        def step(pictures: Any, labels: Any, kept: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = self.model(pictures, training=True)[:, 0]
                loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))
            gradients = tape.gradient(loss, [one.value for _, part, _ in self._parts for one in part])
            loss += 0 * tf.linalg.global_norm(gradients)  # not finite if a gradient is not

            def change() -> Any:
                begin = 0
                for optimiser, variables, _ in self._parts:
                    optimiser.apply(gradients[begin : begin + len(variables)], variables)
                    begin += len(variables)
                for average, weight in zip(self._averages, self.model.weights, strict=True):
                    average.assign_add((1 - kept) * (weight.value - average))
                return loss

            return tf.cond(tf.math.is_finite(loss), change, lambda: loss)

        @tf.function(input_signature=[pictures], autograph=False)
        def logits(pictures: Any) -> Any:
            both = [pictures, pictures[:, :, ::-1]] if self.settings.view.mirror else [pictures]
            return tf.add_n([self.model(one, training=False)[:, 0] for one in both]) / len(both)

        return step, logits

    def step(self, pictures: np.ndarray, labels: np.ndarray, *, rate: float) -> float:
        """Change the weights by one step on a batch, and return the loss.

        If the loss or a gradient is not finite, the result is not finite, and no trained weight is changed.

        Args:
            pictures: uint8 array [B, side, side, 3].
            labels: float32 array [B].
            rate: float. The learning rate of this step as a share of the highest one.
        """
        # The first weights must not stay in the average for long.
        taken = int(self._parts[0][0].iterations)
        kept = min(_AVERAGE, taken / (taken + 10))
        for optimiser, _, times in self._parts:
            optimiser.learning_rate.assign(self.settings.learning_rate * times * rate)
        return float(self._step(pictures, labels, kept))

    def score(self, pictures: np.ndarray) -> np.ndarray:
        """Return P(fake) of each picture, float64 [N].

        Args:
            pictures: uint8 array [N, side, side, 3].
        """
        parts = []
        for begin in range(0, len(pictures), _SCORING_BATCH):
            parts.append(np.asarray(self._logits(pictures[begin : begin + _SCORING_BATCH]), np.float64))
        return 1 / (1 + np.exp(-np.concatenate(parts)))

    def is_finite(self) -> bool:
        """Return whether all weights are finite, those of BatchNorm's statistics included."""
        return all(np.isfinite(one).all() for one in self.weights())

    def weights(self) -> list[np.ndarray]:
        """Return copies of all weights, those of BatchNorm's statistics included."""
        return [np.array(one) for one in self.model.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set the weights to those that `weights` returned."""
        self.model.set_weights(weights)

    def averaged_weights(self) -> list[np.ndarray]:
        """Return copies of the weights, averaged over the latest steps."""
        return [np.array(one.numpy()) for one in self._averages]

    def state(self) -> list[np.ndarray]:
        """Return copies of all that a step changes, to resume from: weights, averages, and optimisers' variables."""
        return [np.array(one.numpy()) for one in self._variables()]

    def set_state(self, state: list[np.ndarray]) -> None:
        """Set everything to what `state` returned."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def _variables(self) -> list[Any]:
        of_optimisers = [one for optimiser, _, _ in self._parts for one in optimiser.variables]
        return [*self.model.weights, *self._averages, *of_optimisers]

    def head(self) -> FrameHead:
        """Return the layer that scores a crop."""
        kernel, bias = self._head.get_weights()
        return FrameHead(layer=self.settings.until, kernel=kernel[:, 0], bias=float(bias[0]))

    def save(self, path: Path) -> None:
        """Write the weights of the whole InceptionV3, without the new layer, as a Keras weights file."""
        self.inception.save_weights(path)


# The network of the latest adaptation, with its first state, by what decides its graphs and its state.
_idle: dict[str, tuple[AdaptedNetwork, list[np.ndarray]]] = {}


def take_network(weights: Weights, settings: AdaptSettings) -> AdaptedNetwork:
    """Return a network that is not adapted yet.

    If the latest adaptation had the same weights and settings, its network is set back to its first state and used
    again. So TensorFlow traces the graphs only once for several adaptations, for example to different fakes.

    Args:
        weights: Weights. The weights to start from.
        settings: AdaptSettings.
    """
    network, first = _idle.pop(_key(weights, settings), (None, None))
    if network is None or first is None:
        return AdaptedNetwork(weights, settings)
    network.settings = settings
    network.set_state(first)
    return network


def keep_network(network: AdaptedNetwork, weights: Weights, first: list[np.ndarray]) -> None:
    """Keep a network for the next adaptation. It must not be used any more.

    Args:
        network: AdaptedNetwork.
        weights: Weights. The weights that it started from.
        first: list of arrays. The state that it started from.
    """
    _idle.clear()
    _idle[_key(weights, network.settings)] = network, first


def _key(weights: Weights, settings: AdaptSettings) -> str:
    """Return what decides the graphs and the first state of a network. Crops and fakes do not."""
    alike = replace(settings, fakes="auto", self_blend=SelfBlend(), augmentation=1.0, frames=1, batch_size=2)
    return f"{weights.identity} {alike!r}"


def _name_by_place(network: Any) -> None:
    """Name the layers of a network by their place in it, apart from those that `Backbone.layers` names.

    Keras numbers layers over all networks of a process, and TensorFlow orders its work by these numbers. With other
    numbers, the second network of a process would round differently from the first one.
    """
    for place, layer in enumerate(network.layers):
        if not layer.name.startswith("mixed"):
            layer.name = f"layer_{place:03d}"


def _resolve_precision(settings: AdaptSettings) -> str:
    if settings.precision != "auto":
        return settings.precision
    return "bfloat16" if has_gpu() else "float32"


@contextmanager
def _dtype_policy(precision: str) -> Iterator[None]:
    """Build layers with this precision inside the `with` block. Their weights are float32 in any case."""
    config = load_keras().config
    before = config.dtype_policy()
    config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        yield
    finally:
        config.set_dtype_policy(before)
