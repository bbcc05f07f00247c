"""Adapt InceptionV3 to faces, and make pseudo-fakes of real clips (notebook 08)."""

from dfutils.adaptation.adapt import adapt
from dfutils.adaptation.frame_score_detector import FrameScoreDetector
from dfutils.adaptation.job import Adaptation
from dfutils.adaptation.settings import AdaptSettings

__all__ = ["AdaptSettings", "Adaptation", "FrameScoreDetector", "adapt"]
