"""A rendered head is where its pose says, and turns as its pose says."""

import numpy as np
import pytest

from dfutils.demo.motion import draw_motion
from dfutils.demo.people import draw_person
from dfutils.demo.rendering import SIDE, Body, Head, compose, draw_face, draw_scene, head_box

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def head():
    return Head(draw_person(7, 0))


@pytest.fixture(scope="module")
def scene():
    return draw_scene(np.random.default_rng(0))


@pytest.fixture
def pose():
    """A head that looks into the camera, in the middle of the picture."""
    names = draw_motion(np.random.default_rng(0), frames=1).at(0)
    return dict.fromkeys(names, 0.0) | {"lids": 1.0}


def middle_of(face):
    rows, columns = np.nonzero(face.alpha > 0.5)
    return columns.mean() + face.window[1].start, rows.mean() + face.window[0].start


def test_scene_is_a_picture_with_a_light():
    for seed in range(8):
        scene = draw_scene(np.random.default_rng(seed))
        assert scene.background.shape == (SIDE, SIDE, 3)
        assert scene.background.min() >= 0
        assert scene.background.max() <= 255
        assert np.linalg.norm(scene.light) == pytest.approx(1, abs=1e-6)


def test_face_fills_its_box(head, scene, pose):
    face = draw_face(head, scene, pose)
    x, y, width, height = head_box(pose, head.person)
    rows, columns = face.window
    alpha = np.zeros((SIDE, SIDE))
    alpha[rows, columns] = face.alpha
    inside = alpha[round(y) : round(y + height), round(x) : round(x + width)]
    assert inside.mean() > 0.85


def test_head_moves_with_its_place_and_the_camera(head, scene, pose):
    x, y = middle_of(draw_face(head, scene, pose))
    moved_x, moved_y = middle_of(draw_face(head, scene, pose | {"x": 0.1, "camera_y": 0.1}))
    assert moved_x - x == pytest.approx(11.6, abs=1)
    assert moved_y - y == pytest.approx(11.6, abs=1)
    box, moved_box = head_box(pose, head.person), head_box(pose | {"x": 0.1}, head.person)
    np.testing.assert_allclose(np.subtract(moved_box, box), [11.6, 0, 0, 0], atol=1e-6)


def test_turning_the_head_shows_another_part_of_it(head, scene, pose):
    straight, turned = draw_face(head, scene, pose), draw_face(head, scene, pose | {"yaw": 0.3})
    middle = tuple(side // 2 for side in straight.u.shape)
    assert abs(straight.u[middle]) < 0.05
    assert abs(turned.u[middle] - straight.u[middle]) > 0.1


def test_closed_eyes_and_an_open_mouth_change_the_picture_there(head, scene, pose):
    awake, asleep = draw_face(head, scene, pose), draw_face(head, scene, pose | {"lids": 0.0})
    speaking = draw_face(head, scene, pose | {"mouth": 0.8})
    eyes, mouth = awake.v < 0.2, awake.v > 0.4
    for changed, where, elsewhere in ((asleep, eyes, mouth), (speaking, mouth, eyes)):
        change = np.abs(changed.rgb - awake.rgb).mean(-1)
        assert change[where].max() > 20
        assert change[elsewhere].max() < 1


def test_inner_face_is_the_same_face_in_a_smaller_window(head, scene, pose):
    whole, inner = draw_face(head, scene, pose), draw_face(head, scene, pose, inner=True)
    assert inner.alpha.size < whole.alpha.size
    frames = []
    for face in (whole, inner):
        frame = np.zeros((SIDE, SIDE, 3), np.float32)
        frame[face.window] = face.rgb
        frames.append(frame[inner.window][4:-4, 4:-4])
    assert np.abs(frames[0] - frames[1]).mean() < 2


def test_body_is_drawn_behind_the_head(head, scene, pose):
    frame = Body(scene, head.person).draw(pose)
    assert frame.shape == (SIDE, SIDE, 3)
    assert (frame[-20:] != scene.background[-20:]).any()
    face = draw_face(head, scene, pose)
    composed = compose(frame.copy(), face)
    solid = face.alpha == 1
    np.testing.assert_allclose(composed[face.window][solid], face.rgb[solid], atol=1e-3)


def test_mixed_head_is_between_two_heads(head):
    other = Head(draw_person(7, 1))
    mixed = head.mixed_with(other, other.person, weight=0.25)
    np.testing.assert_allclose(
        mixed.maps.height, 0.75 * head.maps.height + 0.25 * other.maps.height, atol=1e-5
    )
    assert mixed.maps.glasses is head.maps.glasses
    assert mixed.person is other.person
