from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import DataError
from dfutils.training import Familiarity


@pytest.fixture
def clips(make_clips):
    train, val = make_clips(60, width=40), make_clips(40, seed=1, width=40)
    train.face_sides[:] = np.linspace(100, 140, 60)
    val.face_sides[:] = 120
    return train, val


def test_clips_like_the_validation_clips_are_familiar(clips, make_clips):
    found = Familiarity.measure(*clips)
    others = make_clips(200, seed=2, width=40)
    others.face_sides[:] = 110
    unlike = [remarks for remarks in found.remarks(others) if remarks]
    assert len(unlike) <= 0.12 * len(others)
    assert np.median(found.distances(clips[1])) < found.limit


def test_other_features_other_faces_and_few_frames_are_said(clips, make_clips):
    found = Familiarity.measure(*clips)
    odd = make_clips(5, seed=3, width=40)
    odd.face_sides[:] = [110, 110, 40, 400, 110]
    odd.X[1] += 3  # all features are higher
    odd.mask[4, 1:] = False
    _, features, small, large, short = found.remarks(odd)
    assert features[0].startswith("its features are far from those of the training clips (")
    assert "its face is much smaller (40 pixels; in training 100 to 140)" in small
    assert "its face is much larger (400 pixels; in training 100 to 140)" in large
    assert "it has few frames with the face (1; in training at least 3)" in short


def test_unknown_sizes_of_faces_and_constant_features_are_no_trouble(clips):
    train, val = (replace(part, face_sides=np.full(len(part), np.nan)) for part in clips)
    train.X[..., 5] = val.X[..., 5] = 2.0
    found = Familiarity.measure(train, val)
    assert np.isnan(found.face_side).all()
    assert np.isfinite(found.distances(val)).all()
    assert not any("face is much" in words for remarks in found.remarks(val) for words in remarks)


def test_too_few_clips_are_refused(make_clips):
    with pytest.raises(DataError, match="At least two training clips"):
        Familiarity.measure(make_clips(4).take(np.array([0])), make_clips(4))
