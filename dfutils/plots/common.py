"""Every figure of the series: one palette, captions and alternative text.

The figures take plain arrays and tables and return a matplotlib Figure; `show` puts it into a
notebook with its caption and its alternative text.
"""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    FAKE,
    INK,
    PURPLE,
    frame_in_class_colour,
    new_figure,
    styled,
)


@styled
def image_grid(images, titles=None, columns: int = 8, size: float = 1.1) -> Figure:
    """Draw images in rows.

    Args:
        images: Sequence of uint8 arrays [H, W, 3], RGB.
        titles: Sequence of str, one an image. Defaults to none.
        columns: int. Images in a row. Defaults to 8.
        size: float. Side of one image in inches. Defaults to 1.1.

    Returns:
        Figure.
    """
    images, titles = list(images), None if titles is None else list(titles)
    columns = min(columns, max(1, len(images)))
    rows = max(1, -(-len(images) // columns))
    head = 0.22 if titles is not None else 0.0
    figure, axes = new_figure(columns * size, rows * (size + head), rows, columns, squeeze=False)
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            axis.imshow(np.asarray(images[index]))
            if titles is not None:
                axis.set_title(titles[index], fontsize=7, loc="center", fontweight="normal", pad=2)
    return figure


@styled
def neighbours(rows, headings) -> Figure:
    """Draw frames that were asked about, each beside the training frames that look most like it.

    Args:
        rows: list of lists of (image, label, caption); the first of a row is the frame asked about.
        headings: Sequence of str. One a column.

    Returns:
        Figure.
    """
    figure, axes = new_figure(
        1.75 * len(headings), 2.15 * len(rows) + 0.2, len(rows), len(headings), squeeze=False
    )
    for line, row in zip(axes, rows, strict=True):
        for axis, (image, label, caption) in zip(line, row, strict=True):
            axis.imshow(image, interpolation="bilinear")
            frame_in_class_colour(axis, label)
            caption = caption if len(caption) <= 26 else f"…{caption[-25:]}"
            axis.set_xlabel(f"{CLASS_NAMES[label]}\n{caption}", fontsize=7.5, color=CLASS_COLOURS[label])
    for axis, heading in zip(axes[0], headings, strict=True):
        axis.set_title(heading, fontsize=9, loc="center")
    return figure


@styled
def intervals(
    table, name: str, line: float | None = None, line_label: str = "", metric: str = "auc"
) -> Figure:
    """Draw a metric with its intervals, one a row, beside the line of chance.

    Args:
        table: DataFrame with the metric, low, high, and the column that names the rows.
        name: str. That column.
        line: float or None. A second line to be drawn. Defaults to none.
        line_label: str. What it means. Defaults to `""`.
        metric: str. A metric that is 0.5 by chance: auc or, of as many real clips as fakes, accuracy. Defaults to
            `"auc"`.

    Returns:
        Figure.
    """
    figure, axis = new_figure(7.2, 1.0 + 0.42 * len(table))
    y = np.arange(len(table))
    axis.axvline(0.5, color=INK, lw=1.2, ls=":")
    axis.annotate(
        "chance",
        (0.5, 1.0),
        (3, 2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8,
    )
    if line is not None:
        axis.axvline(line, color=FAKE, lw=1.2, ls="--")
        axis.annotate(
            line_label,
            (line, 1.0),
            (3, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            color=FAKE,
        )
    axis.hlines(y, table["low"], table["high"], color=PURPLE, lw=2.5)
    axis.plot(table[metric], y, "o", color=PURPLE, markersize=7)
    for at, value in enumerate(table[metric]):
        axis.annotate(
            f"{value:.2f}",
            (1.0, at),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axis.set_yticks(y, table[name])
    label = {"auc": "AUC"}.get(metric, metric.replace("_", " "))
    axis.set(
        xlim=(-0.02, 1.02), xlabel=f"{label}, with its 95 % interval by group", ylim=(len(table) - 0.5, -0.5)
    )
    axis.grid(axis="y", visible=False)
    return figure
