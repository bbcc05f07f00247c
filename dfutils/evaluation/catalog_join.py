"""Join scores that name their clips in some way to the clips of a catalog."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pandas as pd

from dfutils.errors import DataError
from dfutils.evaluation.predictions import check_columns

_SHOWN = 5


def join_catalog(
    table: pd.DataFrame, catalog: pd.DataFrame, remarks: list[str], *, named: bool
) -> pd.DataFrame:
    """Return the clips of a catalog with the scores of a table.

    Clips are joined by clip_id, by path, or by file name, whichever matches most of them.

    Args:
        table: DataFrame. One row per scored clip, with clip_id and score, and optionally label.
        catalog: DataFrame. One row per clip, with clip_id and label, and optionally path.
        remarks: list of str. Remarks about what does not match are added in place.
        named: bool. Whether the clip_ids are names, and not numbers of rows.

    Returns:
        DataFrame. One row per clip of the catalog. The score of a clip without a row is NaN.

    Raises:
        DataError: If nothing matches, two rows match one clip, or labels differ.
    """
    if not named:
        raise DataError(
            "Scores can be joined to a catalog only if they name their clips, in a column such as clip_id."
        )
    check_columns(catalog, ("clip_id", "label"), what="The catalog")
    keys = _best_keys(table["clip_id"], catalog)
    by_key = dict(zip(keys[1], catalog["clip_id"], strict=True))
    clip_ids = pd.Series([by_key.get(key, "") for key in keys[0]], index=table.index)
    unmatched = table.loc[clip_ids == "", "clip_id"].tolist()
    if len(unmatched) == len(table):
        raise DataError(
            f"No clip of the scores is in the catalog. The scores name clips like {table['clip_id'].iloc[0]!r}, the "
            f"catalog like {catalog['clip_id'].iloc[0]!r}."
        )
    matched = table[clip_ids != ""].assign(clip_id=clip_ids[clip_ids != ""]).set_index("clip_id")
    twice = matched.index[matched.index.duplicated()]
    if len(twice):
        raise DataError(f"Two rows of the scores are the clip {twice[0]!r} of the catalog.")
    own = [name for name in matched if name not in catalog or name == "score"]
    joined = catalog.join(matched[own], on="clip_id")
    if "label" in matched:
        known = catalog.set_index("clip_id")["label"].loc[matched.index]
        differ = matched.index[(known.notna() & (known != matched["label"])).to_numpy(bool)]
        if len(differ):
            raise DataError(
                f"{len(differ)} labels differ between the scores and the catalog, such as that of {differ[0]!r}. In a "
                "catalog, 1 is fake."
            )
        joined["label"] = joined["label"].fillna(joined["clip_id"].map(matched["label"]))
    if unmatched:
        more = f" and {len(unmatched) - _SHOWN} more" if len(unmatched) > _SHOWN else ""
        remarks.append(f"Not in the catalog, and left out: {', '.join(unmatched[:_SHOWN])}{more}.")
    absent = len(catalog) - len(matched)
    if absent:
        remarks.append(
            f"Clips of the catalog without a row in the scores: {absent}. They count as missing scores."
        )
    return joined


def _best_keys(names: pd.Series, catalog: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the scores and of the catalog, in the form in which most of them match."""
    forms: list[tuple[Callable[[str], str], pd.Series]] = [(str, catalog["clip_id"])]
    if "path" in catalog:
        forms += [(str, catalog["path"]), (_stem, catalog["path"].map(_stem))]
    forms += [(_stem, catalog["clip_id"]), (_file_name, catalog["clip_id"].map(_file_name))]
    best: tuple[list[str], list[str]] = ([], [])
    found = -1
    for change, known in forms:
        ours, theirs = [change(name.replace("\\", "/")) for name in names], known.tolist()
        hits = len(set(ours) & set(theirs))
        if len(set(theirs)) == len(theirs) and hits > found:
            best, found = (ours, theirs), hits
    return best


def _stem(name: str) -> str:
    return re.sub(r"\.[A-Za-z0-9]{2,4}$", "", name)


def _file_name(name: str) -> str:
    return _stem(PurePosixPath(name).name)
