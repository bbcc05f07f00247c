"""What the figures read of other rooms' results: attributes, so that no room has to be imported."""

from typing import Any, Protocol

import numpy as np
import pandas as pd


class EvaluationLike(Protocol):
    """The parts of `evaluation.Evaluation` that are drawn."""

    @property
    def table(self) -> pd.DataFrame:
        """DataFrame indexed by metric: value, low and high."""

    @property
    def roc(self) -> pd.DataFrame:
        """DataFrame: fpr and tpr; without rows where a class is missing."""

    @property
    def confusion(self) -> pd.DataFrame:
        """DataFrame: clips by true class (rows) and called class (columns)."""

    @property
    def threshold(self) -> float:
        """From this score on a clip is called fake."""


class ClipLike(Protocol):
    """The parts of `frames.Clip` that are drawn."""

    @property
    def frames(self) -> np.ndarray:
        """uint8 array [T, H, W, 3], RGB."""

    @property
    def times(self) -> np.ndarray:
        """float array [T], seconds."""


class TrackLike(Protocol):
    """The parts of `frames.FaceTrack` that are drawn."""

    @property
    def crops(self) -> np.ndarray:
        """uint8 array [T, size, size, 3], RGB."""

    @property
    def boxes(self) -> np.ndarray:
        """float array [T, 4]: x, y, width and height."""

    @property
    def found(self) -> np.ndarray:
        """bool array [T]. True where the detector found the face."""


class ClipsLike(Protocol):
    """The parts of `features.FeatureSet` that are drawn."""

    @property
    def clip_ids(self) -> np.ndarray:
        """str array [N]."""

    @property
    def y(self) -> np.ndarray:
        """int array [N]; 1 = fake."""

    @property
    def groups(self) -> np.ndarray:
        """str array [N]."""


class ForgeriesLike(Protocol):
    """The parts of `demo.ForgerySamples` that are drawn."""

    @property
    def originals(self) -> list[np.ndarray]:
        """uint8 arrays [H, W, 3], RGB."""

    @property
    def fakes(self) -> list[np.ndarray]:
        """uint8 arrays [H, W, 3], RGB; the same moments as the originals."""

    @property
    def masks(self) -> list[np.ndarray]:
        """uint8 arrays [H, W]. 1 where the forgery altered the picture."""

    @property
    def methods(self) -> list[str]:
        """The names of the forgeries."""


class PairLike(Protocol):
    """The parts of `frames.Pair` that are drawn."""

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
    """The parts of `data.people.SamePerson` that are drawn."""

    @property
    def first(self) -> str:
        """The name of a group."""

    @property
    def second(self) -> str:
        """The name of another group."""

    @property
    def distance(self) -> float:
        """The distance between the faces of the two closest clips."""

    @property
    def first_clip(self) -> str:
        """The clip_id of that clip in the first group."""

    @property
    def second_clip(self) -> str:
        """The clip_id of that clip in the second group."""


def table_of(result: Any, *, attribute: str = "table") -> pd.DataFrame:
    """Return the table of a result, such as a Catalog. A DataFrame is returned as it is."""
    return result if isinstance(result, pd.DataFrame) else getattr(result, attribute)


def as_label(value: Any) -> int | None:
    """Return a label as 0 or 1, None if it is unknown."""
    return None if pd.isna(value) else int(value)
