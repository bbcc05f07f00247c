"""Batch normalisation as one operation of TensorFlow: training steps are faster on a CPU (benchmarks/adaptation.py)."""

from functools import lru_cache
from typing import Any

from dfutils.keras_runtime import has_gpu, load_keras


def with_fused_batch_norm(network: Any) -> Any:
    """Return a copy of a network whose BatchNormalization layers train faster, with the same weights and layer names.

    The layers of Keras compute the mean, the variance and the result one after the other. On a CPU, that is slower than
    one operation of TensorFlow that computes all three. The results are equal up to rounding.

    Args:
        network: keras.Model. A functional network.

    Returns:
        keras.Model. Its weights files are those of the network. The network itself if there is a GPU, where
        this was not tried.
    """
    keras = load_keras()
    if has_gpu():
        return network
    fused = _fused_class()

    def clone(layer: Any) -> Any:
        kind = fused if isinstance(layer, keras.layers.BatchNormalization) else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


@lru_cache(1)
def _fused_class() -> Any:
    keras = load_keras()
    import tensorflow as tf

    # Keras names the weights in a file after the class, so it must have the same name.
    class BatchNormalization(keras.layers.BatchNormalization):  # type: ignore[name-defined]
        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            if not training or not self.trainable:
                return super().call(inputs, training=training, mask=mask)
            scale = tf.ones_like(self.beta.value) if self.gamma is None else self.gamma.value
            outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                inputs, scale, self.beta.value, epsilon=self.epsilon, is_training=True
            )
            # TensorFlow returns the unbiased variance, and Keras keeps the biased one.
            count = tf.cast(tf.size(inputs) / tf.shape(inputs)[-1], tf.float32)
            variance *= (count - 1) / count
            for kept, latest in ((self.moving_mean, mean), (self.moving_variance, variance)):
                kept.assign(kept * self.momentum + latest * (1 - self.momentum))
            return outputs

    return BatchNormalization
