"""Read the scores of several detectors for one report, and what validation clips choose: calibrators, thresholds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dfutils.errors import DataError
from dfutils.evaluation.calibrators import (
    Calibration,
    CalibratorName,
    choose_calibrator,
    fit_calibrator,
)
from dfutils.evaluation.score_files import ScoreFile, read_scores
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
        DataError: As `read_scores`, or if no clip is of the split, a file is named twice, or clips without names are to
            be compared.
    """
    places = [Path(path).resolve() for path in paths]
    if len(set(places)) < len(places):
        raise DataError(f"Name each table of scores once. Received: {', '.join(map(str, paths))}")
    names = [path.name for path in places]
    files = [read_scores(path, **reading) for path in paths]
    if len(files) > 1 and not all(file.named for file in files):
        raise DataError(
            "Scores can be compared only if all tables name their clips, in a column such as clip_id."
        )
    tables: dict[str, pd.DataFrame] = {}
    for file in files:
        short = file.path.name if names.count(file.path.name) == 1 else str(file.path)
        for name, table in file.tables.items():
            own = f"{short}: {name}" if len(file.tables) > 1 else short
            tables[own if len(files) > 1 else name] = _of_split(table, split) if split else table
    remarks = list(dict.fromkeys(remark for file in files for remark in file.remarks))
    return tables, remarks + _fill_from_first(tables, files[0])


def _fill_from_first(tables: dict[str, pd.DataFrame], first: ScoreFile) -> list[str]:
    """Give the clips of tables without groups or methods those that the first table has, in place. Return remarks."""
    known = next(iter(tables.values())).set_index("clip_id")
    remarks = []
    for column, has_it in (("group", first.grouped), ("method", (known["method"] != "").any())):
        for name, table in list(tables.items()):
            own = (
                (table["group"] != table["clip_id"]).any()
                if column == "group"
                else (table["method"] != "").any()
            )
            if has_it and not own:
                found = table["clip_id"].map(known[column])
                tables[name] = table.assign(**{column: found.fillna(table[column])})
                remarks.append(f"{name} has no column {column}: the {column}s of the first table are used.")
    return remarks


def read_validation(
    paths: Sequence[str | Path], tables: dict[str, pd.DataFrame], **reading: Any
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read the scores of validation clips, by the same detectors.

    Args:
        paths: sequence of str or Path. One file with the scores of all detectors, or one file for each detector in the
            same order. If some clips of a file are of the split `val`, only those are used.
        tables: dict. {name of the detector: predictions}, of the clips that are evaluated.
        reading: The options of `read_scores`.

    Returns:
        tuple: {name of the detector: predictions}, with the names of `tables`; and what was assumed, also if clips or
        groups of the same names are evaluated too.

    Raises:
        DataError: As `read_scores`, or if a detector has no scores of validation clips.
    """
    files = [read_scores(path, **reading) for path in paths]
    found = [(name, _validation_part(table)) for file in files for name, table in file.tables.items()]
    if len(found) == len(tables) and (len(files) > 1 or len(tables) == 1):
        validation = dict(zip(tables, (table for _, table in found), strict=True))
    else:
        validation = dict(found)
    unknown = [name for name in tables if name not in validation]
    if unknown:
        raise DataError(
            f"The validation clips have no scores of {unknown[0]!r}. They have: {', '.join(validation)}. Each detector "
            "needs validation scores of its own: in a column of the same name, or in one file for each table of scores "
            "(--validation may be repeated)."
        )
    validation = {name: validation[name] for name in tables}
    remarks = list(dict.fromkeys(remark for file in files for remark in file.remarks))
    if all(file.named for file in files):
        remarks += _overlap(tables, validation)
    return validation, remarks


def _validation_part(table: pd.DataFrame) -> pd.DataFrame:
    """Return the clips of the split `val` if there are any, otherwise all."""
    is_val = table["split"].str.lower().isin(("val", "valid", "validation", "dev"))
    return table[is_val].reset_index(drop=True) if is_val.any() else table


def _overlap(tables: dict[str, pd.DataFrame], validation: dict[str, pd.DataFrame]) -> list[str]:
    """Return a remark if clips or groups with a score are in both, by their names."""
    for column, what in (("clip_id", "clips"), ("group", "groups")):
        both: set[str] = set()
        for name, table in tables.items():
            sides = [one.loc[one["score"].notna(), column] for one in (table, validation[name])]
            both |= set(sides[0]) & set(sides[1])
        if both:
            return [
                f"{len(both)} {what} of the validation table are evaluated too, by their names, such as {min(both)!r}. "
                "If they are the same, what they chose is too good on them. If one table has all clips, give it a "
                "column `split`, and use --split test."
            ]
    return []


def choose_thresholds(
    validation: dict[str, pd.DataFrame], *, false_alarms: float | None = None
) -> dict[str, Threshold]:
    """Choose the threshold of each detector on validation clips.

    Args:
        validation: dict. {name of the detector: predictions of the validation clips}.
        false_alarms: float or None. The largest share of real clips that may be called fake. Defaults to None: the
            threshold with the highest balanced accuracy.

    Returns:
        dict. {name of the detector: Threshold}.

    Raises:
        DataError: As `choose_threshold`.
    """
    if false_alarms is None:
        return {name: choose_threshold(table) for name, table in validation.items()}
    return {
        name: choose_threshold(table, rule="false_positive_rate", target=false_alarms)
        for name, table in validation.items()
    }


def calibrate_scores(
    tables: dict[str, pd.DataFrame],
    validation: dict[str, pd.DataFrame],
    calibrator: CalibratorName | Literal["auto"],
    *,
    seed: int = 7,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], list[str]]:
    """Correct the scores of each detector with a calibrator that is fitted to its validation clips.

    Args:
        tables: dict. {name of the detector: predictions}, of the clips that are evaluated.
        validation: dict. {name of the detector: predictions of the validation clips}.
        calibrator: str. One of `CALIBRATORS`, or `"auto"`: `choose_calibrator` chooses one.
        seed: int. Seed of the folds of `choose_calibrator`. Defaults to 7.

    Returns:
        tuple: the corrected `tables`, the corrected `validation`, and a remark for each detector.

    Raises:
        DataError: As `fit_calibrator`.
    """
    remarks = []
    corrected: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]] = ({}, {})
    for name, clips in validation.items():
        of = f" of {name}" if len(tables) > 1 else ""
        if calibrator == "auto":
            chosen = choose_calibrator(clips, seed=seed)
            losses = ", ".join(f"{one} {row['log_loss']:.3f}" for one, row in chosen.table.iterrows())
            found = f"chosen by the log loss on validation clips that it was not fitted to ({losses})"
            remarks.append(f"Calibrator{of}: {chosen.name}, {chosen.remark or found}.".replace("..", "."))
        else:
            chosen = Calibration(calibrator, fit_calibrator(calibrator, clips), pd.DataFrame())
            remarks.append(f"Calibrator{of}: {calibrator}, fitted to the validation clips.")
        corrected[0][name], corrected[1][name] = chosen.apply(tables[name]), chosen.apply(clips)
    return *corrected, remarks


def _of_split(table: pd.DataFrame, split: str) -> pd.DataFrame:
    part = table[table["split"] == split].reset_index(drop=True)
    if not len(part):
        known = ", ".join(sorted(set(table["split"]) - {""})) or "none"
        raise DataError(f"No clip is of the split {split!r}. Splits: {known}.")
    return part
