import cv2
import numpy as np
import pytest

from dfutils.frames import alignment


def test_similarity_turns_scales_and_moves_but_never_mirrors():
    points = np.array([[0, 0], [4, 0], [2, 2], [1, 4], [3, 4.0]])
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    matrix = alignment.similarity(points, 3 * points @ turn.T + [7, -2])
    np.testing.assert_allclose(matrix, np.c_[3 * turn, [7, -2]], atol=1e-9)
    mirrored = alignment.similarity(points, points * [-1, 1])
    assert np.linalg.det(mirrored[:, :2]) > 0


@pytest.mark.parametrize("zoom", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("degrees", [0, 35])
def test_aligned_crops_do_not_depend_on_turn_and_size(zoom, degrees):
    places = np.array([[80, 70], [120, 70], [100, 92], [84, 114], [116, 114.0]])
    face = np.zeros((200, 200, 3), np.uint8)
    for x, y in places:
        cv2.circle(face, (round(x), round(y)), 6, (255, 255, 255), -1)
    matrix = cv2.getRotationMatrix2D((100.0, 100.0), degrees, zoom)
    matrix[:, 2] += 400 - 100
    frame = cv2.warpAffine(cv2.GaussianBlur(face, (0, 0), 2), matrix, (800, 800), flags=cv2.INTER_AREA)
    upright = alignment.align_crop(face, places, margin=1.3, size=200)
    turned = alignment.align_crop(frame, np.c_[places, np.ones(5)] @ matrix.T, margin=1.3, size=200)
    for crop in (upright, turned):
        bright = np.argwhere(crop[..., 0] > 127).mean(0)[::-1]
        np.testing.assert_allclose(bright, [99.5, 116], atol=4)
