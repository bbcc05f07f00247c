"""Fill the store: from each clip's file to its features."""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.backend import load_keras
from dfutils.data.files import leaves_root, media_of
from dfutils.data.given import as_catalog
from dfutils.errors import ClipError, DataError, WeightsError
from dfutils.features.backbone import build_backbone, layer_widths, resolve_weights
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip, content_key
from dfutils.frames import FaceTrack, crop_faces, read_clip, read_degraded

_BATCH = 32
# Face crops that may wait for the network: enough for it never to wait, few enough to fit anywhere.
_AHEAD = 2 * _BATCH
# So many clips that fail in the same unforeseen way are no coincidence.
_ALIKE = 20
# tqdm would turn a slow rate over, into seconds a clip.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}]"


def extract(
    catalog: pd.DataFrame,
    root: str | Path,
    store: str | Path,
    settings: ExtractionSettings | None = None,
    progress: bool = True,
    workers: int | None = None,
) -> pd.DataFrame:
    """Extract the features of every clip that the store does not hold yet.

    Each clip is stored as soon as it is done: interrupt it whenever you like, and run it again to go on.
    A clip that cannot be used gets its status and reason, and the others are still done. Where nothing is
    missing, TensorFlow is not loaded. Two processes may fill one store.

    Args:
        catalog: DataFrame. One row a clip, with clip_id and path.
        root: str or Path. The folder that paths are relative to.
        store: str or Path. Where to keep the features; made if missing.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.
        progress: bool. Show a progress bar. Defaults to True.
        workers: int. Clips that are decoded and searched for faces at a time, while the network computes.
            Defaults to half the processor's cores, from 2 to 8.

    Returns:
        DataFrame. clip_id, status, reason and seconds of work (0 where the store had the clip), in the
        catalog's order. `attrs` holds `clips_extracted`, `clips_repaired` (those of them whose stored file was
        damaged or foreign), `fingerprint`, `weights` (a kind) and `weights_note`.

    Raises:
        DataError: If there is no folder `root`, or the catalog cannot be used.
        StoreError: If the store cannot be written.
        WeightsError: If the weights asked for cannot be had, or give what is no number.
        RuntimeError: If the first clips all fail in the same unforeseen way: then the fault is not in the clips.
    """
    settings, root = settings or ExtractionSettings(), Path(root)
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that the catalog's paths are relative to."
        )
    catalog = as_catalog(catalog, ("clip_id", "path"))
    target = Store(store, settings)
    target.create()
    rows, missing = _check(catalog, root, target, progress)
    if missing:
        if any(clip.key for clip in missing):
            target.check_writable()
        bar = tqdm(
            total=len(catalog),
            initial=sum(row is not None for row in rows),
            desc="features",
            unit=" clips",
            bar_format=_BAR,
            disable=not progress,
        )
        with bar:
            for clip in _extract_missing(missing, target, workers or _default_workers()):
                for position, clip_id in clip.places:
                    rows[position] = (clip_id, clip.stored.status, clip.reason, clip.seconds)
                bar.update(len(clip.places))
                clip.stored = None  # it is on disk now
    result = pd.DataFrame(rows, columns=["clip_id", "status", "reason", "seconds"])
    weights = resolve_weights(settings.backbone)
    result.attrs.update(
        clips_extracted=sum(clip.was_extracted for clip in missing),
        clips_repaired=sum(clip.was_extracted and bool(clip.trouble) for clip in missing),
        fingerprint=target.fingerprint,
        weights=weights.kind,
        weights_note=weights.note,
    )
    return result


def extract_clip(path: str | Path, settings: ExtractionSettings) -> StoredClip:
    """Take one clip all the way from its file to features, past the store.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings.

    Returns:
        StoredClip. A clip that cannot be used has a status other than `ok`; nothing is raised for it.

    Raises:
        WeightsError: If the weights asked for cannot be had, or give what is no number.
    """
    clip = _Clip(Path(path))
    _prepare(clip, settings)
    (clip,) = _finish([clip], settings)
    return clip.stored


def store_clip(path: str | Path, settings: ExtractionSettings, store: str | Path) -> dict:
    """Do all that is to be done for one clip: write one file into the store and return one row.

    It needs nothing but its arguments, so that an engine can map it over a cluster. `extract` over the
    whole catalog then finds every clip done, and only writes the store's index.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings.
        store: str or Path. Made if missing.

    Returns:
        dict. path, key, status, reason, frames, and seconds (0 where the store had the clip).

    Raises:
        StoreError: If the store cannot be written.
        WeightsError: If the weights asked for cannot be had, or give what is no number.
    """
    target = Store(store, settings)
    target.create()
    clip = _Clip(Path(path))
    _look_up(clip, target)
    if clip.stored is None:
        _prepare(clip, settings, target)
        (clip,) = _finish([clip], settings)
        _keep(clip, target)
    return {"path": str(path), **_facts(clip), "reason": clip.reason, "seconds": clip.seconds}


