"""The one place where TensorFlow is loaded: late, quietly, and with one seed for all randomness."""

import functools
import os
import sys
from contextlib import contextmanager


@functools.cache
def load_keras():
    """Import Keras on TensorFlow and return it.

    TensorFlow's notes about CUDA on a machine without a GPU go to the process's standard error before any
    setting can stop them, so that stream is closed for the moment of the import.

    Returns:
        The module `keras`.
    """
    if "tensorflow" in sys.modules:
        import keras

        return keras
    with _quiet_stderr():
        import keras
        import tensorflow as tf

        tf.config.list_logical_devices()
    # Advice to whoever wrote a training loop; a search that builds many models would repeat it.
    tf.get_logger().setLevel("ERROR")
    return keras


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and Keras, and make TensorFlow's operations deterministic.

    Args:
        seed: int. The run's one seed.
    """
    keras = load_keras()
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextmanager
def _quiet_stderr():
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(nowhere)
        os.close(saved)
