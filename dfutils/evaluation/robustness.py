"""How well a detector scores clips that were compressed, scaled down, blurred or noisy before the detector saw them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import DataError
from dfutils.evaluation.comparison import Difference, compare
from dfutils.evaluation.evaluation import evaluate
from dfutils.evaluation.predictions import score
from dfutils.evaluation.tables import with_interval
from dfutils.features import ExtractionSettings, extract, load
from dfutils.frames import Degradation
from dfutils.tables import Catalog
from dfutils.training import Detector

# What videos meet on their way: FaceForensics++'s two compressions, a smaller size, a blurred and a noisy camera.
DEGRADATIONS = (
    Degradation("h264", 23),
    Degradation("h264", 40),
    Degradation("resolution", 0.5),
    Degradation("resolution", 0.25),
    Degradation("blur", 1),
    Degradation("blur", 3),
    Degradation("noise", 5),
    Degradation("noise", 15),
)


@dataclass(frozen=True)
class Robustness:
    """How much of a detector's AUC is left on degraded clips.

    Args:
        table: DataFrame indexed by degradation, the first row `as they are`. Columns: kind and strength of the
            degradation; scored, such as `23 of 24`; auc, low and high, with the 95 % interval by group; change,
            change_low and change_high, the paired difference to the AUC of the clips as they are.
        extracted: int. The number of clips whose features were not in the store yet.
    """

    table: pd.DataFrame
    extracted: int

    @property
    def display(self) -> pd.DataFrame:
        """The table as text for a reader, `–` where a value is undefined."""
        aucs = self.table[["auc", "low", "high"]].to_numpy()
        changes = self.table[["change", "change_low", "change_high"]].iloc[1:].to_numpy()
        text = {
            "AUC": [with_interval(*row) for row in aucs],
            "change": ["–", *(str(Difference("auc", value, low, high, [])) for value, low, high in changes)],
            "scored": self.table["scored"],
        }
        return pd.DataFrame(text, index=self.table.index).rename_axis(index=None, columns="degradation")


def evaluate_degraded(
    detector: Detector,
    catalog: Catalog | pd.DataFrame,
    predictions: pd.DataFrame,
    *,
    root: str | Path | None = None,
    store: str | Path,
    settings: ExtractionSettings,
    layers: tuple[str, ...] | None = None,
    degradations: Iterable[Degradation] = DEGRADATIONS,
    n_bootstrap: int = 2000,
    seed: int = 7,
    progress: bool = True,
) -> Robustness:
    """Degrade clips and score them with a detector that was trained on clips as they are.

    The features of degraded clips are stored like all others: a second call extracts only what is missing.

    Args:
        detector: Detector. Fitted.
        catalog: Catalog or DataFrame. It gives the paths of the clips. Only the clips in `predictions` are used.
        predictions: DataFrame. The detector's scores of the test clips as they are, as `score` returns them.
        root: str or Path or None. The folder that the paths are relative to. Defaults to None: the Catalog's own root.
        store: str or Path. Where to store the features of degraded clips. Use another folder than for the clips as
            they are.
        settings: ExtractionSettings. Those of the clips that the detector was trained on.
        layers: tuple of str or None. The layers that the detector reads. Defaults to None: all layers in `settings`.
        degradations: iterable of Degradation. Defaults to `DEGRADATIONS`.
        n_bootstrap, seed: As for `evaluate`.
        progress: bool. Show progress bars. Defaults to True.

    Returns:
        Robustness.

    Raises:
        DataError: As `evaluate`, or if the catalog lacks a clip of the predictions, the folder of the clips is unknown,
            or no clip has features after a degradation.
        StoreError, WeightsError: As `extract`.
    """
    root = root_of(catalog, root)
    clips_table = _clips_of(predictions, catalog)

    def row(table: pd.DataFrame, degradation: Degradation | None = None) -> dict[str, Any]:
        evaluation = evaluate(table, n_bootstrap=n_bootstrap, seed=seed)
        value, low, high = evaluation.table.loc["auc"]
        columns = {
            "kind": degradation.kind if degradation else "",
            "strength": degradation.strength if degradation else np.nan,
            "scored": f"{evaluation.n_scored} of {evaluation.n_clips}",
            "auc": value,
            "low": low,
            "high": high,
        }
        if degradation is None:
            return columns | {"change": 0.0, "change_low": np.nan, "change_high": np.nan}
        change = compare(table, predictions, n_bootstrap=n_bootstrap, seed=seed)
        return columns | {"change": change.value, "change_low": change.low, "change_high": change.high}

    rows, extracted = {"as they are": row(predictions)}, 0
    for degradation in degradations:
        degraded = replace(settings, degradation=degradation)
        extracted += extract(clips_table, root, store, degraded, progress=progress).extracted
        clips = load(store, clips_table, degraded, layers=layers)
        rows[str(degradation)] = row(score(detector, clips), degradation)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("degradation")
    return Robustness(table, extracted)


def _clips_of(predictions: pd.DataFrame, catalog: Catalog | pd.DataFrame) -> pd.DataFrame:
    """Return the catalog rows of the clips that are in the predictions table.

    Raises:
        DataError: If the catalog lacks one of them.
    """
    table = catalog_table(catalog)
    missing = predictions["clip_id"][~predictions["clip_id"].isin(table["clip_id"])]
    if len(missing):
        raise DataError(
            f"{len(missing)} clips of the predictions (such as {missing.iloc[0]!r}) are not in the catalog. Give the "
            "catalog that the predictions were made with."
        )
    return table[table["clip_id"].isin(predictions["clip_id"])].reset_index(drop=True)
