"""Read tables of scores that any program has written, and turn them into tables of predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from dfutils.data.layouts.folder_names import label_of_word
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.catalog_join import join_catalog
from dfutils.tables import encoding_of, read_table, separator_of
from dfutils.training.decision import from_logits

Joining = Literal["mean", "median", "max"]
JOININGS: tuple[Joining, ...] = get_args(Joining)
# The names of columns that other programs use, most certain first.
_NAMES: dict[str, tuple[str, ...]] = {
    "score": ("score", "scores", "p_fake", "fake_prob", "fake_probability", "prob_fake", "prob", "probability",
              "y_score", "y_prob", "confidence", "logit", "logits", "output", "prediction", "pred", "y_pred"),
    "label": ("label", "labels", "y_true", "target", "truth", "ground_truth", "gt", "is_fake", "class", "y"),
    "clip_id": ("clip_id", "video_id", "video", "clip", "filename", "file_name", "file", "path", "image", "name", "id"),
    "group": ("group", "groups"),
    "method": ("method", "manipulation", "forgery", "generator"),
    "split": ("split", "subset", "partition"),
    "dataset": ("dataset", "data_set"),
    "detector": ("detector", "model"),
    "status": ("status",),
}  # fmt: skip
_LABEL_WORDS = {"true": 1, "yes": 1, "spoof": 1, "false": 0, "no": 0, "bonafide": 0, "bona-fide": 0}
_MISSING = frozenset({"", "nan", "na", "n/a", "none", "null", "-"})


@dataclass(frozen=True)
class ScoreFile:
    """The scores of one or more detectors, from one file.

    Args:
        tables: dict. {name of the detector: predictions}. Each table has one row per clip, with clip_id, label
            (1 = fake), group, method, split, status and score, and the other columns of the file.
        remarks: list of str. What was assumed, and what did not match.
        named: bool. False if the file names no clips: the rows are numbered.
        grouped: bool. False if the file has no groups: each clip is a group of its own.
        path: Path. The file.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    remarks: list[str]
    named: bool
    grouped: bool
    path: Path


def read_scores(
    path: str | Path,
    *,
    columns: Sequence[str] = (),
    positive: Literal["fake", "real"] = "fake",
    logits: bool = False,
    frames: Joining | None = None,
    catalog: str | Path | None = None,
) -> ScoreFile:
    """Read a CSV with the scores of any detector.

    Columns are found by their usual names, such as `y_true` or `p_fake`; upper and lower case do not matter. Needed are
    a score, and a label unless a catalog brings it. Commas, semicolons and tabs separate columns. With semicolons or
    tabs, numbers may have a decimal comma.

    Args:
        path: str or Path. The CSV.
        columns: sequence of str. The columns with scores, one per detector. Defaults to none: the column is found by
            its name, and a column `detector` or `model` divides the rows.
        positive: str. `"fake"` if a high score means fake, `"real"` if it means real. Defaults to `"fake"`.
        logits: bool. Whether the scores are logits, which any number may be. Defaults to False: probabilities.
        frames: str or None. How the scores of several rows with one clip are joined: `"mean"`, `"median"` or `"max"`.
            Defaults to None: each clip has one row.
        catalog: str or Path or None. A catalog as CSV. It brings label, group, method and split, joined by clip_id,
            path or file name. Its clips without a score are the missing ones. Defaults to None.

    Returns:
        ScoreFile.

    Raises:
        DataError: If the file cannot be read, a column is missing, a label or a score is not one, a score is outside
            [0, 1], a clip has several rows or labels, or nothing matches the catalog.
        SettingsError: If an option is unknown.
    """
    path = Path(path)
    if positive not in ("fake", "real"):
        raise SettingsError(f"A high score means 'fake' or 'real'. Received: positive={positive!r}")
    if len(set(columns)) < len(columns):
        raise SettingsError(f"Name each column of scores once. Received: {', '.join(columns)}")
    if frames not in (None, *JOININGS):
        raise SettingsError(f"Scores are joined by {', '.join(JOININGS)}. Received: frames={frames!r}")
    cells = _read_cells(path)
    roles = _roles(cells, path, columns)
    remarks = _role_remarks(roles, bool(columns))
    table = _text_columns(cells, roles)
    named = "clip_id" in roles
    if not named:
        table["clip_id"] = [f"row {number}" for number in range(1, len(table) + 1)]
        remarks.append("The table names no clips, so its rows are numbered.")
    known = None if catalog is None else read_table(Path(catalog))
    if "label" in roles:
        table["label"] = _labels(cells[roles["label"]], path)
    elif known is None:
        raise DataError(
            f"{path} has no column with labels, such as {', '.join(_NAMES['label'][:3])}. It has: "
            f"{', '.join(cells)}. Add one (1 = fake, 0 = real), or give a catalog."
        )
    decimal_comma = _separator(path) != ","
    scored = {}
    for column in columns or [roles["score"]]:
        values = _numbers(cells[column.lower()], path, decimal_comma=decimal_comma)
        one = table.assign(
            score=_probabilities(values, path, column=column, positive=positive, logits=logits)
        )
        parts = one.groupby("detector", sort=False) if "detector" in one and not columns else [(column, one)]
        for name, part in parts:
            scored[str(name)] = _one_row_per_clip(part.reset_index(drop=True), path, frames)
    if known is not None:
        scored = {name: join_catalog(part, known, remarks, named=named) for name, part in scored.items()}
    grouped = all("group" in part and (part["group"] != "").any() for part in scored.values())
    tables = {name: _finished(part, grouped) for name, part in scored.items()}
    remarks += _group_remarks(next(iter(tables.values())), grouped)
    return ScoreFile(tables, list(dict.fromkeys(remarks)), named, grouped, path)


