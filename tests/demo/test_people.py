"""People differ from each other, and a face swap keeps the head around the face."""

import dataclasses

import numpy as np
import pytest

from dfutils.demo.people import (
    MAP_SIDE,
    OUTSIDE,
    REACH,
    Person,
    draw_person,
    head_maps,
    oval,
    ramp,
    with_face_of,
)


def values_of(person, names):
    return np.concatenate([np.ravel(getattr(person, name)) for name in names])


NAMES = [field.name for field in dataclasses.fields(Person)]
INSIDE = [name for name in NAMES if name not in OUTSIDE and name != "skin_seed"]


def test_same_seed_and_number_same_person():
    first, again = draw_person(7, 3), draw_person(7, 3)
    assert first == again
    assert hash(first) == hash(again)
    np.testing.assert_array_equal(values_of(first, NAMES), values_of(again, NAMES))


def test_every_person_is_different():
    people = {draw_person(seed, number) for seed in (7, 8) for number in range(50)}
    assert len(people) == 100


def test_people_are_varied():
    people = [draw_person(7, number) for number in range(100)]
    assert {person.long_hair for person in people} == {0.0, 1.0}
    assert {person.outfit for person in people} == {0.0, 1.0, 2.0, 3.0, 4.0}
    for name in ("glasses", "beard", "curl"):
        share = np.mean([getattr(person, name) > 0 for person in people])
        assert 0.05 < share < 0.6, name
    brightness = [person.skin.mean() for person in people]
    assert min(brightness) < 90
    assert max(brightness) > 180


def test_a_swapped_face_is_the_donors_and_the_head_around_it_the_targets():
    target, donor = draw_person(7, 0), draw_person(7, 1)
    swapped = with_face_of(target, donor)
    np.testing.assert_allclose(values_of(swapped, INSIDE), values_of(donor, INSIDE), rtol=1e-6)
    np.testing.assert_array_equal(values_of(swapped, OUTSIDE), values_of(target, OUTSIDE))
    assert swapped.skin_seed == donor.skin_seed


def test_weight_mixes_two_faces():
    target, donor = draw_person(7, 0), draw_person(7, 1)
    none, half = with_face_of(target, donor, weight=0.0), with_face_of(target, donor, weight=0.5)
    np.testing.assert_allclose(values_of(none, INSIDE), values_of(target, INSIDE), rtol=1e-6)
    assert none.skin_seed == target.skin_seed
    assert half.mouth_y == pytest.approx((target.mouth_y + donor.mouth_y) / 2)


@pytest.mark.slow
def test_maps_describe_a_head():
    maps = head_maps(draw_person(7, 0))
    assert maps.height.shape == (MAP_SIDE, MAP_SIDE)
    normals, alpha = maps.normal_alpha[..., :3], maps.normal_alpha[..., 3]
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-5)
    middle, corner = MAP_SIDE // 2, 5
    assert alpha[middle, middle] == 1
    assert alpha[corner, corner] == 0
    assert maps.height[middle, middle] > maps.height[middle, corner]
    assert (maps.albedo[..., :3] >= 0).all()
    assert {values.dtype for values in vars(maps).values()} == {np.dtype(np.float32)}
    # The face is as wide as the person's numbers say, at the height of the eyes.
    width = (alpha[middle] > 0.5).sum() * 2 * REACH / MAP_SIDE
    assert 1.3 < width < 2.2


def test_ramp_rises_or_falls_smoothly():
    x = np.linspace(-1, 2, 301)
    rising, falling = ramp(0.0, 1.0, x), ramp(1.0, 0.0, x)
    assert rising[0] == 0
    assert rising[-1] == 1
    assert (np.diff(rising) >= 0).all()
    np.testing.assert_allclose(falling, 1 - rising, atol=1e-12)


def test_oval_is_one_on_its_edge():
    u, v = np.array([1.0, 3.0, 1.0]), np.array([2.0, 2.0, 5.0])
    np.testing.assert_allclose(oval(u, v, (1.0, 2.0), (2.0, 3.0)), [0, 1, 1])
