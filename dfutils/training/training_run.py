"""Train the GRU, keep the weights of the best epoch, and score clips."""

import functools
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
from dfutils.training.batches import cut_into_batches, paired_batches
from dfutils.training.checks import check_clips, check_counts, check_scorable, check_width
from dfutils.training.model import score_metrics
from dfutils.training.shared_networks import SharedNetwork, borrow


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
    pairs: bool = False,
    progress: bool = True,
) -> TrainingRun:
    """Train the GRU and keep the weights of the best epoch. The model is changed in place.

    Features are standardised with the mean and variance over the frames of the training clips. The learning rate is
    halved when the validation accuracy has not risen for two epochs. The best epoch is the epoch with the lowest
    validation loss. Test clips are not used. Batches are copied one at a time, so there is only one copy of all
    features in memory. Packed features are read batch by batch, and never held as a whole.

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
        pairs: bool. True puts each fake into one batch with a real clip of its group, such as its original, if the
            group has one and its bundle fits into a batch (see `batches.paired_batches`). There can be more steps per
            epoch then. Defaults to False.
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
    began = time.perf_counter()
    _standardise(model, train)
    rows, lowest, best_weights = [], np.inf, None
    with borrow(model) as network:
        plateau = load_keras().callbacks.ReduceLROnPlateau("val_accuracy", factor=0.5, patience=2, mode="max")
        plateau.set_model(network.model)
        plateau.on_train_begin()
        order, rng = np.arange(len(train)), np.random.default_rng(seed)
        rng.shuffle(order)  # as `keras.Model.fit` does once before the first epoch
        weights = _weights(train.y, balance_classes)
        with tqdm(total=epochs, desc="training", unit="epoch", disable=not progress) as bar:
            for epoch in range(epochs):
                rng.shuffle(order)
                if pairs:
                    batches = paired_batches(train.y, train.groups, order, batch_size)
                else:
                    batches = cut_into_batches(order, batch_size)
                on_train = _train_epoch(network, train, batches, weights)
                on_val = _judge(val.y, _score(network, val, batch_size))
                row = on_train | {f"val_{name}": value for name, value in on_val.items()}
                plateau.on_epoch_end(epoch, row)  # also adds the learning rate to the row
                rows.append(row)
                if row["val_loss"] < lowest:
                    lowest, best_weights = row["val_loss"], network.model.get_weights()
                bar.set_postfix_str(
                    f"loss {row['loss']:.3f}, validation {row['val_loss']:.3f}", refresh=False
                )
                bar.update()
        if best_weights is not None:
            network.model.set_weights(best_weights)
            network.copy_to(model)
    table = pd.DataFrame(rows, index=pd.RangeIndex(1, epochs + 1, name="epoch"))
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
    with borrow(model) as network:
        return _score(network, clips, batch_size)[:, 0].astype(np.float64)


def _weights(y: np.ndarray, balance_classes: bool) -> np.ndarray:
    """Return the weight of each clip in the training loss, float32 [N]. The mean weight is 1."""
    if not balance_classes:
        return np.ones(len(y), np.float32)
    return (len(y) / 2 / np.bincount(y, minlength=2))[y].astype(np.float32)


def _inputs(clips: FeatureSet, rows: np.ndarray | slice) -> dict[str, np.ndarray]:
    return {"features": clips.X[rows], "mask": clips.mask[rows]}


def _train_epoch(
    network: SharedNetwork, clips: FeatureSet, batches: list[np.ndarray], weights: np.ndarray
) -> dict[str, float]:
    """Train on all clips once, batch by batch. Return the metrics of the scores before each step."""
    scores = np.empty((len(clips), 1), np.float32)
    for rows in batches:
        labels = clips.y[rows, None].astype(np.float32)
        scores[rows] = network.train_on(_inputs(clips, rows), labels, weights[rows])
    return _judge(clips.y, scores, weights)


def _score(network: SharedNetwork, clips: FeatureSet, batch_size: int) -> np.ndarray:
    """Return P(fake) of each clip, float32 [N, 1]."""
    batches = (slice(begin, begin + batch_size) for begin in range(0, len(clips), batch_size))
    return np.concatenate([network.score(_inputs(clips, rows)) for rows in batches])


def _judge(y: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return the loss, weighted by clip, and the metrics of `model.score_metrics` by name."""
    labels = y[:, None].astype(np.float32)
    results = _judging_graph()(labels, scores, np.ones(len(y), np.float32) if weights is None else weights)
    return {name: float(value) for name, value in results.items()}


@functools.cache
def _judging_graph() -> Any:
    """Return the function behind `_judge`, as a graph that is traced once for all models."""
    keras = load_keras()
    import tensorflow as tf

    loss, metrics = keras.losses.BinaryCrossentropy(), score_metrics()
    column, line = tf.TensorSpec((None, 1), tf.float32), tf.TensorSpec((None,), tf.float32)

    @tf.function(input_signature=[column, column, line])
    def judge(labels: Any, scores: Any, weights: Any) -> dict[str, Any]:
        for metric in metrics:
            metric.reset_state()
            metric.update_state(labels, scores)
        return {"loss": loss(labels, scores, weights)} | {metric.name: metric.result() for metric in metrics}

    return judge


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
