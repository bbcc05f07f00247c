"""The tables that flow through the project: the catalog, predictions, and how they are read and written as CSV."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, SettingsError

CATALOG_COLUMNS = ("clip_id", "path", "media", "label", "method", "group", "split")
# Columns of a catalog that are there only where the data set gives them.
ORIGIN_COLUMNS = ("identity", "donor", "source")
PREDICTION_COLUMNS = ("clip_id", "label", "group", "method", "split", "status", "score")
# The status of a clip after extraction: "ok", or the status of the ClipError that stopped it.
STATUSES = ("ok", "empty", "unreadable", "too_short", "no_face")

_TEXT_COLUMNS = ("clip_id", "path", "media", "method", "group", "split", "status", "reason", *ORIGIN_COLUMNS)


def _nothing_left_out() -> pd.DataFrame:
    return pd.DataFrame(columns=["path", "reason"])


@dataclass(frozen=True, eq=False)
class Catalog:
    """The clips of a data set, and a list of the files that are not clips.

    Args:
        table: DataFrame. One row per clip, with the columns `CATALOG_COLUMNS`: clip_id, path, media, label
            (Int64; 1 = fake, 0 = real, missing = unknown), method, group and split. The columns in `ORIGIN_COLUMNS` are
            there only where the data set gives them: identity (the person who is seen), donor (the person whose
            face was inserted; where people are not named, the recording that it comes from) and source (the
            recording that the clip comes from). Unknown text is `""`.
        left_out: DataFrame. path and reason of every file that is not a clip.
        remarks: tuple of str. What a user of this data set should know.
        layout: str. The name of the layout it was read with; `""` if unknown.
        root: Path or None. The folder that paths are relative to; None if unknown.
        files: dict. The number of files found, and what became of them: `found` = `clips` + `stills` (in folders
            that are one clip each) + `lists` (the data set's own lists that were read) + `left_out` + `other`
            (also left out, but neither video nor picture).
    """

    table: pd.DataFrame
    left_out: pd.DataFrame = field(default_factory=_nothing_left_out, repr=False)
    remarks: tuple[str, ...] = ()
    layout: str = ""
    root: Path | None = None
    files: dict[str, int] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.table)

    @property
    def people_known(self) -> bool:
        """Whether every real clip has an identity, so that people on both sides of a split can be found."""
        if "identity" not in self.table:
            return False
        identity = self.table.loc[self.table["label"] == 0, "identity"].fillna("")
        return len(identity) > 0 and bool((identity != "").all())


def read_table(path: Path) -> pd.DataFrame:
    """Read a catalog or a predictions table from a CSV file.

    Args:
        path: Path. A CSV written by `write_table`, or one with the same columns.

    Returns:
        DataFrame. `label` is Int64 (missing = unknown). Every text column is str: empty text stays `""` and is
        never NaN.

    Raises:
        DataError: If the file cannot be read as a CSV, or a label is not 1, 0 or empty.
    """
    text = dict.fromkeys(_TEXT_COLUMNS, str)
    try:
        table = pd.read_csv(
            path, dtype=text, converters={"score": _exact}, keep_default_na=False, na_values={"label": [""]}
        )
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from error
    if "label" in table:
        table["label"] = as_labels(table["label"], str(path))
    return table


def _exact(text: str) -> float | str:
    """Convert a score to exactly the number in the file: pandas before 3.1 rounds the last digit."""
    try:
        return float(text or "nan")
    except ValueError:
        return text


def as_labels(values: pd.Series, where: str) -> pd.Series:
    """Convert labels to Int64; missing = unknown.

    Args:
        values: Series. Numbers, or text that is a number.
        where: str. The table that they come from, for the message.

    Returns:
        Series of Int64: 1, 0 or missing.

    Raises:
        DataError: If a label is not 1, 0 or missing. The message names `where` and the row.
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
    """Write a table to a CSV file, atomically.

    Args:
        table: DataFrame.
        path: Path. Its folder is made if missing.

    Raises:
        SettingsError: If the path is a folder.
    """
    if Path(path).is_dir():
        raise SettingsError(
            f"{path} is a folder. Give the name of a CSV file, such as {Path(path) / 'catalog.csv'}."
        )
    text = table.to_csv(index=False)
    if "\r" in text:  # pandas leaves a carriage return unquoted, and would read it as the end of the row
        text = table.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
