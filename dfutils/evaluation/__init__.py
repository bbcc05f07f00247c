"""Evaluate the scores of detectors, with confidence intervals and the share of clips that have a score."""

from dfutils.evaluation.breakdown import PrecisionAt, evaluate_by, mistakes, precision_at
from dfutils.evaluation.calibration import Temperature, fit_temperature, reliability_table
from dfutils.evaluation.comparison import Difference, compare
from dfutils.evaluation.cross_validation import CrossValidation, MetricsByDetector, cross_validate
from dfutils.evaluation.decisions import choose_decision
from dfutils.evaluation.evaluation import Evaluation, MajorityLine, evaluate, majority_line
from dfutils.evaluation.generalization import score_datasets
from dfutils.evaluation.left_out_methods import LeaveOneOut, leave_one_out
from dfutils.evaluation.metrics import METRICS, Metric
from dfutils.evaluation.predictions import coverage_table, predictions_table, score
from dfutils.evaluation.robustness import DEGRADATIONS, Robustness, evaluate_degraded
from dfutils.evaluation.tables import comparison_table, with_interval
from dfutils.evaluation.thresholds import RULES, Rule, Threshold, choose_threshold, threshold_table

__all__ = [
    "DEGRADATIONS",
    "METRICS",
    "RULES",
    "CrossValidation",
    "Difference",
    "Evaluation",
    "LeaveOneOut",
    "MajorityLine",
    "Metric",
    "MetricsByDetector",
    "PrecisionAt",
    "Robustness",
    "Rule",
    "Temperature",
    "Threshold",
    "choose_decision",
    "choose_threshold",
    "compare",
    "comparison_table",
    "coverage_table",
    "cross_validate",
    "evaluate",
    "evaluate_by",
    "evaluate_degraded",
    "fit_temperature",
    "leave_one_out",
    "majority_line",
    "mistakes",
    "precision_at",
    "predictions_table",
    "reliability_table",
    "score",
    "score_datasets",
    "threshold_table",
    "with_interval",
]
