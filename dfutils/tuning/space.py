"""The settings that a search may choose from, and how one trial is built and trained."""

import hashlib
import json
from typing import Any

from tqdm import tqdm

from dfutils.features import FeatureSet
from dfutils.training import GRUSettings, build_gru
from dfutils.training import train as train_model

# The settings that a search may change, each with its choices. Which of the stored layers the GRU reads is chosen, too.
SPACE: dict[str, tuple] = {
    "units": (32, 64, 128),
    "depth": (1, 2),
    "bidirectional": (False, True),
    "dropout": (0.0, 0.3, 0.5),
    "learning_rate": (3e-4, 1e-3, 3e-3),
    "weight_decay": (1e-4, 1e-2, 1e-1),
    "differences": (False, True),
}


def settings_of_values(values: dict[str, Any]) -> GRUSettings:
    """Return the GRU's settings from the values of a trial.

    Args:
        values: dict. {name: value} as Keras Tuner keeps them: False and True as 0 and 1.
    """
    return GRUSettings(**{name: type(choices[0])(values[name]) for name, choices in SPACE.items()})


def layer_choices(stored: tuple[str, ...]) -> list[str]:
    """Return what a trial may choose to read: each stored layer alone, and all of them together."""
    return list(dict.fromkeys([*stored, "+".join(stored)]))


def layers_of_choice(choice: str) -> tuple[str, ...]:
    """Return the layers that one of the `layer_choices` stands for."""
    return tuple(choice.split("+"))


def make_hypermodel(
    keras_tuner: Any,
    train: FeatureSet,
    val: FeatureSet,
    *,
    epochs: int,
    batch_size: int,
    balance_classes: bool,
    seed: int,
    progress: bool,
    expected: int | None,
) -> Any:
    """Return what Keras Tuner calls to build and train one trial.

    Args:
        keras_tuner: module. It is given, because its import loads TensorFlow.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        epochs, batch_size, balance_classes: As for `training.train`.
        seed: int. The search's seed, from which each trial's own seed is derived.
        progress: bool. Show a progress bar.
        expected: int or None. How many trials the progress bar counts to; None where that is unknown.

    Returns:
        keras_tuner.HyperModel with the attribute `trials_run`, the number of trials trained so far, and `close()`,
        which closes the progress bar.
    """

    class GRUSpace(keras_tuner.HyperModel):
        trials_run = 0
        bar: Any = None

        def build(self, hp: Any) -> Any:
            for name, choices in SPACE.items():
                hp.Choice(name, list(choices))
            layers = layers_of_choice(hp.Choice("layers", layer_choices(train.layers)))
            width = train.select(layers).X.shape[-1]
            return build_gru(width, settings_of_values(hp.values), seed=_trial_seed(seed, hp.values))

        def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
            if self.bar is None and progress:
                self.bar = tqdm(total=expected, desc="search", unit="trial")
            layers = layers_of_choice(hp.get("layers"))
            # Hyperband resumes a trial from the weights of its earlier round.
            epochs_before = hp.values.get("tuner/initial_epoch", 0)
            epochs_in_all = hp.values.get("tuner/epochs", epochs)
            try:
                run = train_model(
                    model,
                    train.select(layers),
                    val.select(layers),
                    epochs=epochs_in_all - epochs_before,
                    batch_size=batch_size,
                    seed=_trial_seed(seed, hp.values),
                    balance_classes=balance_classes,
                    progress=False,
                )
                # A later round looks for the weights where the tuner's own callback would have saved them.
                for callback in kwargs.get("callbacks", ()):
                    if hasattr(callback, "filepath"):
                        model.save_weights(callback.filepath)
            except Exception as error:
                # Any other error would make Keras Tuner record a failed trial and never try it again.
                raise keras_tuner.errors.FatalError(str(error)) from error
            self.trials_run += 1
            if self.bar is not None:
                self.bar.update()
            best = run.history.loc[run.best_epoch]
            return {
                "val_auc": float(best["val_auc"]),
                "val_loss": float(best["val_loss"]),
                "epochs": float(epochs_in_all),
                "best_epoch": float(epochs_before + run.best_epoch),
                "seconds": run.seconds,
            }

        def close(self) -> None:
            if self.bar is not None:
                self.bar.close()

    return GRUSpace()


def _trial_seed(seed: int, values: dict[str, Any]) -> int:
    """Return a trial's own seed: the same for the same values in a search with the same seed."""
    text = json.dumps([seed, values], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
