"""Draw figures that several notebooks use: images in rows, and images with the images most similar to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfutils.plots.inputs import as_label
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    GREY,
    DescribedFigure,
    empty_figure,
    frame_in_class_colour,
    new_figure,
    styled,
)
from dfutils.plots.words import (
    count,
    listed,
    plural,
    sentences,
    shorten,
)


@styled
def image_grid(
    images: Iterable[np.ndarray],
    *,
    titles: Iterable[str] | None = None,
    columns: int = 8,
    size: float = 1.1,
    of: str = "",
    caption: str = "",
    key: str = "",
) -> DescribedFigure:
    """Draw images in a grid.

    Args:
        images: iterable of uint8 arrays [H, W, 3], RGB.
        titles: iterable of str, one per image. Defaults to none.
        columns: int. Number of images per row. Defaults to 8.
        size: float. Side of one image in inches. Defaults to 1.1.
        of: str. What the images show, such as `"rendered people"`. Used in the alternative text. Defaults to `""`.
        caption, key: str. See `DescribedFigure`. Default to `""`.

    Returns:
        DescribedFigure.
    """
    images, titles = list(images), None if titles is None else list(titles)
    if not images:
        return empty_figure(f"There is no picture to show{f' of {of}' if of else ''}.", key=key)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    head = 0.22 if titles is not None else 0.0
    # If all images are wide, rows are less high, so that there are no gaps between rows.
    height = size * min(1.0, max(image.shape[0] / image.shape[1] for image in images))
    figure, axes = new_figure(
        width=columns * size, height=rows * (height + head), rows=rows, columns=columns, squeeze=False
    )
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            axis.imshow(np.asarray(images[index]))
            if titles is not None:
                axis.set_title(titles[index], fontsize=7, loc="center", fontweight="normal", pad=2)
    in_rows = f" in {count(rows, 'row')}" if rows > 1 else " in one row"
    alt = sentences(
        f"{count(len(images), 'picture')}{in_rows}{f' of {of}' if of else ''}",
        f"From left to right: {listed(titles, most=5)}" if titles else "",
    )
    return figure.describe(alt, caption=caption, key=key)


@dataclass(frozen=True)
class Tile:
    """One image of a grid, with its label, text, clip_id and group. The image is None for an empty place."""

    image: np.ndarray | None
    label: int | None
    text: str
    clip_id: str = ""
    group: str = ""


@styled
def draw_tiles(rows: Sequence[Sequence[Tile]], headings: Sequence[str]) -> DescribedFigure:
    """Draw a grid of images under headings. Each image has a frame in the colour of its class and a text below."""
    figure, axes = new_figure(
        width=1.75 * len(headings),
        height=2.15 * len(rows) + 0.2,
        rows=len(rows),
        columns=len(headings),
        squeeze=False,
    )
    for line, row in zip(axes, rows, strict=True):
        for axis in line[len(row) :]:
            axis.set_axis_off()
        for axis, tile in zip(line, row, strict=False):
            if tile.image is None:
                axis.set_axis_off()
                continue
            axis.imshow(tile.image, interpolation="bilinear")
            frame_in_class_colour(axis, tile.label)
            name, colour = _class_of(tile.label)
            axis.set_xlabel(f"{name}\n{shorten(tile.text, most=26)}", fontsize=7.5, color=colour)
    for axis, heading in zip(axes[0], headings, strict=True):
        axis.set_title(heading, fontsize=9, loc="center")
    return figure


def _class_of(label: int | None) -> tuple[str, str]:
    return ("unknown", GREY) if label is None else (CLASS_NAMES[label], CLASS_COLOURS[label])


@styled
def neighbours(
    rows: Sequence[Sequence[Any]],
    headings: Iterable[str],
    *,
    noun: str = "frame",
    caption: str | None = None,
    key: str = "neighbours",
) -> DescribedFigure:
    """Draw each image in a row with the images that are most similar to it.

    Args:
        rows: sequence of sequences of objects with `image` (uint8 [H, W, 3] or None), `label`, `clip_id` and
            `group`, and optionally `text`. The first object of a row is the image that the others are similar to.
        headings: iterable of str. The headings of the columns, without the first column.
        noun: str. What the images are, singular. Defaults to `"frame"`.
        caption: str or None. Defaults to None: a caption that says how to read the figure.
        key: str. Defaults to `"neighbours"`.

    Returns:
        DescribedFigure.
    """
    headings = [str(heading) for heading in headings]
    tiles = [[_as_tile(item) for item in row] for row in rows]
    if not tiles:
        return empty_figure(f"There is no {noun} to show with its neighbours.", key=key)
    figure = draw_tiles(tiles, [f"this {noun}", *headings])
    kinds = listed([_class_of(row[0].label)[0] for row in tiles])
    relations = [
        f"{shorten(heading)}: {_relations([(row[0], row[at]) for row in tiles if at < len(row)])}"
        for at, heading in enumerate(headings, 1)
    ]
    alt = sentences(
        f"{count(len(tiles), noun)} ({kinds}), each in a row with the {plural(noun, 2)} most like it",
        *relations[:4],
    )
    if caption is None:
        caption = f"Left: a {noun}. To its right: the most similar one under each heading. Blue is real, orange fake."
    return figure.describe(alt, caption=caption, key=key)


def _as_tile(item: Any) -> Tile:
    text = getattr(item, "text", "") or str(item.clip_id)
    return Tile(item.image, as_label(item.label), text, str(item.clip_id), str(item.group))


def _relations(pairs: list[tuple[Tile, Tile]]) -> str:
    """Say how many pairs of images are from the same clip, from the same group and from two groups."""
    same_clip = sum(first.clip_id == second.clip_id for first, second in pairs)
    same_group = sum(first.group == second.group for first, second in pairs) - same_clip
    numbers = {
        "same clip": same_clip,
        "same group": same_group,
        "another group": len(pairs) - same_clip - same_group,
    }
    return (
        listed(f"{name} in {number} of {len(pairs)}" for name, number in numbers.items() if number) or "none"
    )
