"""Notebook 06: Keras Tuner over the GRU, and whether what it finds is better than luck."""

from dfutils.tuning.conclusion import verdict
from dfutils.tuning.space import SPACE
from dfutils.tuning.tuned_detector import TunedDetector
from dfutils.tuning.tuner import best_settings, search, trials_table

__all__ = ["SPACE", "TunedDetector", "best_settings", "search", "trials_table", "verdict"]
