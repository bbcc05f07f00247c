"""How the score of a clip changes with each feature of each frame."""

from typing import Any

import numpy as np

from dfutils.errors import SettingsError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training.baselines import ConstantBaseline, MeanPooledBaseline, TemporalBaseline, mean_features
from dfutils.training.detector import Detector
from dfutils.training.frame_score_detector import FrameScoreDetector
from dfutils.training.gru_detector import GRUDetector


def logit_gradient(detector: Detector, clips: FeatureSet) -> np.ndarray:
    """Return the derivative of the logit of each clip's score with respect to each feature of each frame.

    Args:
        detector: Detector. A fitted `GRUDetector`, baseline or `FrameScoreDetector`.
        clips: FeatureSet. With exactly the layers of the detector.

    Returns:
        float32 array [N, T, D]; zeros where `clips.mask` is False.

    Raises:
        SettingsError: If the detector is of another kind.
    """
    gradient = np.empty(clips.X.shape, np.float32)
    for rows in clips.blocks():
        block = clips.take(np.arange(len(clips))[rows])
        gradient[rows] = _of_block(detector, block) * block.mask[..., None]
    return gradient


def _of_block(detector: Detector, clips: FeatureSet) -> np.ndarray:
    if isinstance(detector, GRUDetector):
        return _of_gru(detector.model, clips)
    if isinstance(detector, TemporalBaseline):
        return _of_temporal(detector, clips)
    if isinstance(detector, MeanPooledBaseline):
        assert detector.model is not None
        return np.broadcast_to(detector.model.gradient, clips.X.shape) / _counts(clips)
    if isinstance(detector, FrameScoreDetector):
        return _of_frame_scores(detector, clips)
    if isinstance(detector, ConstantBaseline):
        return np.zeros(clips.X.shape)
    raise SettingsError(f"The scores of a {type(detector).__name__} cannot be explained.")


def _counts(clips: FeatureSet) -> np.ndarray:
    """Return the number of frames of each clip, float64 [N, 1, 1]."""
    return clips.mask.sum(1).astype(np.float64)[:, None, None]


def _of_gru(model: Any, clips: FeatureSet) -> np.ndarray:
    load_keras()
    import tensorflow as tf

    features = tf.convert_to_tensor(np.asarray(clips.X))
    with tf.GradientTape() as tape:
        tape.watch(features)
        scores = model({"features": features, "mask": tf.convert_to_tensor(clips.mask)}, training=False)
        scores = tf.clip_by_value(scores, 1e-6, 1 - 1e-6)
        logits = tf.math.log(scores) - tf.math.log1p(-scores)
    return np.asarray(tape.gradient(logits, features))


def _of_temporal(detector: TemporalBaseline, clips: FeatureSet) -> np.ndarray:
    """Return the gradient through the mean, the standard deviation and the mean absolute change of each feature."""
    assert detector.model is not None
    of_mean, of_deviation, of_change = np.split(detector.model.gradient, 3)
    X, mask, counts = clips.X.astype(np.float64), clips.mask[..., None], _counts(clips)
    centred = (X - mean_features(clips)[:, None]) * mask
    deviations = np.sqrt((centred**2).sum(1, keepdims=True) / counts)
    spread = np.divide(centred, deviations, out=np.zeros_like(centred), where=deviations > 0)
    both = mask[:, 1:] & mask[:, :-1]
    signs = np.sign(X[:, 1:] - X[:, :-1]) * both
    slopes = np.zeros_like(X)
    slopes[:, 1:] += signs
    slopes[:, :-1] -= signs
    return (of_mean + of_deviation * spread) / counts + of_change * slopes / np.maximum(counts - 1, 1)


def _of_frame_scores(detector: FrameScoreDetector, clips: FeatureSet) -> np.ndarray:
    frames = np.nan_to_num(detector.frame_scores(clips))[..., None]
    score = detector.score(clips)[:, None, None]
    gradient = np.zeros(clips.X.shape)
    weight = frames * (1 - frames) / _counts(clips) / np.maximum(score * (1 - score), 1e-9)
    gradient[..., clips.spans[detector.head.layer]] = weight * detector.head.kernel
    return gradient
