from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.features.joining import join_clips
from dfutils.features.packed_features import PackedFeatures


def renamed(clips):
    """The same clips under other names."""
    names = np.array([f"other {name}" for name in clips.clip_ids])
    return replace(clips, clip_ids=names, coverage=clips.coverage.assign(clip_id=names))


def test_joined_clips_are_those_of_both_sets_padded_to_the_same_length(make_clips):
    first, second = make_clips(4), renamed(make_clips(6, seed=1, length=8))
    both = join_clips(first, second)
    assert both.X.shape == (10, 8, 6)
    np.testing.assert_array_equal(both.X[:4, :5], first.X)
    assert not both.X[:4, 5:].any()
    assert not both.mask[:4, 5:].any()
    np.testing.assert_array_equal(both.mask[4:], second.mask)
    assert len(both.coverage) == 10
    with pytest.raises(DataError, match="'clip000' is in both sets"):
        join_clips(first, make_clips(6))
    with pytest.raises(SettingsError, match="same layers"):
        join_clips(first, second.select("mixed2"))


def test_packed_clips_are_joined_without_being_read(make_clips, make_packed):
    (first, packed), second = make_packed(make_clips(4)), renamed(make_clips(6, seed=1, length=8))
    for one, other in ((packed, second), (second, packed)):
        ordinary = join_clips(*(first if part is packed else part for part in (one, other)))
        both = join_clips(one, other)
        assert isinstance(both.X, PackedFeatures)
        np.testing.assert_array_equal(both.X, ordinary.X)
        np.testing.assert_array_equal(both.mask, ordinary.mask)
        np.testing.assert_array_equal(both.select("mixed10").X, ordinary.select("mixed10").X)
        np.testing.assert_array_equal(both.take(np.array([8, 0])).X, ordinary.X[[8, 0]])
