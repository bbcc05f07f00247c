"""Notebook 06: Keras Tuner over the GRU, and whether what it finds is better than luck."""

from dfutils.tuning.search import SPACE, TunedDetector, best_settings, search, trials_table, verdict

__all__ = ["SPACE", "TunedDetector", "best_settings", "search", "trials_table", "verdict"]
