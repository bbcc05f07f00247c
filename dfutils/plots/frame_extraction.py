"""Draw the figures of notebook 02: sampled frames, detected faces and face crops."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from dfutils.plots.common import image_grid
from dfutils.plots.inputs import ClipLike, PairLike, TrackLike
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    INK,
    SERIES,
    YELLOW,
    DescribedFigure,
    draw_picture,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import count, listed, range_text, sentences, shorten


@styled
def sampling_lines(
    rules: Mapping[str, Any], *, clip_id: str = "a clip", key: str = "sampling"
) -> DescribedFigure:
    """Draw the times at which each sampling rule takes frames of a clip: one line per rule, one dot per frame.

    Args:
        rules: {name of the sampling rule: Clip, or float array [T] with the times of the frames in seconds}.
        clip_id: str. The name of the clip. Used in the caption. Defaults to `"a clip"`.
        key: str. Defaults to `"sampling"`.

    Returns:
        DescribedFigure.
    """
    times = {rule: np.asarray(getattr(taken, "times", taken), float) for rule, taken in rules.items()}
    if not times:
        return empty_figure("There is no sampling rule to show.", key=key)
    figure, axis = new_figure(width=8.0, height=0.7 + 0.42 * len(times))
    for row, seconds in enumerate(times.values()):
        axis.axhline(row, color="#DCE3EA", lw=7, solid_capstyle="butt", zorder=1)
        colour = SERIES[row % len(SERIES)]
        axis.plot(seconds, np.full(len(seconds), row), "o", color=colour, markersize=5, zorder=2)
    axis.set_yticks(range(len(times)), list(times))
    axis.set(xlabel="seconds", ylim=(len(times) - 0.5, -0.5))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=False)
    lines = [
        f"{rule}: {count(len(seconds), 'frame')} at {range_text(seconds, digits=1)} s{_gap_text(seconds)}"
        for rule, seconds in times.items()
    ]
    alt = sentences(f"A time line with a dot per frame for {count(len(times), 'rule')}", *lines[:4])
    caption = f"When each rule takes frames of {shorten(clip_id, most=60)}. A dot is a frame that is kept."
    return figure.describe(alt, caption=caption, key=key)


def _gap_text(seconds: np.ndarray) -> str:
    gaps = np.diff(np.sort(seconds))
    return f", {range_text(gaps)} s apart" if len(gaps) else ""


@styled
def sampled_frames(
    clip: ClipLike, *, rule: str, most: int = 10, seconds: float | None = None, key: str = "frames"
) -> DescribedFigure:
    """Draw the first frames that a sampling rule takes from a clip, with their times.

    Args:
        clip: Clip. Its frames and their times are used.
        rule: str. The name of the sampling rule.
        most: int. The largest number of frames to draw. Defaults to 10.
        seconds: float or None. How long decoding took. Used in the caption. Defaults to None.
        key: str. Defaults to `"frames"`.

    Returns:
        DescribedFigure.
    """
    frames, times = clip.frames[:most], clip.times[:most]
    if not len(frames):
        return empty_figure(f"The rule {rule} took no frame.", key=key)
    figure = image_grid(frames, titles=[f"{at:.2f} s" for at in times], columns=most, size=0.95)
    changes = [float(np.abs(b.astype(int) - a).mean()) for a, b in itertools.pairwise(frames)]
    alt = sentences(
        f"{count(len(frames), 'frame')} that the rule {rule} takes, at {range_text(times)} s",
        f"From one to the next, a pixel changes by {np.mean(changes):.1f} of 255 levels on average"
        if changes
        else "",
    )
    caption = sentences(
        f"{rule}: the first {len(frames)} of {count(len(clip.frames), 'frame')}",
        "" if seconds is None else f"Decoding took {seconds:.2f} s",
    )
    return figure.describe(alt, caption=caption, key=key)


@styled
def frames_with_boxes(
    clip: ClipLike, track: TrackLike, *, most: int = 10, columns: int = 5, key: str = "boxes"
) -> DescribedFigure:
    """Draw sampled frames with the box of the main face: solid where it was detected, dotted where interpolated.

    Frames without the main face have no box, and are drawn pale.

    Args:
        clip: Clip. Its frames and their times are used.
        track: FaceTrack. Its boxes are used, and in which frames the face was found. Without face detection, the face
            is found in no frame.
        most: int. The largest number of frames to draw. Defaults to 10.
        columns: int. Number of frames per row. Defaults to 5.
        key: str. Defaults to `"boxes"`.

    Returns:
        DescribedFigure.
    """
    frames, times = clip.frames[:most], clip.times[:most]
    if not len(frames):
        return empty_figure("There is no frame to show.", key=key)
    shown = np.asarray(track.positions) < len(frames)
    boxes, positions = np.asarray(track.boxes, float)[shown], np.asarray(track.positions)[shown]
    found, is_looked_for = np.asarray(track.found, bool)[positions], np.asarray(track.found).any()
    figure = image_grid(frames, titles=[f"{at:.1f} s" for at in times], columns=columns, size=1.6)
    for i in set(range(len(frames))) - set(positions.tolist()):
        figure.axes[i].images[0].set_alpha(0.35)
    for position, box, detected in zip(positions, boxes, found, strict=True):
        line = "-" if detected or not is_looked_for else ":"
        figure.axes[position].add_patch(_rectangle(box, linewidth=1.6, edgecolor=YELLOW, linestyle=line))
    sides = boxes[:, 2:4].max(axis=1) if len(boxes) else []
    first = f"{len(frames)} of {count(len(clip.frames), 'sampled frame')}, at {range_text(times, digits=1)} s"
    if not is_looked_for:
        caption = "Sampled frames. No face was looked for: the box is the part of the frame that is used."
        side = f"The box has a side of {range_text(sides, digits=0)} pixels"
        return figure.describe(sentences(first, side), caption=caption, key=key)
    without = len(frames) - len(boxes)
    alt = sentences(
        first,
        f"The face's box is solid (detected) in {found.sum()} and dotted (interpolated) in {len(found) - found.sum()} "
        f"of them, and its longer side is {range_text(sides, digits=0)} pixels"
        if len(boxes)
        else "",
        f"{without} of them are pale, because they do not show the main face" if without else "",
    )
    caption = sentences(
        "Sampled frames with the face's box: solid where the detector found it, dotted where it was interpolated and "
        "checked",
        "Pale frames do not show the main face, and are left out" if without else "",
    )
    return figure.describe(alt, caption=caption, key=key)


def _rectangle(box: np.ndarray, **options: Any) -> Rectangle:
    return Rectangle((float(box[0]), float(box[1])), float(box[2]), float(box[3]), fill=False, **options)


@styled
def faces_found(
    frame: np.ndarray, boxes: np.ndarray, main: np.ndarray, *, key: str = "several_faces"
) -> DescribedFigure:
    """Draw the boxes of all faces found in a frame, and highlight the face that is tracked.

    Args:
        frame: uint8 array [H, W, 3], RGB.
        boxes: float array [K, 4] or [K, 5]. The x, y, width and height of each face found. A fifth column is ignored.
        main: float array [4]. The box of the face that is tracked through the clip.
        key: str. Defaults to `"several_faces"`.

    Returns:
        DescribedFigure.
    """
    height, width = frame.shape[:2]
    boxes = np.asarray(boxes, float)
    figure, axis = new_figure(width=6.4, height=6.4 * height / width)
    draw_picture(axis, frame)
    for box in boxes:
        axis.add_patch(_rectangle(box, linewidth=1.6, edgecolor="white", linestyle=":"))
    axis.add_patch(_rectangle(main, linewidth=2.4, edgecolor=YELLOW))
    axis.text(
        main[0],
        main[1] - 0.025 * height,
        "followed",
        color="white",
        fontweight="bold",
        va="bottom",
        bbox={"facecolor": INK, "edgecolor": "none", "boxstyle": "square,pad=0.3"},
    )
    middle = (main[0] + main[2] / 2) / width
    side = "on the left" if middle < 0.4 else "on the right" if middle > 0.6 else "in the middle"
    areas = [f"{box[2]:.0f} x {box[3]:.0f}" for box in boxes]
    alt = sentences(
        f"A frame of {width} x {height} pixels with {count(len(boxes), 'face')} found"
        f"{f' ({listed(areas)} pixels)' if areas else ''}",
        f"The solid box {side}, {main[2]:.0f} x {main[3]:.0f} pixels, is the face that is followed",
    )
    caption = f"{count(len(boxes), 'face')} found in this frame; the solid box is the one that is followed."
    return figure.describe(alt, caption=caption, key=key)


@styled
def crop_pairs(
    pairs: Sequence[PairLike], tracks: Mapping[str, TrackLike], *, key: str = "crops"
) -> DescribedFigure:
    """Draw the face crops of real clips in one row, and the face crops of fake clips in a row below.

    Args:
        pairs: sequence of Pair. Each has a name and the clip_ids of a real and a fake clip.
        tracks: {clip_id: FaceTrack}.
        key: str. Defaults to `"crops"`.

    Returns:
        DescribedFigure.
    """
    if not len(pairs):
        return empty_figure("There is no pair of a real and a fake clip to show.", key=key)
    figure, axes = new_figure(
        width=1.45 * len(pairs) + 0.4, height=3.3, rows=2, columns=len(pairs), squeeze=False
    )
    for column, pair in enumerate(pairs):
        for row, clip_id in enumerate((pair.real, pair.fake)):
            axis = axes[row, column]
            draw_picture(axis, tracks[clip_id].crops[0])
            for spine in axis.spines.values():
                spine.set(visible=True, color=CLASS_COLOURS[row], linewidth=2.5)
        axes[0, column].set_title(shorten(pair.name, most=22), fontsize=8, loc="center", fontweight="normal")
    for row, name in CLASS_NAMES.items():
        axes[row, 0].set_ylabel(name, color=CLASS_COLOURS[row], fontweight="bold")
    alt = sentences(
        f"Face crops in {count(len(pairs), 'column')}, real ones above (blue frames), fake ones below (orange frames)",
        f"The columns: {listed((pair.name for pair in pairs), most=6)}",
    )
    return figure.describe(
        alt,
        caption="Face crops of real clips (above) and fake clips (below): the input of the detector.",
        key=key,
    )
