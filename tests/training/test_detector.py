"""One protocol for everything that can be fitted to clips and score them."""

import pytest

from dfutils.errors import DfutilsError
from dfutils.training import BASELINES, Detector, GRUDetector
from dfutils.tuning import TunedDetector

DETECTORS = [*(kind() for kind in BASELINES), GRUDetector(), TunedDetector(directory="search")]


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_everything_that_scores_clips_is_a_detector(detector):
    assert isinstance(detector, Detector)
    assert isinstance(detector.name, str)


def test_something_without_a_name_is_not_a_detector():
    class Nameless:
        def fit(self, train, val, *, seed):
            return self

        def score(self, clips):
            return clips.y

    assert not isinstance(Nameless(), Detector)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_detector_that_is_not_fitted_scores_nothing(make_clips, detector):
    with pytest.raises(DfutilsError, match=f"'{detector.name}' is not fitted"):
        detector.score(make_clips(4))
