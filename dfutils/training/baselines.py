"""Baselines: a constant score, and logistic regression on statistics of each clip's features."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np

from dfutils.features import FeatureSet
from dfutils.training.checks import check_clips, check_fitted, check_scorable, check_width
from dfutils.training.detector import Detector
from dfutils.training.linear_model import LinearModel


@dataclass(frozen=True)
class ConstantBaseline:
    """A baseline that gives every clip the same score: the share of fakes among the training clips.

    Args:
        share: float or None. The share of fakes; None before `fit`.
    """

    name: ClassVar[str] = "constant"
    share: float | None = None

    def fit(self, train: FeatureSet, val: FeatureSet | None = None, *, seed: int = 7) -> Self:
        """Return a copy that is fitted to the training clips.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet or None. Not used.
            seed: int. Not used: the fit involves no randomness.

        Raises:
            DataError: If a class is missing, a label is unknown, or features are not finite.
        """
        check_clips("training", train)
        return replace(self, share=float(train.y.mean()))

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Raises:
            DfutilsError: If the baseline is not fitted.
        """
        check_fitted(self.name, self.share is not None)
        return np.full(len(clips), self.share)


@dataclass(frozen=True)
class MeanPooledBaseline:
    """A baseline: logistic regression on the mean of each feature over a clip's frames.

    The means are standardised with the mean and variance of the training clips.

    Args:
        width: int. The number of features per frame; 0 before `fit`.
        layers: tuple of str. The layers that the features come from; empty before `fit`.
        model: LinearModel or None. The fitted model; None before `fit`.
    """

    name: ClassVar[str] = "mean-pooled logistic regression"
    width: int = field(default=0, repr=False)
    layers: tuple[str, ...] = field(default=(), repr=False)
    model: LinearModel | None = field(default=None, repr=False, compare=False)

    def fit(self, train: FeatureSet, val: FeatureSet | None = None, *, seed: int = 7) -> Self:
        """Return a copy that is fitted to the training clips.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet or None. Not used.
            seed: int. Not used: the fit involves no randomness.

        Raises:
            DataError: If a class is missing, a label is unknown, or features are not finite.
        """
        check_clips("training", train)
        model = LinearModel.fit(self.describe(train), train.y)
        return replace(self, width=train.X.shape[-1], layers=train.layers, model=model)

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Raises:
            DfutilsError: If the baseline is not fitted.
            DataError: If the number of features per frame differs from the training clips, a clip has no frame, or
                features are not finite.
        """
        check_fitted(self.name, self.model is not None)
        assert self.model is not None
        if set(self.layers) <= set(clips.spans):  # the clips may have features of more layers
            clips = clips.select(self.layers)
        check_width("clips", clips, self.width)
        check_scorable("given", clips)
        return self.model.scores(self.describe(clips))

    def describe(self, clips: FeatureSet) -> np.ndarray:
        """Return the input of the logistic regression, float32 [N, D]: each clip's mean over its frames."""
        return mean_features(clips)


@dataclass(frozen=True)
class TemporalBaseline(MeanPooledBaseline):
    """A baseline: logistic regression on each feature's mean, standard deviation and change between frames."""

    name: ClassVar[str] = "logistic regression on temporal statistics"

    def describe(self, clips: FeatureSet) -> np.ndarray:
        """Return the input of the logistic regression, float32 [N, 3 D], from `temporal_features`."""
        return temporal_features(clips)


BASELINES = (ConstantBaseline, MeanPooledBaseline, TemporalBaseline)


def fit_baselines(train: FeatureSet) -> dict[str, Detector]:
    """Fit the three baselines: the constant score and the two logistic regressions.

    Args:
        train: FeatureSet. The training clips.

    Returns:
        dict. {name: fitted baseline}.

    Raises:
        DataError: If a class is missing, a label is unknown, or features are not finite.
    """
    return {kind.name: kind().fit(train) for kind in BASELINES}


def mean_features(clips: FeatureSet) -> np.ndarray:
    """Return the mean of each feature over each clip's frames, float32 [N, D]. Padding is not included."""
    total = np.zeros((len(clips), clips.X.shape[-1]), np.float32)
    for rows in clips.blocks():
        total[rows] = np.einsum("ntd,nt->nd", clips.X[rows], clips.mask[rows].astype(np.float32))
    return total / clips.mask.sum(1, keepdims=True).astype(np.float32)


def temporal_features(clips: FeatureSet) -> np.ndarray:
    """Return three statistics of each feature over a clip's frames: mean, standard deviation and mean absolute change.

    Padding is not included. For a clip with one frame, the standard deviation and the change are 0.

    Args:
        clips: FeatureSet.

    Returns:
        float32 array [N, 3 D]. Each feature's mean, its standard deviation and its mean absolute change from one frame
        to the next.
    """
    width = clips.X.shape[-1]
    means = mean_features(clips)
    result = np.empty((len(clips), 3 * width), np.float32)
    result[:, :width] = means
    for rows in clips.blocks():
        X, mask = clips.X[rows], clips.mask[rows].astype(np.float32)
        squares = np.einsum("ntd,nt->nd", (X - means[rows, None]) ** 2, mask)
        result[rows, width : 2 * width] = np.sqrt(squares / mask.sum(1, keepdims=True))
        in_both = mask[:, 1:] * mask[:, :-1]
        changes = np.einsum("ntd,nt->nd", np.abs(X[:, 1:] - X[:, :-1]), in_both)
        result[rows, 2 * width :] = changes / np.maximum(in_both.sum(1, keepdims=True), 1)
    return result


def mean_change(clips: FeatureSet) -> np.ndarray:
    """Return how much each clip's features change from one frame to the next, averaged over all features.

    Args:
        clips: FeatureSet.

    Returns:
        float64 array [N]. The mean absolute change over all features. The change of each feature is divided by the
        feature's standard deviation over all frames of all clips.

    Raises:
        DataError: If a clip has no frame, or features are not finite.
    """
    check_scorable("given", clips)
    width = clips.X.shape[-1]
    means, deviations, changes = np.split(temporal_features(clips), [width, 2 * width], axis=1)
    spread = np.sqrt((means.var(0) + (deviations**2).mean(0)).clip(1e-12))
    return (changes / spread).mean(1).astype(np.float64)
