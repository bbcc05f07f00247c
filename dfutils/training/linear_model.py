"""Logistic regression on standardised inputs, as plain arrays that can be saved without pickle."""

from dataclasses import dataclass
from typing import Self

import numpy as np

_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A fitted logistic regression: P(fake) = sigmoid(kernel · (inputs - mean) / scale + bias).

    Args:
        mean, scale: float64 arrays [K]. Mean and standard deviation of the training inputs.
        kernel: float64 array [K].
        bias: float.
    """

    mean: np.ndarray
    scale: np.ndarray
    kernel: np.ndarray
    bias: float

    @classmethod
    def fit(cls, inputs: np.ndarray, labels: np.ndarray) -> Self:
        """Fit scikit-learn's logistic regression to standardised inputs.

        Args:
            inputs: float32 array [N, K].
            labels: int array [N]. 1 = fake, 0 = real.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler()
        # There are far more features than clips, hence the strong penalty. It was never tuned on test clips.
        regression = LogisticRegression(C=1e-3, max_iter=2000)
        regression.fit(scaler.fit_transform(inputs), labels)
        mean, scale, kernel = (
            np.asarray(part, np.float64) for part in (scaler.mean_, scaler.scale_, regression.coef_[0])
        )
        return cls(mean, scale, kernel, float(regression.intercept_[0]))

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Return the logit of P(fake) of each row, float64 [N]."""
        blocks = (inputs[begin : begin + _BLOCK] for begin in range(0, len(inputs), _BLOCK))
        parts = [(block - self.mean) @ self.gradient for block in blocks]
        return np.concatenate([*parts, np.empty(0)]) + self.bias

    def scores(self, inputs: np.ndarray) -> np.ndarray:
        """Return P(fake) of each row, float64 [N]."""
        return 1 / (1 + np.exp(-self.logits(inputs)))

    @property
    def gradient(self) -> np.ndarray:
        """The derivative of the logit with respect to each input, float64 [K]."""
        return self.kernel / self.scale
