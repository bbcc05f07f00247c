"""Show where in the face a score comes from."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from dfutils.errors import SettingsError
from dfutils.features import FeatureSet
from dfutils.features.backbone import layer_maps, resolve_view
from dfutils.features.weights import resolve_weights
from dfutils.training import SavedDetector
from dfutils.training.gradients import logit_gradient

_SIDE = 299
_BATCH = 16  # crops whose maps are computed at once
_AROUND = 5  # frames


@dataclass(frozen=True, eq=False)
class HeatMaps:
    """How much each place of each face crop moves the score towards fake.

    A feature is the mean of a map over the crop. So the change of the logit that a frame's features cause is a sum over
    places: the gradient of the logit with respect to each feature, times the map at this place minus the mean feature
    of the training clips. For a linear model this is exact. For others it is the first-order approximation.

    Args:
        heat: float32 array [T, 299, 299]. Positive where a place moves the score towards fake, negative where it moves
            it towards real. The sum over a crop is the contribution of its frame to the logit.
        layers: dict of str to float32 array [T, 299, 299]. The same for each layer by itself.
    """

    heat: np.ndarray
    layers: dict[str, np.ndarray]


def heat_maps(saved: SavedDetector, clip: FeatureSet, crops: np.ndarray) -> HeatMaps:
    """Compute where in the face crops of one clip the score comes from.

    Args:
        saved: SavedDetector.
        clip: FeatureSet. The features of the clip, as the only one.
        crops: uint8 array [T, 299, 299, 3]. The face crops that the features come from.

    Returns:
        HeatMaps.

    Raises:
        SettingsError: If the features were pooled in another way than by their mean.
    """
    backbone = saved.settings.backbone
    if backbone.pooling != ("mean",):
        raise SettingsError(
            "Heat maps need features that were pooled by their mean. "
            f"Received: pooling={', '.join(backbone.pooling)}"
        )
    view = resolve_view(backbone, resolve_weights(backbone))
    own = clip.select(getattr(saved.detector, "layers", None) or clip.layers)
    gradient, spans = logit_gradient(saved.detector, own)[0, : len(crops)], own.spans
    by_layer = {name: np.zeros((len(crops), _SIDE, _SIDE), np.float32) for name in spans}
    for begin in range(0, len(crops), _BATCH):
        part = slice(begin, begin + _BATCH)
        for name, maps in layer_maps(replace(backbone, layers=own.layers), crops[part]).items():
            usual = saved.familiarity.layers[name].mean
            heat = np.einsum("fyxc,fc->fyx", maps - usual, gradient[part, spans[name]])
            for frame, places in enumerate(heat, start=begin):
                by_layer[name][frame] = _enlarge(places, view.crop)
    return HeatMaps(np.sum(list(by_layer.values()), axis=0), by_layer)


def frames_around(count: int) -> list[np.ndarray]:
    """Return for each of `count` frames the positions of up to five frames around it, with itself.

    The score and the heat map of a frame are those of the frames around it: a detector that looks at changes over time
    sees nothing in a single frame.
    """
    starts = np.clip(np.arange(count) - _AROUND // 2, 0, max(0, count - _AROUND))
    return [np.arange(start, min(start + _AROUND, count)) for start in starts]


def _enlarge(places: np.ndarray, side: int) -> np.ndarray:
    """Return a map [h, w] as pixels of the crop [299, 299]; zero outside the view. The sum is the mean of the map."""
    seen = cv2.resize(places, (side, side), interpolation=cv2.INTER_LINEAR)
    total = seen.sum(dtype=np.float64)
    mean = places.mean(dtype=np.float64)
    if abs(total) > 1e-12:
        seen = seen + np.float32((mean * side * side - total) / (side * side))
    border = (_SIDE - side) // 2
    return np.pad(seen / (side * side), border)
