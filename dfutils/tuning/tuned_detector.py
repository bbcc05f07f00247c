"""A search and the training of what it finds, as one detector."""

from dataclasses import dataclass
from pathlib import Path

from dfutils.features import FeatureSet
from dfutils.training import GRUDetector, TrainingRun
from dfutils.tuning.tuner import best_settings, search


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
