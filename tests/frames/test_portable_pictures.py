"""Pictures are moved, resized and blurred in double precision."""

import cv2
import numpy as np
import pytest

from dfutils.frames import portable_pictures


def test_pictures_are_moved_sampled_and_resized():
    picture = np.random.default_rng(0).uniform(0, 255, (20, 30, 3)).astype(np.float32)
    moved = portable_pictures.warp(picture, [[1, 0, 2], [0, 1, 0]])
    np.testing.assert_allclose(moved[:, 2:], picture[:, :-2], rtol=1e-5)
    np.testing.assert_allclose(moved[:, 0], picture[:, 0], rtol=1e-5)  # the edge is repeated
    assert portable_pictures.warp(picture, [[1, 0, 0], [0, 1, 0]], size=(5, 7)).shape == (7, 5, 3)
    x, y = (axis.astype(np.float32) for axis in np.meshgrid(np.arange(4), np.arange(3)))
    np.testing.assert_array_equal(portable_pictures.remap(picture, x, y), picture[:3, :4])
    assert portable_pictures.remap(picture, x - 10, y).max() == 0
    resized = portable_pictures.resize(picture, (15, 10), interpolation=cv2.INTER_AREA)
    assert resized.shape == (10, 15, 3)
    assert resized.dtype == np.float32


def test_blur_keeps_the_brightness():
    picture = np.zeros((41, 41), np.float32)
    picture[20, 20] = 100
    soft = portable_pictures.gaussian_blur(picture, 2.0)
    assert soft.dtype == np.float32
    assert soft.sum() == pytest.approx(100, rel=1e-3)
    assert soft.max() < 10
