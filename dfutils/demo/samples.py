"""Pick pictures out of the built-in data set: portraits, and forgeries next to their originals."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dfutils.demo.clips import FRAMES, TAKES, draw_take_motion, name_clip, scheduled_method
from dfutils.demo.dataset import people_in
from dfutils.demo.forgery import METHODS
from dfutils.demo.motion import RATE
from dfutils.frames import Sampling, read_clip


@dataclass(frozen=True)
class ForgerySamples:
    """One frame of a forgery of each method, and the same frame of its original.

    Args:
        originals: list of uint8 arrays [H, W, 3], RGB.
        fakes: list of uint8 arrays [H, W, 3], RGB.
        masks: list of uint8 arrays [H, W]. 1 where the forgery altered the picture.
        methods: list of str.
    """

    originals: list[np.ndarray]
    fakes: list[np.ndarray]
    masks: list[np.ndarray]
    methods: list[str]


def forgery_samples(directory: str | Path) -> ForgerySamples:
    """Return one frame of a forgery of each method, and the same frame of its original.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.

    Returns:
        ForgerySamples. Each method comes from another pair of people, as far as there are enough pairs.
    """
    directory, sampling = Path(directory), Sampling(frames=4)
    pairs = len(people_in(directory)) // 2
    originals, fakes, masks = [], [], []
    for number, method in enumerate(METHODS):
        first = 2 * (number % pairs)
        takes = ((person, take) for person in (first, first + 1) for take in range(TAKES))
        person, take = next(each for each in takes if scheduled_method(*each) == method)
        original_id, fake_id = (name_clip(person, take, each) for each in (None, method))
        originals.append(read_clip(directory / f"{original_id}.mp4", sampling).frames[1])
        fake = read_clip(directory / f"{fake_id}.mp4", sampling)
        fakes.append(fake.frames[1])
        with np.load(directory / "masks" / f"{fake_id}.npz") as file:
            masks.append(file["mask"][round(fake.times[1] * RATE)])
    return ForgerySamples(originals, fakes, masks, list(METHODS))


def portraits(directory: str | Path, *, most: int = 24) -> list[np.ndarray]:
    """Return a frame of each person's first real clip, with open eyes.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.
        most: int. Largest number of people. Defaults to 24.

    Returns:
        List of uint8 arrays [H, W, 3], RGB.
    """
    directory = Path(directory)
    seed = json.loads((directory / "dataset.json").read_text())["seed"]
    faces = []
    for person in people_in(directory)[:most]:
        motion = draw_take_motion(seed, person, 0)
        best = int(np.argmax(motion.lids - 0.3 * np.abs(motion.mouth - 0.15)))
        clip = read_clip(directory / f"{name_clip(person, 0, None)}.mp4", Sampling(frames=FRAMES))
        faces.append(clip.frames[best])
    return faces


def contact_sheet(directory: str | Path, *, columns: int = 8, side: int = 192, most: int = 24) -> np.ndarray:
    """Return portraits in rows as one picture.

    Args:
        directory: str or Path. A data set that `write_dataset` wrote.
        columns: int. Largest number of portraits per row. Defaults to 8.
        side: int. Side of a portrait in pixels. Defaults to 192.
        most: int. Largest number of people. Defaults to 24.

    Returns:
        uint8 array [rows * side, columns * side, 3], RGB. Empty places are white.
    """
    tiles = [
        cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        for face in portraits(directory, most=most)
    ]
    columns = min(columns, len(tiles))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])
