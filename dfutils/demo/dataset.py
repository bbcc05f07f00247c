"""Write the built-in data set: clips, masks, boxes and a catalog."""

import json
import os
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.atomic import atomic_path
from dfutils.data import read_catalog
from dfutils.demo.clips import (
    FRAMES,
    TAKES,
    check_recipe,
    face_boxes,
    name_clip,
    partner_of,
    render_take,
    scheduled_method,
)
from dfutils.demo.encoding import encode_alike
from dfutils.demo.forgery import METHODS
from dfutils.errors import DataError, SettingsError
from dfutils.tables import Catalog

# To be raised when the rendered pixels change. Clips of an older version are then rendered again.
RECIPE_VERSION = 4
_MAX_PEOPLE = 10_000  # their clips take 8 GB


@dataclass(frozen=True, eq=False)
class DemoCatalog(Catalog):
    """The catalog of the built-in data set.

    Args:
        clips_rendered: int. How many clips were rendered by the call of `write_dataset`; 0 if all were there already.
    """

    clips_rendered: int = 0


def write_dataset(
    directory: str | Path,
    *,
    identities: int = 40,
    seed: int = 7,
    strength: float = 1.0,
    progress: bool = True,
) -> DemoCatalog:
    """Render talking heads and forgeries of them, and write them as H.264 clips with a catalog.

    Each person has two real clips and a forgery of each. People come in pairs whose forgeries use each other's face,
    so a pair is a group. The first people are the same however many are rendered. Finished clips are kept, damaged
    clips are rendered again, and after an interruption the same call resumes.

        catalog.csv          the clips, their labels, methods and groups
        person_000/          take0.mp4 (real), take0_swap.mp4 (its forgery), …
        masks/<clip_id>.npz  `mask`, uint8 [frames, H, W]: 1 where the forgery altered the picture
        boxes.csv            clip_id, frame, x, y, w, h: the rendered face, in pixels
        dataset.json         the settings that it was rendered with

    Args:
        directory: str or Path. A new folder, an empty folder, or one that this function wrote before.
        identities: int. Number of people, even, from 2 to 10 000. Defaults to 40.
        seed: int. The same seed gives the same people. Defaults to 7.
        strength: float from 0 to 3. How visible the traces of the forgeries are. Defaults to 1.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DemoCatalog. The catalog of these people, as from `data.read_catalog`, and the number of clips that were
        rendered.

    Raises:
        SettingsError: If `identities`, `seed` or `strength` is out of range.
        DataError: If the directory holds other files, or cannot be written.

    Example:
        Here, the folder `faces` holds six people already, so nothing has to be rendered:

        >>> from dfutils import demo
        >>> catalog = demo.write_dataset("faces", identities=4)
        >>> len(catalog), catalog.clips_rendered
        (16, 0)
        >>> sorted(catalog.table["method"].unique())
        ['', 'blend', 'reenact', 'swap', 'temporal']
    """
    check_recipe(seed, strength)
    if not 2 <= identities <= _MAX_PEOPLE or identities % 2:
        raise SettingsError(
            f"identities must be an even number from 2 to {_MAX_PEOPLE}, because people come in pairs. "
            f"Received: identities={identities}"
        )
    directory = Path(directory).expanduser()
    _prepare_folder(
        directory, {"recipe": RECIPE_VERSION, "seed": seed, "strength": strength, "frames": FRAMES}
    )
    takes = [(person, take) for person in range(identities) for take in range(TAKES)]
    missing = {take: count for take in takes if (count := _missing_clips(directory, *take))}
    if missing:
        _render_all(directory, missing, seed=seed, strength=strength, progress=progress)
    people = max([identities, *(number + 1 for number in people_in(directory))])
    _write_tables(directory, people=people, seed=seed)
    catalog = read_catalog(directory)
    # The folder may hold more people than this call is about.
    names = {f"person_{person:03d}" for person in range(identities)}
    is_chosen = catalog.table["clip_id"].str.partition("/")[0].isin(names)
    parts = {field.name: getattr(catalog, field.name) for field in fields(Catalog)}
    parts["table"] = catalog.table[is_chosen].reset_index(drop=True)
    return DemoCatalog(**parts, clips_rendered=sum(missing.values()))


def people_in(directory: Path) -> list[int]:
    """Return the numbers of the people who have a folder in a data set, ascending."""
    matches = (re.fullmatch(r"person_(\d{3,5})", folder.name) for folder in directory.glob("person_*"))
    return sorted(int(match[1]) for match in matches if match)


_STALE_SECONDS = 3600  # an older temporary file was left behind: no process is still writing it


