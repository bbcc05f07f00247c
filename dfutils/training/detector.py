"""The interface that every detector has: it is fitted to clips, and it scores clips."""

from typing import Protocol, Self, runtime_checkable

import numpy as np

from dfutils.features import FeatureSet


@runtime_checkable
class Detector(Protocol):
    """Anything that can be fitted to clips and score clips.

    A detector is a value: `fit` returns a fitted copy and leaves the detector itself unchanged, so that the same
    detector can be fitted in every fold of a cross-validation. `GRUDetector`, the three baselines and
    `tuning.TunedDetector` are detectors.
    """

    @property
    def name(self) -> str:
        """The detector's name in tables and figures."""
        ...

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int) -> Self:
        """Return a copy of this detector that is fitted to the training clips.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet. The validation clips, which may choose the epoch or the settings.
            seed: int in [0, 2**32). Governs everything random in the fit.
        """
        ...

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Raises:
            DfutilsError: If the detector is not fitted.
        """
        ...
