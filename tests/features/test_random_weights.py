import numpy as np
import pytest

from dfutils.errors import WeightsError
from dfutils.features import random_weights
from dfutils.features.random_weights import CALIBRATION, calibration_faces, renew_statistics


def test_calibration_faces_are_crops_of_the_right_size():
    faces = calibration_faces()
    assert faces.shape == (24, 299, 299, 3)
    assert faces.dtype == np.uint8
    assert faces.std(axis=(1, 2, 3)).min() > 20  # none of them is empty


def test_missing_calibration_picture_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(random_weights, "CALIBRATION_SHEET", tmp_path / "calibration_faces.png")
    with pytest.raises(WeightsError, match=r"calibration_faces\.png is missing or damaged"):
        calibration_faces()


@pytest.mark.slow
def test_shipped_statistics_are_those_that_the_recipe_gives(tmp_path):
    renew_statistics(path=tmp_path / "statistics.npz")
    with np.load(CALIBRATION) as shipped, np.load(tmp_path / "statistics.npz") as measured:
        # Sums in another order round differently, and 94 layers amplify the difference.
        np.testing.assert_allclose(measured["statistics"], shipped["statistics"], rtol=0.02, atol=0.02)
