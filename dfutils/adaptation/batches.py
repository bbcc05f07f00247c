"""Draw the batches of the adaptation: half real and half fake, each group and each clip as often as the others."""

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.adaptation.augmentation import degrade, draw_geometry, look
from dfutils.adaptation.crops import Crops
from dfutils.adaptation.settings import AdaptSettings, Fakes
from dfutils.errors import DataError
from dfutils.frames.self_blending import draw_blend


@dataclass(frozen=True)
class Batch:
    """One batch of training crops, as the network sees them.

    Args:
        pictures: uint8 array [B, side, side, 3], RGB.
        labels: float32 array [B]. 1 = fake, 0 = real.
    """

    pictures: np.ndarray
    labels: np.ndarray


class BatchMaker:
    """Makes the batch of any step. The same step and seed always give the same batch.

    A batch is made of pairs of a real crop and a fake crop. The group is drawn first, then the clip, then the crop, so
    that neither a group with many clips nor a long clip counts more. If the group of the real crop has fakes, the fake
    crop is from the same group. Both crops of a pair are changed and degraded alike, so that only the forgery differs.
    A pseudo-fake is made from the real crop of its pair.

    Args:
        crops: Crops. Its table also has the columns label, group and method.
        rows: DataFrame. The rows of `crops.table` to train on.
        settings: AdaptSettings.
        fakes: str. `"real"`, `"pseudo"` or `"both"`.

    Raises:
        DataError: If there is no real crop, no fake crop, or no face in any real crop.
    """

    def __init__(self, crops: Crops, rows: pd.DataFrame, settings: AdaptSettings, fakes: Fakes) -> None:
        self._crops, self.settings = crops, settings
        real, fake = rows[rows["label"] == 0], rows[rows["label"] == 1]
        self._pseudo = {"real": 0.0, "pseudo": 1.0, "both": 0.5}[fakes]
        if real.empty:
            raise DataError("No real training clip has a face crop. The adaptation needs real clips.")
        if fake.empty and self._pseudo < 1:
            raise DataError(
                "No fake training clip has a face crop. Train on pseudo-fakes, which are made of the real clips "
                '(fakes="pseudo", `--fakes pseudo`).'
            )
        self._real, self._fake = _by_group(real), _by_group(fake)
        self._blendable: dict[str, list[tuple[str, np.ndarray]]] = {}
        if self._pseudo:
            self._blendable = self._with_landmarks(real)
            if not self._blendable:
                raise DataError(
                    "No face was found in any real training crop, so no pseudo-fake can be made. "
                    'Train on fake clips (fakes="real", `--fakes real`).'
                )

    def _with_landmarks(self, real: pd.DataFrame) -> dict[str, list[tuple[str, np.ndarray]]]:
        """Return {group: [(key, the numbers of the crops in which a face was found)]}."""
        found: dict[str, list[tuple[str, np.ndarray]]] = {}
        for key, group in zip(real["key"], real["group"], strict=True):
            frames = np.flatnonzero(self._crops.has_face(key))
            if len(frames):
                found.setdefault(group, []).append((key, frames))
        return found

    def batch(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0."""
        pictures, labels = [], []
        for number in range(self.settings.batch_size // 2):
            rng = np.random.default_rng([self.settings.seed, step, number])
            pictures += self._pair(rng)
            labels += [0.0, 1.0]
        return Batch(np.stack(pictures), np.array(labels, np.float32))

    def _pair(self, rng: np.random.Generator) -> list[np.ndarray]:
        settings = self.settings
        if rng.random() < self._pseudo:
            key, frame, _ = _draw(self._blendable, rng)
            fake, real = blended(self._crops, key, frame, settings=settings, rng=rng)
        else:
            key, frame, group = _draw(self._real, rng)
            real = self._crops.crop(key, frame)
            key, frame, _ = _draw(self._fake, rng, group=group)
            fake = self._crops.crop(key, frame)
        changes = int(rng.integers(2**63))
        return [self._changed(crop, changes) for crop in (real, fake)]

    def _changed(self, crop: np.ndarray, seed: int) -> np.ndarray:
        rng, settings = np.random.default_rng(seed), self.settings
        matrix = draw_geometry(settings.view, rng, strength=settings.augmentation)
        return degrade(look(crop, matrix, settings.view.side), rng, strength=settings.augmentation)

    def stream(self, begin: int, *, workers: int) -> Generator[Batch]:
        """Yield the batches of all steps from `begin` on. Threads prepare the next ones."""
        with ThreadPoolExecutor(workers, thread_name_prefix="dfutils-batches") as pool:
            ahead: list[Future[Batch]] = [pool.submit(self.batch, begin + i) for i in range(workers + 1)]
            step = begin + len(ahead)
            try:
                while True:
                    ready = ahead.pop(0).result()
                    ahead.append(pool.submit(self.batch, step))
                    step += 1
                    yield ready
            finally:
                pool.shutdown(cancel_futures=True)


def blended(
    crops: Crops, key: str, frame: int, *, settings: AdaptSettings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a pseudo-fake of a real crop and the real crop that belongs to it, both uint8 [299, 299, 3]."""
    landmarks = crops.landmarks(key)[frame]
    picture = crops.crop(key, frame)
    fake, base, _ = draw_blend(rng, settings.self_blend).apply(picture, landmarks)
    return fake, base


def _by_group(rows: pd.DataFrame) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Return {group: [(key, the numbers of its crops)]}."""
    groups: dict[str, list[tuple[str, np.ndarray]]] = {}
    for key, group, frames in zip(rows["key"], rows["group"], rows["frames"], strict=True):
        groups.setdefault(group, []).append((key, np.arange(frames)))
    return groups


def _draw(
    groups: dict[str, list[tuple[str, np.ndarray]]], rng: np.random.Generator, *, group: str = ""
) -> tuple[str, int, str]:
    """Draw a crop: first the group, unless it is named and has crops, then the clip, then the crop.

    Return the clip's key, the number of the crop, and the group.
    """
    names = list(groups)
    position = int(rng.integers(len(names)))
    name = group if group in groups else names[position]
    key, frames = groups[name][int(rng.integers(len(groups[name])))]
    return key, int(frames[rng.integers(len(frames))]), name
