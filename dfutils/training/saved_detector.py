"""A fitted detector with everything that is needed to use it on a new file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from dfutils.features import ExtractionSettings, FeatureSet
from dfutils.training.decision import Decision
from dfutils.training.detector import Detector
from dfutils.training.familiarity import Familiarity


@dataclass(frozen=True, eq=False)
class SavedDetector:
    """A fitted detector, and everything that is needed to use it on a new file. It is a `Detector` itself.

    Args:
        detector: Detector. Fitted.
        settings: ExtractionSettings. How features are extracted for it.
        decision: Decision. How its score becomes a verdict.
        familiarity: Familiarity. What its training clips are like.
        trained_on: dict. Name of the data set, numbers of clips and groups, and methods.
        scores: dict of dict. Metrics with intervals, by what was tested, such as `"test clips"`.
        notes: tuple of str. What a user must know, such as that the weights are not for real videos.
        versions: dict of str. The package versions that it was saved with.
        folder: Path or None. Where it was loaded from.
    """

    detector: Detector
    settings: ExtractionSettings
    decision: Decision
    familiarity: Familiarity
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The detector's name."""
        return self.detector.name

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int) -> Self:
        """Return a copy with the detector fitted to other clips. Its scores are not calibrated."""
        return replace(self, detector=self.detector.fit(train, val, seed=seed), decision=Decision())

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return the calibrated P(fake) of each clip, float64 [N].

        Raises:
            DataError, SettingsError: As the detector's `score`.
        """
        return self.decision.calibrate(self.detector.score(clips))
