"""Train the GRU, keep the epoch that validation likes best, save, load and score."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data.validation import check_seed
from dfutils.errors import SettingsError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras, seed_everything
from dfutils.training.checks import check_clips, check_counts, check_scorable, check_width


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
