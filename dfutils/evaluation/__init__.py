"""Notebook 05: what the detector's scores are worth, with intervals, beside the coverage."""

from dfutils.evaluation.evaluate import Difference, Evaluation, MajorityLine, compare, evaluate, majority_line
from dfutils.evaluation.metrics import METRICS
from dfutils.evaluation.tables import comparison_table, coverage_table, predictions_table, with_interval

__all__ = [
    "METRICS",
    "Difference",
    "Evaluation",
    "MajorityLine",
    "compare",
    "comparison_table",
    "coverage_table",
    "evaluate",
    "majority_line",
    "predictions_table",
    "with_interval",
]
