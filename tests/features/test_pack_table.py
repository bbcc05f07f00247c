"""The table of a pack is read only if it is whole and of the same settings."""

from dataclasses import replace

import numpy as np
import pytest

from dfutils.features.pack_table import PackTable, checksum

FACTS = {"fingerprint": "0123456789ab", "width": 6}


@pytest.fixture
def table():
    empty = PackTable("frames-1.f16", "0123456789ab", 6)
    return empty.extended([(b"aa", 3, 80.0, checksum(b"aa", b"x")), (b"bb", 2, 90.5, 7)])


def test_what_was_written_is_read(table, tmp_path):
    table.write(tmp_path / "table.npz")
    again = PackTable.read(tmp_path / "table.npz", **FACTS)
    assert again is not None
    for name, value in vars(table).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_clips_follow_one_another(table):
    more = table.extended([(b"cc", 4, 70.0, 9)])
    assert more.starts.tolist() == [0, 3, 5]
    assert more.end == 9
    assert table.extended([]) is table


def test_clip_that_is_packed_again_replaces_its_row(table):
    more = table.extended([(b"aa", 4, 70.0, 9)])
    assert more.keys.tolist() == [b"bb", b"aa"]
    assert more.starts.tolist() == [3, 5]
    assert more.end == 9


def test_place_of_a_dropped_clip_stays_taken(table):
    rest = table.without(np.array([b"bb"]))
    assert rest.keys.tolist() == [b"aa"]
    assert rest.end == 5


def test_clips_are_found_by_key_and_number_of_frames(table):
    keys = np.array([b"bb", b"zz", b"aa", b"aa"])
    assert table.find(keys, np.array([2, 3, 3, 4])).tolist() == [1, -1, 0, -1]
    empty = PackTable("frames-1.f16", "0123456789ab", 6)
    assert empty.find(keys, np.array([2, 3, 3, 4])).tolist() == [-1] * 4


def test_table_of_other_settings_is_not_used(table, tmp_path):
    path = tmp_path / "table.npz"
    assert PackTable.read(path, **FACTS) is None
    table.write(path)
    assert PackTable.read(path, **FACTS | {"width": 7}) is None
    assert PackTable.read(path, **FACTS | {"fingerprint": "ba9876543210"}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"frames_file": "../frames.f16"},
        {"end": 4},
        {"starts": np.array([0, -3])},
        {"frames": np.array([3, 0])},
        {"keys": np.array([b"aa", b"aa"])},
        {"sides": np.array([1.0])},
        {"checksums": np.array([1.0, 2.0])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_table_that_cannot_be_right_is_not_used(change, table, tmp_path):
    replace(table, **change).write(tmp_path / "table.npz")
    assert PackTable.read(tmp_path / "table.npz", **FACTS) is None


def test_every_flipped_byte_is_noticed_or_harmless(table, tmp_path):
    path = tmp_path / "table.npz"
    table.write(path)
    whole = path.read_bytes()
    noticed = 0
    for place in range(0, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        again = PackTable.read(path, **FACTS)
        noticed += again is None
        assert again is None or (again.keys.tolist() == table.keys.tolist() and again.end == table.end)
    assert noticed > len(whole) / 10


def test_checksum_tells_clips_with_the_same_frames_apart():
    assert checksum(b"aa", b"frames") != checksum(b"bb", b"frames")
    assert checksum(b"aa", b"frames") != checksum(b"aa", b"Frames")
