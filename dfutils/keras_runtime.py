"""The one place where TensorFlow is loaded: as late as possible, and without its start-up messages."""

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
    setting can stop them. So that stream is redirected during the import. Afterwards, TensorFlow logs only errors.

    Returns:
        The module `keras`.
    """
    if "tensorflow" in sys.modules:
        import keras

        return keras
    # A library that Keras imports draws from Python's global generator.
    with python_random_kept(), _quiet_stderr():
        import keras
        import tensorflow as tf

        tf.config.list_logical_devices()
    # Its warnings are for the authors of a training loop. A search that builds many models would repeat them.
    tf.get_logger().setLevel("ERROR")
    return keras


def make_deterministic(seed: int) -> None:
    """Make all that this process computes from now on repeatable, bit for bit on the same machine.

    It is meant for the beginning of a notebook or of a script of your own, and changes the whole process: it seeds the
    global generators of Python (`random`), NumPy (`numpy.random`) and Keras, and switches TensorFlow to deterministic
    operations, which can be slower on a GPU. Deterministic operations cannot be switched off again in the same
    process. No function of this package needs it or calls it: each takes its own `seed` and leaves the global
    generators alone.

    Args:
        seed: int in [0, 2**32).
    """
    keras = load_keras()
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextmanager
def python_random_kept() -> Iterator[None]:
    """Restore Python's global random generator afterwards: the caller's numbers must not depend on what Keras draws.

    Keras draws a seed from it for every initial weight that has no seed of its own. Threads take turns.
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
