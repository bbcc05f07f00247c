"""The estimate of the time that is left follows what was measured."""

from pathlib import Path

import pytest

from dfutils.reporting.timing import Timing, in_words, read_durations

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NEEDS = {name: frozenset(needs) for name, needs in {"a": "", "b": "a", "c": "a", "d": "bc"}.items()}
EXPECTED = {"a": 10.0, "b": 20.0, "c": 30.0, "d": 40.0}


def test_one_at_a_time_takes_the_sum_and_two_take_the_longer_one():
    assert Timing(EXPECTED, NEEDS).seconds_left({}) == 100
    assert Timing(EXPECTED, NEEDS, at_a_time=2).seconds_left({}) == 10 + 30 + 40


def test_what_was_measured_changes_the_estimate_of_the_rest():
    timing = Timing(EXPECTED, NEEDS, at_a_time=2)
    timing.finish("a", 20.0)
    assert timing.seconds_left({}) == 2 * (30 + 40)
    timing.finish("b", 40.0)
    assert timing.seconds_left({"c": 50.0}) == 10 + 2 * 40
    assert timing.seconds_left({"c": 500.0}) == 2 * 40
    timing.finish("c", 60.0)
    timing.finish("d", 80.0)
    assert timing.seconds_left({}) == 0


def test_the_longest_way_to_the_end_is_the_most_urgent():
    timing = Timing(EXPECTED, NEEDS, at_a_time=2)
    assert [timing.urgency(name) for name in NEEDS] == [80, 60, 70, 40]
    assert Timing({}, NEEDS).urgency("a") == 0
    # With the long one first, both ways end at the same time.
    needs = {"short": frozenset(), "middle": frozenset(), "long": frozenset()}
    assert Timing({"short": 10, "middle": 10, "long": 20}, needs, at_a_time=2).seconds_left({}) == 20


def test_only_notebooks_with_a_long_neighbour_share_the_cores():
    timing = Timing({"a": 10, "b": 5, "c": 60, "d": 40}, NEEDS, at_a_time=2)
    assert [timing.shares_the_cores(name) for name in NEEDS] == [False, True, False, False]
    assert not Timing(EXPECTED, NEEDS).shares_the_cores("b")
    assert not Timing({}, NEEDS, at_a_time=2).shares_the_cores("b")


def test_speed_of_an_earlier_run_is_used_until_something_is_measured():
    timing = Timing(EXPECTED, NEEDS, factor=3.0)
    assert timing.seconds_left({}) == 300


def test_nothing_is_said_where_nothing_is_known():
    assert Timing({}, NEEDS).seconds_left({}) is None
    assert Timing({"a": 10.0}, NEEDS).seconds_left({}) is None


def test_durations_of_the_project_name_its_notebooks():
    """A notebook without a duration would leave the reports without an estimate."""
    names = {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    for profile in ("demo", "smoke"):
        first, second = (read_durations(NOTEBOOKS, profile, again=again) for again in (False, True))
        assert set(first) == set(second) == names
        assert sum(second.values()) < sum(first.values())
    assert read_durations(NOTEBOOKS, "another", again=False) == {}
    assert read_durations(NOTEBOOKS.parent, "demo", again=False) == {}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "about 10 seconds"),
        (44, "about 40 seconds"),
        (89, "about 90 seconds"),
        (91, "about 2 minutes"),
        (500, "about 8 minutes"),
        (4 * 3600, "about 4 hours"),
    ],
)
def test_durations_are_rounded(seconds, words):
    assert in_words(seconds) == words
