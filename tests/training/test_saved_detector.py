import numpy as np

from dfutils.features import ExtractionSettings
from dfutils.training import Decision, Familiarity, MeanPooledBaseline, SavedDetector


def test_score_is_calibrated_and_a_new_fit_is_not(make_clips):
    train, val = make_clips(20), make_clips(12, seed=1)
    fitted = MeanPooledBaseline().fit(train)
    saved = SavedDetector(
        fitted, ExtractionSettings(), Decision(temperature=2.0), Familiarity.measure(train, val)
    )
    np.testing.assert_allclose(saved.score(val), Decision(temperature=2.0).calibrate(fitted.score(val)))
    assert saved.name == fitted.name
    np.testing.assert_allclose(saved.fit(train, val, seed=7).score(val), fitted.score(val))
