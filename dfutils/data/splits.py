"""Splits that cannot leak: by group, alike in label and method, the same for the same seed."""

import dataclasses
import functools
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from dfutils.data.merging import join_people
from dfutils.data.validation import SPLITS, catalog_table, check_seed
from dfutils.errors import DataError, SettingsError
from dfutils.tables import Catalog

_DRAWS = 400
_METHODS = 20  # kept in proportion; a folder for every fake would make thousands
_MENDED = 4  # of the draws, those nearest to what is wanted
_STEPS = 100
_PAIRS = 10_000  # exchanges looked at in one step
_MOST = 0.8  # of the clips that a part is drawn from


def assign_splits(
    catalog: Catalog | pd.DataFrame,
    *,
    test: float = 0.2,
    val: float = 0.2,
    seed: int = 7,
    merge_people: bool = False,
) -> Catalog:
    """Fill the catalog's `split`; what is drawn here never cuts a group.

    What the data set has published is kept, except where a part would stay empty: validation clips are also taken
    from the published training clips where the others do not suffice, test clips where every clip has another
    split, and training clips from the published validation clips where there are no others; a remark then says
    so. A clip without a split follows its group, where others of it have one; where only a test set is published,
    what it does not name is for training, even in a group that the test set has clips of (the audit names such groups).
    `test` is a share of all clips, `val` a share of what remains for training. Among many random ways to part the
    groups, the one is taken whose parts are nearest to the shares wanted, in label first, then in method.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label, method, group and split.
        test: float in (0, 1). Share of all clips. Defaults to 0.2.
        val: float in (0, 1). Share of the clips not in test. Defaults to 0.2.
        seed: int. The same seed gives the same split, whatever the order of the rows. Defaults to 7.
        merge_people: bool. First join groups whose real clips probably show one person, by comparing faces (about 0.6
            seconds per clip). Needs a Catalog with a root, and the extra `dfutils[people]`. A published split is not
            changed by it. Defaults to False.

    Returns:
        Catalog. A copy with `split` filled; clips of unknown label keep `""`. Its remarks grow by what to know of
        the split.

    Raises:
        DataError: If a class is missing, or there are too few groups for three parts with both classes, or the
            catalog lacks a column.
        SettingsError: If a share is not between 0 and 1, or the seed is none.
    """
    for name, share in (("test", test), ("val", val)):
        if not isinstance(share, int | float) or not 0 < share < 1:
            raise SettingsError(f"The share {name} must lie between 0 and 1. Received: {name}={share!r}")
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
        free, most = _free(table, part, wanted[part])
        if (
            part == "test" and not has_val and (table["split"] == "").any()
        ):  # val is to have its part of them too
            most *= wanted["test"] / (wanted["test"] + val * (labelled.sum() - wanted["test"]))
        # Alike to all that is not published, of which this part is drawn.
        fake_share = float(table.loc[labelled & (blank | free), "label"].mean())
        share = min(wanted[part] / free.sum(), most)
        drawn = _draw_groups(table[free], share, seed, part, fake_share, part == "test" and not has_val)
        table.loc[free & table["group"].isin(drawn), "split"] = part
    table.loc[labelled & (table["split"] == ""), "split"] = "train"
    check_parts(table, parts={*SPLITS} - ({"val", "test"} & {*published}))
    known = catalog if isinstance(catalog, Catalog) else Catalog(table)
    return dataclasses.replace(known, table=table, remarks=(*known.remarks, *_remarks(table, published)))


def _free(catalog: pd.DataFrame, part: str, wanted: float) -> tuple[pd.Series, float]:
    """Return which clips a part is drawn from, and how much of them it may take.

    Raises:
        DataError: If there are none.
    """
    free, most = catalog["label"].notna() & (catalog["split"] == ""), _MOST
    if part == "test" and not free.any():
        elsewhere = catalog.loc[catalog["split"] == "val", "group"]
        free, most = (catalog["split"] == "train") & ~catalog["group"].isin(elsewhere), 0.5
    elif part == "val" and not _suffices(catalog[free], wanted):
        free |= catalog["split"] == "train"
    if not free.any():
        raise DataError(
            f"The data set says for every clip that it is not {part!r}, so there is none. Leave the split of "
            "some clips empty in a CSV's `split` column."
        )
    return free, most


