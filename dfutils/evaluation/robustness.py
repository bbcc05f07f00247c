"""What is left of a detector when clips were compressed, scaled, blurred or noisy before it saw them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.evaluation.comparison import compare
from dfutils.evaluation.evaluation import evaluate
from dfutils.evaluation.predictions import predictions_table
from dfutils.features import ExtractionSettings, FeatureSet, extract, load
from dfutils.frames import Degradation

# What videos meet on their way: FaceForensics++'s two compressions, half the size, an unsharp and a noisy camera.
DEGRADATIONS = tuple(
    Degradation(kind, strength)
    for kind, strengths in {
        "h264": (23, 40),
        "resolution": (0.5, 0.25),
        "blur": (1, 3),
        "noise": (5, 15),
    }.items()
    for strength in strengths
)


def evaluate_degraded(
    catalog: pd.DataFrame,
    root: str | Path,
    store: str | Path,
    settings: ExtractionSettings,
    score: Callable[[FeatureSet], np.ndarray],
    predictions: pd.DataFrame,
    degradations: Iterable[Degradation] = DEGRADATIONS,
    n_bootstrap: int = 2000,
    seed: int = 7,
    progress: bool = True,
) -> pd.DataFrame:
    """Score degraded clips with a detector that was trained on clips as they are.

    Features of degraded clips are cached like all others: what was done once is not done again.

    Args:
        catalog: DataFrame. The test clips.
        root: str or Path. The folder that paths are relative to.
        store: str or Path. Where to keep these features; better not among those of the clips as they are.
        settings: ExtractionSettings. Those that the detector was trained with.
        score: function. From a FeatureSet to P(fake), float [N].
        predictions: DataFrame. The detector's scores of the same clips as they are.
        degradations: iterable of Degradation. Defaults to `DEGRADATIONS`.
        n_bootstrap, seed: As for `evaluate`.
        progress: bool. Show progress bars. Defaults to True.

    Returns:
        DataFrame indexed by degradation, the first row `as they are`: kind, strength, scored, auc, low and high, and
        the paired change of the AUC with its interval (change, change_low, change_high). `attrs["clips_extracted"]`
        counts what was not in the store.

    Raises:
        DataError: As `evaluate`; or if no clip of a degradation has features.
        StoreError, WeightsError: As `extract`.
    """
    options = {"n_bootstrap": n_bootstrap, "seed": seed}

    def row(table: pd.DataFrame, kind: str, strength: float, *change: float) -> dict:
        found = evaluate(table, **options)
        auc = dict(zip(("auc", "low", "high"), found.table.loc["auc"], strict=True))
        changed = dict(
            zip(("change", "change_low", "change_high"), change or (0.0, np.nan, np.nan), strict=True)
        )
        return {
            "kind": kind,
            "strength": strength,
            "scored": f"{found.n_scored} of {found.n_clips}",
            **auc,
            **changed,
        }

    rows, extracted = {"as they are": row(predictions, "", np.nan)}, 0
    for degradation in degradations:
        changed = replace(settings, degradation=degradation)
        extracted += extract(catalog, root, store, changed, progress=progress).extracted
        clips = load(store, catalog, changed)
        table = predictions_table(clips.coverage, clips.clip_ids, score(clips))
        gap = compare(table, predictions, **options)
        rows[str(degradation)] = row(
            table, degradation.kind, degradation.strength, gap.value, gap.low, gap.high
        )
    result = pd.DataFrame.from_dict(rows, orient="index").rename_axis("degradation")
    result.attrs["clips_extracted"] = extracted
    return result
