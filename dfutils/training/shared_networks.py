"""Let models of one architecture share one network, so that TensorFlow traces its graphs only once.

Before its first step, TensorFlow traces the training step of a model: it records the operations as a graph. For a small
data set this takes longer than the training. `borrow` copies the state of a model into a network whose graphs are
traced already. The networks are kept for the next model of the same architecture.
"""

import functools
import gc
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dfutils.errors import SettingsError
from dfutils.keras_runtime import has_gpu, load_keras, python_random_kept

# Each holds weights, optimiser state and graphs: about 20 MB for the features of one InceptionV3 layer.
MOST_NETWORKS = 12

_networks: OrderedDict[str, "SharedNetwork"] = OrderedDict()
_lock = threading.RLock()


class SharedNetwork:
    """A network with traced graphs for one training step and for scoring.

    Args:
        model: keras.Model from `build_gru`, compiled. The network gets its architecture and its optimiser.
    """

    def __init__(self, model: Any) -> None:
        keras = load_keras()
        import tensorflow as tf

        with python_random_kept():
            self.model = keras.models.clone_model(model, clone_function=_fast_copy)
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        # There is one device, so no gradients are added up. TensorFlow would register a function for the sum, and that
        # would keep the graph in memory until the process ends.
        optimizer._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
        self.model.compile(optimizer, loss=model.loss)
        features = tf.TensorSpec((None, None, model.input["features"].shape[-1]), tf.float32)
        inputs = {"features": features, "mask": tf.TensorSpec((None, None), tf.bool)}
        labels, weights = tf.TensorSpec((None, 1), tf.float32), tf.TensorSpec((None,), tf.float32)
        self._train_step = tf.function(self._step, input_signature=[inputs, labels, weights])
        self._score_step = tf.function(
            lambda batch: self.model(batch, training=False), input_signature=[inputs]
        )

    def _step(self, inputs: Any, labels: Any, weights: Any) -> Any:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            scores = self.model(inputs, training=True)
            loss = self.model.compute_loss(inputs, labels, scores, weights, training=True)
        variables = self.model.trainable_variables
        self.model.optimizer.apply(tape.gradient(loss, variables), variables)
        return scores

    def train_on(self, inputs: dict[str, np.ndarray], labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Train one step on a batch.

        Args:
            inputs: dict. `"features"`, float32 [N, T, D], and `"mask"`, bool [N, T].
            labels: float32 array [N, 1].
            weights: float32 array [N]. The weight of each clip in the loss.

        Returns:
            float32 array [N, 1]. P(fake) of each clip before the step, with dropout.
        """
        return self._train_step(inputs, labels, weights).numpy()

    def score(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Return P(fake) of each clip of a batch, float32 [N, 1]."""
        return self._score_step(inputs).numpy()

    def copy_from(self, model: Any) -> None:
        """Take over the state of a model: weights, random streams and optimiser state."""
        _copy(model.variables, self.model.variables)
        _copy(_optimizer_state(model), _optimizer_state(self.model))

    def copy_to(self, model: Any) -> None:
        """Give the state of the network to a model."""
        _copy(self.model.variables, model.variables)
        _copy(_optimizer_state(self.model), _optimizer_state(model))
        update_constants(model)


@contextmanager
def borrow(model: Any) -> Iterator[SharedNetwork]:
    """Lend a network with the state of a model. Only one thread at a time can borrow a network.

    Args:
        model: keras.Model from `build_gru` or `load_model`.

    Raises:
        SettingsError: If the model is not compiled.
    """
    with _lock:
        key = _architecture(model)
        if key not in _networks:
            while len(_networks) >= MOST_NETWORKS:
                _networks.popitem(last=False)
                gc.collect()  # its layers and graphs refer to each other
            _networks[key] = SharedNetwork(model)
        _networks.move_to_end(key)
        network = _networks[key]
        network.copy_from(model)
        yield network


def update_constants(model: Any) -> None:
    """Update the constants that Normalization layers compute from their weights, after the weights were changed."""
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def clear() -> None:
    """Drop all networks."""
    with _lock:
        _networks.clear()


def _architecture(model: Any) -> str:
    """Return all settings of a model and its optimiser as text, without its seeds and the learning rate."""

    def without_seeds(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without_seeds(part) for name, part in value.items() if name != "seed"}
        return [without_seeds(part) for part in value] if isinstance(value, list | tuple) else value

    if model.optimizer is None:
        raise SettingsError("The model is not compiled. Build it with build_gru, or load it with load_model.")
    # The learning rate is a variable of the optimiser, so it is copied. Keras numbers the names of optimisers.
    optimizer = {
        name: value
        for name, value in model.optimizer.get_config().items()
        if name not in ("learning_rate", "name")
    }
    return json.dumps([without_seeds(model.get_config()), optimizer], sort_keys=True, default=str)


def _optimizer_state(model: Any) -> list[Any]:
    """Return the variables of a model's optimiser, which are created at the first call."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model.optimizer.variables


def _copy(source: list[Any], target: list[Any]) -> None:
    for old, new in zip(source, target, strict=True):
        new.assign(old)


def _fast_copy(layer: Any) -> Any:
    """Return a new layer with the same settings. GRU and Normalization layers become faster versions."""
    keras = load_keras()
    if isinstance(layer, keras.layers.Bidirectional):
        parts = _fast_copy(layer.forward_layer), _fast_copy(layer.backward_layer)
        with keras.saving.custom_object_scope({type(part).__name__: type(part) for part in parts}):
            return keras.layers.Bidirectional(
                parts[0], layer.merge_mode, backward_layer=parts[1], name=layer.name
            )
    kind: Any = _fast_layers().get(type(layer).__name__, type(layer))
    return kind.from_config(layer.get_config())


@functools.cache
def _fast_layers() -> dict[str, type]:
    """Return the faster layers by the name of the Keras layer. Both compute the same and have the same weights."""
    keras: Any = load_keras()

    class InputFirstGRU(keras.layers.GRU):
        """Multiply the inputs of all frames by the kernel at once, and not frame by frame."""

        def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
            if has_gpu():  # there, Keras uses cuDNN
                return super().inner_loop(sequences, initial_state, mask, training)
            return _run_gru(keras, self, sequences, initial_state, mask)

    class CurrentNormalization(keras.layers.Normalization):
        """Read mean and variance at each step. The Keras layer makes them part of the graph."""

        def call(self, inputs: Any) -> Any:
            self.finalize_state()
            return super().call(inputs)

    return {"GRU": InputFirstGRU, "Normalization": CurrentNormalization}


def _run_gru(keras: Any, layer: Any, sequences: Any, initial_state: Any, mask: Any) -> Any:
    """Compute what `keras.layers.GRU` computes without its own dropout: last output, all outputs and states."""
    from keras.src.backend import rnn  # the loop over the frames that Keras's own layers use

    ops, cell = keras.ops, layer.cell
    input_bias, recurrent_bias = ops.unstack(cell.bias, 2)
    projected = ops.matmul(sequences, cell.kernel) + input_bias

    def step(inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        (state,) = states
        of_input = ops.split(inputs, 3, axis=-1)
        of_state = ops.split(ops.matmul(state, cell.recurrent_kernel) + recurrent_bias, 3, axis=-1)
        update, reset = (ops.sigmoid(of_input[i] + of_state[i]) for i in range(2))
        candidate = ops.tanh(of_input[2] + reset * of_state[2])
        state = update * state + (1 - update) * candidate
        return state, [state]

    states = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
    return rnn(
        step,
        projected,
        states,
        go_backwards=layer.go_backwards,
        mask=mask,
        return_all_outputs=layer.return_sequences,
    )
