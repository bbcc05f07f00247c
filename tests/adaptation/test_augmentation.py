import numpy as np
import pytest

from dfutils.adaptation.augmentation import compress_h264, compress_jpeg, degrade, draw_geometry, look
from dfutils.features import View

VIEW = View(crop=239, side=192)


@pytest.fixture
def crop():
    """A smooth picture with an edge, uint8 [299, 299, 3]."""
    rows, columns = np.mgrid[:299, :299]
    picture = np.stack([rows / 2, columns / 2, (rows + columns) / 4], axis=-1) + 40
    picture[100:180, 120:200] += 50
    return picture.astype(np.uint8)


def test_without_strength_the_network_sees_the_plain_view(crop):
    matrix = draw_geometry(VIEW, np.random.default_rng(0), strength=0.0)
    np.testing.assert_allclose(matrix, VIEW.matrix())
    seen = look(crop, matrix, VIEW.side)
    assert seen.shape == (192, 192, 3)
    assert (degrade(seen, np.random.default_rng(0), strength=0.0) == seen).all()


def test_geometry_stays_within_its_limits():
    middle = np.array([149.0, 149.0, 1.0])
    mirrored = 0
    for seed in range(200):
        matrix = draw_geometry(VIEW, np.random.default_rng(seed), strength=1.0)
        assert np.abs(matrix @ middle - 95.5).max() <= 0.04 * 192 + 1e-9
        assert 0.94 <= abs(matrix[0, 0]) / (192 / 239) <= 1.06
        mirrored += matrix[0, 0] < 0
    assert 70 < mirrored < 130


@pytest.mark.parametrize("compress", [compress_jpeg, compress_h264])
def test_compression_loses_more_at_a_lower_quality(crop, compress):
    picture = look(crop, VIEW.matrix(), VIEW.side)
    noisy = np.clip(picture + np.random.default_rng(0).normal(0, 12, picture.shape), 0, 255).astype(np.uint8)
    good, bad = (90, 30) if compress is compress_jpeg else (18, 38)
    errors = [np.abs(compress(noisy, quality).astype(int) - noisy).mean() for quality in (good, bad)]
    assert 0 < errors[0] < errors[1] < 30
    assert compress(noisy, good).shape == noisy.shape


@pytest.mark.parametrize("size", [(75, 75), (76, 75), (75, 96), (192, 192)])
def test_pictures_of_any_size_can_be_compressed(crop, size):
    picture = np.ascontiguousarray(crop[: size[0], : size[1]])
    for compressed in (compress_h264(picture, 20), compress_jpeg(picture, 90)):
        assert compressed.shape == picture.shape
        assert np.abs(compressed.astype(int) - picture).mean() < 6


def test_degraded_pictures_keep_their_shape_and_differ(crop):
    picture = look(crop, VIEW.matrix(), VIEW.side)
    changed = [degrade(picture, np.random.default_rng(seed), strength=1.0) for seed in range(60)]
    assert all(one.shape == picture.shape and one.dtype == np.uint8 for one in changed)
    unchanged = sum((one == picture).all() for one in changed)
    assert 3 < unchanged < 30
    again = degrade(picture, np.random.default_rng(3), strength=1.0)
    assert (again == changed[3]).all()