def _remarks(catalog: pd.DataFrame, published: pd.Series) -> list[str]:
    """Say what of a published split was changed, or can be of no use."""
    remarks = []
    changed = (published != "") & (published != catalog["split"])
    if changed.any():
        row = changed.idxmax()
        remarks.append(
            f"{changed.sum()} clips that the data set publishes as {published[row]} "
            f"(such as {catalog.at[row, 'clip_id']}) were made {catalog.at[row, 'split']}, of which there were too few "
            "or none."
        )
    for part in ("val", "test"):
        labels = catalog.loc[catalog["split"] == part, "label"]
        if labels.nunique() == 1:
            remarks.append(
                f"All clips that the data set publishes as {part} are {'fake' if labels.iloc[0] == 1 else 'real'}: a "
                "detector cannot be judged on one class."
            )
    return remarks


def _suffices(clips: pd.DataFrame, wanted: float) -> bool:
    """Return whether clips give a fourth of those wanted at least, of both classes, and leave a rest."""
    groups = clips.groupby("label")["group"].nunique()
    return _MOST * len(clips) >= wanted / 4 and len(groups) == 2 and groups.min() >= 2


def _follow_group(catalog: pd.DataFrame) -> None:
    """Give clips without a split, in place, that of their group's others: train before val before test."""
    published = catalog[catalog["split"] != ""]
    if set(published["split"]) <= {"test"}:
        return
    order = {"train": 0, "val": 1, "test": 2}
    first = (
        published.sort_values("split", key=lambda split: split.map(order)).groupby("group")["split"].first()
    )
    follows = (catalog["split"] == "") & catalog["label"].notna() & catalog["group"].isin(first.index)
    catalog.loc[follows, "split"] = catalog.loc[follows, "group"].map(first)


def folds(catalog: Catalog | pd.DataFrame, *, k: int = 5, seed: int = 7) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield `(train, test)` row positions of a k-fold by group, stratified by label.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label and group.
        k: int. Number of folds. Defaults to 5.
        seed: int. Defaults to 7.

    Yields:
        Two int arrays of positions in `catalog`, each sorted. Clips of unknown label are in neither.

    Raises:
        DataError: If a class has fewer than `k` groups.
        SettingsError: If `k` is no whole number from 2 up, or the seed is none.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if not isinstance(k, int | np.integer) or k < 2:
        raise SettingsError(f"The number of folds is a whole number from 2 up. Received: k={k}")
    check_seed(seed)
    catalog = catalog_table(catalog)
    groups_by_label = catalog.groupby("label")["group"].nunique()
    fewest = int(groups_by_label.min()) if len(groups_by_label) == 2 else 0
    if fewest < k:
        raise DataError(
            f"{k} folds need at least {k} groups of each class. Received: {fewest} in the rarer one. "
            f"Use fewer folds, or add data."
        )
    # The order of the rows must not matter: scikit-learn is given them sorted.
    order = np.argsort(catalog["clip_id"].to_numpy(str), kind="stable")
    order = order[catalog["label"].notna().to_numpy()[order]]
    labels = catalog["label"].iloc[order].to_numpy(int)
    groups = catalog["group"].to_numpy(str)[order]
    splitter = StratifiedGroupKFold(int(k), shuffle=True, random_state=seed)
    for train, test in splitter.split(order, labels, groups):
        yield np.sort(order[train]), np.sort(order[test])


def _draw_groups(
    clips: pd.DataFrame, share: float, seed: int, part: str, fake_share: float, to_part_again: bool
) -> np.ndarray:
    """Return the groups to set aside: about `share` of the clips, of each label and method alike.

    scikit-learn draws whole groups many times; the best draws are then mended by moving and exchanging
    single groups as long as that helps, and the best of those is taken.
    """
    from sklearn.model_selection import ShuffleSplit

    numbers = clips["method"].value_counts()
    common = sorted(numbers.index, key=lambda method: (-numbers[method], method))[:_METHODS]
    strata = clips["label"].astype(str) + "/" + clips["method"].where(clips["method"].isin(common), "others")
    table = pd.crosstab(clips["group"], strata).sort_index()
    groups, counts = table.index.to_numpy(str), table.to_numpy(float)
    if len(groups) < 2:
        raise DataError(
            f"Too few groups to split: {len(groups)} group is left to draw {part!r} from. Clips of one group share "
            "a person or a source and stay together, so three parts need at least three groups."
        )
    is_fake = np.array([column.startswith("1") for column in table.columns])
    # Two more columns count the groups that hold fakes, and those that hold reals.
    counts = np.c_[counts, counts[:, is_fake].any(1), counts[:, ~is_fake].any(1)]
    cost = functools.partial(
        _cost,
        totals=counts.sum(0),
        is_fake=is_fake,
        share=share,
        fake_share=fake_share,
        groups_left=2 if to_part_again else 1,
    )
    rng = np.random.default_rng([seed, len(part)])
    wanted = min(max(1, round(share * len(groups))), len(groups) - 1)
    draws = ShuffleSplit(_DRAWS, test_size=wanted, random_state=int(rng.integers(2**31)))
    drawn = np.array([np.sort(inside) for _, inside in draws.split(groups)])
    costs = np.array([cost(counts[inside].sum(0)[None])[0] for inside in drawn])
    mended = []
    for inside in drawn[np.argsort(costs, kind="stable")[:_MENDED]]:
        chosen = np.zeros(len(groups), bool)
        chosen[inside] = True
        mended.append((_mend(chosen, counts, cost, rng), chosen))
    return groups[min(mended, key=lambda pair: pair[0])[1]]


