"""What the training clips are like, to say of a new clip that it is unlike them."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from dfutils.errors import DataError
from dfutils.features import FeatureSet
from dfutils.training.baselines import mean_features

_DIRECTIONS = 16  # the directions in which the training clips differ most
_SHARE = 0.95  # of clips like the validation clips, this share is not said to be unlike
_MUCH = 1.5  # a face this many times smaller or larger than any in training
_FEW = 0.5  # fewer frames with the face than this share of the fewest in training


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """The range of the training clips: their features, the size of their faces, and their number of frames.

    The distance of a clip is that of its mean features from those of the training clips. It is a Mahalanobis distance
    in the directions in which the training clips differ most, together with the distance that is left outside of
    these directions. 1 is an average training clip.

    Args:
        mean, scale: float32 arrays [D]. Mean and standard deviation of the training clips' mean features.
        directions: float32 array [K, D]. Principal directions of the standardised features.
        deviations: float32 array [K]. Standard deviation of the training clips in each direction.
        outside: float. Root mean square of what is left outside of the directions, over the validation clips.
        limit: float. A clip at a larger distance is unlike the training clips. Chosen on the validation clips.
        face_side: tuple of float. Smallest and largest face of the training and validation clips, in pixels. NaN if
            unknown.
        frames: int. Fewest frames with a face of the training and validation clips.
    """

    mean: np.ndarray
    scale: np.ndarray
    directions: np.ndarray
    deviations: np.ndarray
    outside: float
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
                f"At least two training clips and one validation clip are needed. Received: {len(train)}, {len(val)}"
            )
        features = mean_features(train).astype(np.float64)
        mean, scale = features.mean(0), features.std(0)
        scale = np.where(scale > 1e-6 * (1 + np.abs(mean)), scale, 1.0)
        _, sizes, directions = np.linalg.svd((features - mean) / scale, full_matrices=False)
        count = max(1, min(_DIRECTIONS, len(train) // 4))
        deviations = np.maximum(sizes[:count] / np.sqrt(len(train) - 1), 1e-6)
        found = cls(
            mean=mean.astype(np.float32),
            scale=scale.astype(np.float32),
            directions=directions[:count].astype(np.float32),
            deviations=deviations.astype(np.float32),
            outside=1.0,
            limit=np.inf,
            face_side=_range([*train.face_sides, *val.face_sides]),
            frames=int(min(part.mask.sum(1).min() for part in (train, val))),
        )
        _, outside = found._parts(val)
        found = cls(**vars(found) | {"outside": float(max(np.sqrt((outside**2).mean()), 1e-6))})
        distances = np.sort(found.distances(val))
        place = min(int(np.ceil(_SHARE * (len(distances) + 1))), len(distances)) - 1
        return cls(**vars(found) | {"limit": float(distances[place])})

    def distances(self, clips: FeatureSet) -> np.ndarray:
        """Return the distance of each clip from the training clips, float64 [N]."""
        inside, outside = self._parts(clips)
        squares = ((inside / self.deviations) ** 2).sum(1) + (outside / self.outside) ** 2
        return np.sqrt(squares / (len(self.deviations) + 1))

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
                f"(distance {distance:.1f}, limit {self.limit:.1f})"
            )
        if side * _MUCH < low or side > _MUCH * high:
            kind = "smaller" if side < low else "larger"
            words.append(f"its face is much {kind} ({side:.0f} pixels; in training {low:.0f} to {high:.0f})")
        if frames < _FEW * self.frames:
            words.append(f"it has few frames with the face ({frames}; in training at least {self.frames})")
        return words

    def _parts(self, clips: FeatureSet) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of each clip in the directions [N, K], and the length of what is left outside [N]."""
        standard = (mean_features(clips) - self.mean) / self.scale
        inside = standard @ self.directions.T
        return inside, np.linalg.norm(standard - inside @ self.directions, axis=1)


def _range(values: list[float]) -> tuple[float, float]:
    known = np.asarray(values)[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
