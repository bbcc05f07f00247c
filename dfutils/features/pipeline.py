"""Extract many clips at once: threads decode the next clips while the network computes features in batches."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.features.backbone import build_backbone
from dfutils.features.clip_job import ClipJob
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store
from dfutils.keras_runtime import has_gpu, is_out_of_memory
from dfutils.media.files import media_of

# A processor is not faster with larger batches. A graphics card is; its batches shrink until they fit into its memory.
_BATCH, _GPU_BATCH = 32, 256
# If the first 20 clips all fail with the same unexpected error, the cause is not in the clips.
_ALIKE = 20


def run_jobs(
    jobs: list[ClipJob],
    settings: ExtractionSettings,
    *,
    store: Store | None = None,
    workers: int | None = None,
    crops: Path | None = None,
) -> Iterator[ClipJob]:
    """Extract clips, and yield each one as soon as it is finished and stored.

    A job with `everyone` is followed by the jobs of the other people in its clip.

    Args:
        jobs: list of ClipJob. `identify` or `look_up` was already called on each job.
        settings: ExtractionSettings.
        store: Store or None. Where the features are saved. Defaults to None: nowhere.
        workers: int or None. Number of clips that are decoded at the same time. Defaults to half the number of CPU
            cores, but at least 2 and at most 8; with a GPU, to all cores.
        crops: Path or None. As for `ClipJob.decode`.

    Raises:
        StoreError: If the store or the folder of the crops cannot be written.
        WeightsError: If the weights are not available, or give values that are not finite.
        RuntimeError: If the first 20 clips all fail with the same unexpected error.
    """
    # Keras is loaded in this thread, so that two worker threads do not load it at the same time.
    on_gpu = any(job.key for job in jobs) and has_gpu()
    workers = workers or _default_workers(on_gpu)
    # Enough face crops to keep the network busy, few enough to fit into memory.
    ahead = 2 * (_GPU_BATCH if on_gpu else _BATCH)
    with ThreadPoolExecutor(workers, thread_name_prefix="dfutils-frames") as pool:
        try:

            def decode(job: ClipJob) -> ClipJob:
                job.decode(settings, store=store, crops=crops)
                return job

            decoded = stop_if_all_fail_alike(
                _decode_ahead(
                    jobs, decode, pool, frames=settings.sampling.frames, workers=workers, ahead=ahead
                )
            )
            for job in compute_features(decoded, settings):
                if store is not None:
                    job.save(store)
                    store.add_to_index({"clip_id": clip_id, **job.facts()} for _, clip_id in job.places)
                yield job
        finally:
            pool.shutdown(cancel_futures=True)


def _decode_ahead(
    jobs: list[ClipJob],
    decode: Callable[[ClipJob], ClipJob],
    pool: ThreadPoolExecutor,
    *,
    frames: int,
    workers: int,
    ahead: int,
) -> Iterator[ClipJob]:
    """Yield decoded clips in order, and decode the next clips in threads, up to the limit of waiting face crops."""
    running: deque[tuple[Future[ClipJob], int]] = deque()  # each with its expected number of face crops
    for job in jobs:
        count = 1 if media_of(job.path.name) == "image" else frames
        while len(running) > workers and sum(expected for _, expected in running) + count > ahead:
            yield from _with_others(running.popleft()[0].result())
        running.append((pool.submit(decode, job), count))
    while running:
        yield from _with_others(running.popleft()[0].result())


def _with_others(job: ClipJob) -> Iterator[ClipJob]:
    """Yield a job, and then the jobs of other people in its clip."""
    yield job
    yield from job.others


def stop_if_all_fail_alike(jobs: Iterator[ClipJob]) -> Iterator[ClipJob]:
    """Yield the clips unchanged; raise RuntimeError if the first 20 all fail with the same unexpected error."""
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
    """Compute the features of decoded clips, in batches that may mix face crops of several clips.

    A clip that already has a result is yielded at once. The other clips are yielded in order, each as soon as the
    features of its last face crop are computed.

    Args:
        jobs: iterable of ClipJob. `decode` was already called on each job.
        settings: ExtractionSettings.

    Raises:
        WeightsError: If the weights are not available, or give values that are not finite.
    """
    waiting: deque[ClipJob] = deque()
    crops: list[np.ndarray] = []
    features: list[np.ndarray] = []
    size = 0

    def compute_batch() -> Iterator[ClipJob]:
        nonlocal size
        began = time.perf_counter()
        batch = crops[:size]
        computed = _predict(build_backbone(settings.backbone), batch)
        if len(computed) < len(batch):
            size = len(computed)
        features.extend(computed)
        del crops[: len(computed)]
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
        size = size or (_GPU_BATCH if has_gpu() else _BATCH)
        while len(crops) >= size:
            yield from compute_batch()
    while crops:
        yield from compute_batch()


def _crop_count(job: ClipJob) -> int:
    assert job.track is not None
    return len(job.track.crops)


def _predict(network: Any, crops: list[np.ndarray]) -> np.ndarray:
    """Return the features of the first crops: of all of them, or of as many as fit into the memory at once."""
    # For a batch of one crop, TensorFlow uses another algorithm, with other rounding.
    batch = np.stack(crops if len(crops) > 1 else crops * 2)
    try:
        return network.predict_on_batch(batch)[: len(crops)]
    except Exception as error:
        if len(crops) == 1 or not is_out_of_memory(error):
            raise
    return _predict(network, crops[: len(crops) // 2])


def _default_workers(on_gpu: bool) -> int:
    cores = os.cpu_count() or 1
    # The network needs cores too, if it does not run on a graphics card.
    return max(2, cores if on_gpu else min(8, cores // 2))
