"""What a detector has to beat: a constant, and a linear model that knows no order."""

import numpy as np

from dfutils.features import FeatureSet


class ConstantBaseline:
    """Score every clip with the share of fakes among the training clips."""

    name = "constant"

    def fit(self, train: FeatureSet) -> "ConstantBaseline":
        self.share = float(train.y.mean())
        return self

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake), float64 [N]."""
        return np.full(len(clips), self.share)


class MeanPooledBaseline:
    """Logistic regression on each clip's mean feature, standardised on the training clips."""

    name = "mean-pooled logistic regression"

    def fit(self, train: FeatureSet) -> "MeanPooledBaseline":
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        # Far more features than clips: a strong penalty, chosen once and not on any test set.
        self.pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=2000))
        self.pipeline.fit(mean_features(train), train.y)
        return self

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake), float64 [N]."""
        return self.pipeline.predict_proba(mean_features(clips))[:, 1]


def mean_features(clips: FeatureSet) -> np.ndarray:
    """Return each clip's mean over its frames, float32 [N, D]; padding does not count."""
    return (clips.X * clips.mask[..., None]).sum(1) / clips.mask.sum(1, keepdims=True)


def fit_baselines(train: FeatureSet) -> dict:
    """Fit both baselines.

    Args:
        train: FeatureSet. The training clips.

    Returns:
        {name: fitted baseline}, each with `score(clips) -> float64 [N]`.
    """
    return {kind.name: kind().fit(train) for kind in (ConstantBaseline, MeanPooledBaseline)}
