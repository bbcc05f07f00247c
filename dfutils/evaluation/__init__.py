"""Notebook 05: what the detector's scores are worth, with intervals, beside the coverage."""

from dfutils.evaluation.breakdown import evaluate_by, mistakes, precision_at, with_compression
from dfutils.evaluation.calibration import Temperature, fit_temperature, reliability_table
from dfutils.evaluation.comparison import Difference, compare
from dfutils.evaluation.cross_validation import CrossValidation, cross_validate
from dfutils.evaluation.evaluation import Evaluation, MajorityLine, evaluate, majority_line
from dfutils.evaluation.metrics import METRICS
from dfutils.evaluation.predictions import coverage_table, predictions_table
from dfutils.evaluation.robustness import DEGRADATIONS, evaluate_degraded
from dfutils.evaluation.tables import comparison_table, metric_rows, with_interval
from dfutils.evaluation.thresholds import Threshold, choose_threshold, threshold_table

__all__ = [
    "DEGRADATIONS",
    "METRICS",
    "CrossValidation",
    "Difference",
    "Evaluation",
    "MajorityLine",
    "Temperature",
    "Threshold",
    "choose_threshold",
    "compare",
    "comparison_table",
    "coverage_table",
    "cross_validate",
    "evaluate",
    "evaluate_by",
    "evaluate_degraded",
    "fit_temperature",
    "majority_line",
    "metric_rows",
    "mistakes",
    "precision_at",
    "predictions_table",
    "reliability_table",
    "threshold_table",
    "with_compression",
    "with_interval",
]
