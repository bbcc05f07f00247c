"""Packed features are indexed like a NumPy array, and read only what is asked for."""

import pickle

import numpy as np
import pytest

from dfutils.errors import MissingArtefactError, StoreError
from dfutils.features.packed_features import PackedFeatures, RowsInFile

N, T, D = 600, 4, 6
RNG = np.random.default_rng(0)
FRAMES = RNG.integers(1, T + 1, N)
MASK = np.arange(T) < FRAMES[:, None]


class CountedRows(RowsInFile):
    """The rows of a file, with the number of times that they were asked for."""

    reads = 0

    def rows(self):
        self.reads += 1
        return super().rows()


@pytest.fixture
def array():
    return np.where(MASK[..., None], RNG.normal(size=(N, T, D)).astype(np.float16), 0).astype(np.float32)


@pytest.fixture
def file(tmp_path, array):
    (tmp_path / "frames.f16").write_bytes(array[MASK].astype(np.float16).tobytes() + b"left over")
    return CountedRows(tmp_path / "frames.f16", D)


@pytest.fixture
def packed(file):
    starts = np.cumsum(FRAMES) - FRAMES
    table = np.zeros(N, int)
    return PackedFeatures([file], [np.arange(D)], table=table, starts=starts, frames=FRAMES, length=T)


def test_facts_are_those_of_the_array(packed, array):
    for name in ("shape", "dtype", "ndim", "size"):
        assert getattr(packed, name) == getattr(array, name)
    assert len(packed) == N
    assert repr(packed) == "PackedFeatures(shape=(600, 4, 6))"


@pytest.mark.parametrize(
    "index",
    [
        3,
        -1,
        np.int64(5),
        slice(2, 9),
        slice(None, None, -7),
        slice(0, 0),
        [4, 1, 1],
        np.array([4, -1]),
        np.array([], int),
        np.array([[4, 2], [0, 1]]),
        FRAMES == 2,
        MASK,
        MASK & False,
        np.ones((N, T, D), bool),
        (slice(3, 8), slice(1, None)),
        (slice(3, 8), slice(None, -1)),
        (np.array([5, 2]), slice(1, None)),
        (3, 1),
        (3, slice(None), 2),
        (3, np.array([1, 2])),
        (np.array([5, 2]), 1),
        (np.array([5, 2]), np.array([1, 3])),
        (np.array([[5], [2]]), np.array([1, 3])),
        (np.array([5, 2]), slice(None), np.array([1, 3])),
        (FRAMES == 2, 0),
        (..., slice(2, 5)),
        (..., 2),
        (..., np.array([4, 0])),
        (slice(None), slice(None), slice(None, None, -2)),
        (slice(9), ...),
        (np.array([1]), None),
        (slice(4), None, 1),
        ...,
    ],
    ids=str,
)
def test_index_gives_what_numpy_gives(packed, array, index):
    found = packed[index]
    assert type(found) is type(array[index])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, array[index])


@pytest.mark.parametrize("index", [N, (0, T), np.array([N]), np.ones(3, bool), (0, 0, 0, 0)], ids=str)
def test_index_out_of_range_is_refused_as_by_numpy(packed, array, index):
    with pytest.raises(IndexError):
        array[index]
    with pytest.raises(IndexError):
        packed[index]


def test_numpy_functions_take_it_as_an_array(packed, array):
    assert np.mean(packed) == array.mean()
    np.testing.assert_array_equal(np.concatenate([packed, array]), np.concatenate([array, array]))
    np.testing.assert_array_equal(list(packed)[7], array[7])
    assert packed.astype(np.float64).dtype == np.float64
    assert np.asarray(packed, dtype=np.float16).dtype == np.float16
    with pytest.raises(ValueError, match="always a copy"):
        packed.__array__(copy=False)


def test_clips_and_features_are_chosen_without_reading(packed, array, file):
    rows = np.array([9, 3, 200])
    chosen = packed.take(FRAMES > 1).take(slice(20, None)).take(rows).columns(slice(1, None)).columns([2, 0])
    both = PackedFeatures.joined(chosen, chosen)
    assert chosen.shape == (3, T, 2)
    assert both.shape == (6, T, 2)
    assert file.reads == 0
    expected = array[FRAMES > 1][20:][rows][..., 1:][..., [2, 0]]
    np.testing.assert_array_equal(chosen, expected)
    np.testing.assert_array_equal(both, np.concatenate([expected, expected]))


def test_joined_parts_get_the_longer_length(packed, array):
    other = RNG.normal(size=(5, T + 2, D)).astype(np.float32)
    expected = np.concatenate([np.pad(array, ((0, 0), (0, 2), (0, 0))), other])
    both = PackedFeatures.joined(packed, other)
    assert isinstance(both, PackedFeatures)
    np.testing.assert_array_equal(both, expected)
    mixed = np.array([N + 1, 3, N + 4, 0])
    np.testing.assert_array_equal(both.take(mixed).columns(slice(2, 4)), expected[mixed][..., 2:4])
    turned = PackedFeatures.joined(other[..., ::-1], packed)
    np.testing.assert_array_equal(turned[:5], other[..., ::-1])
    np.testing.assert_array_equal(turned[5:, :T], array)


def test_pickled_features_read_the_same_file(packed, array):
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(packed.take(slice(9))))[:], array[:9])


def test_replaced_file_stays_readable_where_it_is_open(packed, array, file):
    pickled = pickle.dumps(packed)
    file.path.unlink()
    file.path.with_name("other.f16").write_bytes(b"\0" * 10_000)
    np.testing.assert_array_equal(packed, array)
    with pytest.raises(MissingArtefactError, match=r"frames\.f16 is missing: .*Load them again"):
        pickle.loads(pickled)


def test_file_that_was_cut_off_is_refused(packed, file):
    with file.path.open("r+b") as shortened:
        shortened.truncate(200)
    assert packed[:2].shape == (2, T, D)
    with pytest.raises(StoreError, match="Load them again"):
        packed[:]


def test_file_without_frames_has_no_rows(tmp_path):
    (tmp_path / "empty.f16").touch()
    assert RowsInFile(tmp_path / "empty.f16", D).rows().shape == (0, D)
