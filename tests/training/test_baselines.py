"""Baselines: a constant, and linear models that see the mean or simple statistics over time."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, DfutilsError
from dfutils.training import (
    BASELINES,
    ConstantBaseline,
    MeanPooledBaseline,
    TemporalBaseline,
    fit_baselines,
    mean_change,
    mean_features,
    temporal_features,
)


def test_constant_baseline_scores_the_share_of_fakes(make_clips):
    train = make_clips(60).take(np.r_[0:20, 21:60:2])
    scores = ConstantBaseline().fit(train).score(make_clips(20, seed=1))
    assert scores.tolist() == [train.y.mean()] * 20
    assert train.y.mean() != 0.5


def test_mean_pooled_baseline_learns(make_clips):
    val = make_clips(20, seed=1)
    scores = MeanPooledBaseline().fit(make_clips(60)).score(val)
    assert roc_auc_score(val.y, scores) > 0.9


def test_temporal_baseline_learns_from_changes_that_the_mean_does_not_show(make_clips):
    """Fakes jump to and fro around the same mean; real clips stand still."""
    rng = np.random.default_rng(0)

    def make_jumping(n, seed):
        clips = make_clips(n, seed=seed, signal=0.0, length=12)
        clips.mask[:] = True
        jumps = rng.choice([-1.0, 1.0], (n, 12, 1)) * (clips.y == 1)[:, None, None]
        clips.X[:] = 0.3 * clips.X + 1.2 * jumps
        return clips

    train, val = make_jumping(60, 1), make_jumping(40, 2)
    aucs = {
        kind: roc_auc_score(val.y, kind().fit(train).score(val))
        for kind in (MeanPooledBaseline, TemporalBaseline)
    }
    assert aucs[TemporalBaseline] > 0.95
    assert aucs[MeanPooledBaseline] < 0.8


def test_every_baseline_is_fitted_under_its_name(make_clips):
    baselines = fit_baselines(make_clips(24))
    assert list(baselines) == [kind.name for kind in BASELINES]
    assert [baseline.name for baseline in baselines.values()] == list(baselines)
    assert all(np.isfinite(baseline.score(make_clips(6))).all() for baseline in baselines.values())


@pytest.mark.parametrize("kind", BASELINES)
def test_fit_returns_a_fitted_copy_and_changes_nothing_else(make_clips, kind):
    untouched = kind()
    first = untouched.fit(make_clips(60), make_clips(8, seed=1), seed=3)
    scores = first.score(make_clips(8, seed=1))
    first.fit(make_clips(60, seed=5, signal=-1.5).take(np.r_[0:20, 21:60:2]))
    np.testing.assert_array_equal(first.score(make_clips(8, seed=1)), scores)
    with pytest.raises(DfutilsError, match=f"{kind.name}' is not fitted"):
        untouched.score(make_clips(8))


def test_constant_features_give_finite_scores(make_clips):
    train, val = make_clips(6), make_clips(4, seed=1)
    for clips in (train, val):
        clips.X[..., 1:] = 3.0
    for baseline in fit_baselines(train).values():
        assert np.isfinite(baseline.score(val)).all()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("one class", "All 8 training clips are fake"),
        ("no label", "training clip 'clip002' has no label"),
        ("not finite", "training clip 'clip003' has features that are not finite"),
        ("no frame", "training clip 'clip004' has no frame"),
    ],
)
def test_baselines_are_not_fitted_to_unusable_clips(make_faulty_clips, fault, message):
    for kind in BASELINES:
        with pytest.raises(DataError, match=message):
            kind().fit(make_faulty_clips(fault))


@pytest.mark.parametrize(
    ("fault", "message"), [("not finite", "given clip 'clip003'"), ("no frame", "given clip 'clip004'")]
)
def test_unusable_clip_is_not_scored(make_clips, make_faulty_clips, fault, message):
    fitted = TemporalBaseline().fit(make_clips(20))
    with pytest.raises(DataError, match=message):
        fitted.score(make_faulty_clips(fault))


def test_clips_with_other_features_are_refused(make_clips):
    fitted = TemporalBaseline().fit(make_clips(20))
    with pytest.raises(DataError, match="takes 6 features per frame, and the clips have 8"):
        fitted.score(make_clips(8, width=8))


def test_no_clips_give_no_scores(make_clips):
    no_clips = make_clips(8).take(np.arange(0))
    assert TemporalBaseline().fit(make_clips(20)).score(no_clips).shape == (0,)


def test_mean_leaves_padding_out(make_clips):
    clips = make_clips(4)
    clips.X[~clips.mask] = 1000
    frames = clips.X[0, : clips.mask[0].sum()]
    np.testing.assert_allclose(mean_features(clips)[0], frames.mean(0), rtol=1e-5)


def test_temporal_statistics_are_those_of_the_frames_that_are_there(make_clips):
    clips = make_clips(4)
    frames = clips.X[0, clips.mask[0]]
    expected = np.r_[frames.mean(0), frames.std(0), np.abs(np.diff(frames, axis=0)).mean(0)]
    np.testing.assert_allclose(temporal_features(clips)[0], expected, rtol=1e-4, atol=1e-6)


def test_clip_of_one_frame_has_no_deviation_and_no_change(make_clips):
    clips = make_clips(4)
    clips.mask[1, 1:] = False
    np.testing.assert_array_equal(temporal_features(clips)[1, 6:], 0)


def test_change_is_measured_in_standard_deviations(make_clips):
    clips = make_clips(40, length=30, signal=0.0)
    change = mean_change(clips)
    assert change.mean() == pytest.approx(2 / np.sqrt(np.pi), rel=0.05)  # of independent Gaussian frames
    clips.X[:] *= 100
    np.testing.assert_allclose(mean_change(clips), change, rtol=1e-3)


def test_clips_that_stand_still_have_no_change(make_clips):
    clips = make_clips(40, length=30, signal=0.0)
    clips.X[:20] = clips.X[:20].mean(1, keepdims=True)
    change = mean_change(clips)
    assert np.abs(change[:20]).max() < 1e-5
    assert change[20:].min() > 1


def test_change_of_unusable_clips_is_refused(make_faulty_clips):
    with pytest.raises(DataError, match="clip003"):
        mean_change(make_faulty_clips("not finite"))


def test_packed_clips_are_described_and_scored_alike(make_clips, make_packed):
    clips, packed = make_packed(make_clips(600))
    np.testing.assert_array_equal(temporal_features(packed), temporal_features(clips))
    np.testing.assert_array_equal(mean_change(packed), mean_change(clips))
    for kind in BASELINES:
        scores = kind().fit(clips).score(clips)
        np.testing.assert_array_equal(kind().fit(packed).score(packed), scores)


def test_mean_of_many_clips_is_that_of_each(make_clips):
    clips = make_clips(513)
    whole = np.einsum("ntd,nt->nd", clips.X, clips.mask.astype(np.float32))
    np.testing.assert_array_equal(
        mean_features(clips), whole / clips.mask.sum(1, keepdims=True, dtype=np.float32)
    )
