import numpy as np
import pytest

from dfutils.frames.face_outline import REGIONS, eye_distance, fill, outline, points_of

FRONTAL = np.array([[80, 70], [120, 70], [100, 95], [84, 113], [116, 113.0]])


@pytest.mark.parametrize("region", REGIONS)
def test_regions_lie_on_the_face(region):
    points = outline(FRONTAL, region)
    assert points.shape == (points_of(region), 2)
    mask = fill(points, (200, 200))
    rows, columns = np.nonzero(mask > 0.5)
    assert abs(columns.mean() - 100) < 1
    assert rows.min() >= 70 - 1.2 * 40
    assert rows.max() <= 70 + 2.1 * 40
    inside = {"mouth": FRONTAL[3:], "lower": FRONTAL[3:], "eyes": FRONTAL[:2]}.get(region, FRONTAL)
    for x, y in inside.round().astype(int):
        assert mask[y, x] == 1


def test_outline_turns_grows_and_moves_with_the_landmarks():
    turn = np.array([[0.0, 2.0], [-2.0, 0.0]])
    np.testing.assert_allclose(
        outline(FRONTAL @ turn + [5, 400], "whole"), outline(FRONTAL, "whole") @ turn + [5, 400], atol=1e-6
    )


def test_size_of_a_face_holds_in_profile():
    assert eye_distance(FRONTAL) == pytest.approx(40, rel=0.02)
    profile = FRONTAL.copy()
    profile[:, 0] = 100 + 0.2 * (profile[:, 0] - 100)
    assert eye_distance(profile) == pytest.approx(40, rel=0.02)
    assert eye_distance(np.zeros((5, 2))) == 1