def _prepare_folder(directory: Path, recipe: dict[str, Any]) -> None:
    """Delete what another recipe wrote into the folder, and write down this recipe. Other files are not touched."""
    note = directory / "dataset.json"
    previous = None
    if note.is_file():
        try:
            previous = json.loads(note.read_text())
        except ValueError:
            previous = None
    is_demo = isinstance(previous, dict) and set(previous) == set(recipe)
    if not is_demo and directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DataError(
            f"{directory} holds something other than the built-in data set. Choose an empty or a new folder."
        )
    if is_demo and previous != recipe:
        for name in _demo_files(directory):
            (directory / name).unlink(missing_ok=True)
    for leftover in directory.rglob(".partial-*") if is_demo else ():
        if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
            leftover.unlink(missing_ok=True)
    _write_if_changed(json.dumps(recipe, indent=2) + "\n", note)


def _demo_files(directory: Path) -> Iterator[str]:
    """Yield the names of all files that this module may have written, except dataset.json."""
    yield from ("catalog.csv", "boxes.csv")
    for person in people_in(directory):
        for take in range(TAKES):
            for method in (None, *METHODS):
                clip_id = name_clip(person, take, method)
                yield from (f"{clip_id}.mp4", f"masks/{clip_id}.npz")


def _write_if_changed(text: str, path: Path) -> None:
    """Write a text file unless it already has this content, as a finished data set may be in a read-only folder."""
    if not path.is_file() or path.read_text() != text:
        with atomic_path(path) as temporary:
            temporary.write_text(text)


def _missing_clips(directory: Path, person: int, take: int) -> int:
    """Return how many clips of a take are missing or damaged. A forgery without its mask counts as missing."""
    real, fake = (name_clip(person, take, method) for method in (None, scheduled_method(person, take)))
    sizes = [_complete_size(directory / f"{clip_id}.mp4") for clip_id in (real, fake)]
    if not zipfile.is_zipfile(directory / "masks" / f"{fake}.npz"):
        sizes[1] = 0
    if all(sizes) and sizes[0] != sizes[1]:  # both have the same size when written, so one is truncated
        return 2
    return sizes.count(0)


def _complete_size(path: Path) -> int:
    """Return the size of a clip in bytes; 0 if it is missing or its header does not promise all frames."""
    try:
        with av.open(f"file:{path}") as container:
            return path.stat().st_size if container.streams.video[0].frames == FRAMES else 0
    except (OSError, IndexError, av.error.FFmpegError):
        return 0


def _render_all(
    directory: Path, missing: dict[tuple[int, int], int], *, seed: int, strength: float, progress: bool
) -> None:
    """Render takes in parallel.

    A take is rendered as a whole, because the size of a clip depends on the other clip of the take.

    Args:
        directory: Path.
        missing: dict of (person, take) to int. The number of missing clips.
        seed, strength, progress: As for `write_dataset`.
    """
    from joblib import Parallel, delayed

    jobs = (delayed(_render_one)(directory, *take, seed, strength) for take in missing)
    workers = min(len(missing), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1)
    with tqdm(total=sum(missing.values()), desc="rendering", unit="clip", disable=not progress) as bar:
        try:
            for take in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
                bar.update(missing[take])
        except OSError as error:
            raise DataError(
                f"{directory} cannot be written: {error.strerror or error}. Finished clips are kept: free some "
                "disk space, and run the same command again."
            ) from error


def _render_one(directory: Path, person: int, take: int, seed: int, strength: float) -> tuple[int, int]:
    cv2.setNumThreads(1)  # the parallel processes use all cores already
    method = scheduled_method(person, take)
    real, fake = render_take(seed, person, take, [None, method], strength=strength)
    with (
        atomic_path(directory / "masks" / f"{name_clip(person, take, method)}.npz") as mask,
        atomic_path(directory / f"{name_clip(person, take, None)}.mp4") as real_path,
        atomic_path(directory / f"{name_clip(person, take, method)}.mp4") as fake_path,
    ):
        np.savez_compressed(mask, mask=fake.mask)
        encode_alike({real_path: real.frames, fake_path: fake.frames})
    return person, take


def _write_tables(directory: Path, *, people: int, seed: int) -> None:
    """Write the catalog and the boxes of all complete takes."""
    rows, boxes = [], []
    for person in range(people):
        for take in range(TAKES):
            if _missing_clips(directory, person, take):
                continue
            boxes_of_take = _boxes_table(seed, person, take)
            for method in (None, scheduled_method(person, take)):
                clip_id = name_clip(person, take, method)
                row = {
                    "path": f"{clip_id}.mp4",
                    "label": int(method is not None),
                    "method": method or "",
                    "group": f"pair_{person // 2:03d}",
                    "identity": f"person_{person:03d}",
                    "donor": f"person_{partner_of(person):03d}" if method else "",
                }
                rows.append(row)
                boxes.append(boxes_of_take.assign(clip_id=clip_id))
    _write_if_changed(pd.DataFrame(rows).to_csv(index=False), directory / "catalog.csv")
    table = pd.concat(boxes)[["clip_id", "frame", "x", "y", "w", "h"]]
    _write_if_changed(table.to_csv(index=False), directory / "boxes.csv")


def _boxes_table(seed: int, person: int, take: int) -> pd.DataFrame:
    boxes = face_boxes(seed, person, take).round(1)
    return pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).rename_axis("frame").reset_index()
