"""From a detector's score to a calibrated score and a verdict: fake, real or unsure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dfutils.errors import SettingsError

Verdict = Literal["fake", "real", "unsure"]
_TINY = 1e-7


@dataclass(frozen=True, kw_only=True)
class Decision:
    """How a score becomes a verdict. All limits apply to the calibrated score.

    `evaluation.choose_decision` chooses everything on validation clips.

    Args:
        temperature: float. The logits of scores are divided by it (temperature scaling). Defaults to 1: scores are
            probabilities as they are.
        threshold: float in [0, 1]. The best single limit between real and fake. Defaults to 0.5.
        rule: str. How the threshold was chosen. Defaults to `"fixed"`.
        fake_from: float. A clip with this score or a higher one is called fake. Above 1: no clip is. Defaults to 0.5.
        real_below: float. A clip with a lower score is called real. 0: no clip is. Defaults to 0.5.
        promised: float or None. Among the clips called fake, and among those called real, at most this share is
            expected to be wrong. None: too few groups to promise anything. Defaults to None.
        groups: int. Number of validation groups that the limits rest on. Defaults to 0.
        remark: str. A warning about the limits. Defaults to `""`.

    Raises:
        SettingsError: If a number is out of range, or `real_below` is above `fake_from`.
    """

    temperature: float = 1.0
    threshold: float = 0.5
    rule: str = "fixed"
    fake_from: float = 0.5
    real_below: float = 0.5
    promised: float | None = None
    groups: int = 0
    remark: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.temperature < np.inf:
            raise SettingsError(f"A temperature must be above 0. Received: temperature={self.temperature}")
        if not 0 <= self.threshold <= 1:
            raise SettingsError(f"A threshold must be in [0, 1]. Received: threshold={self.threshold}")
        if not 0 <= self.real_below <= self.fake_from < np.inf:
            raise SettingsError(
                "real_below must be at least 0 and not above fake_from. "
                f"Received: real_below={self.real_below}, fake_from={self.fake_from}"
            )

    def calibrate(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return calibrated scores, float64 [N]. NaN stays NaN."""
        return scale_logits(scores, self.temperature)

    def verdict(self, score: float) -> Verdict:
        """Return the verdict on a calibrated score."""
        if score >= self.fake_from:
            return "fake"
        return "real" if score < self.real_below else "unsure"


def scale_logits(scores: np.ndarray | pd.Series | list[float], temperature: float) -> np.ndarray:
    """Return scores whose logits are divided by a temperature, float64 [N]. The order does not change.

    Scores are first clipped to [1e-7, 1 - 1e-7], because the logit of 0 or 1 is infinite.

    Args:
        scores: float array [N]. NaN stays NaN.
        temperature: float. Above 0. 1 changes nothing.
    """
    scores = np.asarray(scores, np.float64)
    return scores if temperature == 1 else 1 / (1 + np.exp(-to_logits(scores) / temperature))


def to_logits(scores: np.ndarray) -> np.ndarray:
    """Return the logits of scores, which are first clipped to [1e-7, 1 - 1e-7]."""
    clipped = np.clip(scores, _TINY, 1 - _TINY)
    return np.log(clipped) - np.log1p(-clipped)


def from_logits(logits: np.ndarray) -> np.ndarray:
    """Return the scores of logits, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * logits))