@dataclass
class _Clip:
    """A clip on its way from its file into the store.

    Args:
        path: Path.
        places: list of (int, str). Where the catalog names it: the row and the clip_id.
        key: str. Of its content; `""` where it must not be stored, because it could not be read in peace.
        trouble: str. Why what the store held could not be used.
        stored: StoredClip. What came of it, once that is known.
        track: FaceTrack and times: float64 array [T]. The face crops, until their features are there.
        note: str. What was lost, if the file is damaged.
        seconds: float. Time spent on it.
        was_extracted: bool. False where the store had it, or another process was faster.
        unforeseen: Exception. What came up while it was read and no check foresees.
    """

    path: Path
    places: list[tuple[int, str]] = field(default_factory=list)
    key: str = ""
    trouble: str = ""
    stored: StoredClip | None = None
    track: FaceTrack | None = None
    times: np.ndarray | None = None
    note: str = ""
    seconds: float = 0.0
    was_extracted: bool = False
    unforeseen: Exception | None = None

    @property
    def reason(self) -> str:
        again = f"{self.trouble}, so it was extracted again" if self.trouble and self.was_extracted else ""
        return "; ".join(filter(None, [self.stored.reason, again]))


def _check(catalog: pd.DataFrame, root: Path, store: Store, progress: bool) -> tuple[list, list[_Clip]]:
    """Return the rows of the clips that the store holds (None for the others), and the clips that it does not."""
    index, news = store.index(), []
    rows, missing, by_key = [], [], {}
    clips = zip(catalog["clip_id"], catalog["path"], strict=True)
    for clip_id, named in tqdm(
        clips, total=len(catalog), desc="checking the store", unit=" clips", leave=False, delay=2,
        disable=not progress,
    ):  # fmt: skip
        clip = _Clip(root / named, [(len(rows), clip_id)])
        if not named:
            clip.stored = _refused("the catalog gives no path for it", store.settings)
        elif leaves_root(named):
            words = "is no permitted file: its path leaves the data set's folder"
            clip.stored = _refused(words, store.settings)
        else:
            _look_up(clip, store)
        if clip.stored is not None:
            rows.append((clip_id, clip.stored.status, clip.stored.reason, 0.0))
            if index.get(clip_id) != {"clip_id": clip_id, **_facts(clip)}:
                news.append({"clip_id": clip_id, **_facts(clip)})
            continue
        rows.append(None)
        if clip.key in by_key:  # the same content under another name
            by_key[clip.key].places += clip.places
            continue
        missing.append(clip)
        if clip.key:
            by_key[clip.key] = clip
    store.add_to_index(news)
    return rows, missing


def _look_up(clip: _Clip, store: Store) -> None:
    """Find out a clip's key, and what the store knows of it."""
    try:
        clip.key = content_key(clip.path) if clip.path.is_file() or clip.path.is_dir() else ""
    except (OSError, ValueError):  # unreadable, or a name that no file system takes
        clip.key = ""
    if clip.key:
        clip.stored, clip.trouble = store.read(clip.key)


def _facts(clip: _Clip) -> dict:
    return {
        "key": clip.key,
        "status": clip.stored.status,
        "reason": clip.stored.reason,
        "frames": len(clip.stored.features),
    }


def _extract_missing(missing: list[_Clip], store: Store, workers: int) -> Iterator[_Clip]:
    """Extract and store clips, and yield each as soon as it is stored."""
    if any(clip.key for clip in missing):
        load_keras()  # here, and not in two threads at once
    with ThreadPoolExecutor(workers, thread_name_prefix="dfutils-frames") as pool:
        try:
            prepared = _stop_if_all_fail_alike(_ahead(missing, store, pool, workers))
            for clip in _finish(prepared, store.settings):
                _keep(clip, store)
                store.add_to_index({"clip_id": clip_id, **_facts(clip)} for _, clip_id in clip.places)
                yield clip
        finally:
            pool.shutdown(cancel_futures=True)


def _ahead(clips: list[_Clip], store: Store, pool: ThreadPoolExecutor, workers: int) -> Iterator[_Clip]:
    """Yield clips in order, prepared in other threads, and as far ahead as the network may need."""
    under_way = deque()  # (future, crops to expect)
    for clip in clips:
        crops = 1 if media_of(clip.path.name) == "image" else store.settings.sampling.frames
        while len(under_way) > workers and sum(expected for _, expected in under_way) + crops > _AHEAD:
            yield under_way.popleft()[0].result()
        under_way.append((pool.submit(_prepare, clip, store.settings, store), crops))
    while under_way:
        yield under_way.popleft()[0].result()


