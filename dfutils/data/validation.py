"""Check the arguments of public functions: a catalog, the folder of its clips, a seed."""

from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.tables import OPTIONAL_COLUMNS, Catalog, as_labels

SPLITS = ("train", "val", "test")
_TEXT = ("clip_id", "path", "media", "method", "group", "split", *OPTIONAL_COLUMNS)


def catalog_table(
    catalog: Catalog | pd.DataFrame, *, needs: tuple[str, ...] = ("clip_id", "label", "group")
) -> pd.DataFrame:
    """Check a catalog, and return a copy of its table with the correct column types.

    `pandas.read_csv` reads empty text as NaN and may read a group as a number. Both are converted to text. Missing
    columns `method` and `split` are filled with `""`. A clip without a group gets its clip_id as group.

    Args:
        catalog: Catalog or DataFrame. One row per clip.
        needs: tuple of str. The required columns. Defaults to clip_id, label and group.

    Returns:
        DataFrame. A copy with the same index.

    Raises:
        DataError: If a column is missing, a clip_id appears twice, a label is not 1, 0 or missing, or a split is not
            train, val, test or empty.
    """
    table = catalog.table if isinstance(catalog, Catalog) else catalog
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
            f"In the catalog, {len(twice)} clip_ids appear more than once (such as {twice[0]!r}). Make each one unique."
        )
    if "group" in table:
        table["group"] = table["group"].where(table["group"] != "", table["clip_id"])
    unknown = table.loc[~table["split"].isin(["", *SPLITS]), "split"]
    if len(unknown):
        raise DataError(f"A split is train, val, test or empty. Received: {unknown.iloc[0]!r}")
    if "label" in table:
        table["label"] = as_labels(table["label"], "The catalog")
    return table


def root_of(catalog: Catalog | pd.DataFrame, root: str | Path | None = None) -> Path:
    """Return the folder of a catalog's clips. The paths in the catalog are relative to this folder.

    Args:
        catalog: Catalog or DataFrame.
        root: str or Path or None. The folder, or the CSV file in it that was read as the data set. Defaults to None:
            the Catalog's own root.

    Returns:
        Path. An existing folder.

    Raises:
        DataError: If no root is given and the catalog has no root, or the folder does not exist.
    """
    if root is None:
        root = catalog.root if isinstance(catalog, Catalog) else None
    if root is None:
        raise DataError(
            "The folder of the clips is unknown. Give `root`, the folder that the catalog's paths are relative to, or "
            "a Catalog from `data.read_catalog`, which knows it. "
            f"Received: a {type(catalog).__name__} without a root, and root=None"
        )
    folder = Path(root).expanduser()
    folder = folder.parent if folder.is_file() else folder
    if not folder.is_dir():
        raise DataError(
            f"There is no folder {folder}. Give the folder that the catalog's paths are relative to."
        )
    return folder


def check_seed(seed: int) -> None:
    """Check that a random seed is an integer in [0, 2**32), and raise SettingsError otherwise."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise SettingsError(f"The seed is not an integer in [0, 2**32). Received: seed={seed!r}")
