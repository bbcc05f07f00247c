import numpy as np
import pytest

from dfutils.lessons import explained_share, nearest_frames, project


def test_projection_of_few_clips():
    points, share = project(np.random.default_rng(0).normal(size=(5, 9)))
    assert points.shape == (5, 2)
    assert 0 < share <= 1
    assert project(np.ones((1, 9))).points.tolist() == [[0, 0]]


def test_clips_that_are_all_the_same_have_no_variance():
    points, share = project(np.ones((4, 9)))
    assert points.tolist() == [[0, 0]] * 4
    assert share == 0


def test_single_feature_gives_a_line():
    points, share = project(np.arange(4.0)[:, None])
    assert points[:, 1].tolist() == [0] * 4
    assert share == pytest.approx(1)


def test_meaningless_groups_explain_what_chance_gives():
    rng = np.random.default_rng(0)
    points, groups = rng.normal(size=(400, 2)), np.repeat(np.arange(20), 20)
    share, by_chance = explained_share(points, groups)
    assert share == pytest.approx(by_chance, abs=0.03)
    assert explained_share(points + 5 * groups[:, None], groups).share > 0.98


def test_points_that_do_not_differ_have_nothing_to_explain():
    assert explained_share(np.ones((4, 2)), [0, 0, 1, 1]) == (0.0, 0.0)


def test_nearest_frames_are_of_other_clips(make_clips):
    some = make_clips(n=6)
    some.X[4, 2] = some.X[1, 0] + 0.01
    some.X[1, 1] = some.X[1, 0]
    neighbours = nearest_frames(some, 1, count=3)
    assert neighbours[0][:2] == (4, 2)
    assert len({neighbour.clip for neighbour in neighbours} - {1}) == 3
    distances = [neighbour.distance for neighbour in neighbours]
    assert distances == sorted(distances)
    assert distances[0] < 0.1


def test_neighbours_of_a_later_frame(make_clips):
    some = make_clips(n=6)
    some.X[4, 2] = some.X[1, 3]
    assert nearest_frames(some, 1, frame=3, count=1)[0] == (4, 2, 0.0)
