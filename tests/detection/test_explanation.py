"""Heat maps add up to the score, and show where it comes from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dfutils.detection.explanation import heat_maps
from dfutils.errors import SettingsError
from dfutils.features import FeatureSet
from dfutils.features.clip_job import ClipJob
from dfutils.features.pipeline import run_jobs
from dfutils.training import load_detector
from dfutils.training.gradients import logit_gradient

pytestmark = pytest.mark.slow


@pytest.fixture
def judged(trained):
    """A function that returns a saved detector, the features of a clip of a fake, and its crops."""

    def judge(kind):
        root, _ = trained
        saved = load_detector(root / "models" / kind)
        job = ClipJob(Path(root / "clips/g01_fake.mp4"), keep_track=True)
        job.identify()
        (job,) = run_jobs([job], saved.settings, workers=1)
        backbone = saved.settings.backbone
        return saved, FeatureSet.of_clips([job.outcome], backbone.layers, pooling=("mean",)), job.track.crops

    return judge


@pytest.mark.parametrize("kind", ["linear", "gru"])
def test_heat_of_a_frame_adds_up_to_what_its_features_contribute(judged, kind):
    saved, clip, crops = judged(kind)
    found = heat_maps(saved, clip, crops)
    assert found.heat.shape == (6, 299, 299)
    assert list(found.layers) == ["mixed0"]
    gradient = logit_gradient(saved.detector, clip)[0]
    away = clip.X[0] - saved.familiarity.layers["mixed0"].mean
    expected = (gradient * away).sum(1)
    # Features are kept with three digits.
    tolerance = 1e-3 * np.abs(gradient * clip.X[0]).sum(1).max() + 1e-4
    np.testing.assert_allclose(found.heat.sum((1, 2)), expected, atol=tolerance)


def test_a_change_of_a_place_shows_at_that_place(judged):
    saved, clip, crops = judged("linear")
    crops = np.repeat(crops[:1], 6, axis=0)
    changed = crops.copy()
    changed[:, 200:260, 30:90] = 255 - changed[:, 200:260, 30:90]
    before, after = (heat_maps(saved, clip, part).heat.mean(0) for part in (crops, changed))
    difference = np.abs(after - before)
    inside = difference[155:, :135].sum()  # the place, and as far as a feature of mixed0 sees
    assert inside > 0.9 * difference.sum()


def test_other_pooling_than_the_mean_is_refused(judged):
    saved, clip, crops = judged("linear")
    backbone = replace(saved.settings.backbone, pooling=("mean", "maximum"))
    other = replace(saved, settings=replace(saved.settings, backbone=backbone))
    with pytest.raises(SettingsError, match="pooled by their mean"):
        heat_maps(other, clip, crops)
