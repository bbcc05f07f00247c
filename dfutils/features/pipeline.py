"""Extract many clips at once: threads decode ahead while the network computes full batches."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from dfutils.features.backbone import build_backbone
from dfutils.features.clip_job import ClipJob
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store
from dfutils.keras_runtime import load_keras
from dfutils.media.files import media_of

_BATCH = 32
# Face crops that may wait for the network: enough to keep it busy, few enough to fit into memory.
_CROPS_AHEAD = 2 * _BATCH
# If this many clips in a row fail in the same unexpected way, it is not a coincidence.
_ALIKE = 20


def extract_missing(jobs: list[ClipJob], store: Store, *, workers: int) -> Iterator[ClipJob]:
    """Extract and store clips, and yield each one as soon as it is stored.

    Args:
        jobs: list of ClipJob. After `look_up`.
        store: Store.
        workers: int. Clips that are decoded at a time.

    Raises:
        StoreError: If the store cannot be written.
        WeightsError: If the weights are not available, or give values that are not finite.
        RuntimeError: If the first clips all fail in the same unexpected way.
    """
    if any(job.key for job in jobs):
        load_keras()  # in this thread, before two workers load it at the same time
    with ThreadPoolExecutor(workers, thread_name_prefix="dfutils-frames") as pool:
        try:
            decoded = _stop_if_all_fail_alike(_decode_ahead(jobs, store, pool, workers))
            for job in compute_features(decoded, store.settings):
                job.save(store)
                store.add_to_index({"clip_id": clip_id, **job.facts()} for _, clip_id in job.places)
                yield job
        finally:
            pool.shutdown(cancel_futures=True)


def _decode_ahead(
    jobs: list[ClipJob], store: Store, pool: ThreadPoolExecutor, workers: int
) -> Iterator[ClipJob]:
    """Yield decoded clips in order, and decode as many clips ahead as the network may need."""

    def decode(job: ClipJob) -> ClipJob:
        job.decode(store.settings, store=store)
        return job

    running: deque[tuple[Future[ClipJob], int]] = deque()  # with the number of crops to expect
    for job in jobs:
        crops = 1 if media_of(job.path.name) == "image" else store.settings.sampling.frames
        while len(running) > workers and sum(expected for _, expected in running) + crops > _CROPS_AHEAD:
            yield running.popleft()[0].result()
        running.append((pool.submit(decode, job), crops))
    while running:
        yield running.popleft()[0].result()


def _stop_if_all_fail_alike(jobs: Iterator[ClipJob]) -> Iterator[ClipJob]:
    """Pass clips on, unless the first ones all fail in the same unexpected way."""
    failures: list[type] = []
    for job in jobs:
        if len(failures) < _ALIKE:
            failures.append(type(job.unexpected_error))
            if job.unexpected_error and failures == [failures[0]] * _ALIKE:
                raise RuntimeError(
                    f"The first {_ALIKE} clips all failed in the same way ({job.unexpected_error!r}). The cause is not "
                    "in the clips."
                ) from job.unexpected_error
        yield job


def compute_features(jobs: Iterable[ClipJob], settings: ExtractionSettings) -> Iterator[ClipJob]:
    """Compute the features of decoded clips, in full batches that may hold crops of several clips.

    Clips without crops are yielded at once. The others are yielded, in order, as soon as the batch with their last crop
    is done.

    Args:
        jobs: iterable of ClipJob. After `decode`.
        settings: ExtractionSettings.

    Raises:
        WeightsError: If the weights are not available, or give values that are not finite.
    """
    waiting: deque[ClipJob] = deque()
    crops: list[np.ndarray] = []
    features: list[np.ndarray] = []

    def compute_batch() -> Iterator[ClipJob]:
        began = time.perf_counter()
        batch = np.stack(crops[:_BATCH])
        # TensorFlow computes a batch of one in another way, with other rounding.
        padded = np.repeat(batch, 2, axis=0) if len(batch) == 1 else batch
        features.extend(build_backbone(settings.backbone).predict_on_batch(padded)[: len(batch)])
        del crops[:_BATCH]
        share = (time.perf_counter() - began) / len(waiting)
        for job in waiting:
            job.seconds += share
        while waiting and len(features) >= (count := _crop_count(waiting[0])):
            job = waiting.popleft()
            job.finish(np.stack(features[:count]), settings)
            del features[:count]
            yield job

    for job in jobs:
        if job.result is not None:
            yield job
            continue
        assert job.track is not None
        waiting.append(job)
        crops.extend(job.track.crops)
        while len(crops) >= _BATCH:
            yield from compute_batch()
    while crops:
        yield from compute_batch()


def _crop_count(job: ClipJob) -> int:
    assert job.track is not None
    return len(job.track.crops)
