"""Search the GRU's settings with Keras Tuner."""

import hashlib
import io
import json
import shutil
import warnings
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.data.validation import check_seed
from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training import GRUSettings, check_clips
from dfutils.training.checks import check_counts
from dfutils.tuning.space import SPACE, layers_of_choice, make_hypermodel, settings_of_values

_TUNERS = ("hyperband", "bayesian", "random")


def search(
    train: FeatureSet,
    val: FeatureSet,
    directory: str | Path,
    tuner: str = "hyperband",
    trials: int = 30,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 7,
    class_weights: bool = False,
    progress: bool = True,
):
    """Search `SPACE`, and the layers in the features, for the highest validation AUC.

    Results are kept under `directory`, in a folder named by the clips, the space and these arguments: a
    search that was interrupted goes on, one that is finished is read back and trains nothing, and
    changed data never meets an old search.

    Args:
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips, whose AUC is the objective.
        directory: str or Path. Where Keras Tuner keeps its trials.
        tuner: str. `"hyperband"` (Li et al., 2018: many settings for few epochs, the best of them for more; it
            chooses its own number of trials), `"bayesian"` (the first third at random; after an interruption, its later
            trials may be others) or `"random"`. Defaults to `"hyperband"`.
        trials: int. Settings to try; Hyperband has no use for it. Defaults to 30.
        epochs: int. Epochs of a trial. Defaults to 10.
        batch_size: int. Clips in a batch. Defaults to 32.
        seed: int. Governs what is drawn and how each trial is initialised. Defaults to 7.
        class_weights: bool. As for `training.train`. Defaults to False.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        The keras_tuner.Tuner, with its attribute `trials_run`: how many trials this call trained.

    Raises:
        DataError: As `training.train`, of the clips; or if what is kept in `directory` is damaged.
        SettingsError: If the tuner is unknown, `trials`, `epochs` or `batch_size` is below 1, or the seed is none.
        StoreError: If `directory` cannot be written.
    """
    if tuner not in _TUNERS:
        raise SettingsError(f"Unknown tuner {tuner!r}. Known: {', '.join(_TUNERS)}.")
    check_counts(trials=trials, epochs=epochs, batch_size=batch_size)
    check_seed(seed)
    for name, clips in (("training", train), ("validation", val)):
        check_clips(name, clips)
    if train.spans != val.spans:
        raise DataError(
            "The training and the validation clips differ in their layers. Load them with the same."
        )
    load_keras()
    import keras_tuner

    described = {
        "tuner": tuner,
        "epochs": epochs,
        "batch": batch_size,
        "seed": seed,
        "weights": class_weights,
    }
    # Hyperband decides by itself how many trials it takes.
    expected = None if tuner == "hyperband" else trials
    name = f"{tuner}-{_fingerprint(train, val, described | {'trials': expected})}"
    options = {"epochs": epochs, "batch_size": batch_size, "class_weights": class_weights}
    hypermodel = make_hypermodel(keras_tuner, train, val, options, seed, progress, expected)
    common = {
        "hypermodel": hypermodel,
        "objective": keras_tuner.Objective("val_auc", "max"),
        # Keras Tuner takes 0 for no seed.
        "seed": seed + 1,
        "directory": str(directory),
        "project_name": name,
        "overwrite": False,
    }
    kinds = {
        "random": lambda: keras_tuner.RandomSearch(max_trials=trials, **common),
        # Its own default draws three trials at random for each setting: of 30 trials, 24.
        "bayesian": lambda: keras_tuner.BayesianOptimization(
            max_trials=trials, num_initial_points=max(2, trials // 3), **common
        ),
        "hyperband": lambda: keras_tuner.Hyperband(max_epochs=epochs, **common),
    }
    folder = Path(directory) / name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _drop_unstarted(folder)
        with redirect_stdout(io.StringIO()):  # it prints the path of what it reads back
            tuned = kinds[tuner]()
        with warnings.catch_warnings():
            # Hyperband goes on with a fresh optimiser, and Keras says so each time.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            tuned.search(verbose=0)
    except (keras_tuner.errors.FatalError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError):
            raise StoreError(
                f"{folder} cannot be written: {cause.strerror or cause}. Trials done so far are kept; make room or "
                "choose another folder, and run again to go on."
            ) from cause
        raise (cause or error) from None
    except Exception as error:  # whatever Keras Tuner makes of a file that is damaged
        raise DataError(
            f"The search kept in {folder} is damaged ({type(error).__name__}: {error}). Remove that "
            "folder, and the search starts afresh."
        ) from error
    finally:
        hypermodel.close()
    tuned.trials_run = hypermodel.trials_run
    return tuned


def _drop_unstarted(folder: Path) -> None:
    """Remove trials that a kill left behind after they were written down and before the search knew of them."""
    if not (folder / "oracle.json").is_file():
        return
    known = json.loads((folder / "oracle.json").read_text())["start_order"]
    for trial in folder.glob("trial_*"):
        if trial.name.removeprefix("trial_") not in known:
            shutil.rmtree(trial)


def trials_table(tuner) -> pd.DataFrame:
    """Return the trials of a search, best first.

    Args:
        tuner: keras_tuner.Tuner.

    Returns:
        DataFrame indexed by trial: `val_auc`, the settings tried, `epochs`, `best_epoch`, `seconds` and `status`. A
        trial that Hyperband continues has a row for each round: its epochs and best epoch count from its beginning, its
        seconds are those of the round.
    """
    rows = []
    for trial in tuner.oracle.trials.values():
        metrics = trial.metrics.metrics
        value = {name: metrics[name].get_best_value() for name in metrics}
        chosen = {name: getattr(settings_of_values(trial.hyperparameters.values), name) for name in SPACE}
        rows.append(
            {
                "trial": trial.trial_id,
                "val_auc": trial.score if trial.score is not None else np.nan,
                "layers": trial.hyperparameters.values["layers"],
                **chosen,
                "epochs": value.get("epochs", np.nan),
                "best_epoch": value.get("best_epoch", np.nan),
                "seconds": value.get("seconds", np.nan),
                "status": trial.status.lower(),
            }
        )
    table = pd.DataFrame(rows).set_index("trial")
    return table.sort_values(["val_auc", "trial"], ascending=[False, True])


def best_settings(tuner) -> tuple[GRUSettings, tuple[str, ...]]:
    """Return the settings and the layers of the best trial.

    Args:
        tuner: keras_tuner.Tuner.

    Raises:
        SettingsError: If no trial was finished.
    """
    # With none finished, Keras Tuner would offer one that was not.
    best = [trial for trial in tuner.oracle.get_best_trials(1) if trial.status == "COMPLETED"]
    if not best:
        raise SettingsError("No trial of the search was finished. Run the search again.")
    values = best[0].hyperparameters.values
    return settings_of_values(values), layers_of_choice(values["layers"])


def _fingerprint(train: FeatureSet, val: FeatureSet, described: dict) -> str:
    digest = hashlib.sha256(json.dumps([described, SPACE, asdict(GRUSettings())], sort_keys=True).encode())
    for clips in (train, val):
        digest.update(repr(clips.spans).encode())
        for array in (clips.X, clips.mask, clips.y):
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()[:12]
