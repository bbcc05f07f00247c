"""The result of an adaptation."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfutils.features.weights_record import WeightsRecord


@dataclass(frozen=True, eq=False)
class Adaptation:
    """The result of `adapt`: the weights file, and what is known about it.

    Args:
        path: Path. The weights file. Give it as `Backbone(weights=...)`.
        record: WeightsRecord. Also in the JSON file next to the weights.
        was_done: bool. True if an equal adaptation had finished before, so that nothing was trained now.
    """

    path: Path
    record: WeightsRecord
    was_done: bool = False

    @property
    def curves(self) -> pd.DataFrame:
        """One row per check while training. Columns: step, seconds, loss, learning_rate, val_loss and val_auc."""
        return pd.DataFrame(self.record.details["curves"])

    @property
    def results(self) -> pd.DataFrame:
        """The AUC on validation and test clips, with 95 % intervals.

        Columns: split, unit (`frame` or `clip`), method (`""` for all fakes), value, low, high, n_real, n_fake and
        n_groups.
        """
        columns = ["split", "unit", "method", "value", "low", "high", "n_real", "n_fake", "n_groups"]
        return pd.DataFrame(self.record.details["results"], columns=columns)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Warnings and notes."""
        return tuple(self.record.details["remarks"])
