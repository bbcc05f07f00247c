"""Extract clips on the workers of a Dask cluster, which may lose workers at any time.

A clip that ends its worker is found in three steps. First, the clips of the task that the worker was doing are tried
again one by one. Then, a clip whose worker died again is read in a process of its own. If it ends that process too, its
status is `"unreadable"`. Workers killed for another reason cost time, unless that happens to one clip 20 times.
"""

import contextlib
import logging
import os
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from dfutils.errors import DfutilsError, SettingsError, StoreError
from dfutils.features.clip_job import ClipJob
from dfutils.features.cluster_tasks import Report, Task, marker, run_task, unreadable
from dfutils.features.pipeline import run_jobs, stop_if_all_fail_alike
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.media.files import media_of

# A task has about this many face crops: enough to be worth its journey, few enough to be done again.
_CROPS_PER_TASK = 160
# How often workers may die in a row without finishing a clip, before the run is given up.
_MOST_LOSSES = 100
# How often the worker may die while a clip is read in a process of its own.
_MOST_TRIES_APART = 20
# Seconds without a finished task, after which the workers are counted again: often, to see those that live briefly.
_LOOK_AROUND = 1.0
# Seconds in which workers have to be there, and the first file of a worker has to be seen by this machine.
_PATIENCE = 60.0


def run_on_cluster(
    jobs: list[ClipJob],
    settings: ExtractionSettings,
    *,
    store: Store,
    cluster: str,
    workers: int | None = None,
    crops: Path | None = None,
) -> Iterator[ClipJob]:
    """Extract clips on a cluster, and yield each one as soon as it is finished and stored.

    The machines of the cluster need this version of dfutils, and must see the clips and the store under the same paths.

    Args:
        jobs: list of ClipJob. `look_up` was already called on each job.
        settings: ExtractionSettings.
        store: Store. Where the features are saved.
        cluster: str. The address of a Dask scheduler, or `"local"` to start a cluster on this machine.
        workers: int or None. Number of clips that each worker decodes at the same time.
        crops: Path or None. As for `ClipJob.decode`.

    Raises:
        SettingsError: If Dask is not installed, or no worker can be reached.
        StoreError: If no worker can write the store.
        WeightsError: If the weights give values that are not finite.
        DfutilsError: If workers keep dying.
        RuntimeError: If the first 20 clips all fail with an unexpected error.
    """
    here = [job for job in jobs if not job.key]
    yield from run_jobs(here, settings, store=store, workers=1)
    there = {job.key: job for job in jobs if job.key}
    if not there:
        return
    first = Task("", (), str(store.folder.parent.absolute()), settings.pinned(), store.fingerprint)
    first = replace(first, workers=workers, crops=None if crops is None else str(Path(crops).absolute()))
    with connect(cluster) as client:
        run = _Run(client, store, there, _batches(list(there.values()), first))
        finished = (_fill(there[key], facts) for key, facts in run.results())
        for job in stop_if_all_fail_alike(finished):
            store.add_to_index({"clip_id": clip_id, **job.facts()} for _, clip_id in job.places)
            yield job


