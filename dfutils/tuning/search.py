"""Search the GRU's settings with Keras Tuner."""

import hashlib
import io
import json
import shutil
import warnings
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.backend import load_keras, seed_everything
from dfutils.data.given import check_seed
from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.evaluation import Difference
from dfutils.features import FeatureSet
from dfutils.training import GRUDetector, GRUSettings, TrainingRun, build_gru, check_clips
from dfutils.training import train as train_model
from dfutils.training.checks import check_counts

# Name, and the values to choose from: all that the search may change, beside which of the stored
# layers the GRU is given.
SPACE = {
    "units": (32, 64, 128),
    "depth": (1, 2),
    "bidirectional": (False, True),
    "dropout": (0.0, 0.3, 0.5),
    "learning_rate": (3e-4, 1e-3, 3e-3),
    "weight_decay": (1e-4, 1e-2, 1e-1),
    "differences": (False, True),
}
_TUNERS = ("hyperband", "bayesian", "random")
_ENOUGH_SEEDS = 5


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
    hypermodel = _hypermodel(keras_tuner, train, val, options, seed, progress, expected)
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
        chosen = {name: getattr(_settings(trial.hyperparameters.values), name) for name in SPACE}
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
    return _settings(values), _layers(values["layers"])


def verdict(
    gain: Difference,
    untuned,
    tuned,
    n_groups: int,
    crossed: Difference | None = None,
    folds: int = 0,
    fold_seeds: int = 1,
) -> str:
    """Say in words whether the tuned model is better.

    Args:
        gain: Difference. Tuned less untuned AUC on the test clips, over groups and seeds: `evaluation.compare` of a
            table a seed.
        untuned, tuned: float arrays [S]. The test AUC of both, one value a seed.
        n_groups: int. Groups of the test clips.
        crossed: Difference or None. The same in cross-validation with a search in each fold, which has all groups to
            judge by and therefore decides. Defaults to None: the test clips decide.
        folds, fold_seeds: int. Its folds, and how often both were trained in each of them.

    Returns:
        str. "Yes", "No" or that it cannot be told, and the numbers.
    """
    untuned, tuned = np.asarray(untuned, float), np.asarray(tuned, float)
    seeds = len(untuned)
    if np.isnan(gain.value):
        on_test = "the scored test clips are of one class, so they have no AUC"
    else:
        on_test = (
            f"on the test clips of {n_groups} group{'s' if n_groups > 1 else ''} the tuned GRU's AUC lies "
            f"{_apart(gain)}{f', in the mean of {seeds} seeds' if seeds > 1 else ''}"
        )
    if seeds == 1:
        on_test += "; one seed shows no seed noise"
    else:
        noise = max(untuned.std(ddof=1), tuned.std(ddof=1))
        on_test += (
            f"; from seed to seed, one and the same model's AUC differs by {noise:.3f} (standard deviation)"
        )
        if seeds < _ENOUGH_SEEDS:
            on_test += f"; {seeds} seeds show seed noise only roughly, {_ENOUGH_SEEDS} are better"
    decisive, told = gain, f"{on_test}."
    if crossed is not None and not np.isnan(crossed.low):
        decisive = crossed
        told = (
            f"in {folds}-fold cross-validation by group, with a search of its own in each fold"
            f"{f' and {fold_seeds} trainings of both' if fold_seeds > 1 else ''}, the tuned GRU's AUC "
            f"lies {_apart(crossed)}. {on_test[0].upper()}{on_test[1:]}."
        )
    if np.isnan(decisive.value):
        return f"It cannot be told: {told}"
    if np.isnan(decisive.low):
        return f"It cannot be told, because there are too few groups for an interval: {told}"
    if decisive.low == decisive.high:
        return f"It cannot be told, because every draw of the groups gives the same difference: {told}"
    if decisive is gain and seeds < 2:
        return f"It cannot be told from a single seed: {told}"
    if decisive.high < 0:
        return f"No, it is worse: {told}"
    if decisive.low > 0:
        return f"Yes: {told}"
    return f"No, not by more than chance explains: {told}"


def _apart(gap: Difference) -> str:
    words = f"{abs(gap.value):.3f} {'above' if gap.value >= 0 else 'below'} the untuned one's"
    return words if np.isnan(gap.low) else f"{words} (95 % interval {gap.low:+.3f} to {gap.high:+.3f})"


