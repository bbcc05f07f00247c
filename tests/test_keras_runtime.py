"""Tests of what holds for a whole process run in a process of their own."""

import random
import subprocess
import sys

import pytest

from dfutils.keras_runtime import has_gpu, is_out_of_memory, python_random_kept


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_no_room_loads_tensorflow_when_it_is_imported():
    rooms = "data, features, training, evaluation, tuning, lessons, reporting, plots, frames, audit"
    done = run(f"import sys; from dfutils import {rooms}; print('tensorflow' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.slow
def test_keras_is_loaded_without_messages_and_standard_error_works_again():
    done = run(
        "import sys; from dfutils.keras_runtime import load_keras\n"
        "print(load_keras().backend.backend(), load_keras() is load_keras())\n"
        "print('afterwards', file=sys.stderr)"
    )
    assert done.stdout.split() == ["tensorflow", "True"]
    assert done.stderr.strip() == "afterwards"


def test_python_s_generator_goes_on_as_if_nothing_had_been_drawn():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    with pytest.raises(ValueError, match="stop"), python_random_kept():
        random.seed(99)
        raise ValueError("stop")
    assert random.random() == expected


@pytest.mark.slow
def test_make_deterministic_seeds_all_generators_and_tensorflow():
    done = run(
        "import random\n"
        "import numpy as np\n"
        "from dfutils.keras_runtime import load_keras, make_deterministic\n"
        "def draw(seed):\n"
        "    make_deterministic(seed)\n"
        "    import keras\n"
        "    return random.random(), np.random.rand(), float(keras.random.uniform(())), "
        "keras.initializers.GlorotUniform()((1, 1)).numpy().item()\n"
        "first, again, other = draw(7), draw(7), draw(8)\n"
        "assert first == again, (first, again)\n"
        "assert all(a != b for a, b in zip(first, other)), (first, other)\n"
        "from tensorflow.python.framework import config\n"
        "print(config.is_op_determinism_enabled())"
    )
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.slow
def test_only_errors_about_memory_are_about_memory():
    import tensorflow as tf

    assert is_out_of_memory(tf.errors.ResourceExhaustedError(None, None, "x"))
    assert not is_out_of_memory(ValueError("x"))
    assert has_gpu() == bool(tf.config.list_physical_devices("GPU"))
