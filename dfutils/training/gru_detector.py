"""The GRU detector: it builds and trains a GRU each time it is fitted, for example in a cross-validation."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import DfutilsError, SettingsError
from dfutils.features import FeatureSet
from dfutils.training.checks import check_fitted
from dfutils.training.detector import Detector
from dfutils.training.kept_trainings import load_run, path_of_training, save_run
from dfutils.training.model import GRUSettings, build_gru
from dfutils.training.saving import load_model, save_model
from dfutils.training.training_run import TrainingRun, predict
from dfutils.training.training_run import train as train_model

AnyDetector = TypeVar("AnyDetector", bound=Detector)


@dataclass(frozen=True, kw_only=True)
class GRUDetector:
    """A detector that scores clips with a GRU, a recurrent neural network over the frames of a clip.

    `fit` builds the network, trains it and returns a fitted copy of the detector.

    Args:
        settings: GRUSettings. The size of the network and its learning rate. Defaults to `GRUSettings()`.
        layers: tuple of str or None. The InceptionV3 layers whose features are the input of the GRU. Defaults to None:
            all layers of the training clips.
        epochs: int. Number of passes over the training clips. Defaults to 10.
        batch_size: int. Clips per batch. Defaults to 32.
        balance_classes: bool. True gives both classes the same total weight in the training loss. Defaults to False.
        pairs: bool. True puts each fake into one batch with a real clip of its group, as for `train`. Defaults to
            False.
        directory: str, Path or None. The folder in which trainings are kept. A training that is there already, with the
            same clips, settings and seed, is loaded and not repeated. Defaults to None: no training is kept.
        name: str. The name that tables and figures show for the detector. Defaults to `"GRU"`.
        model: keras.Model or None. The trained model; None before `fit`.
        run: TrainingRun or None. How the model was trained; None before `fit`, and for a model from a file.

    Example:
        >>> from dfutils import data, features, training
        >>> clips = features.load("features", data.assign_splits(data.read_catalog("faces")))
        >>> detector = training.GRUDetector(settings=training.GRUSettings(units=4), epochs=1)
        >>> fitted = detector.fit(clips.part("train"), clips.part("val"), seed=7)
        >>> fitted.score(clips.part("test")).shape
        (8,)
    """

    settings: GRUSettings = field(default_factory=GRUSettings)
    layers: tuple[str, ...] | None = None
    epochs: int = 10
    batch_size: int = 32
    balance_classes: bool = False
    pairs: bool = False
    directory: str | Path | None = field(default=None, compare=False)
    name: str = "GRU"
    model: Any = field(default=None, repr=False, compare=False)
    run: TrainingRun | None = field(default=None, repr=False, compare=False)

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int = 7, progress: bool = False) -> Self:
        """Build a GRU and train it. Return a fitted copy of the detector.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet. The validation clips. The epoch with the lowest validation loss is kept.
            seed: int. Seeds the initial weights, dropout and the order of the clips. Defaults to 7.
            progress: bool. Show a progress bar. Defaults to False.

        Returns:
            GRUDetector. A fitted copy, with `model` and `run`.

        Raises:
            DataError, SettingsError: As `build_gru` and `train`.
            StoreError: If the directory cannot be written.
        """
        layers = train.layers if self.layers is None else self.layers
        train, val = train.select(layers), val.select(layers)
        model = build_gru(train.X.shape[-1], self.settings, seed=seed)
        options: dict[str, Any] = {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "seed": seed,
            "balance_classes": self.balance_classes,
        }
        run = None
        if self.directory is not None:
            facts = options | asdict(self.settings)
            if self.pairs:  # without pairs, the groups do not matter
                facts["pairs"] = train.groups.tolist()
            path = path_of_training(self.directory, train, val, facts)
            run = load_run(path, model, seed=seed)
        if run is None:
            run = train_model(model, train, val, **options, pairs=self.pairs, progress=progress)
            if self.directory is not None:
                save_run(run, path)
        return replace(self, layers=tuple(layers), model=run.model, run=run)

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Args:
            clips: FeatureSet. The clips may have features of more layers than the GRU uses.

        Raises:
            DfutilsError: If the detector is not fitted.
            DataError, SettingsError: As `predict`, or if the features of a layer are missing.
        """
        check_fitted(self.name, self.model is not None)
        return predict(self.model, clips if self.layers is None else clips.select(self.layers))

    def save(self, path: str | Path) -> None:
        """Save the trained model as a `.keras` file.

        Raises:
            DfutilsError: If the detector is not fitted.
            SettingsError: If the path does not end in `.keras`.
        """
        check_fitted(self.name, self.model is not None)
        save_model(self.model, path)

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        layers: tuple[str, ...] | None,
        settings: GRUSettings | None = None,
        epochs: int = 10,
        batch_size: int = 32,
        balance_classes: bool = False,
        name: str = "GRU",
    ) -> Self:
        """Load a fitted detector from a `.keras` file that `save` wrote.

        The file contains only the model, not the training settings. `layers` is needed to score clips. The other
        options are needed only to fit the same detector again.

        Args:
            path: str or Path. The `.keras` file.
            layers: tuple of str or None. The layers that the model was trained on, in the same order. None
                means all layers of the clips that are scored.
            settings, epochs, batch_size, balance_classes, name: As for `GRUDetector`.

        Returns:
            GRUDetector. A fitted detector with a `model`. Its `run` is None.

        Raises:
            MissingArtefactError, DataError: As `load_model`.
        """
        return cls(
            settings=settings or GRUSettings(),
            layers=layers,
            epochs=epochs,
            batch_size=batch_size,
            balance_classes=balance_classes,
            name=name,
            model=load_model(path),
        )


