"""Look at clips before anything is extracted from them."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import ClipError
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling


def examine(
    catalog: pd.DataFrame,
    root: str | Path,
    sampling: Sampling | None = None,
    face: FaceCrop | None = None,
    progress: bool = True,
) -> tuple[pd.DataFrame, dict[str, FaceTrack]]:
    """Decode clips and crop their faces, and say how it went for each.

    Args:
        catalog: DataFrame. One row a clip, with clip_id and path.
        root: str or Path. The folder that paths are relative to.
        sampling: Sampling. Defaults to `Sampling()`.
        face: FaceCrop. Defaults to `FaceCrop()`.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DataFrame (clip_id, status, reason, frames, width, height, face_side: the face box's mean longer
        side in pixels), and {clip_id: FaceTrack} of the clips that are ok.
    """
    rows, tracks = [], {}
    clips = zip(catalog["clip_id"], catalog["path"], strict=True)
    for clip_id, path in tqdm(clips, total=len(catalog), desc="clips", unit="clip", disable=not progress):
        row = {"clip_id": clip_id, "status": "ok", "reason": ""}
        try:
            clip = read_clip(Path(root) / path, sampling)
            height, width = clip.frames.shape[1:3]
            row |= {"reason": clip.note, "frames": len(clip.frames), "width": width, "height": height}
            track = tracks[clip_id] = crop_faces(clip, face)
            row["face_side"] = round(float(track.boxes[:, 2:].max(1).mean()))
        except ClipError as error:
            row |= {"status": error.status, "reason": error.reason}
        rows.append(row)
    columns = ["clip_id", "status", "reason", "frames", "width", "height", "face_side"]
    return pd.DataFrame(rows, columns=columns), tracks


class Pair(NamedTuple):
    """A real and a fake clip to be shown side by side, by clip_id."""

    name: str
    real: str
    fake: str


def pair_up(catalog: pd.DataFrame, clip_ids, most: int = 6) -> list[Pair]:
    """Choose a real and a fake clip of the same group, again and again; where no group has both, of any.

    Args:
        catalog: DataFrame with clip_id, label and group.
        clip_ids: collection of str. The clips that can be shown.
        most: int. Defaults to 6.

    Returns:
        list of Pair, at most `most`; empty where a class is missing.
    """
    usable = catalog[catalog["clip_id"].isin(list(clip_ids))].sort_values(["group", "clip_id"])
    real, fake = (usable[usable["label"] == label] for label in (0, 1))
    first = {
        kind: clips.groupby("group")["clip_id"].first() for kind, clips in (("real", real), ("fake", fake))
    }
    both = first["real"].index.intersection(first["fake"].index)
    if len(both):
        return [Pair(f"group {g}", first["real"][g], first["fake"][g]) for g in both[:most]]
    return [
        Pair(f"{i}", *ids)
        for i, ids in enumerate(zip(real["clip_id"][:most], fake["clip_id"][:most], strict=False), 1)
    ]


def put_beside(first: Clip, second: Clip, size: float = 0.7) -> Clip:
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
