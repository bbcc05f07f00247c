"""Search the GRU's settings with Keras Tuner."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from dfutils.data.validation import check_seed
from dfutils.errors import DataError, DfutilsError, SettingsError, StoreError
from dfutils.features import FeatureSet
from dfutils.keras_runtime import load_keras
from dfutils.training import GRUSettings, check_clips
from dfutils.training.checks import check_counts
from dfutils.training.kept_trainings import fingerprint
from dfutils.tuning.chief_server import lead
from dfutils.tuning.folder import atomic_saves, drop_unstarted
from dfutils.tuning.machines import Role, Worker, refuse_keras_tuner_variables
from dfutils.tuning.space import SPACE, layers_of_choice, make_hypermodel, settings_of_values
from dfutils.tuning.worker_client import follow

TunerName = Literal["hyperband", "bayesian", "random"]


@dataclass(frozen=True)
class Search:
    """The result of a search: all trials and the best settings.

    Args:
        tuner: str. `"hyperband"`, `"bayesian"` or `"random"`.
        trials: DataFrame indexed by trial, best first. Columns: val_auc, layers, the settings tried (the names of
            `SPACE`), epochs, best_epoch, seconds and status. Hyperband trains a trial in rounds, with one row per
            round: `epochs` and `best_epoch` are counted from the first round, `seconds` is the time of one round.
            Unknown values are NaN.
        trials_run: int. Number of trials that the call trained; 0 if a finished search was loaded. For the chief of
            several machines, the number of trials that its workers trained.
        settings: GRUSettings. The settings of the best trial.
        layers: tuple of str. The layers whose features are the input of the best trial.
    """

    tuner: TunerName
    trials: pd.DataFrame = field(repr=False, compare=False)
    trials_run: int
    settings: GRUSettings
    layers: tuple[str, ...]


def search(
    train: FeatureSet,
    val: FeatureSet,
    directory: str | Path,
    *,
    tuner: TunerName = "hyperband",
    trials: int = 30,
    epochs: int = 10,
    batch_size: int = 32,
    seed: int = 7,
    balance_classes: bool = False,
    progress: bool = True,
    role: Role | None = None,
) -> Search:
    """Search for the GRU settings and the layers with the highest validation AUC.

    `SPACE` lists the settings and their values. Results are saved under `directory`, in a folder whose name contains a
    hash of the clips, the search space and the options. Call `search` again to resume an interrupted search. A finished
    search is loaded, and nothing is trained. With other clips or options, a new search starts.

    Args:
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips, whose AUC is maximised.
        directory: str or Path. The folder in which Keras Tuner saves its trials.
        tuner: str. `"hyperband"` (Li et al., 2018) trains many settings for few epochs and the best settings for more;
            it sets the number of trials itself. `"bayesian"` draws the first third of the trials at random; after an
            interruption, its later trials may differ. `"random"` draws all trials at random. Defaults to `"hyperband"`.
        trials: int. Number of settings to try. Not used by Hyperband. Defaults to 30.
        epochs: int. Epochs per trial. Defaults to 10.
        batch_size: int. Clips per batch. Defaults to 32.
        seed: int in [0, 2**32). Sets which settings are tried and the initial weights of each trial. Defaults to 7.
        balance_classes: bool. As for `training.train`. Defaults to False.
        progress: bool. Show a progress bar, or one line per trial if there is a role. Defaults to True.
        role: Chief, Worker or None. What this machine does in a search on several machines. The chief waits for
            workers, and each worker trains trials. Give all of them the same clips and options. All return the same
            trials and settings. Defaults to None: this machine searches alone.

    Returns:
        Search.

    Raises:
        DataError: If a class is missing, a label is unknown, features are not finite, the training and validation
            clips differ in their layers, or the saved files of the search are damaged.
        SettingsError: If the tuner is unknown, `trials`, `epochs` or `batch_size` is below 1, the seed is not an
            integer in [0, 2**32), a training diverged, or no trial was finished. With a role, also if chief and worker
            differ in their clips or options, or Hyperband's workers do not see the folder of the chief.
        StoreError: If `directory` cannot be written.
        MachineError: If the port of the chief cannot be used, or the chief does not answer.

    Example:
        >>> from dfutils import data, features, tuning
        >>> clips = features.load("features", data.assign_splits(data.read_catalog("faces")))
        >>> train, val = clips.part("train"), clips.part("val")
        >>> found = tuning.search(train, val, "search", tuner="random", trials=1, epochs=1, progress=False)
        >>> found.trials["status"].tolist()
        ['completed']
    """
    if tuner not in get_args(TunerName):
        raise SettingsError(f"Unknown tuner {tuner!r}. Known: {', '.join(get_args(TunerName))}.")
    check_counts(trials=trials, epochs=epochs, batch_size=batch_size)
    check_seed(seed)
    refuse_keras_tuner_variables()
    for name, clips in (("training", train), ("validation", val)):
        check_clips(name, clips)
    if train.spans != val.spans:
        raise DataError(
            "The training and the validation clips differ in their layers. Load both with the same layers."
        )
    load_keras()
    import keras_tuner

    # Hyperband sets the number of trials itself.
    expected = None if tuner == "hyperband" else trials
    options: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "balance_classes": balance_classes,
        "seed": seed,
    }
    facts = [options | {"trials": expected}, SPACE, asdict(GRUSettings())]
    folder = Path(directory) / f"{tuner}-{fingerprint(train, val, facts)}"
    has_bar = progress and role is None
    hypermodel = make_hypermodel(keras_tuner, train, val, **options, progress=has_bar, expected=expected)

    def make(place: Path) -> Any:
        return _make_tuner(keras_tuner, tuner, hypermodel, place, trials, epochs, seed)

    def say(line: str) -> None:
        if progress:
            print(line, flush=True)

    try:
        if not isinstance(role, Worker):
            folder.parent.mkdir(parents=True, exist_ok=True)
            drop_unstarted(folder)
        with _keras_state_kept(), atomic_saves(keras_tuner), warnings.catch_warnings():
            # Hyperband resumes a trial with a new optimiser, and Keras warns each time.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            if isinstance(role, Worker):
                done = follow(keras_tuner, role, folder, make, needs_folder=tuner == "hyperband", say=say)
            else:
                done = make(folder)
                if role is None:
                    done.search(verbose=0)
                else:
                    hypermodel.trials_run = lead(done, role, folder, say=say)
    except DfutilsError:
        raise
    except (keras_tuner.errors.FatalError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError):
            raise StoreError(
                f"{folder} cannot be written: {cause.strerror or cause}. Finished trials are kept. Make room or choose "
                "another folder, and run again to resume."
            ) from cause
        raise (cause or error) from None
    except Exception as error:  # Keras Tuner raises many kinds of errors for files that it cannot read
        raise DataError(
            f"The search in {folder} is damaged ({type(error).__name__}: {error}). Remove that folder and run again: "
            "the search then starts from the beginning."
        ) from error
    finally:
        hypermodel.close()
    settings, layers = _best_settings(done)
    return Search(tuner, _trials_table(done), hypermodel.trials_run, settings, layers)


def _make_tuner(
    keras_tuner: Any,
    tuner: TunerName,
    hypermodel: Any,
    folder: Path,
    trials: int,
    epochs: int,
    seed: int,
) -> Any:
    """Return a keras_tuner.Tuner, with the trials that are saved in its folder."""
    options = {
        "objective": keras_tuner.Objective("val_auc", "max"),
        "seed": seed + 1,  # Keras Tuner treats 0 as no seed
        "directory": str(folder.parent),
        "project_name": folder.name,
        "overwrite": False,
    }
    with redirect_stdout(io.StringIO()):  # Keras Tuner prints the path of a search that it loads
        if tuner == "hyperband":
            return keras_tuner.Hyperband(hypermodel, max_epochs=epochs, **options)
        if tuner == "bayesian":
            # The default draws three random trials per setting: 24 of 30.
            options["num_initial_points"] = max(2, trials // 3)
            return keras_tuner.BayesianOptimization(hypermodel, max_trials=trials, **options)
        return keras_tuner.RandomSearch(hypermodel, max_trials=trials, **options)


@contextmanager
def _keras_state_kept() -> Iterator[None]:
    """Restore the global state of Keras after the block. Keras Tuner clears it, and the global seed, in each trial."""
    from keras.src.backend.common import global_state

    saved = dict(vars(global_state.GLOBAL_STATE_TRACKER))
    try:
        yield
    finally:
        vars(global_state.GLOBAL_STATE_TRACKER).update(saved)


def _trials_table(done: Any) -> pd.DataFrame:
    """Return a table of the trials of a keras_tuner.Tuner, best first, as described in `Search.trials`."""
    rows = []
    for trial in done.oracle.trials.values():
        metrics = {name: metric.get_best_value() for name, metric in trial.metrics.metrics.items()}
        values = trial.hyperparameters.values
        settings = settings_of_values(values)
        rows.append(
            {
                "trial": trial.trial_id,
                "val_auc": np.nan if trial.score is None else trial.score,
                "layers": values["layers"],
                **{name: getattr(settings, name) for name in SPACE},
                **{name: metrics.get(name, np.nan) for name in ("epochs", "best_epoch", "seconds")},
                "status": trial.status.lower(),
            }
        )
    table = pd.DataFrame(rows).set_index("trial")
    return table.sort_values(["val_auc", "trial"], ascending=[False, True])


def _best_settings(done: Any) -> tuple[GRUSettings, tuple[str, ...]]:
    """Return the GRU settings and the layers of the best finished trial of a keras_tuner.Tuner.

    Raises:
        SettingsError: If no trial was finished.
    """
    # If no trial was finished, Keras Tuner returns an unfinished trial.
    completed = [trial for trial in done.oracle.get_best_trials(1) if trial.status == "COMPLETED"]
    if not completed:
        raise SettingsError("No trial of the search was finished. Run the search again.")
    values = completed[0].hyperparameters.values
    return settings_of_values(values), layers_of_choice(values["layers"])