@contextmanager
def connect(cluster: str) -> Iterator[Any]:
    """Connect to a Dask scheduler, or start a cluster on this machine that ends with the block.

    Args:
        cluster: str. An address such as `"tcp://node1:8786"`, or `"local"`.

    Yields:
        distributed.Client, with at least one worker.

    Raises:
        SettingsError: If Dask is not installed, or no worker can be reached.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise SettingsError(
            "A cluster needs Dask, which is not installed. Install it with: pip install 'dfutils[dask]'"
        ) from error
    with contextlib.ExitStack() as stack:
        address = cluster
        if cluster == "local":
            options = {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": logging.CRITICAL}
            count = max(2, (os.cpu_count() or 1) // 4)  # each worker uses several cores
            local = LocalCluster(n_workers=count, threads_per_worker=1, **options)
            address = stack.enter_context(local).scheduler_address
        try:
            client = stack.enter_context(Client(address, timeout=_PATIENCE / 2))
            client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, ValueError) as error:  # a time-out is an OSError
            raise SettingsError(
                f"No worker of a Dask cluster can be reached at {address}. Start `dask scheduler` and "
                "`dask worker ADDRESS`, or use the address local."
            ) from error
        yield client


@dataclass(eq=False)
class _InFlight:
    task: Task
    allowed: list[str] | None


class _Run:
    """The tasks of one extraction: those that wait, those that workers do, and what went wrong so far."""

    def __init__(self, client: Any, store: Store, jobs: dict[str, ClipJob], tasks: list[Task]) -> None:
        self.client, self.store, self.jobs = client, store, jobs
        self.waiting = deque(tasks)
        self.running: dict[Any, _InFlight] = {}
        self.problems: dict[str, str] = {}  # by the address of the worker
        self.trusted: set[str] = set()
        self.last_good = time.monotonic()
        self.is_deserted = False
        self.losses = 0
        self.tries_apart: Counter[str] = Counter()

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the content key and the facts of each clip, once, until all tasks are done."""
        from distributed import wait

        given: set[str] = set()
        try:
            while self.waiting or self.running:
                self._hand_out()
                if not self.running:  # no worker is there that can go on
                    time.sleep(0.5)
                    continue
                try:
                    done = wait(list(self.running), timeout=_LOOK_AROUND, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    self._take_back()
                    continue
                for future in done:
                    for key, facts in self._collect(future).items():
                        if key not in given:
                            given.add(key)
                            yield key, facts
        finally:
            self.client.cancel(list(self.running), force=True)

    def _hand_out(self) -> None:
        """Give tasks to the workers, two for each of their threads, so that a lost worker loses little."""
        threads = self.client.nthreads()
        good = [address for address in threads if address not in self.problems]
        if good:
            self.last_good = time.monotonic()
        elif self.problems and time.monotonic() - self.last_good > _PATIENCE:
            what = "; ".join(f"{address}: {problem}" for address, problem in self.problems.items())
            raise StoreError(f"No worker of the cluster can go on. Finished clips are kept. {what}")
        room = 2 * sum(threads[address] for address in good) - len(self.running)
        while self.waiting and room > 0:
            room -= 1
            task = replace(self.waiting.popleft(), name=uuid.uuid4().hex)
            allowed = good if self.problems else None
            future = self.client.submit(
                run_task, task, key=f"dfutils-{task.name}", workers=allowed, pure=False
            )
            self.running[future] = _InFlight(task, allowed)

    def _take_back(self) -> None:
        """Take tasks back that wait for workers which have gone."""
        threads = self.client.nthreads()
        if not threads and not self.is_deserted:
            _say("All workers are gone. Waiting for others; Ctrl-C stops.")
        self.is_deserted = not threads
        for future, flight in list(self.running.items()):
            if flight.allowed is not None and threads and not set(flight.allowed) & set(threads):
                self.client.cancel([future], force=True)
                del self.running[future]
                self.waiting.append(flight.task)

    def _collect(self, future: Any) -> dict[str, dict[str, Any]]:
        """Return the facts of the clips that a task has finished. Tasks for the other clips are added."""
        from distributed import KilledWorker

        task = self.running.pop(future).task
        if future.status == "finished":
            report = future.result()
        else:
            error = future.exception() if future.status == "error" else None
            if error is not None and not isinstance(error, KilledWorker):
                if isinstance(error, DfutilsError):
                    raise error
                raise DfutilsError(
                    f"A worker failed ({error!r}). Install this version of dfutils on each machine of the cluster."
                ) from error
            report = Report(stopped=marker(self.store, task.name).exists())
        for key in report.unseen:
            if self.jobs[key].is_unchanged():
                report.problem = f"it does not see the same file as this machine at {self.jobs[key].path}"
            else:
                report.clips[key] = unreadable("changed or vanished before it was read")
        if report.problem and report.worker not in self.problems:
            self.problems[report.worker] = report.problem
            _say(f"The worker {report.worker} gets no more clips: {report.problem}")
        elif report.clips and report.worker not in self.trusted:
            self._check_shared(report)
        self.losses = 0 if report.clips else self.losses + (not report.problem)
        if self.losses > _MOST_LOSSES:
            raise DfutilsError(
                f"Workers died {_MOST_LOSSES} times in a row. Finished clips are kept. Look at the memory and the logs "
                "of the workers, then run again to resume."
            )
        left = tuple(clip for clip in task.clips if clip[1] not in report.clips)
        if left and report.stopped:
            marker(self.store, task.name).unlink(missing_ok=True)
            return report.clips | self._try_again(replace(task, clips=left))
        if left:
            self.waiting.append(replace(task, clips=left))
        return report.clips

    def _try_again(self, task: Task) -> dict[str, dict[str, Any]]:
        """Add tasks for clips whose worker died. Return the facts of a clip that is given up."""
        if not task.apart:
            apart = len(task.clips) == 1
            self.waiting.extend(replace(task, clips=(clip,), apart=apart) for clip in task.clips)
            return {}
        ((_, key),) = task.clips
        self.tries_apart[key] += 1
        if self.tries_apart[key] < _MOST_TRIES_APART:
            self.waiting.append(task)
            return {}
        return {key: unreadable(f"the worker died {_MOST_TRIES_APART} times while it was read")}

    def _check_shared(self, report: Report) -> None:
        """Check that this machine sees what a worker has stored. A network folder may show it with a delay."""
        keys = [facts["key"] for facts in report.clips.values() if facts["key"]]
        deadline = time.monotonic() + _PATIENCE
        while keys and not self.store.path(keys[0]).is_file():
            if time.monotonic() > deadline:
                raise StoreError(
                    f"The worker {report.worker} stores its features in another folder than this machine. Choose a "
                    f"folder that all machines share. Received: {self.store.folder}"
                )
            time.sleep(0.5)
        if keys:
            self.trusted.add(report.worker)


def _say(message: str) -> None:
    """Print a message above the progress bar."""
    tqdm.write(message, file=sys.stderr)


def _batches(jobs: list[ClipJob], task: Task) -> list[Task]:
    """Divide clips into tasks of about the same number of face crops."""
    tasks: list[Task] = []
    clips: list[tuple[str, str]] = []
    crops = 0
    for job in jobs:
        clips.append((str(job.path.absolute()), job.key))
        crops += 1 if media_of(job.path.name) == "image" else task.settings.sampling.frames
        if crops >= _CROPS_PER_TASK:
            tasks.append(replace(task, clips=tuple(clips)))
            clips, crops = [], 0
    return [*tasks, replace(task, clips=tuple(clips))] if clips else tasks


def _fill(job: ClipJob, facts: dict[str, Any]) -> ClipJob:
    """Set the result of a job to what a worker found. The features stay in the store."""
    frames = facts["frames"]
    job.result = StoredClip(
        facts["status"], facts["reason"], np.empty((frames, 0)), np.empty(frames), np.empty((frames, 4))
    )
    job.key, job.seconds, job.was_extracted = facts["key"], facts["seconds"], facts["was_extracted"]
    if facts["unexpected"]:
        job.unexpected_error = RuntimeError(facts["unexpected"])
    return job
