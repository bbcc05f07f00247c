"""Each function computes in float64, returns float32, and agrees with the plain formula."""

import cv2
import numpy as np
import pytest

from dfutils.demo import portable_math


@pytest.fixture
def numbers():
    return np.random.default_rng(0).uniform(0.1, 5, 1000).astype(np.float32)


@pytest.mark.parametrize("name", ["exp", "sin", "cos"])
def test_functions_are_those_of_numpy_in_double_precision(numbers, name):
    result = getattr(portable_math, name)(numbers)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, getattr(np, name)(numbers.astype(np.float64)).astype(np.float32))


def test_a_plain_number_is_accepted():
    assert portable_math.sin(0.5).dtype == np.float32
    assert float(portable_math.cos(0.0)) == 1


def test_power_and_direction_are_those_of_numpy_in_double_precision(numbers):
    wide = numbers.astype(np.float64)
    np.testing.assert_array_equal(portable_math.power(numbers, 2.2), (wide**2.2).astype(np.float32))
    np.testing.assert_array_equal(
        portable_math.direction(numbers, numbers[::-1]), np.arctan2(wide, wide[::-1]).astype(np.float32)
    )


def test_mix_is_a_weighted_mean(numbers):
    other = numbers[::-1]
    np.testing.assert_array_equal(portable_math.mix(numbers, other, 0.0), numbers)
    np.testing.assert_array_equal(portable_math.mix(numbers, other, 1.0), other)
    assert portable_math.mix(numbers, other, 0.3).dtype == np.float32


def test_colours_are_those_of_opencv():
    for hue, saturation, value in ((0, 255, 255), (60, 100, 200), (130, 30, 80)):
        hsv = np.array([[[hue, saturation, value]]], np.uint8)
        expected = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]
        np.testing.assert_allclose(portable_math.hsv_to_rgb(hue, saturation, value), expected, atol=1)
