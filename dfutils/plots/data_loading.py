"""Figures of notebook 01."""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.common import image_grid
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    FAKE,
    INK,
    draw_picture,
    frame_in_class_colour,
    new_figure,
    styled,
)


@styled
def forgeries(originals, fakes, masks, names) -> Figure:
    """Draw forgeries in columns: the original, the forgery, and where they differ.

    Args:
        originals, fakes: Sequences of uint8 arrays [H, W, 3], RGB; the same moment of the same take.
        masks: Sequence of uint8 arrays [H, W]. 1 where the forgery altered the picture.
        names: Sequence of str. The methods.

    Returns:
        Figure.
    """
    figure, axes = new_figure(8.4, 6.4, 3, len(names), squeeze=False)
    for column, (original, fake, mask, name) in enumerate(zip(originals, fakes, masks, names, strict=True)):
        change = np.abs(fake.astype(int) - original.astype(int)).mean(-1)
        draw_picture(axes[0, column], original)
        draw_picture(axes[1, column], fake)
        draw_picture(axes[2, column], change, cmap="magma", vmin=0, vmax=40)
        axes[2, column].contour(mask, levels=[0.5], colors="white", linewidths=1)
        axes[0, column].set_title(name)
    for row, name in enumerate(("real", "forged", "difference")):
        axes[row, 0].set_ylabel(name, fontsize=11, fontweight="bold")
    return figure


def _splits_of(catalog) -> list[str]:
    """Return the splits that the catalog has, in their usual order."""
    return [name for name in ("train", "val", "test") if (catalog["split"] == name).any()]


@styled
def split_counts(catalog) -> Figure:
    """Draw how many real and fake clips each split has, fakes by method.

    Args:
        catalog: DataFrame with label, method and split.

    Returns:
        Figure.
    """
    splits = _splits_of(catalog)
    methods = sorted(catalog.loc[catalog["label"] == 1, "method"].unique())
    figure, (left, right) = new_figure(8.2, 3.0, 1, 2, width_ratios=[1, 1.3])
    for offset, label in ((-0.2, 0), (0.2, 1)):
        counts = [int(((catalog["split"] == s) & (catalog["label"] == label)).sum()) for s in splits]
        bars = left.bar(
            np.arange(len(splits)) + offset,
            counts,
            0.38,
            color=CLASS_COLOURS[label],
            label=CLASS_NAMES[label],
        )
        left.bar_label(bars, padding=2, fontsize=9)
    left.set_xticks(range(len(splits)), splits)
    left.set(title="Clips by split", ylabel="clips")
    left.margins(y=0.15)
    left.yaxis.get_major_locator().set_params(integer=True)
    left.legend(loc="upper right")
    left.grid(axis="x", visible=False)

    start = np.zeros(len(methods))
    for split, shade in zip(splits, (1.0, 0.65, 0.35), strict=False):
        counts = np.array([((catalog["split"] == split) & (catalog["method"] == m)).sum() for m in methods])
        bars = right.barh(range(len(methods)), counts, left=start, color=FAKE, alpha=shade, label=split)
        right.bar_label(
            bars, labels=[str(c) if c else "" for c in counts], label_type="center", fontsize=9, color=INK
        )
        start += counts
    right.set_yticks(range(len(methods)), methods)
    right.set(title="Fake clips by method", xlabel="clips")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.grid(axis="y", visible=False)
    if methods:
        right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
    return figure


