"""Catalogs and predictions as CSV: their columns, reading and writing."""

from pathlib import Path

import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, SettingsError

CATALOG_COLUMNS = ("clip_id", "path", "media", "label", "method", "group", "split")
PREDICTION_COLUMNS = ("clip_id", "label", "group", "method", "split", "status", "score")
_TEXT_COLUMNS = ("clip_id", "path", "media", "method", "group", "split", "status", "reason")


def read_table(path: Path) -> pd.DataFrame:
    """Read a catalog or a predictions table; empty text stays `""` and is never NaN.

    Args:
        path: Path. A CSV written by `write_table`, or one with the same columns.

    Returns:
        DataFrame. `label` is Int64 (missing = unknown), every column of text is str.
    """
    text = dict.fromkeys(_TEXT_COLUMNS, str)
    try:
        table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values={"label": [""], "score": [""]})
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from error
    if "label" in table:
        table["label"] = as_labels(table["label"], str(path))
    return table


def as_labels(values: pd.Series, where: str) -> pd.Series:
    """Return labels as Int64; missing = unknown.

    Raises:
        DataError: If one is none of 1, 0 and missing; it names `where` and the row.
    """
    label = pd.to_numeric(values, errors="coerce")
    wrong = (values.notna() & ~label.isin([0, 1])).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{where}: labels are 1 (fake), 0 (real) or empty. Received: {values.tolist()[row]!r} in row {row + 1} "
            f"(line {row + 2} of a CSV)."
        )
    return label.astype("Int64")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, atomically.

    Raises:
        SettingsError: If the path is that of a folder.
    """
    if Path(path).is_dir():
        raise SettingsError(
            f"{path} is a folder. Give the name of a CSV file, such as {Path(path) / 'catalog.csv'}."
        )
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)


# How a clip can end: "ok", or one of those that a ClipError names.
STATUSES = ("ok", "empty", "unreadable", "too_short", "no_face")
