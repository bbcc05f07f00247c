"""Splits that cannot leak: by group, alike in label and method, the same for the same seed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError

_CANDIDATES = 400


def assign_splits(catalog: pd.DataFrame, test: float = 0.2, val: float = 0.2, seed: int = 7) -> pd.DataFrame:
    """Fill the catalog's `split`, never cutting a group.

    What the data set has published is kept, except that validation clips are taken from the published
    training clips where no others are free. `test` is a share of all clips, `val` a share of what remains
    for training. Among many random ways to cut the groups, the one is taken whose parts are
    nearest to the shares wanted, in each label and method.

    Args:
        catalog: DataFrame. One row a clip, with clip_id, label, method, group and split.
        test: float in (0, 1). Share of all clips. Defaults to 0.2.
        val: float in (0, 1). Share of the clips not in test. Defaults to 0.2.
        seed: int. The same seed gives the same split, whatever the order of the rows. Defaults to 7.

    Returns:
        DataFrame. A copy with `split` filled; clips of unknown label keep `""`.

    Raises:
        DataError: If a class is missing, or there are too few groups for three parts with both classes.
        SettingsError: If a share is not between 0 and 1.
    """
    for name, share in (("test", test), ("val", val)):
        if not 0 < share < 1:
            raise SettingsError(f"The share {name} must lie between 0 and 1. Received: {name}={share}")
    catalog = catalog.copy()
    catalog.loc[catalog["label"].isna(), "split"] = ""
    counts = catalog["label"].value_counts()
    for label, word in ((0, "real"), (1, "fake")):
        if not counts.get(label, 0):
            raise DataError(
                f"No clip is {word}: splitting, training and evaluating need both classes "
                f"({int(counts.get(0, 0))} real, {int(counts.get(1, 0))} fake). Add {word} clips to the data set."
            )
    for part, share in (("test", test), ("val", val)):
        if (catalog["split"] == part).any():
            continue
        free = catalog["label"].notna() & (catalog["split"] == "")
        if not free.any() and part == "val":
            free = catalog["split"] == "train"
        if not free.any():
            raise DataError(
                f"The data set says for every clip that it is not {part!r}, so there is none. Leave the split of "
                "some clips empty in a CSV's `split` column."
            )
        drawn = _draw_groups(catalog[free], share, seed, part)
        catalog.loc[free & catalog["group"].isin(drawn), "split"] = part
    catalog.loc[catalog["label"].notna() & (catalog["split"] == ""), "split"] = "train"
    _check_parts(catalog)
    return catalog


def folds(catalog: pd.DataFrame, k: int = 5, seed: int = 7) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield `(train, test)` row positions of a k-fold by group, stratified by label.

    Args:
        catalog: DataFrame. One row a clip, with clip_id, label and group.
        k: int. Number of folds. Defaults to 5.
        seed: int. Defaults to 7.

    Yields:
        Two int arrays of positions in `catalog`, each sorted.

    Raises:
        DataError: If a class has fewer than `k` groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups_by_label = catalog.groupby("label")["group"].nunique()
    fewest = int(groups_by_label.min()) if len(groups_by_label) == 2 else 0
    if fewest < k:
        raise DataError(
            f"{k} folds need at least {k} groups of each class. Received: {fewest} in the rarer one. "
            f"Use fewer folds, or add data."
        )
    # The order of the rows must not matter: scikit-learn is given them sorted.
    order = np.argsort(catalog["clip_id"].to_numpy(str), kind="stable")
    labels = catalog["label"].to_numpy(int)[order]
    groups = catalog["group"].to_numpy(str)[order]
    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    for train, test in splitter.split(order, labels, groups):
        yield np.sort(order[train]), np.sort(order[test])


def _draw_groups(clips: pd.DataFrame, share: float, seed: int, part: str) -> np.ndarray:
    """Return the groups to set aside: about `share` of the clips, of each label and method alike."""
    strata = clips["label"].astype(str) + "/" + clips["method"]
    table = pd.crosstab(clips["group"], strata).sort_index()
    groups, counts = table.index.to_numpy(str), table.to_numpy(float)
    if len(groups) < 2:
        raise DataError(
            f"Too few groups to split: {len(groups)} group is left to draw {part!r} from. Clips of one group share "
            "a person or a source and stay together, so three parts need at least three groups."
        )
    is_fake = np.array([column.startswith("1") for column in table.columns])
    totals = counts.sum(0)
    rng = np.random.default_rng([seed, len(part)])
    best, best_cost = None, np.inf
    for _ in range(_CANDIDATES):
        order = rng.permutation(len(groups))
        taken = np.cumsum(counts[order], axis=0)
        size = taken.sum(1)
        # The cut nearest to the share; with few groups, the nearest that leaves both classes on both sides.
        miss = np.abs(size[:-1] - share * totals.sum())
        fakes_in = taken[:-1] @ is_fake
        reals_in = size[:-1] - fakes_in
        mixed = (fakes_in > 0) & (fakes_in < totals @ is_fake)
        mixed &= (reals_in > 0) & (reals_in < totals @ ~is_fake)
        cut = int(np.where(mixed, miss, miss + totals.sum()).argmin())
        inside = taken[cut]
        fakes = np.array([inside @ is_fake, (totals - inside) @ is_fake])
        sizes = np.array([inside.sum(), (totals - inside).sum()])
        one_class = ((fakes == 0) | (fakes == sizes)).sum()
        label_share = abs(fakes[0] / sizes[0] - (totals @ is_fake) / totals.sum())
        stratum_share = np.abs(inside / totals - share).mean()
        cost = 10.0 * one_class + 2.0 * label_share + stratum_share + abs(size[cut] / totals.sum() - share)
        if cost < best_cost - 1e-12:
            best, best_cost = groups[order[: cut + 1]], cost
    return best


def _check_parts(catalog: pd.DataFrame) -> None:
    for part in ("train", "val", "test"):
        labels = catalog.loc[catalog["split"] == part, "label"]
        if labels.nunique() < 2:
            groups = catalog["group"].nunique()
            has = "no clip" if labels.empty else f"only {'fake' if labels.iloc[0] == 1 else 'real'} clips"
            raise DataError(
                f"Too few groups to split: {part!r} would hold {has}. Groups are never cut, and {groups} groups "
                "cannot give train, val and test clips of both classes. Add data, or name smaller groups "
                "in a CSV's `group` column."
            )
