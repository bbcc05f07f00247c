"""Decide which clips the adaptation trains on, which ones validate it, and which ones it must never see."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.adaptation.settings import Fakes
from dfutils.data import assign_splits
from dfutils.data.group_drawing import draw_groups
from dfutils.data.validation import catalog_table
from dfutils.errors import DataError, SettingsError
from dfutils.tables import Catalog

_NEEDED = ("clip_id", "path", "label", "group")


@dataclass(frozen=True, eq=False)
class Parts:
    """The clips of an adaptation.

    Args:
        table: DataFrame. One row per labelled clip; its column split is `"train"`, `"val"` or `"test"`.
        fakes: str. What the network is trained on: `"real"`, `"pseudo"` or `"both"`.
        remarks: tuple of str.
    """

    table: pd.DataFrame
    fakes: Fakes
    remarks: tuple[str, ...]


def divide(catalog: Catalog | pd.DataFrame, *, fakes: Fakes, test: float, val: float, seed: int) -> Parts:
    """Divide clips by group into training, validation and test clips. A published or given split is kept.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, label and group; optionally split and
            method.
        fakes: str. As in `AdaptSettings`.
        test: float from 0 to below 1. Share of test clips where no clip is a test clip yet.
        val: float in (0, 1). Share of validation clips among the clips that are not test clips.
        seed: int.

    Returns:
        Parts.

    Raises:
        DataError: If there is no real clip, no fake clip although fakes are wanted, or only one group.
        SettingsError: If a share is out of range.
    """
    if not 0 <= test < 1 or not 0 < val < 1:
        raise SettingsError(
            f"The share test must be from 0 to below 1, and val between 0 and 1. Received: test={test}, val={val}"
        )
    table = catalog_table(catalog, needs=_NEEDED)
    table = table[table["label"].notna()].reset_index(drop=True)
    _check(table)
    remarks: list[str] = []
    table["split"] = _split(table, test=test, val=val, seed=seed, remarks=remarks)
    has_fakes = bool((table.loc[table["split"] == "train", "label"] == 1).any())
    if fakes == "auto":
        fakes = "both" if has_fakes else "pseudo"
        if not has_fakes:
            remarks.append(
                "There are no fake training clips, so the network is trained on pseudo-fakes of the real clips."
            )
    if fakes in ("real", "both") and not has_fakes:
        raise DataError(
            "There are no fake training clips. Train on pseudo-fakes, which are made of the real clips "
            '(fakes="pseudo", `--fakes pseudo`), or write them as clips with `dfutils forge ROOT OUT`.'
        )
    if fakes == "pseudo":
        # No fake may influence the network, so fakes do not choose the step either.
        table = table[(table["label"] == 0) | (table["split"] == "test")].reset_index(drop=True)
    return Parts(table, fakes, tuple(remarks))


def _check(table: pd.DataFrame) -> None:
    if not (table["label"] == 0).any():
        raise DataError(
            f"None of the {len(table)} labelled clips is real. The adaptation needs real clips: add them to the "
            "data set."
        )
    of_training = table[table["split"] != "test"]
    if of_training["group"].nunique() == 1:
        raise DataError(
            f"All {len(of_training)} clips for training and validation are of one group "
            f"({of_training['group'].iloc[0]!r}), so no group would be left to validate on. Add clips of other people, "
            "or give smaller groups in the column `group` of a CSV."
        )


def _split(table: pd.DataFrame, *, test: float, val: float, seed: int, remarks: list[str]) -> np.ndarray:
    """Return the split of each clip."""
    if test > 0 and table["label"].nunique() == 2:
        try:
            split = assign_splits(table, test=test, val=val, seed=seed)
            remarks += split.remarks
            return split.table["split"].to_numpy(str)
        except DataError:
            pass  # too few groups for three parts with both classes
    splits = table["split"].to_numpy(object)
    splits[splits == ""] = "train"
    if not (splits == "test").any():
        remarks.append("No clips were kept out for a test. Test the weights on other groups.")
    if not (splits == "val").any():
        free = table[splits == "train"]
        drawn = draw_groups(
            free, "val", share=val, fake_share=float(free["label"].mean()), groups_left=1, seed=seed
        )
        splits[(splits == "train") & table["group"].isin(drawn)] = "val"
    if not (splits == "train").any() or not (table.loc[splits == "train", "label"] == 0).any():
        raise DataError(
            "No real clip is left for training. Use more groups, or a smaller share of validation clips."
        )
    return splits.astype(str)
