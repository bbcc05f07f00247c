"""Evaluate a detector on degraded clips: compressed, scaled down, blurred or with added noise."""

from collections.abc import Iterable
from dataclasses import dataclass
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
from dfutils.features import ExtractionSettings, load_degraded
from dfutils.frames import Degradation
from dfutils.tables import Catalog
from dfutils.training import Detector

# Typical degradations of videos: the two compressions of FaceForensics++, a smaller size, blur and noise.
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


def list_degradations(text: str) -> tuple[Degradation, ...]:
    """Return the degradations that a text names.

    Args:
        text: str. Degradations separated by commas, such as `"h264:40,blur:2"`; `"all"` for `DEGRADATIONS`; `"none"` or
            `""` for none.

    Raises:
        SettingsError: If the text names no known degradation, or a strength is out of range.
    """
    names = [name.strip() for name in text.split(",") if name.strip() not in ("", "none")]
    return DEGRADATIONS if names == ["all"] else tuple(map(Degradation.parse, dict.fromkeys(names)))


@dataclass(frozen=True)
class Robustness:
    """The AUC of a detector on clips after each degradation, and its change from the AUC on unchanged clips.

    Args:
        table: DataFrame indexed by degradation. The first row, `as they are`, is for the unchanged clips. Columns: kind
            and strength of the degradation; scored, such as `23 of 24`; auc, low and high, the AUC and its 95 %
            interval; change, change_low and change_high, the AUC minus the AUC of the unchanged clips, and the 95 %
            interval of the change. Groups are resampled for the intervals.
        extracted: int. The number of degraded clips whose features were extracted because the store did not contain
            them.
    """

    table: pd.DataFrame
    extracted: int

    @property
    def display(self) -> pd.DataFrame:
        """The table with rounded values as text. Undefined values are shown as `–`."""
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
    """Evaluate a detector on degraded copies of the clips, such as compressed or blurred ones.

    The features of degraded clips are stored in `store`. A second call extracts only the missing features.

    Args:
        detector: Detector. A fitted detector.
        catalog: Catalog or DataFrame. The catalog with the paths of the clips. Only the clips in `predictions` are
            used.
        predictions: DataFrame. The detector's scores of the unchanged test clips, as `score` returns them.
        root: str or Path or None. The folder that the paths are relative to. Defaults to None: the root of the catalog.
        store: str or Path. The folder to store the features of degraded clips in. It must not be the folder with the
            features of the unchanged clips.
        settings: ExtractionSettings. The feature settings that the detector was trained with.
        layers: tuple of str or None. The backbone layers that the detector needs. Defaults to None: all layers in
            `settings`.
        degradations: iterable of Degradation. The degradations to apply, one at a time. Defaults to `DEGRADATIONS`.
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

    reading: dict[str, Any] = {"root": root, "store": store, "settings": settings, "layers": layers}
    reading["progress"] = progress
    rows, extracted = {"as they are": row(predictions)}, 0
    for degradation in degradations:
        clips, new = load_degraded(clips_table, degradation, **reading)
        extracted += new
        rows[str(degradation)] = row(score(detector, clips), degradation)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("degradation")
    return Robustness(table, extracted)


def _clips_of(predictions: pd.DataFrame, catalog: Catalog | pd.DataFrame) -> pd.DataFrame:
    """Return the catalog rows of the clips that are in the predictions table.

    Raises:
        DataError: If the catalog lacks a clip of the predictions.
    """
    table = catalog_table(catalog)
    missing = predictions["clip_id"][~predictions["clip_id"].isin(table["clip_id"])]
    if len(missing):
        raise DataError(
            f"{len(missing)} clips of the predictions (such as {missing.iloc[0]!r}) are not in the catalog. Give the "
            "catalog that the predictions were made with."
        )
    return table[table["clip_id"].isin(predictions["clip_id"])].reset_index(drop=True)
