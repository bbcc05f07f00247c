"""A face that was found in a frame, and whether two of them show one person."""

from dataclasses import dataclass

import cv2
import numpy as np

# How far apart the colours of two faces may be that count as one person: if their boxes overlap in one shot, and
# otherwise. In 14 FaceForensics++ clips, 99 of 100 pairs of frames of one clip are within 0.64, and 99 of 100 pairs of
# frames of two people are more than 0.74 apart. The largest possible distance is 1.41.
_SAME_PLACE, _OTHER_PLACE = 0.85, 0.7
_OVERLAPPING = 0.3  # intersection over union
# A larger mean difference between two frames, in levels of 255, is taken for a cut. In the same clips, 95 of 100 pairs
# of frames a quarter of a clip apart differ by less. All pairs of frames of two clips differ by 42 or more.
_CUT = 25


@dataclass(frozen=True, eq=False)
class Find:
    """A face in a frame.

    Args:
        position: int. The position of the frame.
        face: float64 array [15]. x, y, width, height, confidence and landmarks, in pixels.
        colours: float64 array [D]. The colours of head and collar.
        scene: float64 array [9, 16, 3]. The frame, shrunk.
    """

    position: int
    face: np.ndarray
    colours: np.ndarray
    scene: np.ndarray

    @classmethod
    def describe(cls, position: int, frame: np.ndarray, face: np.ndarray) -> "Find":
        """Describe a face in a frame.

        Args:
            position: int. The position of the frame.
            frame: uint8 array [H, W, 3], RGB.
            face: float64 array [15].
        """
        scene = cv2.resize(frame, (16, 9), interpolation=cv2.INTER_AREA)
        return cls(position, face, _colours(frame, face), scene.astype(float))

    def distance(self, other: "Find", overlap: float) -> float:
        """Return how unlike the colours of two faces are, or infinity if they show two people.

        Args:
            other: _Find.
            overlap: float. Intersection over union of the two boxes, or of where they are expected.
        """
        is_cut = np.abs(self.scene - other.scene).mean() > _CUT
        near = 0.0 if is_cut else min(1.0, overlap / _OVERLAPPING)
        distance = float(np.linalg.norm(self.colours - other.colours))
        return distance if distance <= _OTHER_PLACE + near * (_SAME_PLACE - _OTHER_PLACE) else np.inf


def _colours(frame: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Describe head and collar by their colours: the square root of a histogram in CIELAB, which has the norm 1."""
    light_bins, colour_bins = 8, 12
    bins = light_bins * colour_bins**2
    x, y, width, height = face[:4]
    rows = np.clip([y - 0.25 * height, y + 1.4 * height], 0, frame.shape[0]).astype(int)
    columns = np.clip([x, x + width], 0, frame.shape[1]).astype(int)
    region = frame[slice(*rows), slice(*columns)]
    if not region.size:
        return np.zeros(bins)
    lab = cv2.cvtColor(cv2.resize(region, (24, 40), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(
        int
    )
    light = lab[..., 0] * light_bins // 256
    # Skin, hair and clothes seldom have stronger colours than 45 from grey, which is 128.
    green, blue = (np.clip((lab[..., i] - 83) * colour_bins // 90, 0, colour_bins - 1) for i in (1, 2))
    shares = (
        np.bincount(((light * colour_bins + green) * colour_bins + blue).ravel(), minlength=bins) / light.size
    )
    return np.sqrt(shares)
