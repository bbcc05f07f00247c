"""Draw the figures of notebook 01: forgery methods, faces, and facts about the files."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dfutils.plots.common import image_grid
from dfutils.plots.inputs import ForgeriesLike, SamePersonLike, TrackLike, as_label, table_of
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    DescribedFigure,
    draw_picture,
    empty_figure,
    frame_in_class_colour,
    new_figure,
    styled,
    whole_numbers,
)
from dfutils.plots.words import count, listed, plural, range_text, sentences, shorten
from dfutils.tables import Catalog


@styled
def forgeries(samples: ForgeriesLike, *, key: str = "forgeries") -> DescribedFigure:
    """Draw one column per forgery method: the real frame, the forged frame, and their difference.

    Args:
        samples: ForgerySamples, as `demo.forgery_samples` returns them: originals, fakes, masks and methods.
        key: str. Defaults to `"forgeries"`.

    Returns:
        DescribedFigure.
    """
    names = samples.methods
    if not names:
        return empty_figure("There is no forgery to show.", key=key)
    figure, axes = new_figure(width=2.1 * len(names), height=6.4, rows=3, columns=len(names), squeeze=False)
    within, without = [], []
    columns = zip(samples.originals, samples.fakes, samples.masks, names, strict=True)
    for column, (original, fake, mask, name) in enumerate(columns):
        change = np.abs(fake.astype(int) - original.astype(int)).mean(-1)
        inside = np.asarray(mask) > 0
        within.append(change[inside].mean() if inside.any() else np.nan)
        without.append(change[~inside].mean() if not inside.all() else np.nan)
        draw_picture(axes[0, column], original)
        draw_picture(axes[1, column], fake)
        draw_picture(axes[2, column], change, cmap="magma", vmin=0, vmax=40)
        if inside.any() and not inside.all():
            axes[2, column].contour(mask, levels=[0.5], colors="white", linewidths=1)
        axes[0, column].set_title(name)
    for row, row_name in enumerate(("real", "forged", "difference")):
        axes[row, 0].set_ylabel(row_name, fontsize=11, fontweight="bold")
    alt = sentences(
        f"{count(len(names), 'column')}, one per forgery ({listed(names)}): the real frame, the forged one and their "
        "difference",
        f"Inside the outlined mask a pixel changes by {range_text(within, digits=1)} of 255 levels, outside by "
        f"{range_text(without, digits=1)}",
    )
    caption = (
        "The same frame, real and forged. The white line is the mask: the part that the forgery changed."
    )
    return figure.describe(alt, caption=caption, key=key)


@styled
def face_grid(
    tracks: Mapping[str, TrackLike], catalog: Catalog | pd.DataFrame, *, columns: int = 8, key: str = "faces"
) -> DescribedFigure:
    """Draw the first face crop of each clip, framed in the colour of its class, with the name of its group.

    Args:
        tracks: {clip_id: FaceTrack}.
        catalog: Catalog or DataFrame with the columns clip_id, label and group. Clips without a FaceTrack are left out.
        columns: int. Number of crops per row. Defaults to 8.
        key: str. Defaults to `"faces"`.

    Returns:
        DescribedFigure.
    """
    table = table_of(catalog)
    clips = table[table["clip_id"].isin(list(tracks))]
    absent = len(table) - len(clips)
    if clips.empty:
        return empty_figure(f"None of {count(len(table), 'clip')} shows a face that can be used.", key=key)
    crops = [tracks[clip_id].crops[0] for clip_id in clips["clip_id"]]
    figure = image_grid(crops, titles=[shorten(group, most=14) for group in clips["group"]], columns=columns)
    for axis, label in zip(figure.axes, clips["label"], strict=False):
        frame_in_class_colour(axis, as_label(label))
    real, fake = (int(clips["label"].eq(label).sum()) for label in (0, 1))
    alt = sentences(
        f"{count(len(clips), 'face crop')}: {real} real (blue frames) and {fake} fake (orange frames), of "
        f"{count(clips['group'].nunique(), 'group')}: {listed(clips['group'].unique(), most=3)}",
        f"{count(absent, 'clip')} without a usable face {plural('is', absent)} not shown" if absent else "",
    )
    caption = "Faces of real clips (blue) and of fakes (orange), with the name of their group."
    return figure.describe(alt, caption=caption, key=key)


@styled
def person_pairs(
    pairs: Sequence[SamePersonLike],
    tracks: Mapping[str, TrackLike],
    *,
    most: int = 6,
    key: str = "person_pairs",
) -> DescribedFigure:
    """Draw pairs of groups that probably show the same person: one face of each group, one above the other.

    Args:
        pairs: sequence of SamePerson. The pairs of groups.
        tracks: {clip_id: FaceTrack}. A pair is left out if one of its two clips has no FaceTrack.
        most: int. Largest number of pairs. Defaults to 6.
        key: str. Defaults to `"person_pairs"`.

    Returns:
        DescribedFigure.
    """
    drawn = [pair for pair in pairs if pair.first_clip in tracks and pair.second_clip in tracks][:most]
    if not drawn:
        return empty_figure("There is no pair of groups to show.", key=key)
    figure, axes = new_figure(
        width=1.6 * len(drawn) + 0.3, height=3.7, rows=2, columns=len(drawn), squeeze=False
    )
    for column, pair in enumerate(drawn):
        clips = ((pair.first, pair.first_clip), (pair.second, pair.second_clip))
        for axis, (group, clip_id) in zip(axes[:, column], clips, strict=True):
            draw_picture(axis, tracks[clip_id].crops[0])
            axis.set_xlabel(shorten(group, most=22), fontsize=8)
        axes[0, column].set_title(f"{pair.distance:.2f}", fontsize=9, loc="center")
    left_out = len(pairs) - len(drawn)
    names = [f"{pair.first} with {pair.second} ({pair.distance:.2f})" for pair in drawn]
    alt = sentences(
        f"Two faces, one above the other, for {count(len(drawn), 'pair')} of groups, with their distance",
        f"The pairs: {listed(names, most=6)}",
        f"{count(left_out, 'pair')} {plural('is', left_out)} not shown" if left_out else "",
    )
    caption = "In each column, the closest faces of two groups, with the names of the groups. Above: their distance."
    return figure.describe(alt, caption=caption, key=key)


@styled
def media_facts(facts: pd.DataFrame, labels: Sequence[Any], *, key: str = "media") -> DescribedFigure:
    """Draw the lengths, resolutions and file sizes of the clips, by class.

    Args:
        facts: DataFrame. One row per clip. Columns: seconds, frames, width, height and bytes. Unknown values are NaN.
        labels: sequence of 1 (fake), 0 (real) or a missing value. One label per row of `facts`.
        key: str. Defaults to `"media"`.

    Returns:
        DescribedFigure.
    """
    classes = pd.Series(list(labels), dtype="Float64").fillna(-1).to_numpy(float)
    if not len(facts):
        return empty_figure("There is no clip whose file could be described.", key=key)
    figure, (left, middle, right) = new_figure(width=9.4, height=3.0, columns=3)
    timed = facts["seconds"].notna().any()
    lengths = facts["seconds" if timed else "frames"].to_numpy(float)
    size, unit = facts["bytes"].to_numpy(float) / 1e3, "kilobytes"
    if np.nanmax(size, initial=0) >= 1000:
        size, unit = size / 1e3, "megabytes"
    _class_histogram(left, lengths, classes, "Length", "seconds" if timed else "frames")
    _class_histogram(right, size, classes, "File size", unit)
    pictures = facts[["width", "height"]].assign(label=classes).dropna()
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
    alt = sentences(
        f"{count(len(facts), 'clip')}. Median length: {_medians(lengths, classes, 'seconds' if timed else 'frames')}",
        _resolutions(pictures),
        f"Median file size: {_medians(size, classes, unit)}",
    )
    caption = "Length, resolution and file size of the clips. Real: dashed, round. Fake: solid, square."
    return figure.describe(alt, caption=caption, key=key)


def _resolutions(pictures: pd.DataFrame) -> str:
    """Say how many different resolutions there are, and which one is the most frequent."""
    shapes = pictures.value_counts(["width", "height"])
    if not len(shapes):
        return "No resolution is known"
    width, height = shapes.index[0]
    most = f"{width:.0f} x {height:.0f} pixels"
    return f"All pictures are {most}" if len(shapes) == 1 else f"{len(shapes)} resolutions, most often {most}"


def _medians(values: np.ndarray, labels: np.ndarray, unit: str) -> str:
    """Format the medians of both classes, such as `"real 2.0, fake 2.5 seconds"`."""
    medians = []
    for label, name in CLASS_NAMES.items():
        known = values[(labels == label) & np.isfinite(values)]
        medians.append(f"{name} {np.median(known):.3g}" if len(known) else f"{name} unknown")
    return f"{', '.join(medians)} {unit}"


def _class_histogram(axis: Axes, values: np.ndarray, labels: np.ndarray, title: str, unit: str) -> None:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    if high - low < 0.02 * high:
        low, high = 0.0, 2 * high + 1e-9
    edges = np.linspace(low, high, 21).tolist()
    for label, name in CLASS_NAMES.items():
        own = values[(labels == label) & np.isfinite(values)]
        colour, line = CLASS_COLOURS[label], "-" if label else "--"
        axis.hist(own, edges, color=colour, alpha=0.25)
        axis.hist(own, edges, color=colour, histtype="step", lw=1.8, ls=line, label=name)
    axis.set(title=title, xlabel=unit, ylabel="clips")
    whole_numbers(axis.yaxis)
