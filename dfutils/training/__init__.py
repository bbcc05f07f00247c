"""Notebook 04: baselines first, then the GRU."""

from dfutils.training.baselines import ConstantBaseline, MeanPooledBaseline, fit_baselines, mean_features
from dfutils.training.fit import TrainingRun, load_model, predict, save_model, train, train_seeds
from dfutils.training.model import GRUSettings, build_gru

__all__ = [
    "ConstantBaseline",
    "GRUSettings",
    "MeanPooledBaseline",
    "TrainingRun",
    "build_gru",
    "fit_baselines",
    "load_model",
    "mean_features",
    "predict",
    "save_model",
    "train",
    "train_seeds",
]
