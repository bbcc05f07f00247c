"""Draw why a detector gave a file its verdict: scores over time, and where in the face they come from."""

from pathlib import PurePath

import numpy as np
import pandas as pd

from dfutils.plots.inputs import DetectionLike
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    FAKE,
    GREY,
    INK,
    MARKERS,
    REAL,
    DescribedFigure,
    draw_picture,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import count, plural, range_text, sentences, shorten


@styled
def evidence(
    found: DetectionLike,
    *,
    fake_from: float,
    real_below: float,
    most: int = 8,
    key: str = "evidence",
) -> DescribedFigure:
    """Draw the score around each frame over time, a heat map over the mean face crop, and face crops.

    The heat map is the mean over all frames. Those of single frames show little, because what moves from one frame to
    the next raises the score in one frame and lowers it in the other. Orange places move the score towards fake, blue
    places towards real.

    Args:
        found: Detection. From `Detector.detect(path, explain=True)`.
        fake_from, real_below: float. The limits of the verdicts, as in `Decision`.
        most: int. The largest number of crops to draw. Defaults to 8.
        key: str. Defaults to `"evidence"`.

    Returns:
        DescribedFigure.
    """
    if not len(found.heat):
        return empty_figure(
            "There is nothing to explain: the file was not judged, or without heat maps.", key=key
        )
    chosen = np.unique(np.linspace(0, len(found.times) - 1, most).round().astype(int))
    figure = new_figure(width=8.8, height=4.4)[0]
    figure.clear()
    grid = figure.add_gridspec(2, 1, height_ratios=[2.4, 1])
    top, bottom = grid[0].subgridspec(1, 2, width_ratios=[1.8, 1]), grid[1].subgridspec(1, most)
    axis = figure.add_subplot(top[0])
    axis.axhspan(fake_from, 1.03, color=FAKE, alpha=0.12, linewidth=0)
    axis.axhspan(-0.03, real_below, color=REAL, alpha=0.12, linewidth=0)
    axis.axhline(found.score, color=GREY, linestyle="--", linewidth=1)
    axis.plot(found.times, found.frame_scores, "o-", color=INK, markersize=4)
    axis.set(ylim=(-0.03, 1.03), xlabel="seconds", ylabel="P(fake)")
    axis.set_title(f"{found.verdict}, score {found.score:.2f}")
    heat, mean = found.heat.mean(0), found.crops.mean(0)
    shown = figure.add_subplot(top[1])
    draw_picture(shown, _overlay(mean, heat / max(float(np.abs(heat).max()), 1e-12)))
    shown.set_title("where it comes from", fontsize=9)
    for column, frame in enumerate(chosen):
        crop = figure.add_subplot(bottom[column])
        draw_picture(crop, found.crops[frame])
        crop.set_title(f"{found.times[frame]:.1f} s", fontsize=7, loc="center", fontweight="normal", pad=2)
    highest = int(np.argmax(found.frame_scores))
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    scores = range_text(found.frame_scores)
    alt = sentences(
        f"The scores of {count(len(found.times), 'frame')} over time: {scores}, the highest at "
        f"{found.times[highest]:.1f} s. Below them are {count(len(chosen), 'face crop')}",
        f"The place of the face that speaks most for a fake is {_place(int(row), int(column), len(heat))}",
    )
    caption = sentences(
        f"{shorten(PurePath(found.path).name, most=60)}: the score of the frames around each frame, and of the clip "
        "(dashed)",
        "A clip is called fake in the orange area and real in the blue one",
        "Over the mean face, orange places speak for a fake and blue ones for a real face",
    )
    return figure.describe(alt, caption=caption, key=key)


@styled
def verdict_map(
    table: pd.DataFrame, *, fake_from: float, real_below: float, key: str = "verdicts"
) -> DescribedFigure:
    """Draw the score of each judged clip, by class, over the areas in which clips are called real and fake.

    Args:
        table: DataFrame. One row per judged clip, with label (0 real, 1 fake) and score. Without a score, a clip is not
            drawn.
        fake_from, real_below: float. The limits of the verdicts, as in `Decision`.
        key: str. Defaults to `"verdicts"`.

    Returns:
        DescribedFigure.
    """
    scored = table.dropna(subset=["score", "label"])
    if scored.empty:
        return empty_figure("There is no score to show.", key=key)
    figure, axis = new_figure(width=7.4, height=2.4)
    axis.axvspan(fake_from, 1.03, color=FAKE, alpha=0.12, linewidth=0)
    axis.axvspan(-0.03, real_below, color=REAL, alpha=0.12, linewidth=0)
    texts = []
    for label, name in CLASS_NAMES.items():
        scores = np.sort(scored.loc[scored["label"] == label, "score"].to_numpy(float))
        heights = (
            label + 0.6 * (np.arange(len(scores)) % 5 - 2) / 5
        )  # so that dots with equal scores do not overlap
        axis.scatter(
            scores, heights, s=34, color=CLASS_COLOURS[label], marker=MARKERS[label], alpha=0.75, lw=0
        )
        fake, real = int((scores >= fake_from).sum()), int((scores < real_below).sum())
        texts.append(
            f"Of {count(len(scores), f'{name} clip')}, {fake} {plural('is', fake)} called fake, {real} real, and "
            f"{len(scores) - fake - real} left open"
        )
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.6, 1.6), xlabel="score, P(fake)", yticks=list(CLASS_NAMES))
    axis.set_yticklabels([f"{name} clips" for name in CLASS_NAMES.values()])
    caption = (
        "Each mark is a clip. In the orange area it is called fake, in the blue one real, and in between the detector "
        "is unsure."
    )
    return figure.describe(sentences(*texts), caption=caption, key=key)


def _overlay(crop: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return a grey crop with heat from -1 (blue) to 1 (orange) over it, uint8 [H, W, 3]."""
    grey = np.repeat(crop.mean(axis=2, keepdims=True), 3, axis=2)
    colours = [np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float) for colour in (FAKE, REAL)]
    strength = np.clip(np.abs(heat), 0, 1)[..., None] * 0.75
    colour = np.where(heat[..., None] > 0, colours[0], colours[1])
    return (grey * (1 - strength) + colour * strength).astype(np.uint8)


def _place(row: int, column: int, side: int) -> str:
    """Return in words where in the crop a pixel is, such as `"in the middle of the lower third"`."""
    height = ("upper", "middle", "lower")[min(2, 3 * row // side)]
    across = ("on the left of", "in the middle of", "on the right of")[min(2, 3 * column // side)]
    return f"{across} the {height} third of the crop"
