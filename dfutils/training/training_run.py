"""Train the GRU, keep the weights of the best epoch, and score clips."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data.validation import check_seed
from dfutils.errors import SettingsError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training.checks import check_clips, check_counts, check_scorable, check_width


@dataclass(frozen=True)
class TrainingRun:
    """The result of a training: the model, the metrics of each epoch, and the best epoch.

    Args:
        model: keras.Model with the weights of the best epoch.
        history: DataFrame. One row per epoch, counted from 1: loss, accuracy, precision, recall and auc on the
            training clips; val_loss, val_accuracy and so on for the validation clips; learning_rate.
        best_epoch: int. The epoch with the lowest validation loss.
        seconds: float. Duration of the training in seconds.
        seed: int. The seed of the training.
    """

    model: Any = field(repr=False, compare=False)
    history: pd.DataFrame = field(repr=False, compare=False)
    best_epoch: int
    seconds: float
    seed: int


def train(
    model: Any,
    train: FeatureSet,
    val: FeatureSet,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 7,
    balance_classes: bool = False,
    progress: bool = True,
) -> TrainingRun:
    """Train the GRU and keep the weights of the best epoch. The model is changed in place.

    Features are standardised with the mean and variance over the frames of the training clips. The learning rate is
    halved when the validation accuracy has not risen for two epochs. The best epoch is the epoch with the lowest
    validation loss. Test clips are not used. Batches are copied one at a time, so there is only one copy of all
    features in memory.

    The global random generators of Python, NumPy and Keras are not used. The same seed gives the same result up to
    rounding. After `keras_runtime.make_deterministic`, the same seed gives exactly the same result.

    Args:
        model: keras.Model from `build_gru`. Its weights are changed in place.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        epochs: int. Number of passes over the training clips. Defaults to 10.
        batch_size: int. Clips per batch. Defaults to 32.
        seed: int in [0, 2**32). Seeds the order of the clips. Defaults to 7.
        balance_classes: bool. True gives both classes the same total weight in the training loss, whatever their number
            of clips. Defaults to False.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        TrainingRun.

    Raises:
        DataError: If a class is missing, a label is unknown, features are not finite, or the number of features per
            frame is not the number that the model needs.
        SettingsError: If `epochs` or `batch_size` is below 1, the seed is not an integer in [0, 2**32), or the
            validation loss was NaN in every epoch.
    """
    check_counts(epochs=epochs, batch_size=batch_size)
    check_seed(seed)
    for name, clips in (("training", train), ("validation", val)):
        check_width(f"{name} clips", clips, model.input["features"].shape[-1])
        check_clips(name, clips)
    keras = load_keras()
    began = time.perf_counter()
    _standardise(model, train)
    # Create the optimiser's variables now. If the first step creates them, TensorFlow traces that step twice.
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="max", factor=0.5, patience=2),
        # With `patience=epochs`, training never stops early. The callback only restores the weights of the best epoch.
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=epochs, restore_best_weights=True),
    ]
    with tqdm(total=epochs, desc="training", unit="epoch", disable=not progress) as bar:

        def show_epoch(epoch: int, logs: dict[str, float]) -> None:
            bar.set_postfix_str(f"loss {logs['loss']:.3f}, validation {logs['val_loss']:.3f}", refresh=False)
            bar.update()

        history = model.fit(
            _batches(train, batch_size, _weights(train.y, balance_classes), seed),
            validation_data=_batches(val, batch_size, _weights(val.y, False)),
            epochs=epochs,
            callbacks=[*callbacks, keras.callbacks.LambdaCallback(on_epoch_end=show_epoch)],
            # `_batches` shuffles the clips already. Keras would use Python's global random generator.
            shuffle=False,
            verbose=0,
        )
    table = pd.DataFrame(history.history)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    if table["val_loss"].isna().all():
        raise SettingsError(
            "Training diverged: the validation loss was NaN in every epoch. Choose a lower learning rate."
        )
    best_epoch = int(table["val_loss"].idxmin())
    return TrainingRun(model, table, best_epoch, time.perf_counter() - began, seed)


def predict(model: Any, clips: FeatureSet, *, batch_size: int = 32) -> np.ndarray:
    """Score clips with a trained GRU.

    Args:
        model: keras.Model from `build_gru` or `load_model`.
        clips: FeatureSet. The clips, with features of the layers that the model was trained on.
        batch_size: int. Clips per batch. Defaults to 32.

    Returns:
        float64 array [N]. P(fake) of each clip.

    Raises:
        DataError: If the number of features per frame is not the number that the model needs, a clip has no frame, or
            features are not finite.
        SettingsError: If `batch_size` is below 1.
    """
    check_counts(batch_size=batch_size)
    check_width("clips", clips, model.input["features"].shape[-1])
    check_scorable("given", clips)
    if len(clips) == 0:
        return np.empty(0)
    return model.predict(_batches(clips, batch_size), verbose=0)[:, 0].astype(np.float64)


def _weights(y: np.ndarray, balance_classes: bool) -> np.ndarray:
    """Return the weight of each clip in the training loss, float32 [N]. The mean weight is 1."""
    if not balance_classes:
        return np.ones(len(y), np.float32)
    return (len(y) / 2 / np.bincount(y, minlength=2))[y].astype(np.float32)


def _batches(
    clips: FeatureSet, batch_size: int, weights: np.ndarray | None = None, seed: int | None = None
) -> Any:
    """Return a keras.utils.PyDataset of clips. It includes labels if `weights` is given, and shuffles if `seed` is."""
    load_keras()
    from keras.utils import PyDataset

    class Batches(PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.order = np.arange(len(clips))
            self.rng = None if seed is None else np.random.default_rng(seed)
            self.on_epoch_end()

        def __len__(self) -> int:
            return -(-len(clips) // batch_size)

        def __getitem__(self, number: int) -> tuple:
            rows = self.order[number * batch_size : (number + 1) * batch_size]
            inputs = {"features": clips.X[rows], "mask": clips.mask[rows]}
            if weights is None:
                return (inputs,)
            return inputs, clips.y[rows].astype(np.float32)[:, None], weights[rows]

        def on_epoch_end(self) -> None:
            if self.rng is not None:
                self.rng.shuffle(self.order)

    return Batches()


def _standardise(model: Any, train: FeatureSet) -> None:
    """Set the model's Normalization layers, in place, to the mean and variance over the training clips' frames."""

    def values(rows: slice) -> np.ndarray:
        return train.X[rows][train.mask[rows]]

    def changes(rows: slice) -> np.ndarray:
        in_both = train.mask[rows, 1:] & train.mask[rows, :-1]
        return np.abs(train.X[rows, 1:] - train.X[rows, :-1])[in_both]

    names = [layer.name for layer in model.layers]
    for name, values_of in (("standardise", values), ("standardise_change", changes)):
        if name in names:
            _set_moments(model.get_layer(name), values_of, train.blocks())


def _set_moments(layer: Any, values_of: Callable[[slice], np.ndarray], blocks: Iterable[slice]) -> None:
    """Set the mean and variance of a Normalization layer in place, computed from one block of clips at a time.

    `values_of(rows)` returns the values of a block of clips, float32 [n, D].
    """
    count, mean, squares = 0, 0.0, 0.0
    for rows in blocks:
        values = values_of(rows).astype(np.float64)
        if not len(values):
            continue
        # Chan, Golub and LeVeque (1979): combine the mean and variance of two parts without loss of precision.
        gap = values.mean(0) - mean
        total = count + len(values)
        squares = squares + values.var(0) * len(values) + gap**2 * count * len(values) / total
        mean, count = mean + gap * len(values) / total, total
    if count:
        variance = squares / count
        # A feature that hardly varies in training clips may vary in other clips. The lower bound limits its effect.
        least = 1e-6 * np.mean(variance)
        layer.set_weights([mean, np.maximum(variance, least) if least > 0 else variance + 1, np.array(count)])
        layer.finalize_state()
