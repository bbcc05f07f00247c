"""How fast are many trainings of the GRU, each with `keras.Model.fit` or with shared networks as in `dfutils.training`?

    python benchmarks/training.py                   # 20 trainings of the demo's size, three architectures
    python benchmarks/training.py --trainings 6

The two ways take turns. The table also shows the largest difference between their scores.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training import GRUSettings, build_gru, predict, train
from dfutils.training.shared_networks import update_constants

ARCHITECTURES = {
    "default": GRUSettings(),
    "64 units, learning rate 3e-3": GRUSettings(units=64, learning_rate=3e-3),
    "both directions, 2 layers, differences": GRUSettings(
        units=32, depth=2, bidirectional=True, differences=True
    ),
}
FRAMES, WIDTH = 20, 2048  # mixed10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trainings", type=int, default=20, help="trainings of each way (default: 20)")
    parser.add_argument("--epochs", type=int, default=10, help="epochs of a training (default: 10)")
    options = parser.parse_args()
    load_keras()  # the start of TensorFlow is not measured
    parts = make_clips(102, seed=0), make_clips(26, seed=1)
    ways: dict[str, Callable[..., np.ndarray]] = {
        "keras.Model.fit": with_keras,
        "shared networks": with_sharing,
    }
    seconds: dict[tuple[str, str], float] = dict.fromkeys(
        ((name, way) for name in ARCHITECTURES for way in ways), 0.0
    )
    apart = dict.fromkeys(ARCHITECTURES, 0.0)
    for number in range(options.trainings):
        name = list(ARCHITECTURES)[number % len(ARCHITECTURES)]
        scores = []
        for way, run in ways.items():
            began = time.perf_counter()
            scores.append(run(ARCHITECTURES[name], *parts, epochs=options.epochs, seed=number))
            seconds[name, way] += time.perf_counter() - began
        apart[name] = max(apart[name], float(np.abs(scores[0] - scores[1]).max()))
    print("| architecture | keras.Model.fit, s | shared networks, s | times as fast | scores differ by |")
    print("|---|---|---|---|---|")
    for name in ARCHITECTURES:
        print_row(name, [seconds[name, way] for way in ways], apart[name])
    totals = [sum(value for (_, one), value in seconds.items() if one == way) for way in ways]
    print_row(f"all {options.trainings} trainings", totals, max(apart.values()))


def print_row(name: str, seconds: list[float], apart: float) -> None:
    slow, fast = seconds
    if fast:
        print(f"| {name} | {slow:.1f} | {fast:.1f} | {slow / fast:.1f} | {apart:.1e} |", flush=True)


def make_clips(count: int, *, seed: int) -> FeatureSet:
    """Return clips with random features, a few of which differ between real and fake."""
    rng = np.random.default_rng(seed)
    y = (np.arange(count) % 2).astype(np.int8)
    X = rng.normal(size=(count, FRAMES, WIDTH)).astype(np.float32)
    X[y == 1, :, :20] += 0.2
    ids = np.array([f"clip{number:03d}" for number in range(count)])
    coverage = pd.DataFrame(
        {"clip_id": ids, "label": y, "group": ids, "method": "", "split": "", "status": "ok"}
    )
    mask, splits = np.ones((count, FRAMES), bool), np.full(count, "train")
    return FeatureSet(X, mask, y, ids, ids, splits, {"mixed10": slice(0, WIDTH)}, coverage.assign(reason=""))


def with_sharing(
    settings: GRUSettings, clips: FeatureSet, val: FeatureSet, *, epochs: int, seed: int
) -> np.ndarray:
    """Train as `GRUDetector` does. Return the scores of the validation clips."""
    model = build_gru(clips.X.shape[-1], settings, seed=seed)
    return predict(train(model, clips, val, epochs=epochs, seed=seed, progress=False).model, val)


def with_keras(
    settings: GRUSettings, clips: FeatureSet, val: FeatureSet, *, epochs: int, seed: int
) -> np.ndarray:
    """Train a model of its own with `keras.Model.fit`. Return the scores of the validation clips."""
    model = build_gru(clips.X.shape[-1], settings, seed=seed)
    fit_with_keras(model, clips, val, epochs=epochs, seed=seed)
    return np.asarray(model.predict({"features": val.X, "mask": val.mask}, verbose=0)[:, 0])


def fit_with_keras(
    model: Any, clips: FeatureSet, val: FeatureSet, *, epochs: int, batch_size: int = 32, seed: int = 7
) -> dict[str, list[float]]:
    """Do what `dfutils.training.train` does, with `keras.Model.fit`. Return the history."""
    keras = load_keras()
    frames = clips.X[clips.mask].astype(np.float64)
    changes = np.abs(np.diff(clips.X, axis=1))[clips.mask[:, 1:]].astype(np.float64)
    for name, values in (("standardise", frames), ("standardise_change", changes)):
        if name in [layer.name for layer in model.layers]:
            variance = values.var(0)
            moments = [values.mean(0), np.maximum(variance, 1e-6 * variance.mean()), np.array(len(values))]
            model.get_layer(name).set_weights(moments)
    update_constants(model)
    rng, order = np.random.default_rng(seed), np.arange(len(clips))
    rng.shuffle(order)

    def batches() -> Iterator[tuple]:
        while True:
            rng.shuffle(order)
            for begin in range(0, len(order), batch_size):
                rows = order[begin : begin + batch_size]
                labels = clips.y[rows, None].astype(np.float32)
                yield {"features": clips.X[rows], "mask": clips.mask[rows]}, labels

    return model.fit(
        batches(),
        steps_per_epoch=-(-len(clips) // batch_size),
        validation_data=({"features": val.X, "mask": val.mask}, val.y[:, None].astype(np.float32)),
        validation_batch_size=batch_size,
        epochs=epochs,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau("val_accuracy", mode="max", factor=0.5, patience=2),
            keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True),
        ],
        shuffle=False,
        verbose=0,
    ).history


if __name__ == "__main__":
    main()
