"""Save a trained GRU as a `.keras` file, and load a GRU from a `.keras` file."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.keras_runtime import load_keras
from dfutils.training.model import GRUSettings, build_gru
from dfutils.training.shared_networks import update_constants


def save_model(model: Any, path: str | Path) -> None:
    """Save a model as a `.keras` file.

    If the save is interrupted, an earlier file at the same path is kept unchanged.

    Args:
        model: keras.Model.
        path: str or Path. The file to write. Its name must end in `.keras`.

    Raises:
        SettingsError: If the path does not end in `.keras`.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise SettingsError(f"The name of a model file must end in .keras. Received: {path}")
    with atomic_path(path) as temporary:
        model.save(temporary)


def load_model(path: str | Path) -> Any:
    """Load a model that `save_model` wrote.

    Keras loads the file in safe mode: code in the file is never run.

    Args:
        path: str or Path. The `.keras` file.

    Returns:
        keras.Model.

    Raises:
        MissingArtefactError: If the file does not exist.
        DataError: If the file is damaged, or is not a GRU model of dfutils.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingArtefactError(f"There is no model {path}. Run notebook 04_gru_training first.")
    if path.suffix != ".keras":
        raise _not_a_model(path, "its name does not end in .keras")
    if not zipfile.is_zipfile(path):
        raise _not_a_model(path, "it is damaged, or was written by another program")
    keras = load_keras()
    try:
        with warnings.catch_warnings():
            # Keras warns about a model without optimiser state, which was saved before its first training step.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            model = keras.models.load_model(path, safe_mode=True)
        model.get_layer("standardise")
    except Exception as error:  # Keras raises many kinds of errors for files that it cannot read
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = "it contains code, which is never run" if "safe_mode" in str(error) else lines[0]
        raise _not_a_model(path, reason) from error
    if not isinstance(model.input, dict) or set(model.input) != {"features", "mask"}:
        raise _not_a_model(path, "it does not take the inputs features and mask")
    return model


def load_weights(path: Path, settings: GRUSettings, *, width: int) -> Any:
    """Build a GRU from its settings, and load the weights of a `.keras` file that `save_model` wrote.

    The description of the network in the file is not used. So nothing in the file can run code.

    Args:
        path: Path. The `.keras` file.
        settings: GRUSettings. The settings of the GRU.
        width: int. The number of features per frame.

    Returns:
        keras.Model.

    Raises:
        DataError: If the file is damaged, or holds the weights of another network.
    """
    model = build_gru(width, settings)
    try:
        with warnings.catch_warnings():
            # Keras leaves a layer that is not in the file as it is, with no more than a warning.
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            model.load_weights(path)
    except Exception as error:  # Keras raises many kinds of errors for files that it cannot read
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise _not_a_model(path, lines[0]) from error
    update_constants(model)
    return model


def _not_a_model(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not a model that dfutils saved: {reason}. Run notebook 04_gru_training to train one."
    )
