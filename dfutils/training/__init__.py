"""Train deepfake detectors on features, as in notebook 04: three baselines and a recurrent network (GRU)."""

from dfutils.training.baselines import (
    BASELINES,
    ConstantBaseline,
    MeanPooledBaseline,
    TemporalBaseline,
    fit_baselines,
    mean_change,
    mean_features,
    temporal_features,
)
from dfutils.training.checks import check_clips
from dfutils.training.decision import Decision
from dfutils.training.detector import Detector
from dfutils.training.detector_folder import load_detector, load_gru, save_detector
from dfutils.training.familiarity import Familiarity
from dfutils.training.frame_score_detector import FrameScoreDetector
from dfutils.training.gru_detector import GRUDetector, seeds_table, train_seeds
from dfutils.training.model import GRUSettings, build_gru
from dfutils.training.model_card import card_sections, describe_decision
from dfutils.training.saved_detector import SavedDetector
from dfutils.training.saving import load_model, save_model
from dfutils.training.training_run import TrainingRun, predict, train

__all__ = [
    "BASELINES",
    "ConstantBaseline",
    "Decision",
    "Detector",
    "Familiarity",
    "FrameScoreDetector",
    "GRUDetector",
    "GRUSettings",
    "MeanPooledBaseline",
    "SavedDetector",
    "TemporalBaseline",
    "TrainingRun",
    "build_gru",
    "card_sections",
    "check_clips",
    "describe_decision",
    "fit_baselines",
    "load_detector",
    "load_gru",
    "load_model",
    "mean_change",
    "mean_features",
    "predict",
    "save_detector",
    "save_model",
    "seeds_table",
    "temporal_features",
    "train",
    "train_seeds",
]
