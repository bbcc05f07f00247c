import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.training import MeanPooledBaseline, TemporalBaseline
from dfutils.training.detector_kinds import KINDS, kind_of, read_detector, write_detector


def test_kind_is_that_of_the_class_and_not_of_its_parent():
    assert {name: kind_of(object.__new__(kind)) for name, kind in KINDS.items()} == {
        name: name for name in KINDS
    }
    with pytest.raises(SettingsError, match="attribute `gru`"):
        kind_of(object())


def test_arrays_are_read_as_they_were_written(make_clips, tmp_path):
    clips = make_clips(12)
    fitted = TemporalBaseline().fit(clips)
    described = write_detector(fitted, tmp_path)
    loaded = read_detector("linear_temporal", described, tmp_path)
    np.testing.assert_array_equal(loaded.score(clips), fitted.score(clips))
    with pytest.raises(ValueError, match="does not take 6 features"):
        read_detector("linear_mean", described, tmp_path)
    assert type(fitted) is not MeanPooledBaseline
