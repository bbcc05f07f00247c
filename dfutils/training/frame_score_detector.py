"""A detector that averages the scores of single frames, as the adapted network gives them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from dfutils.errors import SettingsError, WeightsError
from dfutils.features import FeatureSet
from dfutils.features.weights_record import FrameHead, read_record


@dataclass(frozen=True, eq=False)
class FrameScoreDetector:
    """The mean over a clip's frames of P(fake), from the last layer that was trained with the adapted weights.

    The order of the frames has no effect. Nothing is fitted: the adaptation has trained it.

    Args:
        head: FrameHead. From the record of the adapted weights.
    """

    head: FrameHead
    name: str = "mean of frame scores"

    @property
    def layers(self) -> tuple[str, ...]:
        """The layer whose features are scored."""
        return (self.head.layer,)

    @classmethod
    def of_weights(cls, weights: str | Path) -> Self:
        """Return the detector of an adapted weights file.

        Args:
            weights: str or Path. A file that `adapt` has written.

        Raises:
            WeightsError: If the file does not exist, was not adapted, or its record is missing or damaged.
        """
        path = Path(weights).expanduser()
        if not path.is_file():
            raise WeightsError(f"There is no weights file {str(path)!r}. Make one with `dfutils adapt`.")
        record = read_record(path)
        if record is None:
            raise WeightsError(
                f"{path} was not adapted by dfutils, so it has no layer that scores frames. Make adapted weights with "
                "`dfutils adapt`."
            )
        return cls(record.head)

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int) -> Self:
        """Return the detector itself. The arguments are not used."""
        return self

    def frame_scores(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each frame, float64 [N, T]; NaN where there is no frame.

        Raises:
            SettingsError: If the features of the adapted layer are not among the features, or were pooled in another
                way.
        """
        if self.head.layer not in clips.spans:
            raise SettingsError(
                f"The detector needs the features of {self.head.layer}, extracted with the adapted weights. These "
                f"features hold the layers {', '.join(clips.layers)}."
            )
        columns, width = clips.spans[self.head.layer], len(self.head.kernel)
        if columns.stop - columns.start != width:
            raise SettingsError(
                f"The detector needs {width} features of {self.head.layer}, pooled by the mean alone. Received: "
                f"{columns.stop - columns.start}. Extract with Backbone(pooling=('mean',))."
            )
        scores = np.full(clips.mask.shape, np.nan)
        for rows in clips.blocks():
            logits = clips.X[rows][..., columns].astype(np.float64) @ self.head.kernel.astype(np.float64)
            scores[rows] = 1 / (1 + np.exp(-(logits + self.head.bias)))
        return np.where(clips.mask, scores, np.nan)

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N]: the mean over its frames.

        Raises:
            SettingsError: As `frame_scores`.
        """
        return np.nanmean(self.frame_scores(clips), axis=1) if len(clips) else np.empty(0)
