"""Figures of notebook 02."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dfutils.plots.common import image_grid
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    INK,
    SERIES,
    YELLOW,
    draw_picture,
    new_figure,
    styled,
)


@styled
def crop_pairs(real, fake, names) -> Figure:
    """Draw face crops of real clips above those of forgeries.

    Args:
        real, fake: Sequences of uint8 arrays [S, S, 3], as many as there are names.
        names: Sequence of str, one a column.

    Returns:
        Figure.
    """
    figure, axes = new_figure(1.45 * len(names) + 0.4, 3.3, 2, len(names), squeeze=False)
    for row, crops in enumerate((real, fake)):
        for column, crop in enumerate(crops):
            axis = axes[row, column]
            draw_picture(axis, crop)
            for spine in axis.spines.values():
                spine.set(visible=True, color=CLASS_COLOURS[row], linewidth=2.5)
            if row == 0:
                axis.set_title(names[column], fontsize=8, loc="center", fontweight="normal")
        axes[row, 0].set_ylabel(CLASS_NAMES[row], color=CLASS_COLOURS[row], fontweight="bold")
    return figure


@styled
def frames_with_boxes(frames, times, boxes, looked, columns: int = 5) -> Figure:
    """Draw sampled frames with the face's box: solid where it was detected, dashed where interpolated.

    Args:
        frames: uint8 array [T, H, W, 3], RGB.
        times: float array [T], seconds.
        boxes: float array [T, 4]: x, y, width, height.
        looked: bool array [T]. True where the detector found the face itself.
        columns: int. Frames in a row. Defaults to 5.

    Returns:
        Figure.
    """
    size = 1.6
    figure = image_grid(frames, [f"{t:.1f} s" for t in times], columns, size)
    for axis, box, seen in zip(figure.axes, boxes, looked, strict=False):
        axis.add_patch(
            Rectangle(
                box[:2],
                box[2],
                box[3],
                fill=False,
                linewidth=1.6,
                edgecolor=YELLOW,
                linestyle="-" if seen else ":",
            )
        )
    return figure


@styled
def sampling_lines(rules: dict) -> Figure:
    """Draw when in a clip each sampling rule takes its frames.

    Args:
        rules: dict. {rule: float array [T], seconds}.

    Returns:
        Figure. A line a rule, a dot a frame.
    """
    figure, axis = new_figure(8.0, 0.7 + 0.42 * len(rules))
    for row, (times, colour) in enumerate(zip(rules.values(), SERIES, strict=False)):
        axis.axhline(row, color="#DCE3EA", lw=7, solid_capstyle="butt", zorder=1)
        axis.plot(times, np.full(len(times), row), "o", color=colour, markersize=5, zorder=2)
    axis.set_yticks(range(len(rules)), list(rules))
    axis.set(xlabel="seconds", ylim=(len(rules) - 0.5, -0.5))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=False)
    return figure


@styled
def faces_found(frame, boxes, main) -> Figure:
    """Draw every face that was found in a frame, and which of them is followed.

    Args:
        frame: uint8 array [H, W, 3], RGB.
        boxes: float array [K, 4]: x, y, width, height of each face found.
        main: float array [4]. The box of the face that is followed.

    Returns:
        Figure.
    """
    height, width = frame.shape[:2]
    figure, axis = new_figure(6.4, 6.4 * height / width)
    draw_picture(axis, frame)
    for box in boxes:
        axis.add_patch(
            Rectangle(box[:2], box[2], box[3], fill=False, linewidth=1.6, edgecolor="white", linestyle=":")
        )
    axis.add_patch(Rectangle(main[:2], main[2], main[3], fill=False, linewidth=2.4, edgecolor=YELLOW))
    axis.text(
        main[0],
        main[1] - 0.025 * height,
        "followed",
        color="white",
        fontweight="bold",
        va="bottom",
        bbox={"facecolor": INK, "edgecolor": "none", "boxstyle": "square,pad=0.3"},
    )
    return figure
