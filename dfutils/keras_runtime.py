"""Load Keras and TensorFlow when they are first needed, without start-up messages, and make results repeatable."""

import functools
import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_random_lock = threading.RLock()


@functools.cache
def load_keras() -> ModuleType:
    """Import Keras with TensorFlow as its backend.

    On a machine without a GPU, TensorFlow writes messages about CUDA to the standard error of the process before any
    setting can stop the messages. So standard error is redirected during the import. Afterwards,
    TensorFlow logs only errors.

    Returns:
        The module `keras`.
    """
    if "tensorflow" in sys.modules:
        import keras

        return keras
    # A library that Keras imports draws numbers from Python's global random generator.
    with python_random_kept(), _quiet_stderr():
        import keras
        import tensorflow as tf

        tf.config.list_logical_devices()
    # TensorFlow's warnings do not help users of this package, and a search over many models would repeat them.
    tf.get_logger().setLevel("ERROR")
    return keras


def has_gpu() -> bool:
    """Return whether TensorFlow can use a graphics card."""
    load_keras()
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of TensorFlow says that a graphics card has too little memory."""
    import tensorflow as tf

    return isinstance(error, tf.errors.ResourceExhaustedError)


def make_deterministic(seed: int) -> None:
    """Make all later results of this process exactly repeatable on the same machine.

    Call this function at the start of a notebook or a script. It changes global state of the process: it seeds the
    random generators of Python (`random`), NumPy (`numpy.random`) and Keras, and switches TensorFlow to deterministic
    operations, which can be slower on a GPU. Deterministic operations cannot be switched off again in the same process.
    No function of this package calls `make_deterministic`: each function has an argument `seed` and does not use the
    global random generators.

    Args:
        seed: int in [0, 2**32). The seed of the global random generators.
    """
    keras = load_keras()
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextmanager
def python_random_kept() -> Iterator[None]:
    """Restore the state of Python's global random generator after the `with` block.

    Keras draws seeds from this generator for initial weights without a seed. The restored state keeps the random
    numbers of the caller unchanged. Only one thread at a time can be inside the block.
    """
    with _random_lock:
        state = random.getstate()
        try:
            yield
        finally:
            random.setstate(state)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    sys.stderr.flush()
    original = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(original, 2)
        os.close(null)
        os.close(original)
