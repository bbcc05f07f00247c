"""Detectors: what can be fitted to clips, score them, and be saved."""

import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training.model import GRUSettings, build_gru
from dfutils.training.training_run import TrainingRun, train


@dataclass(frozen=True)
class GRUDetector:
    """All that decides what GRU comes out of training clips: to be fitted again and again, as in a fold.

    Args:
        settings: GRUSettings. Defaults to `GRUSettings()`.
        layers: tuple of str. The backbone's layers that it reads. Defaults to all there are.
        epochs, batch_size, class_weights: As for `train`.
    """

    settings: GRUSettings = field(default_factory=GRUSettings)
    layers: tuple[str, ...] | None = None
    epochs: int = 10
    batch_size: int = 32
    class_weights: bool = False

    def fit(self, train_clips: FeatureSet, val: FeatureSet, seed: int = 7) -> TrainingRun:
        """Build and train the GRU; its errors are those of `train`."""
        layers = train_clips.layers if self.layers is None else self.layers
        train_clips, val = train_clips.select(layers), val.select(layers)
        model = build_gru(train_clips.X.shape[-1], self.settings, seed)
        options = (self.epochs, self.batch_size, seed, self.class_weights)
        return train(model, train_clips, val, *options, progress=False)


def save_model(model, path: str | Path) -> None:
    """Save a model as a `.keras` file, atomically.

    Raises:
        SettingsError: If the path does not end in `.keras`.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise SettingsError(f"A model's file ends in .keras. Received: {path}")
    with atomic_path(path) as temporary:
        model.save(temporary)


def load_model(path: str | Path):
    """Load a model that `save_model` wrote, under Keras's safe mode: a file cannot bring code along.

    Raises:
        MissingArtefactError: If the file is not there.
        DataError: If it is damaged or holds anything but such a model.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingArtefactError(f"There is no model {path}. Run notebook 04_gru_training first.")
    if path.suffix != ".keras":
        raise DataError(f"{path} is not a model of ours: its name does not end in .keras.")
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path} is not a model of ours, or it is damaged. Train it again.")
    keras = load_keras()
    try:
        with warnings.catch_warnings():
            # A model may be saved before it has learned anything: its optimiser is then built anew.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            model = keras.models.load_model(path, safe_mode=True)
        model.get_layer("standardise")
        is_ours = isinstance(model.input, dict) and set(model.input) == {"features", "mask"}
    except Exception as error:  # Keras raises whatever its readers raise
        summary = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        summary = "it brings code along" if "safe_mode" in str(error) else summary
        raise DataError(f"{path} is not a model of ours ({summary}). Train it again.") from error
    if not is_ours:
        raise DataError(f"{path} is not a model of ours: it does not take features and mask. Train it again.")
    return model


def train_seeds(
    detector: GRUDetector, train: FeatureSet, val: FeatureSet, seeds: Iterable[int], progress: bool = True
) -> list[TrainingRun]:
    """Train the same settings once a seed: how far do the results differ by chance alone?

    Args:
        detector: GRUDetector.
        train, val: FeatureSet. As for `train`.
        seeds: iterable of int. Each governs initial weights, dropout and the order of clips.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        list of TrainingRun, one a seed.

    Raises:
        DataError, SettingsError: As `train`, or if there is no seed, or one twice.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise SettingsError(f"Give at least one seed, and each once. Received: {seeds}")
    return [
        detector.fit(train, val, seed)
        for seed in tqdm(seeds, desc="seeds", unit="model", disable=not progress)
    ]


def seeds_table(runs: list[TrainingRun]) -> pd.DataFrame:
    """Lay the trainings of several seeds side by side.

    Args:
        runs: list of TrainingRun. As `train_seeds` gives them.

    Returns:
        DataFrame. A row a seed, then their mean and their standard deviation (NaN of one seed): best_epoch,
        val_loss, val_accuracy and val_auc at that epoch, and seconds.
    """
    names = ["val_loss", "val_accuracy", "val_auc"]
    rows = {
        f"seed {run.seed}": {
            "best_epoch": run.best_epoch, **run.history.loc[run.best_epoch, names], "seconds": run.seconds
        }
        for run in runs
    }  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index").astype(float)
    return pd.concat([table, table.agg(["mean", "std"]).rename({"std": "standard deviation"})])
