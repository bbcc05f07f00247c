"""The interface of all detectors: the methods `fit` and `score`, and the property `name`."""

from typing import Protocol, Self, runtime_checkable

import numpy as np

from dfutils.features import FeatureSet


@runtime_checkable
class Detector(Protocol):
    """The interface of a detector, which is fitted to training clips and then gives each clip a score P(fake).

    `fit` returns a fitted copy and leaves the detector itself unchanged. So the same detector can be fitted in every
    fold of a cross-validation. `GRUDetector`, the three baselines and
    `tuning.TunedDetector` are detectors.
    """

    @property
    def name(self) -> str:
        """The name that tables and figures show for the detector."""
        ...

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int) -> Self:
        """Return a copy of the detector, fitted to the training clips.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet. The validation clips. A detector may use them to choose the best epoch or settings.
            seed: int in [0, 2**32). The seed of all random numbers in the fit.
        """
        ...

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Raises:
            DfutilsError: If the detector is not fitted.
        """
        ...
