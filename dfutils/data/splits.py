"""Split a catalog by group: a split that is drawn never cuts a group."""

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
    """Fill the catalog's `split` with train, val and test; a split that is drawn never cuts a group.

    What a group is depends on the data set. Where it does not say who is seen, one person may be in several groups, and
    so on both sides of the split: see the catalog's remarks, and `merge_people`.

    What the data set has published is kept, except where a part would stay empty. Then validation clips are also taken
    from the published training clips (where the others do not suffice), test clips from the published training clips
    (where every clip has another split), and training clips from the published validation clips (where there are no
    others); a remark says so. A clip without a split follows the other clips of its group that have one. Where only a
    test set is published, all other clips are for training, also in a group that the test set has clips of (the audit
    names such groups). Of many random ways to divide the groups, the one is taken whose parts are closest to the wanted
    shares, first by label, then by method.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label, method, group and split.
        test: float in (0, 1). Share of all clips. Defaults to 0.2.
        val: float in (0, 1). Share of the clips that are not in test. Defaults to 0.2.
        seed: int. The same seed gives the same split, whatever the order of the rows. Defaults to 7.
        merge_people: bool. First join groups whose real clips probably show one person, by comparing faces (about 0.6
            seconds per clip). Needs a Catalog with a root, and the extra `dfutils[people]`. A published split is not
            changed by it. Defaults to False.

    Returns:
        Catalog. A copy with `split` filled; clips of unknown label keep `""`. Remarks on the split are added to those
        of the catalog.

    Raises:
        DataError: If a class is missing, there are too few groups for three parts with both classes, or the catalog
            lacks a column; with `merge_people`, if the catalog does not know its root.
        SettingsError: If a share is not between 0 and 1, or the seed is not an integer in [0, 2**32).
        DfutilsError: If `merge_people` is asked for and the extra `people` is not installed.

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
            # Validation clips are taken from the same clips: leave enough for them.
            largest *= wanted["test"] / (wanted["test"] + val * (labelled.sum() - wanted["test"]))
        # The part shall have the classes of all clips that are not published, of which it is drawn.
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
        seed: int. The same seed gives the same folds, whatever the order of the rows. Defaults to 7.

    Yields:
        Two int arrays of positions in the catalog's table, each sorted. Clips of unknown label are in neither.

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
    # The order of the rows must not matter: scikit-learn receives them sorted.
    order = np.argsort(table["clip_id"].to_numpy(str), kind="stable")
    order = order[table["label"].notna().to_numpy()[order]]
    labels = table["label"].iloc[order].to_numpy(int)
    groups = table["group"].to_numpy(str)[order]
    splitter = StratifiedGroupKFold(int(k), shuffle=True, random_state=seed)
    for train, test in splitter.split(order, labels, groups):
        yield np.sort(order[train]), np.sort(order[test])


def check_parts(catalog: Catalog | pd.DataFrame, *, parts: Iterable[str] = SPLITS) -> None:
    """Check that parts of a split catalog hold both classes.

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
    """Return a mask of the clips that a part may be drawn from, and the largest share of them that it may take.

    Raises:
        DataError: If there are no such clips.
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
    """Return whether clips give at least a quarter of the wanted number, in both classes, and some are left over."""
    groups = clips.groupby("label")["group"].nunique()
    return bool(LARGEST_SHARE * len(clips) >= wanted / 4 and len(groups) == 2 and groups.min() >= 2)


def _follow_group(table: pd.DataFrame) -> None:
    """Give clips without a split, in place, the split of their group: train before val before test."""
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
    """Say what was changed in a published split, and which part of it is useless."""
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
    return remarks
