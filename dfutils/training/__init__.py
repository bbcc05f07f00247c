"""Notebook 04: baselines first, then the GRU."""

from dfutils.training.baselines import ConstantBaseline, MeanPooledBaseline, fit_baselines
from dfutils.training.fit import TrainingRun, load_model, predict, save_model, train
from dfutils.training.model import GRUSettings, build_gru

__all__ = [
    "ConstantBaseline",
    "GRUSettings",
    "MeanPooledBaseline",
    "TrainingRun",
    "build_gru",
    "fit_baselines",
    "load_model",
    "predict",
    "save_model",
    "train",
]
