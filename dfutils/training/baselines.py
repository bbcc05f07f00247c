"""What a detector has to beat: a constant, and linear models that know little of time or nothing."""

import numpy as np

from dfutils.features import FeatureSet
from dfutils.training.checks import check_clips, check_scorable, check_width


class ConstantBaseline:
    """Score every clip with the share of fakes among the training clips."""

    name = "constant"

    def fit(self, train: FeatureSet, val: FeatureSet | None = None, seed: int = 7) -> "ConstantBaseline":
        """Fit it to the training clips; `val` and `seed`, which other detectors need, change nothing.

        Raises:
            DataError: If a class is missing, a label is unknown, or features are not finite.
        """
        check_clips("training", train)
        self.share = float(train.y.mean())
        return self

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake), float64 [N]."""
        return np.full(len(clips), self.share)


class MeanPooledBaseline:
    """Logistic regression on each clip's mean feature, standardised on the training clips."""

    name = "mean-pooled logistic regression"

    def fit(self, train: FeatureSet, val: FeatureSet | None = None, seed: int = 7) -> "MeanPooledBaseline":
        """Fit it to the training clips; `val` and `seed`, which other detectors need, change nothing.

        Raises:
            DataError: If a class is missing, a label is unknown, or features are not finite.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        check_clips("training", train)
        self.width = train.X.shape[-1]
        # Far more features than clips: a strong penalty, chosen once and not on any test set.
        self.pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=2000))
        self.pipeline.fit(self.describe(train), train.y)
        return self

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake), float64 [N].

        Raises:
            DataError: If the clips have other features than those it was fitted to, one of them has no frame, or
                features are not finite.
        """
        check_width("clips", clips, self.width)
        check_scorable("given", clips)
        if len(clips) == 0:
            return np.empty(0)
        return self.pipeline.predict_proba(self.describe(clips))[:, 1]

    def describe(self, clips: FeatureSet) -> np.ndarray:
        """Return what is known of each clip, float32 [N, D]: the mean over its frames."""
        return mean_features(clips)


class TemporalBaseline(MeanPooledBaseline):
    """Logistic regression on each feature's mean, deviation and mean absolute change from frame to frame."""

    name = "logistic regression on temporal statistics"

    def describe(self, clips: FeatureSet) -> np.ndarray:
        """Return what is known of each clip, float32 [N, 3 D]."""
        return temporal_features(clips)


BASELINES = (ConstantBaseline, MeanPooledBaseline, TemporalBaseline)


def mean_features(clips: FeatureSet) -> np.ndarray:
    """Return each clip's mean over its frames, float32 [N, D]; padding does not count."""
    total = np.einsum("ntd,nt->nd", clips.X, clips.mask.astype(np.float32))
    return total / clips.mask.sum(1, keepdims=True).astype(np.float32)


def temporal_features(clips: FeatureSet) -> np.ndarray:
    """Return each clip's mean, standard deviation and mean absolute change, float32 [N, 3 D].

    Padding does not count. A clip of one frame has no deviation and no change: both are 0.
    """
    width = clips.X.shape[-1]
    means = mean_features(clips)
    result = np.empty((len(clips), 3 * width), np.float32)
    result[:, :width] = means
    for rows in clips.blocks():
        X, mask = clips.X[rows], clips.mask[rows].astype(np.float32)
        squares = np.einsum("ntd,nt->nd", (X - means[rows, None]) ** 2, mask)
        result[rows, width : 2 * width] = np.sqrt(squares / mask.sum(1, keepdims=True))
        both = mask[:, 1:] * mask[:, :-1]
        changes = np.einsum("ntd,nt->nd", np.abs(X[:, 1:] - X[:, :-1]), both)
        result[rows, 2 * width :] = changes / np.maximum(both.sum(1, keepdims=True), 1)
    return result


def mean_change(clips: FeatureSet) -> np.ndarray:
    """Return how much each clip's features change from a frame to the next, float64 [N].

    The mean over features of the absolute change, in standard deviations of that feature over all frames.

    Raises:
        DataError: If a clip has no frame, or features are not finite.
    """
    check_scorable("given", clips)
    width = clips.X.shape[-1]
    found = temporal_features(clips)
    spread = np.sqrt((found[:, :width].var(0) + (found[:, width : 2 * width] ** 2).mean(0)).clip(1e-12))
    return (found[:, 2 * width :] / spread).mean(1).astype(np.float64)


def fit_baselines(train: FeatureSet) -> dict:
    """Fit every baseline.

    Args:
        train: FeatureSet. The training clips.

    Returns:
        {name: fitted baseline}, each with `score(clips) -> float64 [N]`.

    Raises:
        DataError: If a class is missing, a label is unknown, or features are not finite.
    """
    return {kind.name: kind().fit(train) for kind in BASELINES}
