"""Define the search space of the GRU's settings, and build and train one trial."""

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dfutils.features import FeatureSet
from dfutils.training import GRUSettings, build_gru
from dfutils.training import train as train_model

# The values to choose from for each setting of the GRU. A search also chooses the layers: see `layer_choices`.
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
    """Convert the values of a Keras Tuner trial to GRUSettings.

    Args:
        values: dict. {name: value}, where Keras Tuner stores False and True as 0 and 1.
    """
    return GRUSettings(**{name: type(choices[0])(values[name]) for name, choices in SPACE.items()})


def layer_choices(stored: tuple[str, ...]) -> list[str]:
    """Return the choices of layers for a trial: each stored layer alone, and all stored layers joined with `+`."""
    return list(dict.fromkeys([*stored, "+".join(stored)]))


def layers_of_choice(choice: str) -> tuple[str, ...]:
    """Return the layer names in a choice from `layer_choices`: `"mixed0+mixed10"` gives `("mixed0", "mixed10")`."""
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
    """Return a keras_tuner.HyperModel, which builds and trains the GRU of one trial.

    Args:
        keras_tuner: module. The imported package. It is an argument because importing it here would load TensorFlow.
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        epochs, batch_size, balance_classes: As for `training.train`.
        seed: int. The search's seed, from which each trial's own seed is derived.
        progress: bool. Show a progress bar.
        expected: int or None. Total number of trials for the progress bar; None if it is unknown.

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
            # Hyperband trains a trial in rounds. A later round starts from the weights of the earlier round.
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
                # Save the weights where Hyperband's later rounds load them: at the path of the tuner's callback.
                for callback in kwargs.get("callbacks", ()):
                    if hasattr(callback, "filepath"):
                        _save_weights(model, Path(callback.filepath))
            except Exception as error:
                # After any other error, Keras Tuner marks the trial as failed and never runs it again.
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


def _save_weights(model: Any, path: Path) -> None:
    """Save weights in one step: two workers may train the same trial, if one of them was thought to be lost."""
    temporary = path.with_name(f"{secrets.token_hex(4)}.{path.name}")
    model.save_weights(temporary)
    temporary.replace(path)


def _trial_seed(seed: int, values: dict[str, Any]) -> int:
    """Return the seed of a trial, computed from the seed of the search and the values of the trial."""
    text = json.dumps([seed, values], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
