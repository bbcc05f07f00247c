"""Two finds show one person if head and collar have the same colours."""

import numpy as np
import pytest

from dfutils.frames.face_find import Find

FACE = np.array([80, 40, 60, 80, 0.99, *np.zeros(10)], float)


def frame(person, background=90):
    picture = np.full((200, 240, 3), background, np.uint8)
    picture[20:160, 70:150] = person
    return picture


def find(*colours, face=FACE):
    return Find.describe(0, frame(*colours), face)


def test_same_person_is_near_and_another_one_is_not_the_same():
    her, again, him = find((200, 120, 90)), find((205, 122, 92)), find((40, 60, 180))
    assert her.distance(again, overlap=1.0) == pytest.approx(0, abs=0.3)
    assert her.distance(him, overlap=1.0) == np.inf
    assert np.linalg.norm(her.colours) == pytest.approx(1)


def test_colours_must_agree_better_elsewhere_and_after_a_cut():
    angle = 2 * np.arcsin(0.4)  # unit vectors with this angle are 0.8 apart
    scene = np.zeros((9, 16, 3))
    her = Find(0, FACE, np.array([1.0, 0]), scene)
    other = Find(5, FACE, np.array([np.cos(angle), np.sin(angle)]), scene)
    assert her.distance(other, overlap=1.0) == pytest.approx(0.8)
    assert her.distance(other, overlap=0.0) == np.inf
    after_a_cut = Find(5, FACE, other.colours, scene + 60)
    assert her.distance(after_a_cut, overlap=1.0) == np.inf


def test_face_outside_of_the_frame_has_no_colours():
    outside = find((200, 120, 90), face=np.array([400.0, 40, 60, 80, 0.9, *np.zeros(10)]))
    assert not outside.colours.any()
