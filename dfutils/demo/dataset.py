"""Write the built-in data set: clips, masks, boxes and its catalog."""

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data import read_catalog
from dfutils.demo.clips import FRAMES, TAKES, draw_take_motion, face_boxes, render_take, scheduled_method
from dfutils.demo.encoding import encode_alike
from dfutils.demo.forgery import METHODS
from dfutils.demo.motion import RATE
from dfutils.errors import DataError, SettingsError
from dfutils.frames import Sampling, read_clip
from dfutils.workspace import atomic_path, write_table

# Raised when the renderer changes what comes out: what an older one wrote is then rendered anew.
RECIPE_VERSION = 3

_COLUMNS = ["path", "label", "method", "group", "identity", "donor"]


def write_dataset(
    directory: str | Path, identities: int = 40, seed: int = 7, strength: float = 1.0, progress: bool = True
) -> pd.DataFrame:
    """Render talking heads and forgeries of them, and write them as H.264 clips with their catalog.

    Each person has two real clips and a forgery of each. People come in pairs that lend each other
    their faces: a pair is a group. The first people are the same however many are asked for, finished
    clips are kept, and after an interruption the same call goes on.

        catalog.csv          the clips, their labels, methods and groups
        person_000/          take0.mp4 (real), take0_swap.mp4 (its forgery), …
        masks/<clip_id>.npz  `mask`, uint8 [frames, H, W]: 1 where the forgery altered the picture
        boxes.csv            clip_id, frame, x, y, w, h: the rendered face, in pixels
        dataset.json         what it was made with

    Args:
        directory: str or Path. A new folder, an empty one, or one that this function wrote.
        identities: int. People; an even number. Defaults to 40.
        seed: int. The same seed gives the same people. Defaults to 7.
        strength: float. How plain the forgeries' traces are. Defaults to 1.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DataFrame. The catalog of the people asked for, as `data.read_catalog` gives it, with
        `attrs["clips_rendered"]`, the number of clips rendered by this call.

    Raises:
        SettingsError: If `identities` is odd or below 2, or `strength` is not between 0 and 3.
        DataError: If the directory holds something else.
    """
    if not 0 <= strength <= 3:
        raise SettingsError(f"strength lies between 0 and 3; 1 is the data set's own. Received: {strength}")
    if identities < 2 or identities % 2:
        raise SettingsError(
            f"People come in pairs: identities is an even number from 2 up. Received: {identities}"
        )
    directory = Path(directory).expanduser()
    recipe = {"recipe": RECIPE_VERSION, "seed": seed, "strength": strength, "frames": FRAMES}
    _prepare(directory, recipe)
    takes = [(person, take) for person in range(identities) for take in range(TAKES)]
    missing = {take: count for take in takes if (count := _missing_clips(directory, *take))}
    if missing:
        _render_all(directory, missing, seed, strength, progress)
    people = max([identities, *(_number(folder) + 1 for folder in directory.glob("person_*"))])
    _write_tables(directory, people, seed)
    catalog = read_catalog(directory)
    # More people may lie there than were asked for; they are no part of this data set.
    names = {f"person_{person:03d}" for person in range(identities)}
    asked = catalog["clip_id"].str.partition("/")[0].isin(names)
    chosen = catalog[asked].reset_index(drop=True)
    chosen.attrs = {**catalog.attrs, "clips_rendered": sum(missing.values())}
    return chosen


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
    for folder in sorted(directory.glob("person_*"))[:most]:
        motion = draw_take_motion(seed, _number(folder), 0)
        awake = int(np.argmax(motion.lids - 0.3 * np.abs(motion.mouth - 0.15)))
        clip = read_clip(folder / "take0.mp4", Sampling(frames=FRAMES))
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
    pairs = len(list(directory.glob("person_*"))) // 2
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
    """Make sure that the directory holds nothing but clips of this recipe."""
    note = directory / "dataset.json"
    if note.is_file():
        try:
            written = json.loads(note.read_text())
        except ValueError:
            written = {}
        if written != recipe:
            for folder in [*directory.glob("person_*"), directory / "masks"]:
                shutil.rmtree(folder, ignore_errors=True)
    elif directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DataError(
            f"{directory} holds something else than the built-in data set. Name an empty or a new folder."
        )
    directory.mkdir(parents=True, exist_ok=True)
    with atomic_path(note) as temporary:
        temporary.write_text(json.dumps(recipe, indent=2) + "\n")


def _clip_id(person: int, take: int, method: str | None) -> str:
    return f"person_{person:03d}/take{take}" + (f"_{method}" if method else "")


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix("person_"))


def _missing_clips(directory: Path, person: int, take: int) -> int:
    """Return how many clips of a take are not there yet; a forgery without its mask is not."""
    real, fake = (_clip_id(person, take, method) for method in (None, scheduled_method(person, take)))
    has_fake = (directory / f"{fake}.mp4").is_file() and (directory / "masks" / f"{fake}.npz").is_file()
    return (not (directory / f"{real}.mp4").is_file()) + (not has_fake)


def _render_all(directory: Path, missing: dict, seed: int, strength: float, progress: bool) -> None:
    """Render takes, each as a whole: a clip's size depends on its twin's."""
    from joblib import Parallel, delayed

    jobs = (delayed(_render_one)(directory, *take, seed, strength) for take in missing)
    workers = min(len(missing), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1)
    with tqdm(total=sum(missing.values()), desc="rendering", unit="clip", disable=not progress) as bar:
        for take in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
            bar.update(missing[take])


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
    write_table(pd.DataFrame(rows, columns=_COLUMNS), directory / "catalog.csv")
    table = pd.concat(boxes)[["clip_id", "frame", "x", "y", "w", "h"]]
    write_table(table, directory / "boxes.csv")


def _boxes(seed: int, person: int, take: int) -> pd.DataFrame:
    boxes = face_boxes(seed, person, take).round(1)
    return pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).rename_axis("frame").reset_index()
