import numpy as np
import pytest

from dfutils import plots


def test_neighbours_of_a_crop_say_whether_they_are_of_its_group(make):
    tracks = {f"clip{i}": make.track(i) for i in range(4)}
    alt = plots.nearest_crops([[(0, 0, 0.0), (1, 1, 0.4), (2, 0, 0.5)]], make.feature_set(), tracks).alt
    assert "1 crop (real)" in alt
    assert "neighbour 1: same group in 1 of 1." in alt
    assert "neighbour 2: another group in 1 of 1." in alt


def test_the_distance_stands_below_the_crop(make):
    tracks = {f"clip{i}": make.track(i) for i in range(4)}
    figure = plots.nearest_crops([[(0, 0, 0.0), (1, 1, 0.4)]], make.feature_set(), tracks)
    assert [axis.get_xlabel() for axis in figure.axes] == ["real\nclip0 (0.00)", "fake\nclip1 (0.40)"]


@pytest.mark.parametrize(("gap", "ratio"), [(0.0, "0.00"), (2.0, "2.00")])
def test_the_centres_of_both_classes_are_measured(gap, ratio):
    points = np.array([[0.0, 0], [gap, 0], [0, 0], [gap, 0]]) + [[0, 1e-9]] * 4
    if not gap:
        points += np.array([[0.0, 1], [0, 1], [0, -1], [0, -1]])
    alt = plots.projection(points, [0, 1, 0, 1], list("abab")).alt
    assert f"The centres of real and fake are {ratio} times the cloud's radius apart" in alt


def test_clips_at_the_centre_of_their_group_are_said_to_be():
    points = np.array([[0.0, 0], [0, 0], [3, 0], [3, 0]])
    alt = plots.projection(points, [0, 1, 0, 1], list("aabb")).alt
    assert "Scatter of 2 real and 2 fake clips in 2 groups" in alt
    assert "0.00 times that radius from their group's centre" in alt


def test_points_that_do_not_differ_and_a_single_class_are_said_to():
    assert "All points are at the same place" in plots.projection(np.zeros((2, 2)), [0, 1], ["a", "b"]).alt
    assert "Only one class is there" in plots.projection(np.eye(2), [1, 1], ["a", "b"]).alt