def train_seeds(
    detector: AnyDetector, train: FeatureSet, val: FeatureSet, seeds: Iterable[int], *, progress: bool = True
) -> list[AnyDetector]:
    """Fit the same detector once per seed, to measure how much results differ by chance.

    Args:
        detector: Detector. The detector to fit.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        seeds: iterable of int. For a GRU, a seed sets the initial weights, dropout and the order of the clips.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        list of Detector. The fitted detectors, one per seed.

    Raises:
        SettingsError: If there is no seed, or a seed is repeated.
        DataError, SettingsError: As the detector's `fit`.
    """
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise SettingsError(f"Give at least one seed, and no seed twice. Received: seeds={seeds}")
    return [
        detector.fit(train, val, seed=seed)
        for seed in tqdm(seeds, desc="seeds", unit="model", disable=not progress)
    ]


def seeds_table(detectors: Sequence[GRUDetector]) -> pd.DataFrame:
    """Return a table of training results, one row per seed, with their mean and standard deviation.

    Args:
        detectors: list of GRUDetector. The fitted detectors from `train_seeds`.

    Returns:
        DataFrame. One row per seed (`"seed 7"`), then the rows `mean` and `standard deviation` (NaN for a single seed).
        Columns: best_epoch; val_loss, val_accuracy and val_auc at that epoch; seconds.

    Raises:
        DfutilsError: If a detector is not fitted, or was loaded from a file.
    """
    names = ["val_loss", "val_accuracy", "val_auc"]
    runs = [detector.run for detector in detectors if detector.run is not None]
    if len(runs) < len(detectors):
        raise DfutilsError("A detector has no training run to show: call fit(train, val, seed=...) first.")
    rows = {
        f"seed {run.seed}": {
            "best_epoch": run.best_epoch,
            **run.history.loc[run.best_epoch, names],
            "seconds": run.seconds,
        }
        for run in runs
    }
    table = pd.DataFrame.from_dict(rows, orient="index").astype(float)
    return pd.concat([table, table.agg(["mean", "std"]).rename({"std": "standard deviation"})])
