"""Score a few validation crops during the training, to find out whether an earlier step was better."""

import math

import numpy as np
from sklearn.metrics import log_loss

from dfutils.adaptation.crops import Crops
from dfutils.adaptation.network import AdaptedNetwork
from dfutils.adaptation.scoring import Sample, pictures_of, thin_out
from dfutils.adaptation.settings import AdaptSettings
from dfutils.auc import auc_with_interval
from dfutils.bootstrap import group_codes

_CROPS = 320
_RESAMPLES = 200
_FEWEST_GROUPS = 8  # of each class; an interval over fewer groups is too narrow to choose a step by


class ValidationCheck:
    """Validation crops that are scored again and again.

    Args:
        crops: Crops.
        validation: Sample. Of these crops, a few hundred are used; empty for none.
        settings: AdaptSettings.

    Attributes:
        pictures: uint8 array [N, side, side, 3]. What the network sees of them.
    """

    def __init__(self, crops: Crops, validation: Sample, settings: AdaptSettings) -> None:
        checked = thin_out(validation, _CROPS)
        self.pictures = pictures_of(crops, checked, settings)
        self._labels = checked.table["label"].to_numpy(int)
        self._groups = group_codes(checked.table["group"])
        self._has_interval = checked.table.groupby("label")["group"].nunique().min() >= _FEWEST_GROUPS

    def score(self, network: AdaptedNetwork, weights: list[np.ndarray]) -> tuple[float, float, float]:
        """Score the crops with weights that the network does not keep.

        Args:
            network: AdaptedNetwork.
            weights: list of arrays. As from `AdaptedNetwork.averaged_weights`.

        Returns:
            Three floats: the AUC, the upper end of its 95 % interval over groups, and the log loss. AUC and loss are
            NaN if the crops are not of both classes. The upper end is 1 if a class has fewer than eight groups, which
            are too few to estimate it.
        """
        if len(set(self._labels.tolist())) < 2:
            return math.nan, 1.0, math.nan
        kept = network.weights()
        network.set_weights(weights)
        scores = network.score(self.pictures)
        network.set_weights(kept)
        auc, _, high = auc_with_interval(
            self._labels, scores, self._groups, n_bootstrap=_RESAMPLES, seed=network.settings.seed
        )
        highest = high if self._has_interval and not math.isnan(high) else 1.0
        return auc, highest, float(log_loss(self._labels, scores))
