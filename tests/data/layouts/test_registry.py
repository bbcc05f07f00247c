"""What readers are built from: entries, clips by their names, JSON files."""

import re

import pytest

from dfutils.data.layouts.registry import Entry, any_clip, matching_clips, named_clips, read_json
from dfutils.errors import DataError
from dfutils.media.files import list_files


@pytest.mark.parametrize(
    ("entry", "stem", "without_suffix"),
    [
        (Entry("a/b.mp4"), "b", "a/b"),
        (Entry("b.tar.mp4"), "b.tar", "b.tar"),
        (Entry("a/clip.1", media="frames"), "clip.1", "a/clip.1"),
    ],
)
def test_an_entry_knows_its_name_without_the_suffix(entry, stem, without_suffix):
    assert (entry.stem, entry.without_suffix) == (stem, without_suffix)


def test_videos_and_folders_of_stills_are_entries_and_frames_of_a_video_are_left_out(make_files):
    root = make_files("videos/000.mp4", "frames/000/1.png", "frames/001/1.png", "notes.txt")
    entries = {entry.path: (entry.media, entry.left_out) for entry in named_clips(list_files(root))}
    assert entries == {
        "videos/000.mp4": ("video", ""),
        "frames/000": ("frames", "the frames of videos/000.mp4"),
        "frames/001": ("frames", ""),
    }


def test_a_pattern_is_looked_for_in_the_paths_without_suffix(make_files):
    files = list_files(make_files("a/v1.mp4", "b/notes.txt"))
    assert any_clip(re.compile(r"v\d$"))(files)
    assert not any_clip(re.compile(r"notes"))(files)


@pytest.mark.parametrize("content", [b"[1, 2", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_damaged_json_file_is_named_with_what_it_should_be(make_files, content):
    files = list_files(make_files("list.json", content=content))
    with pytest.raises(DataError, match=r"list.json is not a list of clips: .*Fix or remove it"):
        read_json(files, "list.json", "a list of clips")


def test_clips_that_match_come_with_the_first_pattern_that_does(make_files):
    files = list_files(make_files("a/1.mp4", "b/2.mp4", "c/3.mp4"))
    found = matching_clips(files, re.compile("a/(.)"), re.compile("[ab]/(.)"))
    assert [(clip.path, match[1], match.re.pattern) for clip, match in found] == [
        ("a/1.mp4", "1", "a/(.)"),
        ("b/2.mp4", "2", "[ab]/(.)"),
    ]
