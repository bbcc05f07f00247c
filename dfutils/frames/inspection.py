"""Check clips before feature extraction: read each clip and crop its face."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import ClipError
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces
from dfutils.frames.reader import read_clip
from dfutils.frames.sampling import Sampling
from dfutils.tables import Catalog

_COLUMNS = ["clip_id", "status", "reason", "frames", "width", "height", "face_side"]


@dataclass(frozen=True)
class Inspection:
    """Status, frame size and face crops of clips, as returned by `inspect_clips`.

    Args:
        table: DataFrame. One row per clip, with clip_id, status, reason, frames (how many were sampled), width and
            height (of a frame, in pixels) and face_side (mean longer side of the face's box, in pixels). Unknown
            values are NaN.
        tracks: dict of clip_id to FaceTrack. The face crops of each clip with status `ok`.
    """

    table: pd.DataFrame
    tracks: dict[str, FaceTrack]


def inspect_clips(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    sampling: Sampling | None = None,
    face: FaceCrop | None = None,
    progress: bool = True,
) -> Inspection:
    """Read clips, crop their faces, and report a status for each clip.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id and path.
        root: str or Path. The folder that the paths are relative to. Defaults to the root of the Catalog.
        sampling: Sampling. Defaults to `Sampling()`.
        face: FaceCrop. Defaults to `FaceCrop()`.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        Inspection.

    Raises:
        DataError: If a column is missing, or the folder is not given or does not exist.
    """
    clips, folder = catalog_table(catalog, needs=("clip_id", "path")), root_of(catalog, root)
    rows, tracks = [], {}
    pairs = zip(clips["clip_id"], clips["path"], strict=True)
    for clip_id, path in tqdm(pairs, total=len(clips), desc="clips", unit="clip", disable=not progress):
        row: dict[str, object] = {"clip_id": clip_id, "status": "ok", "reason": ""}
        try:
            clip = read_clip(folder / path, sampling)
            height, width = clip.frames.shape[1:3]
            row |= {"reason": clip.note, "frames": len(clip.frames), "width": width, "height": height}
            track = crop_faces(clip, face)
            row["face_side"] = round(float(track.boxes[:, 2:].max(1).mean()))
            row["reason"] = track.note
            tracks[clip_id] = track
        except ClipError as error:
            row |= {"status": error.status, "reason": error.reason}
        rows.append(row)
    return Inspection(pd.DataFrame(rows, columns=_COLUMNS), tracks)


@dataclass(frozen=True)
class Pair:
    """A real and a fake clip to be shown next to each other.

    Args:
        name: str. The group of both clips, for example `"group pair_000"`, or a number if their groups differ.
        real: str. The clip_id of the real clip.
        fake: str. The clip_id of the fake clip.
    """

    name: str
    real: str
    fake: str


def pair_up(catalog: Catalog | pd.DataFrame, clip_ids: Collection[str], *, most: int = 6) -> list[Pair]:
    """Choose pairs of a real and a fake clip, one per group.

    If no group has both real and fake clips, clips of different groups are paired.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, label and group.
        clip_ids: collection of str. The clips to choose from, for example the `tracks` of an Inspection.
        most: int. Largest number of pairs. Defaults to 6.

    Returns:
        list of Pair. Empty if there are no real or no fake clips.
    """
    clips = catalog_table(catalog)
    usable = clips[clips["clip_id"].isin(list(clip_ids))].sort_values(["group", "clip_id"])
    real, fake = (usable[usable["label"] == label] for label in (0, 1))
    first_real, first_fake = (part.groupby("group")["clip_id"].first() for part in (real, fake))
    both = first_real.index.intersection(first_fake.index)
    if len(both):
        return [Pair(f"group {group}", first_real[group], first_fake[group]) for group in both[:most]]
    neighbours = zip(real["clip_id"][:most], fake["clip_id"][:most], strict=False)
    return [Pair(str(number), *ids) for number, ids in enumerate(neighbours, 1)]
