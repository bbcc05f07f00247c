"""The result of an adaptation: the weights, their record, and the scores of the validation and test clips."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfutils.errors import MissingArtefactError
from dfutils.features.weights_record import WeightsRecord, record_path
from dfutils.tables import read_table


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

    @property
    def predictions(self) -> pd.DataFrame:
        """The scores of the validation and test clips: the mean over a clip's crops.

        Columns: clip_id, label, group, method, split, status and score; NaN for a clip without a face crop.

        Raises:
            MissingArtefactError: If the file FILE.scores.csv next to the weights is missing.
        """
        path = scores_path(self.path)
        if not path.is_file():
            raise MissingArtefactError(
                f"There is no {path}. It was written with {self.path.name}; adapt again to another file to get it."
            )
        return read_table(path)


def scores_path(weights: Path) -> Path:
    """Return the path of the scores of a weights file: FILE.scores.csv for FILE.weights.h5."""
    return record_path(weights).with_suffix(".scores.csv")
