"""Write the built-in data set: clips, masks, boxes and its catalog."""

import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data import read_catalog
from dfutils.demo.clips import FRAMES, TAKES, face_boxes, render_clip, render_take, scheduled_method
from dfutils.demo.forgery import METHODS
from dfutils.demo.motion import RATE
from dfutils.errors import DataError, SettingsError
from dfutils.frames import Sampling, read_clip
from dfutils.frames.faces import crop_square
from dfutils.workspace import atomic_path, write_table

# Raised when the renderer changes what comes out: what an older one wrote is then rendered anew.
RECIPE_VERSION = 1
_CRF = 20

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
        SettingsError: If `identities` is odd or below 2.
        DataError: If the directory holds something else.
    """
    if identities < 2 or identities % 2:
        raise SettingsError(
            f"People come in pairs: identities is an even number from 2 up. Received: {identities}"
        )
    directory = Path(directory).expanduser()
    recipe = {"recipe": RECIPE_VERSION, "seed": seed, "strength": strength, "frames": FRAMES}
    _prepare(directory, recipe)
    takes = [(person, take) for person in range(identities) for take in range(TAKES)]
    missing = [(*key, methods) for key in takes if (methods := _missing_clips(directory, *key))]
    if missing:
        _render_all(directory, missing, seed, strength, progress)
    people = max([identities, *(_number(folder) + 1 for folder in directory.glob("person_*"))])
    _write_tables(directory, people, seed)
    catalog = read_catalog(directory)
    # More people may lie there than were asked for; they are no part of this data set.
    names = {f"person_{person:03d}" for person in range(identities)}
    asked = catalog["clip_id"].str.partition("/")[0].isin(names)
    chosen = catalog[asked].reset_index(drop=True)
    chosen.attrs = {**catalog.attrs, "clips_rendered": sum(len(methods) for *_, methods in missing)}
    return chosen


def forgery_samples(directory: str | Path) -> tuple[list, list, list, list[str]]:
    """Return one frame of a forgery of each kind, beside the same frame of its original.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.

    Returns:
        Originals and fakes (uint8 arrays [H, W, 3]), masks (uint8 arrays [H, W]) and methods' names.
    """
    directory, wanted = Path(directory), Sampling(frames=4)
    originals, fakes, masks, names = [], [], [], []
    for method in METHODS:
        person, take = next((p, t) for p in (0, 1) for t in range(TAKES) if scheduled_method(p, t) == method)
        original, fake = (directory / f"{_clip_id(person, take, m)}.mp4" for m in (None, method))
        originals.append(read_clip(original, wanted).frames[1])
        clip = read_clip(fake, wanted)
        fakes.append(clip.frames[1])
        with np.load(directory / "masks" / f"{_clip_id(person, take, method)}.npz") as file:
            masks.append(file["mask"][round(clip.times[1] * RATE)])
        names.append(method)
    return originals, fakes, masks, names


def calibration_faces(count: int = 24, size: int = 150, seed: int = 1000) -> np.ndarray:
    """Render face crops of people who are in no data set: what the `"random"` weights are calibrated on.

    The package ships them as a picture, made once; this is how it was made.

    Returns:
        uint8 array [count, size, size, 3], RGB.
    """
    crops = []
    for person in range(count):
        clip = render_clip(seed, person, frames=4)
        crops.append(crop_square(clip.frames[3], clip.boxes[3], 1.3, size))
    return np.stack(crops)


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


def _missing_clips(directory: Path, person: int, take: int) -> list[str | None]:
    """Return which clips of a take are not there yet: the real one as None, a forgery by its method."""
    method = scheduled_method(person, take)
    missing: list[str | None] = []
    if not (directory / f"{_clip_id(person, take, None)}.mp4").is_file():
        missing.append(None)
    fake = _clip_id(person, take, method)
    if not ((directory / f"{fake}.mp4").is_file() and (directory / "masks" / f"{fake}.npz").is_file()):
        missing.append(method)
    return missing


def _render_all(directory: Path, missing: list, seed: int, strength: float, progress: bool) -> None:
    from joblib import Parallel, delayed

    jobs = (delayed(_render_one)(directory, *which, seed, strength) for which in missing)
    workers = min(len(missing), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1)
    total = sum(len(methods) for *_, methods in missing)
    with tqdm(total=total, desc="rendering", unit="clip", disable=not progress) as bar:
        for clips in Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
            bar.update(clips)


def _render_one(directory: Path, person: int, take: int, methods: list, seed: int, strength: float) -> int:
    cv2.setNumThreads(1)  # the processes are the parallelism
    for method, clip in zip(methods, render_take(seed, person, take, methods, strength), strict=True):
        clip_id = _clip_id(person, take, method)
        if method is not None:
            with atomic_path(directory / "masks" / f"{clip_id}.npz") as temporary:
                np.savez_compressed(temporary, mask=clip.mask)
        with atomic_path(directory / f"{clip_id}.mp4") as temporary:
            encode(temporary, clip.frames)
    return len(methods)


def encode(path: Path, frames: np.ndarray, rate: int = RATE, crf: int = _CRF) -> None:
    """Write frames as an H.264 clip that browsers play.

    Args:
        path: Path. An .mp4 file.
        frames: uint8 array [T, H, W, 3], RGB; H and W even.
        rate: int. Frames a second. Defaults to 25.
        crf: int. x264's constant rate factor; less is better and larger. Defaults to 20.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, rate)
        # One thread, so that the same frames always give the same file.
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _write_tables(directory: Path, people: int, seed: int) -> None:
    """Write the catalog and the boxes of all that is complete."""
    rows, boxes = [], []
    for person in range(people):
        for take in range(TAKES):
            if _missing_clips(directory, person, take):
                continue
            for method in (None, scheduled_method(person, take)):
                clip_id = _clip_id(person, take, method)
                donor = f"person_{person ^ 1:03d}" if method else ""
                rows.append(
                    (
                        *(f"{clip_id}.mp4", int(method is not None), method or ""),
                        *(f"pair_{person // 2:03d}", f"person_{person:03d}", donor),
                    )
                )
                boxes.append(_boxes(seed, person, take).assign(clip_id=clip_id))
    write_table(pd.DataFrame(rows, columns=_COLUMNS), directory / "catalog.csv")
    table = pd.concat(boxes)[["clip_id", "frame", "x", "y", "w", "h"]]
    write_table(table, directory / "boxes.csv")


def _boxes(seed: int, person: int, take: int) -> pd.DataFrame:
    boxes = face_boxes(seed, person, take).round(1)
    return pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).rename_axis("frame").reset_index()
