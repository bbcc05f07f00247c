"""Split a catalog into train, val and test by group, and make cross-validation folds by group."""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from dfutils.data.group_drawing import LARGEST_SHARE, draw_groups
from dfutils.data.merging import join_people
from dfutils.data.validation import SPLITS, catalog_table, check_seed
from dfutils.errors import DataError, SettingsError
from dfutils.tables import Catalog


def assign_splits(
    catalog: Catalog | pd.DataFrame,
    *,
    test: float = 0.2,
    val: float = 0.2,
    seed: int = 7,
    merge_people: bool = False,
) -> Catalog:
    """Assign each clip of a catalog to train, val or test. All clips of a group get the same split.

    What a group is depends on the data set. If the data set does not name people, one person may be in several groups,
    and so both in training and in the test. See the catalog's remarks, and `merge_people`.

    A published split is kept, even if it divides a group. Clips are moved only if a part would be empty, and a remark
    says which clips were moved:

    - validation clips are taken from the published training clips, if the clips without a split are too few;
    - test clips are taken from the published training clips, if every clip has a published split;
    - training clips are taken from the published validation clips, if there are no other clips for training.

    A clip without a published split gets the split of the other clips in its group. If only a test set is published,
    all other clips are used for training and validation, even if their group also has test clips. The audit reports
    such groups.

    The groups are divided at random many times. The division whose parts are closest to the wanted shares is used. The
    share of fakes counts most, then the size of the parts, then the forgery methods.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label, method, group and split.
        test: float in (0, 1). Share of all clips. Defaults to 0.2.
        val: float in (0, 1). Share of the clips outside the test part. Defaults to 0.2.
        seed: int. The same seed gives the same split, for any order of the rows. Defaults to 7.
        merge_people: bool. Compare the faces in the real clips first (about 0.6 seconds per clip), and merge the groups
            that probably show the same person. This needs a Catalog with a root, and the extra `dfutils[people]`. A
            published split is not changed. Defaults to False.

    Returns:
        Catalog. A copy with `split` filled; clips of unknown label keep `""`. Remarks on the split are added to the
        catalog's remarks.

    Raises:
        DataError: If a class is missing, there are too few groups for three parts with both classes, or the catalog
            lacks a column. With `merge_people`, also if the catalog has no root.
        SettingsError: If a share is not between 0 and 1, or the seed is not an integer in [0, 2**32).
        DfutilsError: If `merge_people` is True and the extra `people` is not installed.

    Example:
        >>> from dfutils import data
        >>> catalog = data.assign_splits(data.read_catalog("faces"))
        >>> sorted(catalog.table["split"].unique())
        ['test', 'train', 'val']
        >>> catalog.table.groupby("group")["split"].nunique().tolist()
        [1, 1, 1]
    """
    for name, share in (("test", test), ("val", val)):
        if not isinstance(share, int | float) or not 0 < share < 1:
            raise SettingsError(f"The share {name} must be between 0 and 1. Received: {name}={share!r}")
    check_seed(seed)
    if merge_people:
        catalog = join_people(catalog)
    table = catalog_table(catalog)
    table.loc[table["label"].isna(), "split"] = ""
    counts = table["label"].value_counts()
    for label, word in ((0, "real"), (1, "fake")):
        if not counts.get(label, 0):
            raise DataError(
                f"No clip is {word}: splitting, training and evaluating need both classes "
                f"({int(counts.get(0, 0))} real, {int(counts.get(1, 0))} fake). Add {word} clips to the data set."
            )
    _follow_group(table)
    published, labelled = table["split"].copy(), table["label"].notna()
    if (published == "test").any() and not (published.isin(["", "train"]) & labelled).any():
        table.loc[published == "val", "split"] = ""
    blank, has_val = table["split"] == "", (published == "val").any()
    wanted = {"test": test * labelled.sum()}
    for part in ("test", "val"):
        if (table["split"] == part).any():
            continue
        wanted["val"] = val * (labelled & (table["split"] != "test")).sum()
        free, largest = _free(table, part, wanted[part])
        if part == "test" and not has_val and (table["split"] == "").any():
            # Validation clips are drawn later from the same clips, so enough clips must be left.
            largest *= wanted["test"] / (wanted["test"] + val * (labelled.sum() - wanted["test"]))
        # The wanted share of fakes is the share among all clips without a published split, and all clips to draw from.
        fake_share = float(table.loc[labelled & (blank | free), "label"].mean())
        drawn = draw_groups(
            table[free],
            part,
            share=min(wanted[part] / free.sum(), largest),
            fake_share=fake_share,
            groups_left=2 if part == "test" and not has_val else 1,
            seed=seed,
        )
        table.loc[free & table["group"].isin(drawn), "split"] = part
    table.loc[labelled & (table["split"] == ""), "split"] = "train"
    check_parts(table, parts={*SPLITS} - ({"val", "test"} & {*published}))
    known = catalog if isinstance(catalog, Catalog) else Catalog(table)
    return dataclasses.replace(known, table=table, remarks=(*known.remarks, *_remarks(table, published)))


