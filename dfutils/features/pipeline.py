"""Take clips from their files to features: decoding ahead in threads, full batches through the network."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dfutils.errors import ClipError, WeightsError
from dfutils.features.backbone import build_backbone
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip, content_key
from dfutils.frames import FaceTrack, crop_faces, read_clip, read_degraded
from dfutils.keras_runtime import load_keras
from dfutils.media.files import media_of

_BATCH = 32
# Face crops that may wait for the network: enough for it never to wait, few enough to fit anywhere.
_AHEAD = 2 * _BATCH
# So many clips that fail in the same unforeseen way are no coincidence.
_ALIKE = 20


@dataclass
class ClipJob:
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


def look_up(clip: ClipJob, store: Store) -> None:
    """Find out a clip's key, and what the store knows of it."""
    try:
        clip.key = content_key(clip.path) if clip.path.is_file() or clip.path.is_dir() else ""
    except (OSError, ValueError):  # unreadable, or a name that no file system takes
        clip.key = ""
    if clip.key:
        clip.stored, clip.trouble = store.read(clip.key)


def index_row(clip: ClipJob) -> dict:
    return {
        "key": clip.key,
        "status": clip.stored.status,
        "reason": clip.stored.reason,
        "frames": len(clip.stored.features),
    }


def extract_missing(missing: list[ClipJob], store: Store, workers: int) -> Iterator[ClipJob]:
    """Extract and store clips, and yield each as soon as it is stored."""
    if any(clip.key for clip in missing):
        load_keras()  # here, and not in two threads at once
    with ThreadPoolExecutor(workers, thread_name_prefix="dfutils-frames") as pool:
        try:
            prepared = _stop_if_all_fail_alike(_ahead(missing, store, pool, workers))
            for clip in compute_features(prepared, store.settings):
                keep(clip, store)
                store.add_to_index({"clip_id": clip_id, **index_row(clip)} for _, clip_id in clip.places)
                yield clip
        finally:
            pool.shutdown(cancel_futures=True)


def _ahead(clips: list[ClipJob], store: Store, pool: ThreadPoolExecutor, workers: int) -> Iterator[ClipJob]:
    """Yield clips in order, prepared in other threads, and as far ahead as the network may need."""
    under_way = deque()  # (future, crops to expect)
    for clip in clips:
        crops = 1 if media_of(clip.path.name) == "image" else store.settings.sampling.frames
        while len(under_way) > workers and sum(expected for _, expected in under_way) + crops > _AHEAD:
            yield under_way.popleft()[0].result()
        under_way.append((pool.submit(prepare, clip, store.settings, store), crops))
    while under_way:
        yield under_way.popleft()[0].result()


def _stop_if_all_fail_alike(clips: Iterator[ClipJob]) -> Iterator[ClipJob]:
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


def prepare(clip: ClipJob, settings: ExtractionSettings, store: Store | None = None) -> ClipJob:
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
        clip.stored = refused(f"could not be read ({type(error).__name__}: {error})", settings)
        clip.unforeseen = error
        clip.key = ""  # to be tried again next time
    if store and not _is_unchanged(clip):
        clip.stored = refused("changed or vanished while it was being read", settings)
        clip.track, clip.key = None, ""
    clip.was_extracted = bool(clip.key)
    clip.seconds += time.perf_counter() - began
    return clip


def _is_unchanged(clip: ClipJob) -> bool:
    """Return whether what was read is what the clip's key names; nothing must have been read where it has none."""
    try:
        return content_key(clip.path) == clip.key if clip.key else clip.track is None
    except OSError:
        return False


def compute_features(clips: Iterable[ClipJob], settings: ExtractionSettings) -> Iterator[ClipJob]:
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


def _as_stored(clip: ClipJob, features: np.ndarray, settings: ExtractionSettings) -> StoredClip:
    with np.errstate(over="ignore"):
        features = features.astype(np.float16)
    if not np.isfinite(features).all():
        raise WeightsError(
            f"With the weights {settings.backbone.weights!r}, InceptionV3 gives values for {clip.path} that a float16 "
            "cannot hold (infinite, or no number). Give weights trained for pixels scaled to [-1, 1]."
        )
    return StoredClip("ok", clip.note, features, clip.times, clip.track.boxes)


def keep(clip: ClipJob, store: Store) -> None:
    if clip.key and clip.was_extracted:
        store.write(clip.key, clip.stored)


def _unusable(error: ClipError, settings: ExtractionSettings) -> StoredClip:
    width = sum(layer_widths(settings.backbone.layers).values())
    nothing = np.empty((0, width), np.float16)
    return StoredClip(error.status, error.reason, nothing, np.empty(0), np.empty((0, 4)))


def refused(why: str, settings: ExtractionSettings) -> StoredClip:
    return _unusable(ClipError("unreadable", why), settings)
