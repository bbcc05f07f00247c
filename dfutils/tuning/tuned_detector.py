"""A detector that searches the GRU's settings and then trains a GRU with the best settings."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from dfutils.features import FeatureSet
from dfutils.training import GRUDetector
from dfutils.training.checks import check_fitted
from dfutils.tuning.tuner import Search, TunerName, search


@dataclass(frozen=True, kw_only=True)
class TunedDetector:
    """A detector that searches the GRU's settings and trains a GRU with the best settings, each time it is fitted.

    The search uses the training and validation clips. So in a cross-validation, each fold has a separate search that
    does not use the test clips of the fold.

    Args:
        directory: str or Path. The folder for the results of the searches. A finished search is loaded, not repeated.
            The trainings with the best settings are kept in its folder `trainings`.
        tuner, trials, epochs, batch_size, balance_classes: As for `search`.
        search_seed: int or None. The seed of the search. Set it to train the result of one search with several seeds.
            Defaults to None: the search uses the seed that is given to `fit`.
        name: str. The name that tables and figures show for the detector. Defaults to `"tuned GRU"`.
        found: Search or None. The result of the search; None before `fit`.
        gru: GRUDetector or None. The trained GRU; None before `fit`.
    """

    directory: str | Path
    tuner: TunerName = "hyperband"
    trials: int = 30
    epochs: int = 10
    batch_size: int = 32
    balance_classes: bool = False
    search_seed: int | None = None
    name: str = "tuned GRU"
    found: Search | None = field(default=None, repr=False, compare=False)
    gru: GRUDetector | None = field(default=None, repr=False, compare=False)

    def fit(self, train: FeatureSet, val: FeatureSet, *, seed: int = 7) -> Self:
        """Search the GRU's settings, and train a GRU with the best settings.

        Args:
            train: FeatureSet. The training clips.
            val: FeatureSet. The validation clips, used to choose the settings and the best epoch.
            seed: int. Seeds the training, and the search if `search_seed` is None. Defaults to 7.

        Returns:
            TunedDetector. A fitted copy, with `found` and `gru`.

        Raises:
            DataError, SettingsError, StoreError: As `search`.
        """
        found = search(
            train,
            val,
            self.directory,
            tuner=self.tuner,
            trials=self.trials,
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=seed if self.search_seed is None else self.search_seed,
            balance_classes=self.balance_classes,
            progress=False,
        )
        untrained = GRUDetector(
            settings=found.settings,
            layers=found.layers,
            epochs=self.epochs,
            batch_size=self.batch_size,
            balance_classes=self.balance_classes,
            directory=Path(self.directory) / "trainings",
            name=self.name,
        )
        return replace(self, found=found, gru=untrained.fit(train, val, seed=seed))

    def score(self, clips: FeatureSet) -> np.ndarray:
        """Return P(fake) of each clip, float64 [N].

        Raises:
            DfutilsError: If the detector is not fitted.
            DataError, SettingsError: As `GRUDetector.score`.
        """
        check_fitted(self.name, self.gru is not None)
        assert self.gru is not None
        return self.gru.score(clips)
