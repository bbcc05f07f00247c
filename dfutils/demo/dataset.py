"""Write the built-in data set: clips, masks, boxes and its catalog."""

import json
import os
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

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
    draw_take_motion,
    face_boxes,
    render_take,
    scheduled_method,
)
from dfutils.demo.encoding import encode_alike
from dfutils.demo.forgery import METHODS
from dfutils.demo.motion import RATE
from dfutils.errors import DataError, SettingsError
from dfutils.frames import Sampling, read_clip
from dfutils.tables import Catalog

# Raised when the renderer changes what comes out: what an older one wrote is then rendered anew.
RECIPE_VERSION = 4
_MOST_PEOPLE = 10_000  # of whom the clips fill 8 GB
_STALE = 3600  # seconds after which a temporary file is nobody's any more

_COLUMNS = ["path", "label", "method", "group", "identity", "donor"]


@dataclass(frozen=True, eq=False)
class DemoCatalog(Catalog):
    """The catalog of the built-in data set.

    Args:
        clips_rendered: int. Clips that the call of `write_dataset` rendered; 0 where all were there already.
    """

    clips_rendered: int = 0


def write_dataset(
    directory: str | Path, identities: int = 40, seed: int = 7, strength: float = 1.0, progress: bool = True
) -> DemoCatalog:
    """Render talking heads and forgeries of them, and write them as H.264 clips with their catalog.

    Each person has two real clips and a forgery of each. People come in pairs that lend each other
    their faces: a pair is a group. The first people are the same however many are asked for, finished
    clips are kept, damaged ones are rendered anew, and after an interruption the same call goes on.

        catalog.csv          the clips, their labels, methods and groups
        person_000/          take0.mp4 (real), take0_swap.mp4 (its forgery), …
        masks/<clip_id>.npz  `mask`, uint8 [frames, H, W]: 1 where the forgery altered the picture
        boxes.csv            clip_id, frame, x, y, w, h: the rendered face, in pixels
        dataset.json         what it was made with

    Args:
        directory: str or Path. A new folder, an empty one, or one that this function wrote.
        identities: int. People; an even number up to 10 000. Defaults to 40.
        seed: int. The same seed gives the same people. Defaults to 7.
        strength: float. How plain the forgeries' traces are. Defaults to 1.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DemoCatalog. The catalog of the people asked for, as `data.read_catalog` gives it, with the number of clips
        rendered by this call.

    Raises:
        SettingsError: If `identities` is odd or out of range, `strength` is not between 0 and 3, or the seed is
            negative.
        DataError: If the directory holds something else, or cannot be written.
    """
    check_recipe(seed, strength)
    if not 2 <= identities <= _MOST_PEOPLE or identities % 2:
        raise SettingsError(
            f"People come in pairs: identities is an even number from 2 to {_MOST_PEOPLE}. Received: {identities}"
        )
    directory = Path(directory).expanduser()
    recipe = {"recipe": RECIPE_VERSION, "seed": seed, "strength": strength, "frames": FRAMES}
    _prepare(directory, recipe)
    takes = [(person, take) for person in range(identities) for take in range(TAKES)]
    missing = {take: count for take in takes if (count := _missing_clips(directory, *take))}
    if missing:
        _render_all(directory, missing, seed, strength, progress)
    people = max([identities, *(number + 1 for number in _people(directory))])
    _write_tables(directory, people, seed)
    catalog = read_catalog(directory)
    # More people may lie there than were asked for; they are no part of this data set.
    names = {f"person_{person:03d}" for person in range(identities)}
    asked = catalog.table["clip_id"].str.partition("/")[0].isin(names)
    facts = {field.name: getattr(catalog, field.name) for field in fields(Catalog)}
    facts["table"] = catalog.table[asked].reset_index(drop=True)
    return DemoCatalog(**facts, clips_rendered=sum(missing.values()))


def portraits(directory: str | Path, most: int = 24) -> list[np.ndarray]:
    """Return a frame of each person's first real clip, with open eyes.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.
        most: int. So many people at the most. Defaults to 24.

    Returns:
        List of uint8 arrays [H, W, 3], RGB.
    """
    directory = Path(directory)
    seed = json.loads((directory / "dataset.json").read_text())["seed"]
    faces = []
    for person in _people(directory)[:most]:
        motion = draw_take_motion(seed, person, 0)
        awake = int(np.argmax(motion.lids - 0.3 * np.abs(motion.mouth - 0.15)))
        clip = read_clip(directory / f"{_clip_id(person, 0, None)}.mp4", Sampling(frames=FRAMES))
        faces.append(clip.frames[awake])
    return faces


def contact_sheet(directory: str | Path, columns: int = 8, side: int = 192, most: int = 24) -> np.ndarray:
    """Return portraits in rows as one picture, uint8 [rows * side, columns * side, 3], RGB."""
    tiles = [
        cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA) for face in portraits(directory, most)
    ]
    columns = min(columns, len(tiles))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def forgery_samples(directory: str | Path) -> tuple[list, list, list, list[str]]:
    """Return one frame of a forgery of each kind, beside the same frame of its original.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.

    Returns:
        Originals and fakes (uint8 arrays [H, W, 3]), masks (uint8 arrays [H, W]) and methods' names.
    """
    directory, wanted = Path(directory), Sampling(frames=4)
    pairs = len(_people(directory)) // 2
    originals, fakes, masks, names = [], [], [], []
    for number, method in enumerate(METHODS):
        first = 2 * (number % pairs)  # of another pair each, as far as there are pairs
        people = ((p, t) for p in (first, first + 1) for t in range(TAKES))
        person, take = next(which for which in people if scheduled_method(*which) == method)
        original, fake = (directory / f"{_clip_id(person, take, m)}.mp4" for m in (None, method))
        originals.append(read_clip(original, wanted).frames[1])
        clip = read_clip(fake, wanted)
        fakes.append(clip.frames[1])
        with np.load(directory / "masks" / f"{_clip_id(person, take, method)}.npz") as file:
            masks.append(file["mask"][round(clip.times[1] * RATE)])
        names.append(method)
    return originals, fakes, masks, names