def _mend(chosen: np.ndarray, counts: np.ndarray, cost, rng: np.random.Generator) -> float:
    """Move or exchange groups, in place, as long as the cost falls; return it."""
    now = counts[chosen].sum(0)
    best = cost(now[None])[0]
    moves = np.r_[counts, np.zeros((1, counts.shape[1]))]
    for _ in range(_STEPS):
        # -1 stands for no group: one only comes, or only leaves.
        ins, outs = np.r_[np.flatnonzero(chosen), -1], np.r_[np.flatnonzero(~chosen), -1]
        exchanges = len(ins) * len(outs)
        pairs = np.arange(exchanges) if exchanges <= _PAIRS else rng.integers(exchanges, size=_PAIRS)
        leaving, coming = ins[pairs // len(outs)], outs[pairs % len(outs)]
        costs = cost(now - moves[leaving] + moves[coming])
        step = int(costs.argmin())
        if costs[step] >= best - 1e-9:
            break
        leaves, comes = leaving[step], coming[step]
        best, now = costs[step], now - moves[leaves] + moves[comes]
        if leaves >= 0:
            chosen[leaves] = False
        if comes >= 0:
            chosen[comes] = True
    return best


def _cost(
    inside: np.ndarray,
    totals: np.ndarray,
    is_fake: np.ndarray,
    share: float,
    fake_share: float,
    groups_left: int,
):
    """Return how far parts are from what is wanted.

    Args:
        inside: float array [B, strata + 2]. Of a part, the clips of each label and method, and how many
            groups hold fakes and how many hold reals.
        totals: float array [strata + 2]. The same of all there is.
        is_fake: bool array [strata].
        share, fake_share: float. The part's share of the clips, and the fakes' share of it, that are wanted.
        groups_left: int. Groups of each class that must be left.
    """
    sides = np.stack([inside, totals - inside])
    clips, holding = sides[..., :-2], sides[..., -2:]
    missing = np.maximum([[[1]], [[groups_left]]] - holding, 0).sum((0, 2))
    sizes = clips.sum(2)
    fakes = clips[..., is_fake].sum(2)
    label_gap = np.abs(np.divide(fakes, sizes, out=np.zeros_like(fakes), where=sizes > 0) - fake_share)
    size_gap = np.abs(sizes[0] / sizes.sum(0) - share)
    method_gap = np.abs(clips[0] / totals[:-2] - share).mean(1)
    # Labels that are off by more than two points weigh most, then a size that is off by as much.
    off = 15.0 * np.maximum(label_gap - 0.02, 0).sum(0) + 5.0 * np.maximum(size_gap - 0.02, 0)
    return 100.0 * missing + off + label_gap.sum(0) + size_gap + 0.5 * method_gap


def check_parts(catalog: Catalog | pd.DataFrame, *, parts: Iterable[str] = SPLITS) -> None:
    """Make sure that parts of a split catalog hold both classes.

    Raises:
        DataError: If one does not.
    """
    catalog = catalog.table if isinstance(catalog, Catalog) else catalog
    for part in sorted(parts, key=SPLITS.index):
        labels = catalog.loc[catalog["split"] == part, "label"]
        if labels.nunique() < 2:
            groups = catalog["group"].nunique()
            has = "no clip" if labels.empty else f"only {'fake' if labels.iloc[0] == 1 else 'real'} clips"
            raise DataError(
                f"Too few groups to split: {part!r} would hold {has}. Groups are never cut, and {groups} groups "
                "cannot give train, val and test clips of both classes. Add data, or name smaller groups or other "
                "splits in a CSV's `group` and `split` columns."
            )
