"""Train, keep the epoch that validation likes best, save, load and score."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.backend import load_keras, seed_everything
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features import FeatureSet
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
    """

    model: object = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    best_epoch: int
    seconds: float


def train(
    model,
    train: FeatureSet,
    val: FeatureSet,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 7,
    progress: bool = True,
) -> TrainingRun:
    """Train the GRU, with the learning rate halved when validation accuracy stands still.

    Standardisation is fitted on the training clips' frames alone. The weights kept are those of the
    epoch with the lowest validation loss; the test clips play no part.

    Args:
        model: keras.Model from `build_gru`.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        epochs: int. Defaults to 10.
        batch_size: int. Clips in a batch. Defaults to 32.
        seed: int. Seeds the order of the clips. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        TrainingRun.

    Raises:
        DataError: If a class is missing, a label is unknown, features are not finite, or the sets
            differ in their features.
        SettingsError: If `epochs` or `batch_size` is below 1.
    """
    if epochs < 1 or batch_size < 1:
        raise SettingsError(f"epochs and batch_size must be at least 1. Received: {epochs}, {batch_size}")
    for name, clips in (("training", train), ("validation", val)):
        _check_clips(name, clips, model.input["features"].shape[-1])
    keras = load_keras()
    began = time.perf_counter()
    seed_everything(seed)
    # The layer expects [.., T, D]: every frame that is there counts as a sequence of one.
    model.get_layer("standardise").adapt(train.X[train.mask][:, None, :])
    if any(layer.name == "standardise_change" for layer in model.layers):
        both = train.mask[:, 1:] & train.mask[:, :-1]
        change = np.abs(train.X[:, 1:] - train.X[:, :-1])[both]
        if len(change):
            model.get_layer("standardise_change").adapt(change[:, None, :])
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
            inputs(train),
            train.y.astype("float32"),
            validation_data=(inputs(val), val.y.astype("float32")),
            epochs=epochs,
            batch_size=batch_size,
            callbacks=[*callbacks, keras.callbacks.LambdaCallback(on_epoch_end=tick)],
            verbose=0,
        )
    table = pd.DataFrame(history.history)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    best = int(table["val_loss"].idxmin())
    return TrainingRun(model, table, best, time.perf_counter() - began)


def train_seeds(
    train_clips: FeatureSet,
    val: FeatureSet,
    settings: GRUSettings,
    seeds,
    epochs: int = 10,
    batch_size: int = 32,
    progress: bool = True,
) -> list[TrainingRun]:
    """Train the same settings once a seed: how far do the results differ by chance alone?

    Args:
        train_clips, val: FeatureSet. As for `train`.
        settings: GRUSettings.
        seeds: iterable of int. Each governs initial weights, dropout and the order of clips.
        epochs, batch_size: As for `train`.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        list of TrainingRun, one a seed.
    """
    width = train_clips.X.shape[-1]
    return [
        train(build_gru(width, settings, seed), train_clips, val, epochs, batch_size, seed, progress=False)
        for seed in tqdm(list(seeds), desc="seeds", unit="model", disable=not progress)
    ]


def inputs(clips: FeatureSet) -> dict[str, np.ndarray]:
    """Return what the model takes: features float32 [N, T, D] and mask bool [N, T]."""
    return {"features": clips.X, "mask": clips.mask}


def predict(model, clips: FeatureSet, batch_size: int = 32) -> np.ndarray:
    """Score clips.

    Args:
        model: keras.Model from `build_gru` or `load_model`.
        clips: FeatureSet.
        batch_size: int. Defaults to 32.

    Returns:
        float64 array [N]. P(fake) of each clip.

    Raises:
        DataError: If the clips have other features than the model was trained on.
    """
    _check_width("clips", clips, model.input["features"].shape[-1])
    return model.predict(inputs(clips), batch_size=batch_size, verbose=0)[:, 0].astype(np.float64)


def save_model(model, path: str | Path) -> None:
    """Save a model as a `.keras` file, atomically."""
    with atomic_path(Path(path)) as temporary:
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
    keras = load_keras()
    try:
        model = keras.models.load_model(path, safe_mode=True)
        model.get_layer("standardise")
    except Exception as error:  # Keras raises whatever its readers raise
        summary = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(f"{path} is not a model of ours ({summary}). Train it again.") from error
    return model


def _check_clips(name: str, clips: FeatureSet, width: int) -> None:
    _check_width(name, clips, width)
    unknown = clips.clip_ids[~np.isin(clips.y, (0, 1))]
    if len(unknown):
        raise DataError(f"The {name} clip {unknown[0]!r} has no label. Label it, or leave it out.")
    if len(set(clips.y.tolist())) < 2:
        only = "fake" if clips.y[0] == 1 else "real"
        raise DataError(f"All {len(clips)} {name} clips are {only}: training needs both classes.")
    bad = clips.clip_ids[~np.isfinite(clips.X).all(axis=(1, 2))]
    if len(bad):
        raise DataError(f"The {name} clip {bad[0]!r} has features that are no numbers. Extract it again.")
    blind = clips.clip_ids[~clips.mask.any(axis=1)]
    if len(blind):
        raise DataError(f"The {name} clip {blind[0]!r} has no frame. Leave it out: it cannot be scored.")


def _check_width(name: str, clips: FeatureSet, width: int) -> None:
    if clips.X.shape[-1] != width:
        raise DataError(
            f"The model takes {width} numbers a frame and the {name} have {clips.X.shape[-1]}. "
            "Load the features with the layers that the model was trained on."
        )
