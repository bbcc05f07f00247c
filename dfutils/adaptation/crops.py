"""Cut the face crops that the adaptation trains on, and keep them on disk, one file per clip."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import ClipError, DataError, StoreError
from dfutils.features import ExtractionSettings
from dfutils.features.clip_job import ClipJob
from dfutils.features.crop_files import write_array, write_crops, write_facts
from dfutils.frames import detect_faces, find_landmarks
from dfutils.keras_runtime import load_keras
from dfutils.media.few_frames import read_frames
from dfutils.media.files import leaves_root

_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}]"
_OPEN_FILES = 512


class Crops:
    """The face crops of clips, on disk. A file is mapped into memory when its clip is first used.

    Args:
        folder: Path. The folder of the crops, with one file per clip.
        table: DataFrame. One row per clip, with the columns of the catalog, and key, status, reason and frames (the
            number of crops; 0 unless the status is `"ok"`).
    """

    def __init__(self, folder: Path, table: pd.DataFrame) -> None:
        self.folder, self.table = folder, table
        self._of_clip = lru_cache(_OPEN_FILES)(self._map)
        self._landmarks_of_clip = lru_cache(None)(self._read_landmarks)

    def crop(self, key: str, frame: int) -> np.ndarray:
        """Return one crop of a clip, uint8 [299, 299, 3]."""
        return np.array(self._of_clip(key)[frame])

    def landmarks(self, key: str) -> np.ndarray:
        """Return the five landmarks of each crop of a clip, float64 [T, 5, 2] in pixels of the crop; NaN if unknown."""
        return self._landmarks_of_clip(key)

    def has_face(self, key: str) -> np.ndarray:
        """Return whether a face was found in each crop of a clip, bool [T]."""
        return np.isfinite(self.landmarks(key)).all(axis=(1, 2))

    def _map(self, key: str) -> np.ndarray:
        return np.load(self.folder / f"{key}.npy", mmap_mode="r")

    def _read_landmarks(self, key: str) -> np.ndarray:
        return np.load(self.folder / f"{key}.landmarks.npy")


def cut_crops(
    catalog: pd.DataFrame,
    root: Path,
    folder: Path,
    settings: ExtractionSettings,
    *,
    with_landmarks: Callable[[pd.Series], bool],
    enough: Callable[[int], bool],
    workers: int,
    progress: bool,
) -> Crops:
    """Cut the face crops of clips, in the order of the catalog. Crops that an earlier run has cut are used again.

    A clip that cannot be used gets a status and a reason.

    Args:
        catalog: DataFrame. One row per clip. Needs clip_id and path.
        root: Path. The folder that the paths are relative to.
        folder: Path. Where the crops are kept.
        settings: ExtractionSettings. Sampling and face crop; the network is not used.
        with_landmarks: function of a row of the catalog. Whether landmarks are needed for its crops.
        enough: function of the number of clips that are done. While it returns True, no further clip is read; clips
            whose crops are there already are still used. The other clips are not in the result.
        workers: int. Clips that are decoded at the same time.
        progress: bool. Show a progress bar.

    Returns:
        Crops.

    Raises:
        StoreError: If the folder cannot be written.
        DataError: If no clip has a face crop.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    load_keras()  # in this thread, so that two worker threads do not load it at the same time
    facts: list[dict[str, Any]] = []
    used: list[int] = []

    def cut(row: Any) -> dict[str, Any] | None:
        may_read = not enough(len(used))
        return _cut_clip(row, root, folder, settings, landmarks=with_landmarks(row), may_read=may_read)

    bar = tqdm(total=len(catalog), desc="face crops", unit=" clips", bar_format=_BAR, disable=not progress)
    with bar, ThreadPoolExecutor(workers, thread_name_prefix="dfutils-crops") as pool:
        try:
            for position, done in enumerate(_in_order(pool, cut, catalog.itertuples(), workers)):
                bar.update()
                if done is not None:
                    facts.append(done)
                    used.append(position)
        finally:
            pool.shutdown(cancel_futures=True)
    table = catalog.iloc[used].reset_index(drop=True)
    table = table.assign(**pd.DataFrame(facts, columns=["key", "status", "reason", "frames"]))
    if not (table["status"] == "ok").any():
        reasons = "; ".join(
            f"{row.clip_id}: {row.reason or row.status}" for row in table.head(3).itertuples()
        )
        raise DataError(f"None of the {len(table)} clips has a face crop ({reasons}).")
    return Crops(folder, table)


def _in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[Any], dict[str, Any] | None],
    rows: Iterable[Any],
    workers: int,
) -> Iterator[dict[str, Any] | None]:
    """Yield the results of `work` in the order of the rows, with some rows in work at the same time."""
    running: deque[Future[dict[str, Any] | None]] = deque()
    for row in rows:
        running.append(pool.submit(work, row))
        if len(running) > workers:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _cut_clip(
    row: Any, root: Path, folder: Path, settings: ExtractionSettings, *, landmarks: bool, may_read: bool
) -> dict[str, Any] | None:
    """Cut the crops of one clip. Return its key, status, reason and number of crops.

    If the clip may not be read and its crops are not there yet, return None.
    """
    job = ClipJob(root / row.path)
    if not row.path or leaves_root(row.path):
        job.refuse("is not a permitted file: it has no path inside the data set's folder", settings)
        return job.facts()
    job.identify()
    facts_path, landmarks_path = (folder / f"{job.key}{suffix}" for suffix in (".json", ".landmarks.npy"))
    try:
        if job.key and facts_path.is_file():
            facts = json.loads(facts_path.read_text())
            if landmarks and facts["status"] == "ok" and not landmarks_path.is_file():
                write_array(landmarks_path, find_landmarks(np.load(folder / f"{job.key}.npy")))
            return facts
        if not may_read:
            return None
        job.decode(settings)
        if job.result is not None or not job.key:
            facts = job.facts()
        else:
            assert job.track is not None
            crops = job.track.crops
            facts = {"key": job.key, "status": "ok", "reason": job.note, "frames": len(crops)}
            if landmarks:
                write_array(landmarks_path, find_landmarks(crops))
            write_crops(folder, facts, crops)
            return facts
        if job.key:
            write_facts(folder, facts)
        return facts
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{folder} cannot be written: {error.strerror or error}. What is finished is kept. Make room or choose another "
        "output, then run again to resume."
    )


_TRIED_CLIPS = 12
_FILLS = 0.5  # a face this much as long as the picture is a face crop already
_NEARLY_SQUARE = 1.25


def are_crops_already(catalog: pd.DataFrame, root: Path) -> bool:
    """Return whether the clips of a catalog are face crops already: nearly square, and mostly face.

    Args:
        catalog: DataFrame. One row per clip. Needs path and media. A few clips, evenly spread, are looked at.
        root: Path. The folder that the paths are relative to.
    """
    shares = []
    for position in np.unique(np.linspace(0, len(catalog) - 1, _TRIED_CLIPS).round().astype(int)):
        row = catalog.iloc[position]
        if not row["path"] or leaves_root(row["path"]):
            continue
        try:
            frame = read_frames(root / row["path"], row["media"])[0]
        except ClipError:
            continue
        height, width = frame.shape[:2]
        faces = detect_faces(frame[None])[0]
        square = max(height, width) <= _NEARLY_SQUARE * min(height, width)
        largest = max(faces[:, 2:4].max(axis=1), default=0.0)
        shares.append(largest / max(height, width) if square else 0.0)
    found = [share for share in shares if share > 0]
    return bool(found) and len(found) >= len(shares) / 2 and float(np.median(shares)) >= _FILLS
