import numpy as np

from dfutils.frames import crop_square
from dfutils.frames.cropping import crop_squares, square_around


def test_crop_beyond_the_edge_repeats_the_edge_and_is_not_stretched():
    frame = np.zeros((40, 40, 3), np.uint8)
    frame[:, 0] = 200
    crop = crop_square(frame, np.array([-10, 10, 20, 20.0]), margin=1.0, size=20)
    assert crop.shape == (20, 20, 3)
    assert (crop[:, :11] == 200).all()
    assert (crop[:, 11:] == 0).all()


def test_margin_is_added_around_the_longer_side():
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[30:70, 30:70] = 255
    crop = crop_square(frame, np.array([40, 30, 20, 40.0]), margin=1.0, size=40)
    assert (crop == 255).all()
    wider = crop_square(frame, np.array([40, 30, 20, 40.0]), margin=2.0, size=80)
    assert (wider[20:60, 20:60] == 255).all()
    assert (wider[:19] == 0).all()


def test_square_has_whole_pixels_and_keeps_the_middle():
    assert square_around(np.array([10.0, 20, 30, 40]), margin=1.5) == (-5, 10, 60)
    assert square_around(np.array([10.2, 20, 0.1, 0.1]), margin=1.0)[2] == 1


def test_each_frame_is_cropped_with_its_own_box():
    frames = np.arange(3 * 30 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(3, 30, 30, 3)
    boxes = np.array([[0.0, 0, 10, 10], [5, 5, 10, 10], [10, 10, 20, 20]])
    crops = crop_squares(list(frames), boxes, margin=1.0, size=10)
    assert crops.shape == (3, 10, 10, 3)
    np.testing.assert_array_equal(crops[1], frames[1, 5:15, 5:15])
