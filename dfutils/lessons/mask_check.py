"""Compare heat maps with the true masks of the built-in forgeries."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfutils.detection import Detection
from dfutils.frames.cropping import crop_squares

_RATE = 25  # frames per second of the built-in clips


@dataclass(frozen=True)
class MaskCheck:
    """How well the hottest place of a heat map fits the forged part of the face.

    Args:
        hits: float. In this share of the frames, the hottest place of the mean heat map is in the forged part.
        face_share: float. The forged part covers this share of the face's box, in the mean over the frames. A place
            that is drawn at random from the box is in the forged part in this share of the frames.
        crop_share: float. The same for the whole crop.
    """

    hits: float
    face_share: float
    crop_share: float


def compare_with_mask(found: Detection, path: str | Path, *, margin: float) -> MaskCheck | None:
    """Compare the heat maps of a built-in forgery with its true mask.

    Args:
        found: Detection. From `Detector.detect(path, explain=True)`.
        path: str or Path. The mask of the clip, `masks/<clip_id>.npz` in the folder of the built-in data set.
        margin: float. The margin of the face crops, from the detector's settings.

    Returns:
        MaskCheck, or None if the clip has no mask, as a real one, or no heat maps.
    """
    path = Path(path)
    if not path.is_file() or not len(found.heat):
        return None
    with np.load(path) as file:
        masks = file["mask"]
    frames = np.minimum(np.round(found.times * _RATE).astype(int), len(masks) - 1)
    pictures = np.repeat(255 * masks[frames][..., None], 3, axis=3)
    side = found.heat.shape[1]
    inside = crop_squares(list(pictures), found.boxes, margin=margin, size=side)[..., 0] > 127
    edge = round(side * (1 - 1 / margin) / 2)
    row, column = np.unravel_index(found.heat.mean(axis=0).argmax(), found.heat.shape[1:])
    face = inside[:, edge : side - edge, edge : side - edge]
    hits = inside[:, row, column]
    return MaskCheck(*(float(places.mean()) for places in (hits, face, inside)))
