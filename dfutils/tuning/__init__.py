"""Search the GRU's settings with Keras Tuner, and test whether the tuned GRU is better, as in notebook 07."""

from dfutils.tuning.conclusion import verdict
from dfutils.tuning.machines import Chief, Worker
from dfutils.tuning.space import SPACE
from dfutils.tuning.tuned_detector import TunedDetector
from dfutils.tuning.tuner import Search, search

__all__ = ["SPACE", "Chief", "Search", "TunedDetector", "Worker", "search", "verdict"]
