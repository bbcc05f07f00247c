"""Gradients are those that small changes of the features show."""

from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.features.weights_record import FrameHead
from dfutils.training import (
    ConstantBaseline,
    FrameScoreDetector,
    GRUDetector,
    GRUSettings,
    MeanPooledBaseline,
    TemporalBaseline,
)
from dfutils.training.decision import to_logits
from dfutils.training.gradients import logit_gradient

HEAD = FrameHead(layer="mixed10", kernel=np.array([1.0, -2.0, 0.5], np.float32), bias=0.3)
DETECTORS = {
    "constant": ConstantBaseline(),
    "mean": MeanPooledBaseline(),
    "temporal": TemporalBaseline(),
    "frame scores": FrameScoreDetector(HEAD),
    "GRU": GRUDetector(settings=GRUSettings(units=4, differences=True), epochs=2, batch_size=8),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DETECTORS)
def test_gradient_is_the_slope_of_the_logit(make_clips, name):
    clips = make_clips(12, length=6)
    clips.mask[3, 4:] = False
    clips.X[~clips.mask] = 0
    fitted = DETECTORS[name].fit(clips, clips, seed=7)
    gradient = logit_gradient(fitted, clips)
    assert gradient.shape == clips.X.shape
    assert not gradient[~clips.mask].any()
    rng, step = np.random.default_rng(0), 1e-2
    for clip, frame, feature in rng.integers(0, (12, 4, 6), (25, 3)):
        logits = []
        for sign in (1, -1):
            X = clips.X.copy()
            X[clip, frame, feature] += sign * step
            logits.append(to_logits(fitted.score(replace(clips, X=X)))[clip])
        slope = (logits[0] - logits[1]) / (2 * step)
        assert gradient[clip, frame, feature] == pytest.approx(slope, abs=2e-3, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", DETECTORS)
def test_gradient_of_many_packed_clips_is_the_same(make_clips, make_packed, name):
    clips, packed = make_packed(make_clips(300))
    fitted = DETECTORS[name].fit(clips, clips, seed=7)
    gradient = logit_gradient(fitted, clips)
    np.testing.assert_array_equal(logit_gradient(fitted, packed), gradient)
    np.testing.assert_allclose(logit_gradient(fitted, clips.take(np.arange(9))), gradient[:9], atol=1e-6)


def test_clips_of_one_frame_and_detectors_of_other_kinds(make_clips):
    clips = make_clips(8, length=3)
    clips.mask[:, 1:] = False
    fitted = TemporalBaseline().fit(make_clips(8, length=3))
    assert np.isfinite(logit_gradient(fitted, clips)).all()
    with pytest.raises(SettingsError, match="cannot be explained"):
        logit_gradient(object(), clips)
