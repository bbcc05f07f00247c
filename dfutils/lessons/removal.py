"""Remove what a heat map points at, and see whether the score falls."""

from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.detection import Detection, Detector
from dfutils.features import FeatureSet, StoredClip, build_backbone
from dfutils.training.decision import to_logits

_BLUR = 20  # pixels, standard deviation: no detail of the face is left
_SMOOTH = 12  # pixels, so that the hottest part is a few patches, as the random one is, and not dust


@dataclass(frozen=True)
class Removal:
    """How much lower the logit of a clip's score gets when a part of every crop is blurred.

    Args:
        hottest: float. When the hottest part of the mean heat map is blurred.
        random: float. When a random square of the same area is blurred: the mean over several squares.
    """

    hottest: float
    random: float


def compare_removals(
    judge: Detector, found: Detection, *, share: float = 0.1, draws: int = 3, seed: int = 7
) -> Removal:
    """Blur the hottest part of the face crops, and random squares of the same area, and score the clip again.

    If the heat map is right, the score falls more without its hottest part. The idea is the deletion metric of RISE
    (Petsiuk et al., 2018).

    Args:
        judge: Detector.
        found: Detection. From `judge.detect(path, explain=True)`, with the status `"ok"`.
        share: float in (0, 1). The share of the crop to blur. Defaults to 0.1.
        draws: int. Number of random squares. Defaults to 3.
        seed: int. Seed of the squares. Defaults to 7.

    Returns:
        Removal.
    """
    crops, rng = found.crops, np.random.default_rng(seed)
    side = crops.shape[1]
    blurred = np.stack([cv2.GaussianBlur(crop, (0, 0), _BLUR) for crop in crops])
    heat = cv2.GaussianBlur(found.heat.mean(axis=0), (0, 0), _SMOOTH)
    places = [np.zeros((side, side), bool), heat > np.quantile(heat, 1 - share)]
    width = round(side * share**0.5)
    for row, column in rng.integers(0, side - width + 1, (draws, 2)):
        square = np.zeros((side, side), bool)
        square[row : row + width, column : column + width] = True
        places.append(square)
    versions = [np.where(place[..., None], blurred, crops) for place in places]
    logits = to_logits(_score(judge, found, versions))
    return Removal(hottest=float(logits[0] - logits[1]), random=float(np.mean(logits[0] - logits[2:])))


def _score(judge: Detector, found: Detection, versions: list[np.ndarray]) -> np.ndarray:
    """Return the score of each version of a clip's crops, float64 [N]."""
    backbone = judge.saved.settings.backbone
    network = build_backbone(backbone)
    clips = [
        StoredClip(
            "ok", "", np.asarray(network.predict_on_batch(crops)).astype(np.float16), found.times, found.boxes
        )
        for crops in versions
    ]
    return judge.saved.score(FeatureSet.of_clips(clips, backbone.layers, pooling=backbone.pooling))
