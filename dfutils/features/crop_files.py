"""Keep the face crops of clips on disk, one file per clip, so that an adaptation need not cut them again."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.frames import FaceCrop


def crops_folder(parent: str | Path, *, frames: int, face: FaceCrop) -> Path:
    """Return the subfolder for crops that are cut in this way.

    Args:
        parent: str or Path. The folder for crops.
        frames: int. Frames per clip, spread evenly.
        face: FaceCrop. How faces are cut.
    """
    how = json.dumps({"frames": frames, "face": asdict(face)}, sort_keys=True, default=str)
    return Path(parent) / hashlib.sha256(how.encode()).hexdigest()[:16]


def write_crops(folder: Path, facts: dict[str, Any], crops: np.ndarray) -> None:
    """Write the crops of a clip, and then its facts, so that facts are never without crops.

    Args:
        folder: Path. From `crops_folder`. It is created if it does not exist.
        facts: dict. key, status, reason and frames.
        crops: uint8 array [T, 299, 299, 3].

    Raises:
        OSError: If the folder cannot be written.
    """
    write_array(folder / f"{facts['key']}.npy", crops)
    write_facts(folder, facts)


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Write the facts of a clip: key, status, reason and frames."""
    with atomic_path(folder / f"{facts['key']}.json") as temporary:
        temporary.write_text(json.dumps(facts))


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as an .npy file, completely or not at all."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.save(file, array)
