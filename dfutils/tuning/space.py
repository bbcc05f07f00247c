"""The settings that a search may choose from."""

import hashlib
import json

from tqdm import tqdm

from dfutils.keras_runtime import seed_everything
from dfutils.training import GRUSettings, build_gru
from dfutils.training import train as train_model

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


def settings_of_values(values: dict) -> GRUSettings:
    # Keras Tuner keeps False and True as 0 and 1: each value takes its type from the space.
    return GRUSettings(**{name: type(SPACE[name][0])(values[name]) for name in SPACE})


def make_hypermodel(keras_tuner, train, val, options, seed, progress, expected):
    class GRUSpace(keras_tuner.HyperModel):
        trials_run = 0
        bar = None

        def build(self, hp):
            for name, values in SPACE.items():
                hp.Choice(name, list(values))
            layers = hp.Choice("layers", _layer_choices(train.layers))
            settings = settings_of_values(hp.values)
            width = train.select(layers_of_choice(layers)).X.shape[-1]
            return build_gru(width, settings, seed=_trial_seed(seed, hp.values))

        def fit(self, hp, model, *args, **kwargs):
            if self.bar is None and progress:
                self.bar = tqdm(total=expected, desc="search", unit="trial")
            layers = layers_of_choice(hp.get("layers"))
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


def layers_of_choice(choice: str) -> tuple[str, ...]:
    return tuple(choice.split("+"))


def _trial_seed(seed: int, values: dict) -> int:
    """Return a trial's own seed, the same whenever the same settings are tried in the same search."""
    text = json.dumps([seed, values], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