def _prepare(directory: Path, recipe: dict) -> None:
    """Make sure that the directory holds no clips but those of this recipe; what is not ours is left alone."""
    note = directory / "dataset.json"
    written = None
    if note.is_file():
        try:
            written = json.loads(note.read_text())
        except ValueError:
            written = None
    is_ours = isinstance(written, dict) and set(written) == set(recipe)
    if not is_ours and directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DataError(
            f"{directory} holds something else than the built-in data set. Name an empty or a new folder."
        )
    if is_ours and written != recipe:
        for name in _own_files(directory):
            (directory / name).unlink(missing_ok=True)
    for leftover in directory.rglob(".partial-*") if is_ours else ():
        if time.time() - leftover.stat().st_mtime > _STALE:
            leftover.unlink(missing_ok=True)
    _write(json.dumps(recipe, indent=2) + "\n", note)


def _own_files(directory: Path) -> Iterator[str]:
    yield from ("catalog.csv", "boxes.csv")
    for person in _people(directory):
        for clip_id in (_clip_id(person, take, m) for take in range(TAKES) for m in (None, *METHODS)):
            yield from (f"{clip_id}.mp4", f"masks/{clip_id}.npz")


def _write(text: str, path: Path) -> None:
    """Write a file, unless it says so already: a finished data set may lie where nothing can be written."""
    if not path.is_file() or path.read_text() != text:
        with atomic_path(path) as temporary:
            temporary.write_text(text)


def _people(directory: Path) -> list[int]:
    """Return the numbers of the people whose folders are there, in order."""
    names = (re.fullmatch(r"person_(\d{3,5})", folder.name) for folder in directory.glob("person_*"))
    return sorted(int(name[1]) for name in names if name)


def _clip_id(person: int, take: int, method: str | None) -> str:
    return f"person_{person:03d}/take{take}" + (f"_{method}" if method else "")


def _missing_clips(directory: Path, person: int, take: int) -> int:
    """Return how many clips of a take are not there, or damaged; a forgery without its mask is not there."""
    real, fake = (_clip_id(person, take, method) for method in (None, scheduled_method(person, take)))
    sizes = [_size(directory / f"{clip_id}.mp4") for clip_id in (real, fake)]
    if not zipfile.is_zipfile(directory / "masks" / f"{fake}.npz"):
        sizes[1] = 0
    if all(sizes) and sizes[0] != sizes[1]:  # they were written alike: one was cut off
        return 2
    return sizes.count(0)


def _size(path: Path) -> int:
    """Return a clip's size in bytes; 0 if it is not there, or its header does not promise all frames."""
    try:
        with av.open(f"file:{path}") as container:
            return path.stat().st_size if container.streams.video[0].frames == FRAMES else 0
    except (OSError, IndexError, av.error.FFmpegError):
        return 0


def _render_all(directory: Path, missing: dict, seed: int, strength: float, progress: bool) -> None:
    """Render takes, each as a whole: a clip's size depends on its twin's."""
    from joblib import Parallel, delayed

    jobs = (delayed(_render_one)(directory, *take, seed, strength) for take in missing)
    workers = min(len(missing), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1)
    with tqdm(total=sum(missing.values()), desc="rendering", unit="clip", disable=not progress) as bar:
        try:
            for take in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
                bar.update(missing[take])
        except OSError as error:
            raise DataError(
                f"{directory} cannot be written: {error.strerror or error}. Finished clips are kept: make room, and "
                "run the same again."
            ) from error


def _render_one(directory: Path, person: int, take: int, seed: int, strength: float) -> tuple[int, int]:
    cv2.setNumThreads(1)  # the processes are the parallelism
    method = scheduled_method(person, take)
    real, fake = render_take(seed, person, take, [None, method], strength)
    with (
        atomic_path(directory / "masks" / f"{_clip_id(person, take, method)}.npz") as mask,
        atomic_path(directory / f"{_clip_id(person, take, None)}.mp4") as real_path,
        atomic_path(directory / f"{_clip_id(person, take, method)}.mp4") as fake_path,
    ):
        np.savez_compressed(mask, mask=fake.mask)
        encode_alike({real_path: real.frames, fake_path: fake.frames})
    return person, take


def _write_tables(directory: Path, people: int, seed: int) -> None:
    """Write the catalog and the boxes of all that is complete."""
    rows, boxes = [], []
    for person in range(people):
        for take in range(TAKES):
            if _missing_clips(directory, person, take):
                continue
            frames = _boxes(seed, person, take)
            for method in (None, scheduled_method(person, take)):
                clip_id = _clip_id(person, take, method)
                donor = f"person_{person ^ 1:03d}" if method else ""
                rows.append(
                    (
                        *(f"{clip_id}.mp4", int(method is not None), method or ""),
                        *(f"pair_{person // 2:03d}", f"person_{person:03d}", donor),
                    )
                )
                boxes.append(frames.assign(clip_id=clip_id))
    _write(pd.DataFrame(rows, columns=_COLUMNS).to_csv(index=False), directory / "catalog.csv")
    table = pd.concat(boxes)[["clip_id", "frame", "x", "y", "w", "h"]]
    _write(table.to_csv(index=False), directory / "boxes.csv")


def _boxes(seed: int, person: int, take: int) -> pd.DataFrame:
    boxes = face_boxes(seed, person, take).round(1)
    return pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).rename_axis("frame").reset_index()
