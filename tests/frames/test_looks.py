import cv2
import numpy as np
import pytest

from dfutils.frames.looks import Look, paste, soften


@pytest.fixture(scope="module")
def picture():
    """A textured picture, uint8 [299, 299, 3]."""
    noise = np.random.default_rng(0).integers(0, 256, (299, 299, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.2)


def test_a_look_is_what_it_says(picture):
    rgb = picture.astype(np.float32)
    np.testing.assert_array_equal(Look().apply(rgb), rgb)
    np.testing.assert_allclose(Look(gain=0.5, offset=3.0).apply(rgb), 0.5 * rgb + 3)
    grey = Look(saturation=0.0).apply(rgb)
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=1e-3)
    assert np.std(Look(contrast=0.5).apply(rgb)) == pytest.approx(0.5 * np.std(rgb), rel=1e-3)
    assert cv2.Laplacian(soften(rgb, 3), cv2.CV_32F).std() < 0.5 * cv2.Laplacian(rgb, cv2.CV_32F).std()
    assert (
        cv2.Laplacian(Look(sharpen=1.0).apply(rgb), cv2.CV_32F).std() > cv2.Laplacian(rgb, cv2.CV_32F).std()
    )
    for smooth in ("median", "bilateral"):
        assert Look(smooth=smooth).apply(rgb).std() < rgb.std()


def test_pasting_is_a_weighted_mean():
    target, source = np.zeros((2, 2, 3), np.float32), np.full((2, 2, 3), 100, np.float32)
    pasted = paste(target, source, np.array([[0, 0.25], [0.5, 1]], np.float32))
    assert pasted[..., 0].tolist() == [[0, 25], [50, 100]]
