"""Train the GRU, keep the epoch that validation likes best, save, load and score."""

import time
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.backend import load_keras, seed_everything
from dfutils.data.given import check_seed
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features import FeatureSet
from dfutils.training.checks import check_clips, check_counts, check_scorable, check_width
from dfutils.training.model import GRUSettings, build_gru
from dfutils.workspace import atomic_path


@dataclass
class TrainingRun:
    """A trained model and how it got there.

    Args:
        model: keras.Model with the weights of the best epoch.
        history: DataFrame indexed by epoch (from 1): loss, accuracy, precision, recall and auc, the same
            with `val_` before, and learning_rate.
        best_epoch: int. The epoch of the lowest validation loss.
        seconds: float.
        seed: int. What it was trained with.
        layers: tuple of str. The backbone's layers that it reads.
    """

    model: object = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    best_epoch: int
    seconds: float
    seed: int
    layers: tuple[str, ...]

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N]; the clips may have more layers than the model reads."""
        return predict(self.model, clips.select(self.layers))


def train(
    model,
    train: FeatureSet,
    val: FeatureSet,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 7,
    class_weights: bool = False,
    progress: bool = True,
) -> TrainingRun:
    """Train the GRU, with the learning rate halved when validation accuracy stands still.

    Standardisation is fitted on the training clips' frames alone. The weights kept are those of the
    epoch with the lowest validation loss; the test clips play no part. Batches are cut as they are needed:
    nothing is held twice.

    Args:
        model: keras.Model from `build_gru`.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        epochs: int. Defaults to 10.
        batch_size: int. Clips in a batch. Defaults to 32.
        seed: int. Seeds the order of the clips. Defaults to 7.
        class_weights: bool. Let both classes count alike in the training loss, however many clips each has.
            Defaults to False.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        TrainingRun.

    Raises:
        DataError: If a class is missing, a label is unknown, features are not finite, or the sets
            differ in their features.
        SettingsError: If `epochs` or `batch_size` is below 1, the seed is none, or no epoch ends with a number.
    """
    check_counts(epochs=epochs, batch_size=batch_size)
    check_seed(seed)
    for name, clips in (("training", train), ("validation", val)):
        check_width(f"{name} clips", clips, model.input["features"].shape[-1])
        check_clips(name, clips)
    keras = load_keras()
    began = time.perf_counter()
    seed_everything(seed)
    _standardise(model, train)
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="max", factor=0.5, patience=2),
        # Patience is out of reach: this one only keeps the best epoch's weights.
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=epochs, restore_best_weights=True),
    ]
    with tqdm(total=epochs, desc="training", unit="epoch", disable=not progress) as bar:

        def tick(epoch, logs):
            bar.set_postfix_str(f"loss {logs['loss']:.3f}, validation {logs['val_loss']:.3f}", refresh=False)
            bar.update()

        history = model.fit(
            _batches(train, batch_size, _weights(train.y, class_weights), seed),
            validation_data=_batches(val, batch_size, _weights(val.y, False)),
            epochs=epochs,
            callbacks=[*callbacks, keras.callbacks.LambdaCallback(on_epoch_end=tick)],
            verbose=0,
        )
    table = pd.DataFrame(history.history)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    if table["val_loss"].isna().all():
        raise SettingsError(
            "Training diverged: the validation loss is a number in no epoch. Choose a lower learning rate."
        )
    best = int(table["val_loss"].idxmin())
    return TrainingRun(model, table, best, time.perf_counter() - began, seed, train.layers)


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


def predict(model, clips: FeatureSet, batch_size: int = 32) -> np.ndarray:
    """Score clips.

    Args:
        model: keras.Model from `build_gru` or `load_model`.
        clips: FeatureSet.
        batch_size: int. Defaults to 32.

    Returns:
        float64 array [N]. P(fake) of each clip.

    Raises:
        DataError: If the clips have other features than the model was trained on, one of them has no frame, or
            features are not finite.
    """
    check_counts(batch_size=batch_size)
    check_width("clips", clips, model.input["features"].shape[-1])
    check_scorable("given", clips)
    if len(clips) == 0:
        return np.empty(0)
    return model.predict(_batches(clips, batch_size), verbose=0)[:, 0].astype(np.float64)


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


def _weights(y: np.ndarray, balanced: bool) -> np.ndarray:
    """Return how much each clip counts in the loss, float32 [N]; 1 on average."""
    if not balanced:
        return np.ones(len(y), np.float32)
    return (len(y) / 2 / np.bincount(y, minlength=2))[y].astype(np.float32)


def _batches(clips: FeatureSet, batch_size: int, weights: np.ndarray | None = None, seed: int | None = None):
    """Return a keras.utils.PyDataset of clips: shuffled with a seed, with labels if there are weights."""
    keras = load_keras()

    class Batches(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.order = np.arange(len(clips))
            self.rng = None if seed is None else np.random.default_rng(seed)
            self.on_epoch_end()

        def __len__(self):
            return -(-len(clips) // batch_size)

        def __getitem__(self, i):
            rows = self.order[i * batch_size : (i + 1) * batch_size]
            inputs = {"features": clips.X[rows], "mask": clips.mask[rows]}
            if weights is None:
                return (inputs,)
            return inputs, clips.y[rows].astype(np.float32)[:, None], weights[rows]

        def on_epoch_end(self):
            if self.rng is not None:
                self.rng.shuffle(self.order)

    return Batches()


def _standardise(model, train: FeatureSet) -> None:
    """Give the model's Normalization layers the mean and the variance of the training clips' frames."""
    _set_moments(model.get_layer("standardise"), lambda rows: train.X[rows][train.mask[rows]], train.blocks())
    if not any(layer.name == "standardise_change" for layer in model.layers):
        return

    def changes(rows):
        both = train.mask[rows, 1:] & train.mask[rows, :-1]
        return np.abs(train.X[rows, 1:] - train.X[rows, :-1])[both]

    _set_moments(model.get_layer("standardise_change"), changes, train.blocks())


def _set_moments(layer, values_of, blocks: Iterable[slice]) -> None:
    """Set a Normalization layer from `values_of(rows)`, float32 [n, D], a block of clips at a time."""
    seen, mean, spread = 0, 0.0, 0.0
    for rows in blocks:
        values = values_of(rows).astype(np.float64)
        if not len(values):
            continue
        # Chan, Golub and LeVeque, 1979: moments of parts, put together without loss.
        gap = values.mean(0) - mean
        both = seen + len(values)
        spread = spread + values.var(0) * len(values) + gap**2 * seen * len(values) / both
        mean, seen = mean + gap * len(values) / both, both
    if seen:
        variance = spread / seen
        # What hardly varies in training may vary elsewhere: it must not outweigh all the rest there.
        least = 1e-6 * variance.mean()
        layer.set_weights([mean, np.maximum(variance, least) if least > 0 else variance + 1, np.array(seen)])
        layer.finalize_state()