@dataclass(frozen=True)
class TunedDetector:
    """A search and the training of what it finds, as one: to be done anew in every fold.

    Args:
        directory: str or Path. Where the searches are kept: one that was done is read back.
        tuner, trials, epochs, batch_size, class_weights: As for `search`.
        search_seed: int or None. The search's seed: so that several seeds train what one search found. Defaults to
            None: each seed has a search of its own.
    """

    directory: str | Path
    tuner: str = "hyperband"
    trials: int = 30
    epochs: int = 10
    batch_size: int = 32
    class_weights: bool = False
    search_seed: int | None = None

    def fit(self, train: FeatureSet, val: FeatureSet, seed: int = 7) -> TrainingRun:
        """Search on these clips, and train the best settings on them."""
        search_seed = seed if self.search_seed is None else self.search_seed
        options = (self.tuner, self.trials, self.epochs, self.batch_size, search_seed, self.class_weights)
        settings, layers = best_settings(search(train, val, self.directory, *options, progress=False))
        detector = GRUDetector(settings, layers, self.epochs, self.batch_size, self.class_weights)
        return detector.fit(train, val, seed)


def _settings(values: dict) -> GRUSettings:
    # Keras Tuner keeps False and True as 0 and 1: each value takes its type from the space.
    return GRUSettings(**{name: type(SPACE[name][0])(values[name]) for name in SPACE})


def _hypermodel(keras_tuner, train, val, options, seed, progress, expected):
    class GRUSpace(keras_tuner.HyperModel):
        trials_run = 0
        bar = None

        def build(self, hp):
            for name, values in SPACE.items():
                hp.Choice(name, list(values))
            layers = hp.Choice("layers", _layer_choices(train.layers))
            settings = _settings(hp.values)
            width = train.select(_layers(layers)).X.shape[-1]
            return build_gru(width, settings, seed=_trial_seed(seed, hp.values))

        def fit(self, hp, model, *args, **kwargs):
            if self.bar is None and progress:
                self.bar = tqdm(total=expected, desc="search", unit="trial")
            layers = _layers(hp.get("layers"))
            before = hp.values.get("tuner/initial_epoch", 0)
            in_all = hp.values.get("tuner/epochs", options["epochs"])
            try:
                run = train_model(
                    model,
                    train.select(layers),
                    val.select(layers),
                    **options | {"epochs": in_all - before},
                    seed=_trial_seed(seed, hp.values),
                    progress=False,
                )
                # Hyperband goes on from the weights of an earlier round, where the tuner's own callback expects them.
                for callback in kwargs.get("callbacks", ()):
                    if hasattr(callback, "filepath"):
                        model.save_weights(callback.filepath)
            except Exception as error:
                # Keras Tuner would note a failed trial, and never try it again.
                raise keras_tuner.errors.FatalError(str(error)) from error
            self.trials_run += 1
            if self.bar is not None:
                self.bar.update()
            best = run.history.loc[run.best_epoch]
            return {
                "val_auc": float(best["val_auc"]),
                "val_loss": float(best["val_loss"]),
                "epochs": float(in_all),
                "best_epoch": float(before + run.best_epoch),
                "seconds": run.seconds,
            }

        def close(self):
            if self.bar is not None:
                self.bar.close()

    seed_everything(seed)
    return GRUSpace()


def _layer_choices(stored: tuple[str, ...]) -> list[str]:
    """Return each layer alone, and all of them together."""
    return list(dict.fromkeys([*stored, "+".join(stored)]))


def _layers(choice: str) -> tuple[str, ...]:
    return tuple(choice.split("+"))


def _trial_seed(seed: int, values: dict) -> int:
    """Return a trial's own seed, the same whenever the same settings are tried in the same search."""
    text = json.dumps([seed, values], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def _fingerprint(train: FeatureSet, val: FeatureSet, described: dict) -> str:
    digest = hashlib.sha256(json.dumps([described, SPACE, asdict(GRUSettings())], sort_keys=True).encode())
    for clips in (train, val):
        digest.update(repr(clips.spans).encode())
        for array in (clips.X, clips.mask, clips.y):
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()[:12]
