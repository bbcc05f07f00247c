import math

from dfutils.plots.words import (
    count,
    extremes,
    interval_text,
    listed,
    number_text,
    plural,
    range_text,
    sentences,
    shorten,
)


def test_nouns_and_verbs_follow_their_number():
    assert [count(n, "clip") for n in (0, 1, 2)] == ["0 clips", "1 clip", "2 clips"]
    assert count(2, "forgery") == "2 forgeries"
    assert count(3, "class") == "3 classes"
    assert [plural("is", n) for n in (1, 2)] == ["is", "are"]
    assert [plural("contains", n) for n in (1, 0)] == ["contains", "contain"]


def test_a_long_name_keeps_its_end_on_one_line():
    assert shorten("a short name") == "a short name"
    assert shorten("person_000/\ntake0", most=8) == "…/ take0"
    assert len(shorten("x" * 100, most=20)) == 20


def test_a_list_names_some_and_counts_the_rest():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed("abcdef", most=3) == "a, b and 4 more"


def test_undefined_numbers_are_called_so():
    assert number_text(0.456) == "0.46"
    assert number_text(math.nan) == "undefined"
    assert interval_text(0.5, 0.4, 0.6) == "0.50 [0.40, 0.60]"
    assert interval_text(0.5, math.nan, math.nan) == "0.50"
    assert interval_text(math.nan, math.nan, math.nan) == "undefined"


def test_a_range_leaves_undefined_numbers_out():
    assert range_text([0.1, math.nan, 0.9]) == "0.10 to 0.90"
    assert range_text([3, 3], digits=0) == "3"
    assert range_text([]) == range_text([math.nan]) == "undefined"


def test_sentences_end_with_one_full_stop_and_empty_ones_are_left_out():
    assert sentences("One", "", "Two.", " Three? ") == "One. Two. Three?"


def test_extremes_are_positions_among_the_known_numbers():
    assert extremes([math.nan, 3, 1, 2]) == (2, 1)
