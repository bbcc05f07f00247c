"""What the training clips are like, to say of a new clip that it is unlike them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dfutils.errors import DataError
from dfutils.features import FeatureSet
from dfutils.training.baselines import mean_features

_DIRECTIONS = 64  # at most so many directions in which the training clips differ most
_SHARE = 0.95  # of clips like the validation clips, this share is not said to be unlike
_MUCH = 1.5  # a face this many times smaller or larger than any in training
_FEW = 0.5  # fewer frames with the face than this share of the fewest in training
_TINY = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerRange:
    """The range of the training clips in the features of one layer.

    Args:
        mean, scale: float32 arrays [D]. Mean and standard deviation of the training clips' mean features.
        directions: float32 array [K, D]. Principal directions of the standardised features.
        deviations: float32 array [K]. Standard deviation of the training clips in each direction.
        limits: float32 array [2]. 95 % quantiles of the two distances over the validation clips.
    """

    mean: np.ndarray
    scale: np.ndarray
    directions: np.ndarray
    deviations: np.ndarray
    limits: np.ndarray

    @classmethod
    def measure(cls, train: FeatureSet, val: FeatureSet) -> Self:
        """Measure the range in clips that have the features of one layer only."""
        features = mean_features(train).astype(np.float64)
        mean, scale = features.mean(0), features.std(0)
        scale = np.where(scale > _TINY * (1 + np.abs(mean)), scale, 1.0)
        _, sizes, directions = np.linalg.svd((features - mean) / scale, full_matrices=False)
        count = max(1, min(_DIRECTIONS, len(train) // 2))
        deviations = np.maximum(sizes[:count] / np.sqrt(len(train) - 1), _TINY)
        arrays = (mean, scale, directions[:count], deviations, np.ones(2))
        names = ("mean", "scale", "directions", "deviations", "limits")
        found = cls(**{name: array.astype(np.float32) for name, array in zip(names, arrays, strict=True)})
        limits = np.maximum(np.quantile(found.distances(val), _SHARE, axis=0, method="higher"), _TINY)
        return cls(**vars(found) | {"limits": limits.astype(np.float32)})

    def distances(self, clips: FeatureSet) -> np.ndarray:
        """Return two distances of each clip in multiples of their limits, float64 [N, 2].

        The first is the Mahalanobis distance in the directions in which the training clips differ. The second is the
        distance that is left outside of these directions.
        """
        standard = (mean_features(clips) - self.mean) / self.scale
        inside = standard @ self.directions.T
        outside = np.linalg.norm(standard - inside @ self.directions, axis=1)
        return np.column_stack([np.sqrt(((inside / self.deviations) ** 2).mean(1)), outside]) / self.limits


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """The range of the training clips: their features, the size of their faces, and their number of frames.

    Args:
        layers: dict of str to LayerRange. The range of the features, by layer.
        limit: float. A clip at a larger distance is unlike the training clips. Chosen on the validation clips.
        face_side: tuple of float. Smallest and largest face of the training and validation clips, in pixels. NaN if
            unknown.
        frames: int. Fewest frames with a face of the training and validation clips.
    """

    layers: Mapping[str, LayerRange]
    limit: float
    face_side: tuple[float, float]
    frames: int

    @classmethod
    def measure(cls, train: FeatureSet, val: FeatureSet) -> Self:
        """Measure the range of the training clips, and choose the limit on the validation clips.

        The limit is a conformal one: 95 of 100 clips like the validation clips are below it. With fewer than 19
        validation clips, it is their largest distance.

        Args:
            train, val: FeatureSet. At least two training clips and one validation clip.

        Raises:
            DataError: If there are too few clips.
        """
        if len(train) < 2 or len(val) < 1:
            raise DataError(
                "At least two training clips and one validation clip are needed. "
                f"Received: {len(train)}, {len(val)}"
            )
        found = cls(
            layers={name: LayerRange.measure(train.select(name), val.select(name)) for name in train.layers},
            limit=np.inf,
            face_side=_range([*train.face_sides, *val.face_sides]),
            frames=int(min(part.mask.sum(1).min() for part in (train, val))),
        )
        distances = np.sort(found.distances(val))
        place = min(int(np.ceil(_SHARE * (len(distances) + 1))), len(distances)) - 1
        return cls(**vars(found) | {"limit": float(distances[place])})

    def distances(self, clips: FeatureSet) -> np.ndarray:
        """Return the distance of each clip from the training clips, float64 [N].

        It is the largest distance over all layers, in multiples of what is usual for validation clips.
        """
        parts = [known.distances(clips.select(name)) for name, known in self.layers.items()]
        return np.hstack(parts).max(axis=1)

    def remarks(self, clips: FeatureSet) -> list[list[str]]:
        """Return for each clip in what it is unlike the training clips; an empty list if it is like them."""
        rows = zip(self.distances(clips), clips.face_sides, clips.mask.sum(1), strict=True)
        return [[*self._words(*row)] for row in rows]

    def _words(self, distance: float, side: float, frames: int) -> list[str]:
        low, high = self.face_side
        words = []
        if distance > self.limit:
            words.append(
                "its features are far from those of the training clips "
                f"({distance / self.limit:.1f} times as far as allowed)"
            )
        if side * _MUCH < low or side > _MUCH * high:
            kind = "smaller" if side < low else "larger"
            words.append(f"its face is much {kind} ({side:.0f} pixels; in training {low:.0f} to {high:.0f})")
        if frames < _FEW * self.frames:
            words.append(f"it has few frames with the face ({frames}; in training at least {self.frames})")
        return words

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return everything as arrays, by name. `from_arrays` reads them."""
        facts = {name: np.asarray(getattr(self, name)) for name in ("limit", "face_side", "frames")}
        for layer, known in self.layers.items():
            facts |= {f"{layer}.{name}": array for name, array in vars(known).items()}
        return facts

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """Return what `to_arrays` described.

        Raises:
            KeyError, TypeError, ValueError: If an array is missing or unknown.
        """
        by_layer: dict[str, dict[str, Any]] = {}
        for name, array in arrays.items():
            layer, dot, part = name.partition(".")
            if dot:
                by_layer.setdefault(layer, {})[part] = array
        low, high = arrays["face_side"].tolist()
        return cls(
            layers={layer: LayerRange(**parts) for layer, parts in by_layer.items()},
            limit=float(arrays["limit"]),
            face_side=(low, high),
            frames=int(arrays["frames"]),
        )


def _range(values: list[float]) -> tuple[float, float]:
    known = np.asarray(values)[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
