"""Look at clips before anything is extracted from them."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
from tqdm import tqdm

from dfutils.errors import ClipError
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces
from dfutils.frames.reader import read_clip
from dfutils.frames.sampling import Sampling


def inspect_clips(
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
