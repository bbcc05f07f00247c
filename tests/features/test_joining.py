from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.features.joining import join_clips


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
