"""Alter clips to show what happens: damage copies of a video, and put two people into one picture."""

from collections.abc import Collection
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dfutils.errors import SettingsError
from dfutils.frames import Clip


def place_side_by_side(
    first: Clip, second: Clip, *, size: float = 0.7, first_in: Collection[int] | None = None
) -> Clip:
    """Put two clips into one picture, as if two people had been filmed together.

    Args:
        first: Clip. It keeps its size.
        second: Clip. It is put to the right of the first one.
        size: float in (0, 1]. Height of the second clip divided by the height of the first one. Defaults to 0.7.
        first_in: collection of int or None. The positions of the frames that show the first clip. In the others, its
            left edge is repeated instead. Defaults to None: all frames.

    Returns:
        Clip. It has as many frames as the shorter of the two.

    Raises:
        SettingsError: If `size` is out of range.
    """
    if not 0 < size <= 1:
        raise SettingsError(f"size must be larger than 0 and at most 1. Received: size={size}")
    pictures = []
    for i, (left, right) in enumerate(zip(first.frames, second.frames, strict=False)):
        height = max(1, round(left.shape[0] * size))
        width = max(1, round(right.shape[1] * height / right.shape[0]))
        right = cv2.resize(right, (width, height), interpolation=cv2.INTER_AREA)
        right = cv2.copyMakeBorder(right, left.shape[0] - height, 0, 0, 0, cv2.BORDER_REPLICATE)
        if first_in is not None and i not in first_in:
            left = np.repeat(left[:, :1], left.shape[1], axis=1)
        pictures.append(np.hstack([left, right]))
    return Clip(first.path, np.stack(pictures), first.times[: len(pictures)])


def break_copies(path: str | Path, folder: str | Path) -> pd.DataFrame:
    """Write damaged copies of a video, to see which of them can still be read.

    Args:
        path: str or Path. A video file. It is only read.
        folder: str or Path. The folder that the copies are written into.

    Returns:
        DataFrame. One row per copy, with clip_id (what was done to it) and path (relative to the folder). The last one
        does not exist.
    """
    path, folder = Path(path), Path(folder)
    content = path.read_bytes()
    middle = len(content) // 2
    copies = {
        "whole": content,
        "second half missing": content[:middle],
        "zeros in the middle": content[:middle] + bytes(4000) + content[middle + 4000 :],
        "all but the head missing": content[:300],
        "no bytes": b"",
        "a web page": b"<!DOCTYPE html><title>404 Not Found</title>",
    }
    rows = []
    for number, (change, damaged) in enumerate(copies.items()):
        name = f"{number}{path.suffix}"
        (folder / name).write_bytes(damaged)
        rows.append((change, name))
    rows.append(("not there", f"gone{path.suffix}"))
    return pd.DataFrame(rows, columns=["clip_id", "path"])
