"""Read the scores of several detectors for one report, and the thresholds that validation clips choose."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.errors import DataError
from dfutils.evaluation.score_files import read_scores
from dfutils.evaluation.thresholds import Threshold, choose_threshold


def read_detectors(
    paths: Sequence[str | Path], *, split: str = "", **reading: Any
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read the scores of all detectors in one or more files.

    Args:
        paths: sequence of str or Path. The files with scores.
        split: str. Only the clips of this split are used, such as `"test"`. Defaults to `""`: all clips.
        reading: The options of `read_scores`.

    Returns:
        tuple: {name of the detector: predictions}, and what was assumed. With several files, the names of the files
        tell the detectors apart.

    Raises:
        DataError: As `read_scores`, or if no clip is of the split, or clips without names are to be compared.
    """
    files = [read_scores(path, **reading) for path in paths]
    if len(files) > 1 and not all(file.named for file in files):
        raise DataError(
            "Scores can be compared only if all tables name their clips, in a column such as clip_id."
        )
    tables: dict[str, pd.DataFrame] = {}
    for file in files:
        for name, table in file.tables.items():
            own = f"{file.path.name}: {name}" if len(file.tables) > 1 else file.path.name
            tables[own if len(files) > 1 else name] = _of_split(table, split) if split else table
    return tables, list(dict.fromkeys(remark for file in files for remark in file.remarks))


def thresholds_on(
    path: str | Path, tables: dict[str, pd.DataFrame], *, false_alarms: float | None = None, **reading: Any
) -> dict[str, Threshold]:
    """Choose the threshold of each detector on validation clips.

    Args:
        path: str or Path. The file with the scores of the validation clips.
        tables: dict. {name of the detector: predictions}, of the clips that are evaluated.
        false_alarms: float or None. The largest share of real clips that may be called fake. Defaults to None: the
            threshold with the highest balanced accuracy.
        reading: The options of `read_scores`.

    Returns:
        dict. {name of the detector: Threshold}.

    Raises:
        DataError: As `read_scores` and `choose_threshold`, or if a detector has no scores of validation clips.
    """
    validation = read_scores(path, **reading).tables
    if len(tables) == len(validation) == 1:
        validation = dict(zip(tables, validation.values(), strict=True))
    unknown = [name for name in tables if name not in validation]
    if unknown:
        raise DataError(
            f"The validation clips have no scores of {unknown[0]!r}. They have: {', '.join(validation)}. Each detector "
            "needs a threshold of its own."
        )
    if false_alarms is None:
        return {name: choose_threshold(validation[name]) for name in tables}
    return {
        name: choose_threshold(validation[name], rule="false_positive_rate", target=false_alarms)
        for name in tables
    }


def _of_split(table: pd.DataFrame, split: str) -> pd.DataFrame:
    part = table[table["split"] == split].reset_index(drop=True)
    if not len(part):
        known = ", ".join(sorted(set(table["split"]) - {""})) or "none"
        raise DataError(f"No clip is of the split {split!r}. Splits: {known}.")
    return part