def _stop_if_all_fail_alike(clips: Iterator[_Clip]) -> Iterator[_Clip]:
    """Pass clips on, unless the first ones all fail in the same unforeseen way."""
    kinds = []
    for clip in clips:
        if len(kinds) < _ALIKE:
            kinds.append(type(clip.unforeseen))
            if clip.unforeseen and kinds == [kinds[0]] * _ALIKE:
                raise RuntimeError(
                    f"The first {_ALIKE} clips all failed alike ({clip.unforeseen!r}): the fault is not in the clips"
                ) from clip.unforeseen
        yield clip


def _prepare(clip: _Clip, settings: ExtractionSettings, store: Store | None = None) -> _Clip:
    """Decode a clip and crop its faces. Whatever goes wrong becomes its status."""
    if store and clip.key and not clip.trouble and store.path(clip.key).is_file():
        clip.stored, _ = store.read(clip.key)  # another process was faster
        if clip.stored is not None:
            return clip
    began = time.perf_counter()
    try:
        # One thread, so that a damaged video always gives the same; several clips at a time make up for it.
        if settings.degradation is None:
            read = read_clip(clip.path, settings.sampling, threads=1)
        else:
            read = read_degraded(clip.path, settings.sampling, settings.degradation, threads=1)
        clip.track, clip.times, clip.note = crop_faces(read, settings.face), read.times, read.note
    except ClipError as error:
        clip.stored = _unusable(error, settings)
    except ImportError:  # not the clip's fault
        raise
    except Exception as error:
        clip.stored = _refused(f"could not be read ({type(error).__name__}: {error})", settings)
        clip.unforeseen = error
        clip.key = ""  # to be tried again next time
    if store and not _is_unchanged(clip):
        clip.stored = _refused("changed or vanished while it was being read", settings)
        clip.track, clip.key = None, ""
    clip.was_extracted = bool(clip.key)
    clip.seconds += time.perf_counter() - began
    return clip


def _is_unchanged(clip: _Clip) -> bool:
    """Return whether what was read is what the clip's key names; nothing must have been read where it has none."""
    try:
        return content_key(clip.path) == clip.key if clip.key else clip.track is None
    except OSError:
        return False


def _finish(clips: Iterable[_Clip], settings: ExtractionSettings) -> Iterator[_Clip]:
    """Compute the features of prepared clips, in full batches that cross the clips' boundaries.

    Clips without crops come out at once; the others as soon as the batch with their last crop is done.
    """
    waiting, crops, features = deque(), [], []

    def compute():
        began = time.perf_counter()
        batch = np.stack(crops[:_BATCH])
        # A batch of one is computed in another way, and rounded differently.
        padded = np.repeat(batch, 2, axis=0) if len(batch) == 1 else batch
        features.extend(build_backbone(settings.backbone).predict_on_batch(padded)[: len(batch)])
        del crops[:_BATCH]
        share = (time.perf_counter() - began) / len(waiting)
        for clip in waiting:
            clip.seconds += share
        while waiting and len(features) >= len(waiting[0].times):
            clip = waiting.popleft()
            clip.stored = _as_stored(clip, np.stack(features[: len(clip.times)]), settings)
            clip.track = None
            del features[: len(clip.times)]
            yield clip

    for clip in clips:
        if clip.stored is not None:
            yield clip
            continue
        waiting.append(clip)
        crops.extend(clip.track.crops)
        while len(crops) >= _BATCH:
            yield from compute()
    while crops:
        yield from compute()


def _as_stored(clip: _Clip, features: np.ndarray, settings: ExtractionSettings) -> StoredClip:
    with np.errstate(over="ignore"):
        features = features.astype(np.float16)
    if not np.isfinite(features).all():
        raise WeightsError(
            f"With the weights {settings.backbone.weights!r}, InceptionV3 gives values for {clip.path} that a float16 "
            "cannot hold (infinite, or no number). Give weights trained for pixels scaled to [-1, 1]."
        )
    return StoredClip("ok", clip.note, features, clip.times, clip.track.boxes)


def _keep(clip: _Clip, store: Store) -> None:
    if clip.key and clip.was_extracted:
        store.write(clip.key, clip.stored)


def _unusable(error: ClipError, settings: ExtractionSettings) -> StoredClip:
    width = sum(layer_widths(settings.backbone.layers).values())
    nothing = np.empty((0, width), np.float16)
    return StoredClip(error.status, error.reason, nothing, np.empty(0), np.empty((0, 4)))


def _refused(why: str, settings: ExtractionSettings) -> StoredClip:
    return _unusable(ClipError("unreadable", why), settings)


def _default_workers() -> int:
    return max(2, min(8, (os.cpu_count() or 1) // 2))
