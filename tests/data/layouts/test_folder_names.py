"""What the name of a folder says: a class, a split, or nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfutils.data.layouts.folder_names import (
    SPLIT_WORDS,
    ClassFolders,
    label_of_folder,
    label_of_word,
    says_nothing,
    split_of_folder,
    without_numbers,
)

WORDS = st.sampled_from(
    [
        *SPLIT_WORDS,
        "real",
        "fake",
        "deepfakes",
        "original",
        "videos",
        "frames",
        "set",
        "data",
        "clip",
        "person",
        "not",
    ]
)
NAMES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=4).flatmap(
        lambda words: st.sampled_from(["_", "-", " ", ""]).map(lambda mark: mark.join(words))
    ),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: "".join(word.title() for word in words)),
    st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=12),
)
quick = settings(deadline=None, max_examples=200)


@quick
@given(NAMES)
def test_a_name_says_a_known_class_and_a_known_split_or_nothing(name):
    assert label_of_folder(name) in (0, 1, None)
    assert split_of_folder(name) in ("train", "val", "test", "")


@quick
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_two_classes_or_two_splits_in_one_name_say_nothing(words):
    name = "_".join(words)
    labels = {label_of_word(word) for word in words} - {None}
    splits = {SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS}
    assert label_of_folder(name) is None or labels == {label_of_folder(name)}
    assert split_of_folder(name) == "" or splits == {split_of_folder(name)}


@quick
@given(NAMES)
def test_a_name_that_says_nothing_never_says_a_class(name):
    assert not says_nothing(name) or label_of_folder(name) is None


@quick
@given(
    st.lists(WORDS, min_size=1, max_size=4).map("_".join), st.sampled_from([str.upper, str.title, str.lower])
)
def test_the_case_of_the_words_does_not_matter(name, change):
    assert label_of_folder(change(name)) == label_of_folder(name)
    assert split_of_folder(change(name)) == split_of_folder(name)


@quick
@given(NAMES, st.integers(0, 999))
def test_a_number_does_not_change_the_class_and_makes_a_split_a_clip(name, number):
    numbered = f"{name}_{number}"
    assert label_of_folder(numbered) == label_of_folder(name)
    assert split_of_folder(numbered) == ""


@quick
@given(NAMES)
def test_numbers_are_replaced_once_and_for_all(name):
    assert without_numbers(without_numbers(name)) == without_numbers(name)


@pytest.mark.parametrize(
    ("name", "label", "split"),
    [
        ("real", 0, ""),
        ("DeepFakeVideos", 1, ""),
        ("1_fake", 1, ""),
        ("training_real", 0, "train"),
        ("Valid", None, "val"),
        ("test_set", None, "test"),
        ("not_real", None, ""),
        ("real_and_fake", None, ""),
        ("FakeVideo-RealAudio", 1, ""),
        ("RealVideo-FakeAudio", 0, ""),
        ("real_voice", None, ""),
        ("test_001", None, ""),
        ("train_clip", None, ""),
        ("train_test", None, ""),
        ("", None, ""),
    ],
)
def test_names_of_known_data_sets(name, label, split):
    assert (label_of_folder(name), split_of_folder(name)) == (label, split)


@pytest.mark.parametrize(
    ("word", "label"),
    [("FAKE", 1), (" real ", 0), ("1", 1), ("0.0", 0), ("reals", 0), ("2", None), ("", None)],
)
def test_labels_in_words_and_numbers(word, label):
    assert label_of_word(word) == label


def test_the_class_is_that_of_the_folder_with_the_other_class_next_to_it():
    classes = ClassFolders(["real/a.mp4", "fake/original_001/b.mp4", "fake/c.mp4"])
    assert classes.of("fake/original_001/b.mp4").label == 1
    assert classes.of("real/a.mp4").label == 0
    assert classes.of("other/a.mp4").label is None


def test_folders_that_differ_by_a_number_are_clips():
    classes = ClassFolders([f"{clip}/0.png" for clip in ("real_1", "real_2", "fake_1")])
    assert classes.of("real_1/0.png") == (0, 0, True, "")
    assert not ClassFolders(["0_real/0.png", "1_fake/0.png"]).of("0_real/0.png").is_clip
