"""Keep finished trainings in a folder, so that a second training of the same model on the same clips is only loaded."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import StoreError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training.shared_networks import update_constants
from dfutils.training.training_run import TrainingRun

# To be raised when a change of `train` or `build_gru` changes the numbers. Older trainings are then repeated.
_VERSION = 1


def fingerprint(train: FeatureSet, val: FeatureSet, facts: Any) -> str:
    """Return a hash of the clips and of everything else that decides a result.

    Args:
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        facts: dict or list. The settings, as values that JSON can hold.

    Returns:
        str. 12 hexadecimal digits.
    """
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=int).encode())
    for clips in (train, val):
        digest.update(repr(clips.spans).encode())
        for rows in clips.blocks():
            digest.update(np.ascontiguousarray(clips.X[rows]).data)
        for array in (clips.mask, clips.y):
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:12]


def path_of_training(
    directory: str | Path, train: FeatureSet, val: FeatureSet, facts: dict[str, Any]
) -> Path:
    """Return the file of a training. Its name holds a hash of the clips, the settings and the version of Keras.

    Args:
        directory: str or Path. The folder of the trainings.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        facts: dict. The settings and the seed, as values that JSON can hold.
    """
    versions = {"version": _VERSION, "keras": load_keras().__version__}
    return Path(directory) / f"{fingerprint(train, val, facts | versions)}.npz"


def save_run(run: TrainingRun, path: Path) -> None:
    """Write the weights of the best epoch and the metrics of each epoch to a file.

    Raises:
        StoreError: If the file cannot be written.
    """
    weights = {f"weights_{number}": array for number, array in enumerate(run.model.get_weights())}
    facts = {"history": run.history.to_numpy(), "columns": run.history.columns.to_numpy(str)}
    try:
        with atomic_path(path) as temporary:
            np.savez(temporary, **weights, **facts, best_epoch=run.best_epoch, seconds=run.seconds)
    except OSError as error:
        raise StoreError(
            f"The training cannot be kept in {path.parent}: {error.strerror or error}. Make room or choose another "
            "folder, and run again."
        ) from error


def load_run(path: Path, model: Any, *, seed: int) -> TrainingRun | None:
    """Load a training that `save_run` wrote.

    Args:
        path: Path. The file.
        model: keras.Model. An untrained model with the same settings. It gets the weights. Its optimiser stays new.
        seed: int. The seed of the training.

    Returns:
        TrainingRun, or None if the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            history = pd.DataFrame(kept["history"], columns=kept["columns"].tolist())
            weights = [kept[f"weights_{number}"] for number in range(len(model.weights))]
            best_epoch, seconds = int(kept["best_epoch"]), float(kept["seconds"])
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    # The model is left as it is unless everything fits, because it is trained then.
    if [array.shape for array in weights] != [tuple(variable.shape) for variable in model.weights]:
        return None
    model.set_weights(weights)
    update_constants(model)
    history.index = pd.RangeIndex(1, len(history) + 1, name="epoch")
    return TrainingRun(model, history, best_epoch, seconds, seed)
