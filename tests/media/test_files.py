"""The files below a folder, sorted into videos, pictures and folders of stills."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfutils.data import read_catalog
from dfutils.errors import DataError
from dfutils.media.files import (
    leaves_root,
    list_files,
    media_of,
    natural_order,
    plain_name,
    split_path,
    stills,
)


def test_files_are_sorted_by_what_they_are(make_files):
    root = make_files("a/1.MP4", "b/x.jpg", "b/y.PNG", "top.webp", "notes.txt", ".hidden/z.mp4", "Thumbs.db")
    files = list_files(root)
    assert files.paths == ["a/1.MP4", "b/x.jpg", "b/y.PNG", "notes.txt", "top.webp"]
    assert files.videos == ["a/1.MP4"]
    assert files.images == ["b/x.jpg", "b/y.PNG", "top.webp"]
    assert files.stills_folders == ["b"]
    assert [match[1] for match in files.matching(r"b/(.)\.")] == ["x", "y"]


def test_links_cannot_loop_and_links_to_nothing_are_named(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    (root / "real/again").symlink_to(root)
    (root / "real/self.mp4").symlink_to(root / "real/self.mp4")
    (root / "real/gone.mp4").symlink_to(root / "nowhere.mp4")
    (root / "real/c.mp4").symlink_to(root / "real/a.mp4")
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["fake/b.mp4", "real/a.mp4", "real/c.mp4"]
    reasons = dict(catalog.left_out.itertuples(index=False))
    assert reasons["real/again"] == "a link to a folder that is listed already, or that holds this one"
    assert "link whose target is missing" in reasons["real/gone.mp4"]
    assert set(reasons) == {"real/again", "real/gone.mp4", "real/self.mp4"}


def test_links_to_folders_elsewhere_are_followed_once(make_files, tmp_path):
    make_files("elsewhere/r/a.mp4", "elsewhere/f/b.mp4", "elsewhere/f/deep/c.mp4")
    root, elsewhere = tmp_path / "set", tmp_path / "elsewhere"
    root.mkdir()
    (root / "real").symlink_to(elsewhere / "r")
    (root / "fake").symlink_to(elsewhere / "f")
    (root / "zzz").symlink_to(elsewhere / "f")  # once more
    (elsewhere / "f/loop").symlink_to(root)
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["fake/b.mp4", "fake/deep/c.mp4", "real/a.mp4"]
    assert catalog.table["label"].tolist() == [1, 1, 0]
    assert dict(catalog.left_out.itertuples(index=False)) == dict.fromkeys(
        ["fake/loop", "zzz"], "a link to a folder that is listed already, or that holds this one"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_an_unreadable_folder_is_named_and_the_rest_is_read(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4", "fake/locked/c.mp4")
    (root / "fake/locked").chmod(0)
    try:
        catalog = read_catalog(root)
        with pytest.raises(DataError, match=r"locked cannot be read: .*Change its permissions"):
            list_files(root / "fake/locked")
    finally:
        (root / "fake/locked").chmod(0o755)
    assert len(catalog) == 2
    assert "cannot be read" in catalog.left_out["reason"].iloc[0]


def test_a_root_that_cannot_be_read_is_named(make_files):
    root = make_files("a.mp4")
    with pytest.raises(DataError, match=r"a.mp4 cannot be read: .*Change its permissions"):
        list_files(root / "a.mp4")


def test_what_is_not_an_ordinary_file_is_not_opened(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    os.mkfifo(root / "fake/pipe.mp4")
    (root / "fake/folder.mp4").mkdir()
    catalog = read_catalog(root)
    assert dict(catalog.left_out.itertuples(index=False)) == {
        "fake/folder.mp4": "a folder without a file, named like a video",
        "fake/pipe.mp4": "not an ordinary file",
    }


def test_stills_are_in_their_natural_order_and_nothing_else_is_one(make_files):
    root = make_files("f_10.png", "f_2.png", "f_1.jpg", "notes.txt", ".g.png", "deeper/f_0.png")
    assert [path.name for path in stills(root)] == ["f_1.jpg", "f_2.png", "f_10.png"]
    with pytest.raises(OSError):
        stills(root / "gone")


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=10))
def test_natural_order_is_that_of_the_numbers(numbers):
    names = [f"frame_{number}.png" for number in numbers]
    ordered = sorted(names, key=natural_order)
    assert [int(re.sub(r"\D", "", name)) for name in ordered] == sorted(numbers)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_two_names_can_be_ordered(first, second):
    assert sorted([first, second], key=natural_order)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a/b.tar.MP4", ("a", "b.tar", ".mp4")),
        ("b", ("", "b", "")),
        ("a/.x", ("a", ".x", "")),
        ("a.b/c", ("a.b", "c", "")),
    ],
)
def test_a_path_is_split_into_folder_stem_and_suffix(path, parts):
    assert split_path(path) == parts


@pytest.mark.parametrize(
    ("path", "media"),
    [("a.mp4", "video"), ("a.GIF", "video"), ("a.JPeG", "image"), ("mp4", ""), ("a.txt", "")],
)
def test_the_suffix_says_what_a_file_is(path, media):
    assert media_of(path) == media


@pytest.mark.parametrize(
    ("path", "leaves"),
    [
        ("a/b.mp4", False),
        ("a..b/c", False),
        ("../a", True),
        ("a/../../b", True),
        ("/etc/passwd", True),
        ("C:\\x", True),
        ("a\\..\\b", True),
    ],
)
def test_paths_that_leave_the_folder_are_noticed(path, leaves):
    assert leaves_root(path) == leaves


def test_a_name_with_accents_is_found_however_it_is_stored(make_files):
    files = list_files(make_files("e\u0301te\u0301/o\u0308.mp4"))
    assert files.on_disk("\u00e9t\u00e9/\u00f6.mp4") == "e\u0301te\u0301/o\u0308.mp4"
    assert files.on_disk("\u00e9t\u00e9/gone.mp4") == "e\u0301te\u0301/gone.mp4"
    assert files.on_disk("plain.mp4") == "plain.mp4"
    assert plain_name("e\u0301") == plain_name("\u00e9") == "\u00e9"