def _separator(path: Path) -> str:
    with path.open(encoding=encoding_of(path), newline="") as file:
        return separator_of(file.readline())


def _read_cells(path: Path) -> pd.DataFrame:
    """Return all cells as text, with column names in lower case."""
    if not path.is_file():
        raise DataError(f"There is no file {path}. Give a CSV with the scores.")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty. Write a header, and one row per clip, with its label and score.")
    try:
        cells = pd.read_csv(
            path,
            sep=_separator(path),
            encoding=encoding_of(path),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=True,
        )
    except (OSError, UnicodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from error
    cells.columns = [str(name).strip().lower() for name in cells.columns]
    twice = cells.columns[cells.columns.duplicated()]
    if len(twice):
        raise DataError(f"{path} has two columns {twice[0]!r} (case does not matter). Remove or rename one.")
    if cells.empty:
        raise DataError(f"{path} has no rows. Write one row per clip, with its label and score.")
    return cells.apply(lambda column: column.fillna("").str.strip())


def _roles(cells: pd.DataFrame, path: Path, columns: Sequence[str]) -> dict[str, str]:
    """Return {role: column} for the columns whose names are known."""
    roles = {role: next((name for name in names if name in cells), "") for role, names in _NAMES.items()}
    missing = [name for name in columns if name.lower() not in cells]
    if missing:
        raise DataError(f"{path} has no column {missing[0]!r}. It has: {', '.join(cells)}.")
    if not columns and not roles["score"]:
        raise DataError(
            f"{path} has no column with scores, such as {', '.join(_NAMES['score'][:3])}. It has: {', '.join(cells)}. "
            "Rename one, or name it with --score-column."
        )
    return {role: name for role, name in roles.items() if name}


def _role_remarks(roles: Mapping[str, str], chosen: bool) -> list[str]:
    used = [
        f"{role} from `{name}`"
        for role, name in roles.items()
        if role != name and not (chosen and role == "score")
    ]
    return [f"Columns: {', '.join(used)}."] if used else []


def _text_columns(cells: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns that are text, under our names, and all columns without a role."""
    kept = {role: cells[name] for role, name in roles.items() if role not in ("score", "label")}
    others = {name: cells[name] for name in cells if name not in roles.values() and name not in _NAMES}
    return pd.DataFrame({**others, **kept}, index=cells.index)


def _labels(words: pd.Series, path: Path) -> pd.Series:
    labels = [
        label_of_word(word) if word.lower() not in _LABEL_WORDS else _LABEL_WORDS[word.lower()]
        for word in words
    ]
    wrong = [row for row, label in enumerate(labels) if label is None]
    if wrong:
        what = "is empty" if not words.iloc[wrong[0]] else f"is {words.iloc[wrong[0]]!r}"
        raise DataError(
            f"{path}: the label in row {wrong[0] + 1} (line {wrong[0] + 2}) {what}. A label is 1 or fake, or 0 or "
            f"real. Rows like this: {len(wrong)} of {len(words)}."
        )
    return pd.Series(labels, index=words.index, dtype="Int64")


def _numbers(words: pd.Series, path: Path, *, decimal_comma: bool) -> np.ndarray:
    if decimal_comma:
        words = words.str.replace(r"^([+-]?\d*),(\d+)", r"\1.\2", regex=True)
    missing = words.str.lower().isin(_MISSING)
    numbers = pd.to_numeric(words.where(~missing, "nan"), errors="coerce").to_numpy(float)
    wrong = np.flatnonzero((np.isnan(numbers) & ~missing.to_numpy()) | np.isinf(numbers))
    if len(wrong):
        raise DataError(
            f"{path}: the score in row {wrong[0] + 1} (line {wrong[0] + 2}) is {words.iloc[wrong[0]]!r}, which is not "
            f"a finite number. Rows like this: {len(wrong)} of {len(words)}. An empty cell is a missing score."
        )
    if missing.all():
        raise DataError(f"{path}: no row has a score.")
    return numbers


def _probabilities(
    numbers: np.ndarray, path: Path, *, column: str, positive: str, logits: bool
) -> np.ndarray:
    """Return P(fake). Scores are never clipped."""
    if logits:
        numbers = from_logits(numbers)
    outside = int(np.sum((numbers < 0) | (numbers > 1)))
    if outside:
        low, high = np.nanmin(numbers), np.nanmax(numbers)
        hint = "Divide percentages by 100." if low >= 0 and 1 < high <= 100 else "For logits, use --logits."
        raise DataError(
            f"{path}: {outside} of {len(numbers)} scores in the column {column!r} are outside [0, 1]; they go from "
            f"{low:.4g} to {high:.4g}. {hint}"
        )
    return numbers if positive == "fake" else 1 - numbers


def _one_row_per_clip(table: pd.DataFrame, path: Path, frames: Joining | None) -> pd.DataFrame:
    counts = table["clip_id"].value_counts()
    several = counts[counts > 1]
    if not len(several):
        return table
    for column in [name for name in ("label", "group", "method", "split", "dataset") if name in table]:
        values = table.groupby("clip_id", sort=False)[column].nunique(dropna=False)
        if (values > 1).any():
            clip = values.index[values > 1][0]
            raise DataError(
                f"{path}: the rows of the clip {clip!r} have different values in the column {column!r}."
            )
    if frames is None:
        raise DataError(
            f"{path}: {len(several)} of {len(counts)} clips have several rows; {several.index[0]!r} has "
            f"{several.iloc[0]}. If each row is a frame, join the scores of a clip with --frames mean, median or max. "
            "Otherwise remove the rows that are too many."
        )
    joined = table.groupby("clip_id", sort=False)["score"].agg(frames)
    first = table.drop_duplicates("clip_id").set_index("clip_id")
    return first.assign(score=joined).reset_index()


def _finished(table: pd.DataFrame, grouped: bool) -> pd.DataFrame:
    """Return a table with all columns of predictions. A clip without a group is a group of its own."""
    for name in ("group", "method", "split", "status"):
        if name not in table:
            table[name] = ""
    alone = table["group"] == ""
    own = "(alone) " + table["clip_id"] if grouped else table["clip_id"]
    table["group"] = table["group"].where(~alone, own)
    table["label"] = table["label"].astype("Int64")
    return table.reset_index(drop=True)


def _group_remarks(table: pd.DataFrame, grouped: bool) -> list[str]:
    if not grouped:
        return [
            "There are no groups, so each clip counts as one. If clips show the same person or come from the same "
            "recording, the intervals are too narrow: add a column `group`."
        ]
    remarks = []
    alone = int(table["group"].str.startswith("(alone) ").sum())
    if alone:
        remarks.append(f"{alone} of {len(table)} clips have no group, and count as one each.")
    splits = table[table["split"] != ""].groupby("group")["split"].nunique()
    if (splits > 1).any():
        remarks.append(
            f"{int((splits > 1).sum())} groups are in several splits, such as {splits.index[splits > 1][0]!r}."
        )
    return remarks
