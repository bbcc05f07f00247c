from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import SettingsError, WeightsError
from dfutils.features.weights_record import FrameHead
from dfutils.training import Detector, FrameScoreDetector


@pytest.fixture
def detector():
    return FrameScoreDetector(
        FrameHead(layer="mixed2", kernel=np.array([1.0, -2.0, 0.5], np.float32), bias=0.3)
    )


def test_score_is_the_mean_over_the_frames_of_a_logistic_regression(detector, make_clips):
    clips = make_clips(6)
    assert isinstance(detector, Detector)
    fitted = detector.fit(clips, clips, seed=7)
    frames = fitted.frame_scores(clips)
    expected = 1 / (1 + np.exp(-(clips.X[2, 1, :3] @ [1, -2, 0.5] + 0.3)))
    assert frames[2, 1] == pytest.approx(expected, rel=1e-5)
    assert np.isnan(frames[~clips.mask]).all()
    np.testing.assert_allclose(fitted.score(clips)[0], frames[0, :3].mean())
    assert fitted.score(clips.take(np.array([], int))).shape == (0,)


def test_features_of_another_layer_or_pooling_are_refused(detector, make_clips):
    clips = make_clips(4)
    with pytest.raises(SettingsError, match="needs the features of mixed2.*hold the layers mixed10"):
        detector.score(clips.select("mixed10"))
    wide = replace(detector, head=replace(detector.head, kernel=np.zeros(7, np.float32)))
    with pytest.raises(SettingsError, match="7 features of mixed2, pooled by the mean alone"):
        wide.score(clips)


def test_weights_that_were_not_adapted_are_refused(tmp_path):
    with pytest.raises(WeightsError, match="There is no weights file"):
        FrameScoreDetector.of_weights(tmp_path / "no.weights.h5")
    (tmp_path / "plain.weights.h5").write_text("x")
    with pytest.raises(WeightsError, match="was not adapted by dfutils"):
        FrameScoreDetector.of_weights(tmp_path / "plain.weights.h5")
