"""The attributes of results of other packages that the plot functions read.

They are declared as protocols, so that `dfutils.plots` does not import the other packages.
"""

from typing import Any, Protocol

import numpy as np
import pandas as pd


class EvaluationLike(Protocol):
    """The attributes of `evaluation.Evaluation` that the plot functions read."""

    @property
    def table(self) -> pd.DataFrame:
        """The metrics, DataFrame indexed by metric. Columns: value, low and high (the ends of the 95 % interval)."""

    @property
    def roc(self) -> pd.DataFrame:
        """The ROC curve, DataFrame with the columns fpr and tpr. Empty if there are no real or no fake clips."""

    @property
    def confusion(self) -> pd.DataFrame:
        """The number of clips by true class (rows) and by the class they are classified as (columns), DataFrame."""

    @property
    def threshold(self) -> float:
        """The threshold. A clip is classified as fake when its score is equal to or above the threshold."""


class ClipLike(Protocol):
    """The attributes of `frames.Clip` that the plot functions read."""

    @property
    def frames(self) -> np.ndarray:
        """The frames of the clip, uint8 array [T, H, W, 3], RGB."""

    @property
    def times(self) -> np.ndarray:
        """The time of each frame in seconds, float array [T]."""


class DetectionLike(Protocol):
    """The attributes of `detection.Detection` that the plot functions read."""

    @property
    def path(self) -> str:
        """The file."""

    @property
    def verdict(self) -> str:
        """`"fake"`, `"real"` or `"unsure"`."""

    @property
    def score(self) -> float:
        """The calibrated P(fake)."""

    @property
    def times(self) -> np.ndarray:
        """The time of each frame in seconds, float array [T]."""

    @property
    def frame_scores(self) -> np.ndarray:
        """The score of the frames around each frame, float array [T]."""

    @property
    def crops(self) -> np.ndarray:
        """The face crops, uint8 array [T, 299, 299, 3], RGB. Empty if the file was not explained."""

    @property
    def heat(self) -> np.ndarray:
        """Where each crop moves the score towards fake, float array [T, 299, 299]. Empty if it was not explained."""


class TrackLike(Protocol):
    """The attributes of `frames.FaceTrack` that the plot functions read."""

    @property
    def crops(self) -> np.ndarray:
        """The face crops, uint8 array [T, size, size, 3], RGB."""

    @property
    def boxes(self) -> np.ndarray:
        """The box of the face of each crop, float array [T, 4]: x, y, width and height in pixels."""

    @property
    def positions(self) -> np.ndarray:
        """The position of each crop's frame in the clip, int array [T]."""

    @property
    def found(self) -> np.ndarray:
        """Whether the face detector found the main face in each frame of the clip, bool array [N]."""


class ClipsLike(Protocol):
    """The attributes of `features.FeatureSet` that the plot functions read."""

    @property
    def clip_ids(self) -> np.ndarray:
        """The clip_id of each clip, str array [N]."""

    @property
    def y(self) -> np.ndarray:
        """The label of each clip, int array [N]: 1 = fake, 0 = real, -1 = unknown."""

    @property
    def groups(self) -> np.ndarray:
        """The group of each clip, str array [N]."""


class ForgeriesLike(Protocol):
    """The attributes of `demo.ForgerySamples` that the plot functions read."""

    @property
    def originals(self) -> list[np.ndarray]:
        """The real frames, uint8 arrays [H, W, 3], RGB."""

    @property
    def fakes(self) -> list[np.ndarray]:
        """The forged versions of the real frames, in the same order, uint8 arrays [H, W, 3], RGB."""

    @property
    def masks(self) -> list[np.ndarray]:
        """The masks of the forged frames, uint8 arrays [H, W]: 1 where the forgery changed the frame, 0 elsewhere."""

    @property
    def methods(self) -> list[str]:
        """The names of the forgery methods."""


class PairLike(Protocol):
    """The attributes of `frames.Pair` that the plot functions read."""

    @property
    def name(self) -> str:
        """The name of the pair."""

    @property
    def real(self) -> str:
        """The clip_id of the real clip."""

    @property
    def fake(self) -> str:
        """The clip_id of the fake clip."""


class SamePersonLike(Protocol):
    """The attributes of `data.people.SamePerson` that the plot functions read."""

    @property
    def first(self) -> str:
        """The name of the first group."""

    @property
    def second(self) -> str:
        """The name of the second group."""

    @property
    def distance(self) -> float:
        """The distance between the faces of two clips, one of each group: the two clips with the most similar faces."""

    @property
    def first_clip(self) -> str:
        """The clip_id, in the first group, of the clip whose face is most similar to a face in the second group."""

    @property
    def second_clip(self) -> str:
        """The clip_id, in the second group, of the clip whose face is most similar to a face in the first group."""


def table_of(result: Any, *, attribute: str = "table") -> pd.DataFrame:
    """Return the DataFrame that a result, such as a Catalog, holds. A DataFrame is returned unchanged."""
    return result if isinstance(result, pd.DataFrame) else getattr(result, attribute)


def as_label(value: Any) -> int | None:
    """Return a label as 0 (real) or 1 (fake), or None if the label is unknown."""
    return None if pd.isna(value) else int(value)
