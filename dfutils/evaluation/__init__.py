"""Evaluate the scores of detectors, with confidence intervals and the share of clips that have a score."""

from dfutils.evaluation.breakdown import PrecisionAt, evaluate_by, mistakes, precision_at
from dfutils.evaluation.calibration import Temperature, fit_temperature, reliability_table
from dfutils.evaluation.calibrators import (
    CALIBRATORS,
    Calibration,
    Calibrator,
    CalibratorName,
    choose_calibrator,
    fit_calibrator,
)
from dfutils.evaluation.comparison import Difference, compare
from dfutils.evaluation.cross_validation import CrossValidation, MetricsByDetector, cross_validate
from dfutils.evaluation.decisions import choose_decision
from dfutils.evaluation.elsewhere import Elsewhere, list_losses
from dfutils.evaluation.evaluation import Evaluation, MajorityLine, evaluate, majority_line
from dfutils.evaluation.generalization import score_datasets
from dfutils.evaluation.left_out_methods import LeaveOneOut, leave_one_out
from dfutils.evaluation.metrics import METRICS, Metric
from dfutils.evaluation.missing_scores import MISSING_POLICIES, MissingPolicy, fill_missing
from dfutils.evaluation.paired_tests import DeLong, delong, holm
from dfutils.evaluation.predictions import coverage_table, predictions_table, score
from dfutils.evaluation.robustness import DEGRADATIONS, Robustness, evaluate_degraded, list_degradations
from dfutils.evaluation.score_files import JOININGS, Joining, ScoreFile, read_scores
from dfutils.evaluation.score_report import Comparison, ScoreReport, report_scores
from dfutils.evaluation.tables import comparison_table, with_interval, with_sign
from dfutils.evaluation.thresholds import RULES, Rule, Threshold, choose_threshold, threshold_table
from dfutils.evaluation.training_on_copies import TrainingOnCopies, train_on_copies
from dfutils.evaluation.unpaired_comparison import compare_unpaired

__all__ = [
    "CALIBRATORS",
    "DEGRADATIONS",
    "JOININGS",
    "METRICS",
    "MISSING_POLICIES",
    "RULES",
    "Calibration",
    "Calibrator",
    "CalibratorName",
    "Comparison",
    "CrossValidation",
    "DeLong",
    "Difference",
    "Elsewhere",
    "Evaluation",
    "Joining",
    "LeaveOneOut",
    "MajorityLine",
    "Metric",
    "MetricsByDetector",
    "MissingPolicy",
    "PrecisionAt",
    "Robustness",
    "Rule",
    "ScoreFile",
    "ScoreReport",
    "Temperature",
    "Threshold",
    "TrainingOnCopies",
    "choose_calibrator",
    "choose_decision",
    "choose_threshold",
    "compare",
    "compare_unpaired",
    "comparison_table",
    "coverage_table",
    "cross_validate",
    "delong",
    "evaluate",
    "evaluate_by",
    "evaluate_degraded",
    "fill_missing",
    "fit_calibrator",
    "fit_temperature",
    "holm",
    "leave_one_out",
    "list_degradations",
    "list_losses",
    "majority_line",
    "mistakes",
    "precision_at",
    "predictions_table",
    "read_scores",
    "reliability_table",
    "report_scores",
    "score",
    "score_datasets",
    "threshold_table",
    "train_on_copies",
    "with_interval",
    "with_sign",
]
