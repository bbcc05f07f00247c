"""Read and write the catalog of clips and the table of predictions as CSV files."""

import codecs
import csv
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, SettingsError

CATALOG_COLUMNS = ("clip_id", "path", "media", "label", "method", "group", "split")
# Optional columns of a catalog. They exist only if the data set gives their values.
ORIGIN_COLUMNS = ("identity", "donor", "source")
# All columns that a catalog may have. `dataset` exists in a catalog of several data sets.
OPTIONAL_COLUMNS = (*ORIGIN_COLUMNS, "dataset")
PREDICTION_COLUMNS = ("clip_id", "label", "group", "method", "split", "status", "score")
# The status of a clip after feature extraction: "ok", or the status of the ClipError that was raised.
STATUSES = ("ok", "empty", "unreadable", "too_short", "no_face")

_TEXT_COLUMNS = (
    "clip_id",
    "path",
    "media",
    "method",
    "group",
    "split",
    "status",
    "reason",
    *OPTIONAL_COLUMNS,
)


def _nothing_left_out() -> pd.DataFrame:
    return pd.DataFrame(columns=["path", "reason"])


@dataclass(frozen=True, eq=False)
class Catalog:
    """The clips of a data set, and a list of the files that are not clips.

    Args:
        table: DataFrame. One row per clip, with the columns `CATALOG_COLUMNS`: clip_id, path, media, label
            (Int64; 1 = fake, 0 = real, missing = unknown), method, group and split. The columns `OPTIONAL_COLUMNS`
            exist only if the data set gives them: identity (the person in the clip), donor (the person whose face was
            inserted, or the recording of the inserted face if people are not named), source (the recording from which
            the clip was made) and dataset (the data set, in a catalog of several). Unknown text is `""`.
        left_out: DataFrame. The path of every file that is not a clip, and the reason.
        remarks: tuple of str. Warnings and notes about the data set.
        layout: str. The name of the data set layout; `""` if unknown.
        root: Path or None. The folder of the clips, to which the paths are relative; None if unknown.
        files: dict. The number of files of each kind: `found` = `clips` + `stills` (image files in folders that are
            one clip each) + `lists` (lists that come with the data set) + `left_out` (videos and image files that
            are not used) + `other` (all other files).
    """

    table: pd.DataFrame
    left_out: pd.DataFrame = field(default_factory=_nothing_left_out, repr=False)
    remarks: tuple[str, ...] = ()
    layout: str = ""
    root: Path | None = None
    files: dict[str, int] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of clips in the catalog."""
        return len(self.table)

    @property
    def people_known(self) -> bool:
        """Whether the catalog names the person in every real clip (column identity)."""
        if "identity" not in self.table:
            return False
        identity = self.table.loc[self.table["label"] == 0, "identity"].fillna("")
        return len(identity) > 0 and bool((identity != "").all())


def read_table(path: Path) -> pd.DataFrame:
    """Read a catalog or a predictions table from a CSV file.

    Args:
        path: Path. A CSV written by `write_table`, or one with the same columns, as a spreadsheet saves it: in UTF-8
            or UTF-16, with commas, semicolons or tabs between the columns.

    Returns:
        DataFrame. `label` is Int64 (missing = unknown). Every text column is str: empty text stays `""` and is
        never NaN.

    Raises:
        DataError: If the file cannot be read as a CSV, or a label is not 1, 0 or empty.
    """
    text = dict.fromkeys(_TEXT_COLUMNS, str)
    try:
        encoding = encoding_of(path)
        with Path(path).open(encoding=encoding, newline="") as file:
            separator = separator_of(file.readline())
        table = pd.read_csv(
            path,
            sep=separator,
            encoding=encoding,
            dtype=text,
            converters={"score": _exact},
            keep_default_na=False,
            na_values={"label": [""]},
        )
    except (OSError, UnicodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from error
    if "label" in table:
        table["label"] = as_labels(table["label"], str(path))
    return table


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file by its first bytes: UTF-16, as PowerShell writes it, or else UTF-8.

    Raises:
        OSError: If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        start = file.read(2)
    return "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def separator_of(line: str) -> str:
    """Return the character that separates the columns of a CSV, by its first line: a comma, a semicolon or a tab."""
    return max(",;\t", key=line.count)


def _exact(text: str) -> float | str:
    """Convert a score to exactly the number in the file: pandas before 3.1 rounds the last digit."""
    try:
        return float(text or "nan")
    except ValueError:
        return text


def as_labels(values: pd.Series, where: str) -> pd.Series:
    """Convert labels to the type Int64: 1 = fake, 0 = real, missing = unknown.

    Args:
        values: Series. Numbers, or text that is a number.
        where: str. The name of the table with the labels, for the error message.

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
    """Write a table to a CSV file. If writing fails, an old file stays unchanged.

    Args:
        table: DataFrame. The table to write.
        path: Path. The CSV file. A missing folder is created.

    Raises:
        SettingsError: If the path is a folder.
    """
    if Path(path).is_dir():
        raise SettingsError(
            f"{path} is a folder. Give the name of a CSV file, such as {Path(path) / 'catalog.csv'}."
        )
    text = table.to_csv(index=False)
    if "\r" in text:  # pandas does not quote a carriage return, and would read it as the end of a row
        text = table.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
