"""What a caller gives - a catalog, a seed - checked, and brought into one form."""

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.tables import as_labels

SPLITS = ("train", "val", "test")
_TEXT = ("clip_id", "path", "media", "method", "group", "split", "identity", "donor")


def as_catalog(table: pd.DataFrame, needs: tuple[str, ...] = ("clip_id", "label", "group")) -> pd.DataFrame:
    """Return a copy of a catalog with its types set right, as after plain `pandas.read_csv`.

    There, empty text is NaN, and a group may be a number. Without `method` or `split`, these are `""`; a clip without
    a group is its own.

    Raises:
        DataError: If a column that is needed is missing, a clip_id is there twice, a label is none of 1, 0 and missing,
            or a split none of train, val, test and `""`.
    """
    missing = [name for name in needs if name not in table]
    if missing:
        raise DataError(
            f"The catalog has no column {', '.join(missing)}. Make one with `data.read_catalog`, or see the columns in "
            f"data/README.md. Received: {', '.join(map(str, table)) or 'no columns'}"
        )
    table = table.copy()
    for name in _TEXT:
        if name in table:
            table[name] = table[name].astype(object).fillna("").astype(str)
        elif name in ("method", "split"):
            table[name] = ""
    twice = table["clip_id"][table["clip_id"].duplicated()].tolist() if "clip_id" in table else []
    if twice:
        raise DataError(
            f"The catalog has {len(twice)} clip_ids twice (such as {twice[0]!r}). Make them differ."
        )
    if "group" in table:
        table["group"] = table["group"].where(table["group"] != "", table["clip_id"])
    unknown = table.loc[~table["split"].isin(["", *SPLITS]), "split"]
    if len(unknown):
        raise DataError(f"A split is train, val, test or empty. Received: {unknown.iloc[0]!r}")
    if "label" in table:
        table["label"] = as_labels(table["label"], "The catalog")
    return table


def check_seed(seed: int) -> None:
    """Raise SettingsError unless it is a seed that every generator takes."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise SettingsError(f"The seed is a whole number from 0 to 2**32 - 1. Received: seed={seed!r}")
