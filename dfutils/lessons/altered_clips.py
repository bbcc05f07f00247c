"""Clips that are altered to show what happens: broken copies, and two people in one picture."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dfutils.frames.reader import Clip


def place_side_by_side(first: Clip, second: Clip, size: float = 0.7) -> Clip:
    """Put two clips into one picture, as if two people had been filmed together.

    Args:
        first: Clip. It keeps its size.
        second: Clip. It is put to the right of the first.
        size: float. The second one's height over the first one's. Defaults to 0.7.

    Returns:
        Clip. As many frames as the shorter of the two has.
    """
    pictures = []
    for left, right in zip(first.frames, second.frames, strict=False):
        height = round(left.shape[0] * size)
        width = round(right.shape[1] * height / right.shape[0])
        right = cv2.resize(right, (width, height), interpolation=cv2.INTER_AREA)
        above = left.shape[0] - height
        right = cv2.copyMakeBorder(right, above, 0, 0, 0, cv2.BORDER_REPLICATE)
        pictures.append(np.hstack([left, right]))
    return Clip(first.path, np.stack(pictures), first.times[: len(pictures)])


def break_copies(path: str | Path, folder: str | Path) -> pd.DataFrame:
    """Write broken copies of a video, to see what becomes of them.

    Args:
        path: str or Path. A video file; it is only read.
        folder: str or Path. Where the copies are written.

    Returns:
        DataFrame. clip_id (what was done to the copy) and path (relative to the folder).
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
    for i, (what, damaged) in enumerate(copies.items()):
        name = f"{i}{path.suffix}"
        (folder / name).write_bytes(damaged)
        rows.append((what, name))
    return pd.DataFrame([*rows, ("not there", f"gone{path.suffix}")], columns=["clip_id", "path"])