@styled
def group_sides(catalog) -> Figure:
    """Draw each group as a column of clips, coloured by class, under the split it is in.

    Args:
        catalog: DataFrame with label, group and split.

    Returns:
        Figure.
    """
    splits = _splits_of(catalog)
    sizes = [catalog.loc[catalog["split"] == name, "group"].nunique() for name in splits]
    figure, axes = new_figure(8.2, 2.6, 1, len(splits), squeeze=False, sharey=True, width_ratios=sizes)
    for axis, split, size in zip(axes.flat, splits, sizes, strict=True):
        part = catalog[catalog["split"] == split].sort_values(["group", "label"])
        position = {group: i for i, group in enumerate(part["group"].unique())}
        height = part.groupby("group").cumcount()
        for label in (0, 1):
            mine = part["label"] == label
            axis.scatter(
                part.loc[mine, "group"].map(position),
                height[mine],
                s=min(60, 2600 / max(len(catalog["group"].unique()), 8)),
                marker="o" if label == 0 else "s",
                color=CLASS_COLOURS[label],
                label=CLASS_NAMES[label],
            )
        axis.set_title(f"{split}: {size} group{'s' * (size != 1)}")
        axis.set_xticks([])
        axis.set_xlim(-0.8, size - 0.2)
        axis.grid(visible=False)
        axis.set_xlabel("groups")
    axes.flat[0].set_ylabel("clips of the group")
    axes.flat[0].yaxis.get_major_locator().set_params(integer=True)
    axes.flat[0].set_ylim(-0.8, max(1.0, axes.flat[0].get_ylim()[1]))
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=2)
    return figure


@styled
def face_grid(crops, labels, titles, columns: int = 8) -> Figure:
    """Draw face crops in rows, framed in their class's colour.

    Args:
        crops: Sequence of uint8 arrays [S, S, 3], RGB.
        labels: Sequence of int; 1 = fake, 0 = real.
        titles: Sequence of str, one a crop.
        columns: int. Crops in a row. Defaults to 8.

    Returns:
        Figure.
    """
    titles = [title if len(title) <= 14 else f"…{title[-13:]}" for title in titles]
    figure = image_grid(crops, titles, columns)
    for axis, label in zip(figure.axes, labels, strict=False):
        frame_in_class_colour(axis, label)
    return figure


@styled
def media_facts(facts, labels) -> Figure:
    """Draw how long the clips are, how large their pictures and how large their files, by class.

    Args:
        facts: DataFrame with seconds, frames, width, height and bytes; NaN where not known.
        labels: Sequence of int, one a row; 1 = fake, 0 = real.

    Returns:
        Figure.
    """
    labels = np.asarray(labels)
    figure, (left, middle, right) = new_figure(9.4, 3.0, 1, 3)
    timed = facts["seconds"].notna().any()
    lengths = facts["seconds" if timed else "frames"].to_numpy(float)
    size, unit = facts["bytes"].to_numpy(float) / 1e3, "kilobytes"
    if np.nanmax(size, initial=0) >= 1000:
        size, unit = size / 1e3, "megabytes"
    _class_histogram(left, lengths, labels, "Length", "seconds" if timed else "frames")
    _class_histogram(right, size, labels, "File size", unit)
    pictures = facts[["width", "height"]].assign(label=labels).dropna()
    for label, marker, area in ((0, "o", 420), (1, "s", 160)):
        counts = pictures[pictures["label"] == label].value_counts(["width", "height"])
        at = np.array(list(counts.index), float).reshape(-1, 2)
        areas = 25 + area * np.sqrt(counts.to_numpy() / max(1, len(pictures)))
        middle.scatter(*at.T, s=areas, marker=marker, color=CLASS_COLOURS[label], alpha=0.8)
    middle.set(title="Resolution", xlabel="width in pixels", ylabel="height in pixels")
    if len(pictures):
        for limits, values in ((middle.set_xlim, pictures["width"]), (middle.set_ylim, pictures["height"])):
            limits(0, 1.25 * values.max())
    handles, names = right.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def _class_histogram(axis, values, labels, title: str, unit: str) -> None:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    if high - low < 0.02 * high:
        low, high = 0.0, 2 * high + 1e-9
    edges = np.linspace(low, high, 21)
    for label in (0, 1):
        mine = values[(labels == label) & np.isfinite(values)]
        colour = CLASS_COLOURS[label]
        axis.hist(mine, edges, color=colour, alpha=0.25)
        axis.hist(
            mine,
            edges,
            color=colour,
            histtype="step",
            lw=1.8,
            ls="-" if label else "--",
            label=CLASS_NAMES[label],
        )
    axis.set(title=title, xlabel=unit, ylabel="clips")
    axis.yaxis.get_major_locator().set_params(integer=True)