def folds(
    catalog: Catalog | pd.DataFrame, *, k: int = 5, seed: int = 7
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield `(train, test)` row positions for k-fold cross-validation by group, stratified by label.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label and group.
        k: int. Number of folds. Defaults to 5.
        seed: int. The same seed gives the same folds, for any order of the rows. Defaults to 7.

    Yields:
        Two int arrays of positions in the catalog's table, each sorted. Clips of unknown label are in neither array.

    Raises:
        DataError: If a class has fewer than `k` groups.
        SettingsError: If `k` is not an integer of at least 2, or the seed is not an integer in [0, 2**32).

    Example:
        >>> from dfutils import data
        >>> catalog = data.read_catalog("faces")
        >>> [(len(train), len(test)) for train, test in data.folds(catalog, k=3)]
        [(16, 8), (16, 8), (16, 8)]
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if not isinstance(k, int | np.integer) or k < 2:
        raise SettingsError(f"The number of folds must be an integer of at least 2. Received: k={k}")
    check_seed(seed)
    table = catalog_table(catalog)
    groups_by_label = table.groupby("label")["group"].nunique()
    fewest = int(groups_by_label.min()) if len(groups_by_label) == 2 else 0
    if fewest < k:
        raise DataError(
            f"{k} folds need at least {k} groups of each class. Received: {fewest} in the rarer class. "
            f"Use fewer folds, or add data."
        )
    # The rows are sorted for scikit-learn, so that their order has no effect on the folds.
    order = np.argsort(table["clip_id"].to_numpy(str), kind="stable")
    order = order[table["label"].notna().to_numpy()[order]]
    labels = table["label"].iloc[order].to_numpy(int)
    groups = table["group"].to_numpy(str)[order]
    splitter = StratifiedGroupKFold(int(k), shuffle=True, random_state=seed)
    for train, test in splitter.split(order, labels, groups):
        yield np.sort(order[train]), np.sort(order[test])


def check_parts(catalog: Catalog | pd.DataFrame, *, parts: Iterable[str] = SPLITS) -> None:
    """Check that the parts of a split (train, val and test) hold both real and fake clips.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with label, group and split.
        parts: iterable of str. The parts to check. Defaults to train, val and test.

    Raises:
        DataError: If a part does not hold both classes.
    """
    table = catalog.table if isinstance(catalog, Catalog) else catalog
    for part in sorted(parts, key=SPLITS.index):
        labels = table.loc[table["split"] == part, "label"]
        if labels.nunique() < 2:
            groups = table["group"].nunique()
            has = "no clip" if labels.empty else f"only {'fake' if labels.iloc[0] == 1 else 'real'} clips"
            raise DataError(
                f"Too few groups to split: {part!r} would hold {has}. Groups are never cut, and {groups} groups "
                "cannot give train, val and test clips of both classes. Add data, or name smaller groups or other "
                "splits in a CSV's `group` and `split` columns."
            )


def _free(table: pd.DataFrame, part: str, wanted: float) -> tuple[pd.Series, float]:
    """Return a mask of the clips that can be drawn for a part of the split, and the largest share to draw.

    Raises:
        DataError: If there are no clips to draw from.
    """
    free, largest = table["label"].notna() & (table["split"] == ""), LARGEST_SHARE
    if part == "test" and not free.any():
        elsewhere = table.loc[table["split"] == "val", "group"]
        free, largest = (table["split"] == "train") & ~table["group"].isin(elsewhere), 0.5
    elif part == "val" and not _suffices(table[free], wanted):
        free |= table["split"] == "train"
    if not free.any():
        raise DataError(
            f"Every clip of the data set already has another split, so no clip is left for {part!r}. Leave the `split` "
            "column of a CSV empty for some clips."
        )
    return free, largest


def _suffices(clips: pd.DataFrame, wanted: float) -> bool:
    """Return whether there are enough clips to draw a part of the split from.

    Up to 80 % of the clips may be drawn. This must be at least a quarter of the wanted number, and each class must have
    at least two groups.
    """
    groups = clips.groupby("label")["group"].nunique()
    return bool(LARGEST_SHARE * len(clips) >= wanted / 4 and len(groups) == 2 and groups.min() >= 2)


def _follow_group(table: pd.DataFrame) -> None:
    """Set the split of clips without a split, in place, to the split of the other clips in their group.

    If these clips have several splits, train has priority over val, and val over test.
    """
    published = table[table["split"] != ""]
    if set(published["split"]) <= {"test"}:
        return
    order = {"train": 0, "val": 1, "test": 2}
    first = (
        published.sort_values("split", key=lambda split: split.map(order)).groupby("group")["split"].first()
    )
    follows = (table["split"] == "") & table["label"].notna() & table["group"].isin(first.index)
    table.loc[follows, "split"] = table.loc[follows, "group"].map(first)


def _remarks(table: pd.DataFrame, published: pd.Series) -> list[str]:
    """Return remarks about moved clips of a published split, and about parts that hold only one class."""
    remarks = []
    changed = (published != "") & (published != table["split"])
    if changed.any():
        row = changed.idxmax()
        remarks.append(
            f"{changed.sum()} clips that the data set publishes as {published[row]} "
            f"(such as {table.at[row, 'clip_id']}) were made {table.at[row, 'split']}, because there were too few "
            f"{table.at[row, 'split']} clips."
        )
    for part in ("val", "test"):
        labels = table.loc[table["split"] == part, "label"]
        if labels.nunique() == 1:
            remarks.append(
                f"All clips that the data set publishes as {part} are {'fake' if labels.iloc[0] == 1 else 'real'}: a "
                "detector cannot be judged on one class."
            )
    if "dataset" in table:
        tested = table["split"].eq("test").groupby(table["dataset"]).any()
        if not tested.all():
            remarks.append(
                f"No test clips: {', '.join(tested.index[~tested])}. Only the test clips of "
                f"{', '.join(tested.index[tested])} are tested on. To test on all data sets, give each a split in a "
                "CSV, or make a workspace of each and name it in other_datasets of notebook 06."
            )
    return remarks
