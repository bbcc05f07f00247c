import numpy as np
import pytest

from dfutils.detection import Detection
from dfutils.lessons import compare_with_mask


@pytest.fixture
def found():
    """Three frames at 0, 0.04 and 0.08 seconds of a face of 100 pixels, in pictures of 200 pixels."""
    heat = np.zeros((3, 299, 299), np.float32)
    return Detection(
        path="clip.mp4",
        status="ok",
        times=np.array([0.0, 0.04, 0.08]),
        boxes=np.tile([50.0, 50.0, 100.0, 100.0], (3, 1)),
        heat=heat,
    )


def save_mask(tmp_path, left_half_in):
    mask = np.zeros((4, 200, 200), np.uint8)
    for frame in left_half_in:
        mask[frame, :, :100] = 1
    np.savez(tmp_path / "mask.npz", mask=mask)
    return tmp_path / "mask.npz"


def test_hottest_place_is_looked_up_in_the_mask_of_each_frame(found, tmp_path):
    path = save_mask(tmp_path, left_half_in=(0, 2))
    found.heat[0, 150, 60] = 3  # left half; the mean map counts
    found.heat[1, 150, 250] = 2
    check = compare_with_mask(found, path, margin=1.3)
    assert check.hits == pytest.approx(2 / 3)
    assert check.face_share == pytest.approx(1 / 3, abs=0.01)  # half of the face in two of three frames
    assert check.crop_share == pytest.approx(1 / 3, abs=0.01)
    found.heat[1, 150, 250] = 9
    assert compare_with_mask(found, path, margin=1.3).hits == 0


def test_clip_without_a_mask_or_heat_maps_is_not_compared(found, tmp_path):
    assert compare_with_mask(found, tmp_path / "missing.npz", margin=1.3) is None
    bare = found.without_pictures()
    assert compare_with_mask(bare, save_mask(tmp_path, left_half_in=(0,)), margin=1.3) is None
