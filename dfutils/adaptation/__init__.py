"""Adapt InceptionV3 to faces, and make pseudo-fakes of real clips (notebook 08)."""

from dfutils.adaptation.fine_tuning import adapt, prepare_crops
from dfutils.adaptation.forging import Forging, forge
from dfutils.adaptation.result import Adaptation
from dfutils.adaptation.settings import AdaptSettings

__all__ = ["AdaptSettings", "Adaptation", "Forging", "adapt", "forge", "prepare_crops"]
