"""The lists of data sets: line ends, columns, lines that are wrong, names without a clip."""

import pytest

from dfutils.data.layouts.own_lists import ClipsByName, only_listed, read_lines, read_table
from dfutils.data.layouts.registry import Entry
from dfutils.errors import DataError
from dfutils.media.files import Files


def test_line_ends_and_a_byte_order_mark_are_no_part_of_a_line(make_files):
    root = make_files("a.txt", content=b"\xef\xbb\xbfone\r\ntwo\n")
    assert read_lines(Files(root, ["a.txt"]), "a.txt", "a list") == ["one", "two"]


def test_what_is_not_text_is_refused(make_files):
    root = make_files("a.txt", content=b"\xff\xfe\x00\xd8")
    for name in ("a.txt", "gone.txt"):
        with pytest.raises(DataError, match=rf"{name} is not a list of videos: .*Fix or remove it"):
            read_lines(Files(root, [name]), name, "a list of videos")


def test_rows_have_their_line_and_values_without_spaces(make_files):
    content = b'name, label,\r\n"a,1.mp4", real ,extra\r\n\r\n,,\r\nb.mp4\r\n'
    root = make_files("a.csv", content=content)
    rows = read_table(Files(root, ["a.csv"]), "a.csv", ("name", "label"), filled="name")
    assert [tuple(row) for row in rows] == [
        (2, {"name": "a,1.mp4", "label": "real", "": "extra"}),
        (5, {"name": "b.mp4"}),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: there is no column 'name'. Use the file as the data set ships it"),
        (b"label\nreal\n", "line 1: there is no column 'name'"),
        (b"name,label\na,real\n,fake\n", "line 3: the column 'name' is empty. Fix or remove the line"),
        (b"name\n" + b"x" * 200_000, r"line 2: field larger than field limit.*Fix the line"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(make_files, content, message):
    root = make_files("a.csv", content=content)
    with pytest.raises(DataError, match=rf"a\.csv, {message}"):
        read_table(Files(root, ["a.csv"]), "a.csv", ("name",), filled="name")


def test_a_name_without_a_clip_is_left_out_with_the_reason():
    assert only_listed("real/a.mp4", "list.txt").left_out == "named in list.txt, but not on disk"
    for name in ("../a.mp4", "/a.mp4", "C:/a.mp4"):
        assert only_listed(name, "list.txt").left_out == "list.txt names a path outside the data set's folder"


def test_clips_are_found_by_name_below_a_folder():
    clips = [Entry("a/x/One.mp4"), Entry("b/one", media="frames"), Entry("b/two.mp4")]
    by_name = ClipsByName(clips)
    assert list(by_name.below("", "one.mp4")) == clips[:2]
    assert list(by_name.below("b", "any/one.avi")) == [clips[1]]
    assert list(by_name.below("a", "two.mp4")) == []
