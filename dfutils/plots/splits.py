"""Draw the splits of a catalog: the number of clips and the groups in each split."""

import numpy as np
import pandas as pd

from dfutils.plots.inputs import table_of
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    FAKE,
    INK,
    YELLOW,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
    whole_numbers,
)
from dfutils.plots.words import count, listed, plural, range_text, sentences, shorten
from dfutils.tables import Catalog

_SPLITS = ("train", "val", "test")


def _splits_of(table: pd.DataFrame) -> list[str]:
    """Return the splits that a catalog contains, in the order train, val, test."""
    return [name for name in _SPLITS if (table["split"] == name).any()]


@styled
def split_counts(catalog: Catalog | pd.DataFrame, *, key: str = "split") -> DescribedFigure:
    """Draw the number of real and fake clips in each split, and the number of fakes of each forgery method.

    Args:
        catalog: Catalog or DataFrame with the columns label, method and split.
        key: str. Defaults to `"split"`.

    Returns:
        DescribedFigure.
    """
    table = table_of(catalog)
    splits = _splits_of(table)
    if not splits:
        return empty_figure(f"None of the {count(len(table), 'clip')} is in a split yet.", key=key)
    is_fake = table["label"].eq(1).fillna(False)
    methods = sorted(table.loc[is_fake, "method"].unique())
    figure, (left, right) = new_figure(width=8.2, height=3.0, columns=2, width_ratios=[1, 1.3])
    by_class = {
        label: [int(((table["split"] == split) & table["label"].eq(label)).sum()) for split in splits]
        for label in (0, 1)
    }
    for offset, label in ((-0.2, 0), (0.2, 1)):
        places = np.arange(len(splits)) + offset
        bars = left.bar(places, by_class[label], 0.38, color=CLASS_COLOURS[label], label=CLASS_NAMES[label])
        left.bar_label(bars, padding=2, fontsize=9)
    left.set_xticks(range(len(splits)), splits)
    left.set(title="Clips by split", ylabel="clips")
    left.margins(y=0.15)
    whole_numbers(left.yaxis)
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    left.grid(axis="x", visible=False)

    start, missing = np.zeros(len(methods)), []
    for split, shade in zip(splits, (1.0, 0.65, 0.35), strict=False):
        counts = np.array(
            [int((is_fake & (table["split"] == split) & (table["method"] == m)).sum()) for m in methods]
        )
        missing += [f"{m or 'unnamed'} in {split}" for m, n in zip(methods, counts, strict=True) if not n]
        bars = right.barh(range(len(methods)), counts, left=start, color=FAKE, alpha=shade, label=split)
        labels = [str(c) if c else "" for c in counts]
        right.bar_label(bars, labels=labels, label_type="center", fontsize=9, color=INK)
        start += counts
    right.set_yticks(range(len(methods)), [shorten(name or "unnamed", most=24) for name in methods])
    right.set(title="Fake clips by method", xlabel="clips")
    whole_numbers(right.xaxis)
    right.grid(axis="y", visible=False)
    if methods:
        right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
    per_split = [
        f"{split} {real} real and {count(fake, 'fake')}"
        for split, real, fake in zip(splits, by_class[0], by_class[1], strict=True)
    ]
    sizes = f"{range_text(start, digits=0)} clips" if methods else ""
    apart = len(table) - sum(map(sum, by_class.values()))
    alt = sentences(
        f"Bars of clips per split: {', '.join(per_split)}",
        f"Fakes of {count(len(methods), 'method')}, {sizes} each; "
        f"{f'there is no {listed(missing, most=3)}' if missing else 'every split has each of them'}"
        if methods
        else "There are no fakes",
        f"{count(apart, 'clip')} without a split or a label {plural('is', apart)} not shown" if apart else "",
    )
    caption = "Left: real and fake clips of each split. Right: the fakes of each method, by split."
    return figure.describe(alt, caption=caption, key=key)


@styled
def group_sides(catalog: Catalog | pd.DataFrame, *, key: str = "groups") -> DescribedFigure:
    """Draw the groups of each split, each group as a column of clips in the colours of their classes.

    A group with clips in more than one split is shaded.

    Args:
        catalog: Catalog or DataFrame with the columns label, group and split.
        key: str. Defaults to `"groups"`.

    Returns:
        DescribedFigure.
    """
    table = table_of(catalog)
    splits = _splits_of(table)
    if not splits:
        return empty_figure(f"None of the {count(len(table), 'clip')} is in a split yet.", key=key)
    inside = table[table["split"].isin(splits)]
    where = inside.groupby("group")["split"].agg(lambda own: [name for name in splits if (own == name).any()])
    cut = where[where.map(len) > 1]
    sizes = [inside.loc[inside["split"] == name, "group"].nunique() for name in splits]
    figure, axes = new_figure(
        width=8.2, height=2.6, columns=len(splits), squeeze=False, sharey=True, width_ratios=sizes
    )
    for axis, split, size in zip(axes.flat, splits, sizes, strict=True):
        part = inside[inside["split"] == split].sort_values(["group", "label"])
        position = {group: place for place, group in enumerate(part["group"].unique())}
        height = part.groupby("group").cumcount() + 1
        for group in position.keys() & set(cut.index):
            axis.axvspan(position[group] - 0.5, position[group] + 0.5, color=YELLOW, alpha=0.3, lw=0)
        for label in (0, 1):
            of_class = part["label"].eq(label).fillna(False).to_numpy(bool)
            axis.scatter(
                part.loc[of_class, "group"].map(position),
                height[of_class],
                s=min(60, 2600 / max(len(where), 8)),
                marker="o" if label == 0 else "s",
                color=CLASS_COLOURS[label],
                label=CLASS_NAMES[label],
            )
        axis.set_title(f"{split}: {count(size, 'group')}")
        axis.set_xticks([])
        axis.set_xlim(-0.8, size - 0.2)
        axis.grid(visible=False)
        axis.set_xlabel("groups")
    axes.flat[0].set_ylabel("clips of the group")
    whole_numbers(axes.flat[0].yaxis)
    tallest = inside.value_counts(["group", "split"]).max()
    axes.flat[0].set_ylim(0.2, tallest + 0.8)
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=2)
    in_splits = [f"{size} in {split}" for split, size in zip(splits, sizes, strict=True)]
    sides = [f"{shorten(group, most=24)} ({listed(own)})" for group, own in cut.items()]
    alt = sentences(
        f"{count(len(where), 'group')} as columns of clips: {listed(in_splits)}",
        f"{count(len(cut), 'group')} {plural('has', len(cut))} clips in more than one split: {listed(sides, most=3)}"
        if len(cut)
        else "No group has clips in more than one split",
    )
    tested = int(cut.map(lambda own: "test" in own).sum())
    caption = sentences(
        "Each column is a group with its clips",
        "Shaded groups are in more than one split" if len(cut) else "Each group is in one split only",
        f"{count(tested, 'group')} of the test {plural('has', tested)} clips in another split too, so that the people "
        "are not unknown to the detector"
        if tested
        else "",
    )
    return figure.describe(alt, caption=caption, key=key)
