"""What the workers of a Dask cluster do: extract a few clips and save them in the shared store."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dfutils.errors import StoreError, WeightsError
from dfutils.features.backbone import build_backbone
from dfutils.features.clip_job import ClipJob
from dfutils.features.pipeline import run_jobs
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store

# What another process runs: `python -c _ONE_CLIP path store settings`.
_ONE_CLIP = """
import json, sys
from dfutils.features import ExtractionSettings, store_clip
settings = ExtractionSettings.from_dict(json.loads(sys.argv[3]))
print(json.dumps(store_clip(sys.argv[1], sys.argv[2], settings)))
"""


@dataclass(frozen=True)
class Task:
    """A few clips for one worker.

    Args:
        name: str. A name that no other task has.
        clips: tuple of (str, str). Path and content key of each clip.
        store: str. The folder of the store.
        settings: ExtractionSettings.
        fingerprint: str. The fingerprint of these settings on the machine that hands out the tasks.
        workers: int or None. Number of threads that decode clips. None means the worker's default.
        crops: str or None. As for `pipeline.run_jobs`.
        apart: bool. True reads the clips in another process, which a broken clip can end without ending the worker.
            Such a task has one clip.
    """

    name: str
    clips: tuple[tuple[str, str], ...]
    store: str
    settings: ExtractionSettings
    fingerprint: str
    workers: int | None = None
    crops: str | None = None
    apart: bool = False


@dataclass
class Report:
    """What a worker did with a task.

    Args:
        clips: dict. {content key: facts} of the clips that are finished. The facts are those of `ClipJob.facts`, and
            reason, seconds, was_extracted and unexpected.
        unseen: list of str. The content keys of clips whose file the worker does not see, or sees with other content.
        stopped: bool. True if an earlier try of the task ended its worker. Nothing was done then.
        problem: str. Why this worker cannot do such tasks. `""` if it can.
        worker: str. The address of the worker.
    """

    clips: dict[str, dict[str, Any]] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    stopped: bool = False
    problem: str = ""
    worker: str = ""


def run_task(task: Task) -> Report:
    """Extract the clips of a task. Clips that the store holds already are not extracted again.

    Raises:
        WeightsError: If the weights give values that are not finite.
    """
    report = Report(worker=_address())
    try:
        store = Store(task.store, task.settings)
        if store.fingerprint != task.fingerprint:
            return replace(report, problem="its weights or its version of dfutils differ")
        jobs = {key: ClipJob(Path(path)) for path, key in task.clips}
        for key, job in list(jobs.items()):
            job.look_up(store)
            if job.key != key:
                report.unseen.append(key)
                del jobs[key]
        if not jobs:
            return report
        if not task.apart:
            # Once per worker. If the worker dies here, there is no marker yet, so no clip is blamed.
            build_backbone(task.settings.backbone)
    except WeightsError as error:
        return replace(report, problem=str(error))
    try:
        with _marked(store, task.name) as is_first:
            if not is_first:
                return replace(report, stopped=True)
            if task.apart:
                ((key, job),) = jobs.items()
                report.clips[key] = _extract_apart(job, store)
                return report
            keys = {
                job: key for key, job in jobs.items()
            }  # a clip that changes while it is read loses its key
            for job in _finished(list(jobs.values()), task, store):
                report.clips[keys[job]] = _facts(job)
    except StoreError as error:
        report.problem = str(error)
    return report


def _address() -> str:
    from distributed import get_worker

    try:
        return get_worker().address
    except ValueError:  # not on a worker
        return ""


def marker(store: Store, name: str) -> Path:
    """Return the file that exists while a task is worked on. It is left if the worker dies."""
    return store.folder / "partial" / f"task-{name}"


@contextmanager
def _marked(store: Store, name: str) -> Iterator[bool]:
    """Keep the marker of a task while the block runs. Yield False if there was one already.

    Raises:
        StoreError: If the store cannot be written.
    """
    path = marker(store, name)
    store.check_writable()
    try:
        path.open("x").close()
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _finished(jobs: list[ClipJob], task: Task, store: Store) -> Iterator[ClipJob]:
    missing = [job for job in jobs if job.result is None]
    yield from (job for job in jobs if job.result is not None)
    crops = None if task.crops is None else Path(task.crops)
    yield from run_jobs(missing, task.settings, store=store, workers=task.workers, crops=crops)


def _facts(job: ClipJob) -> dict[str, Any]:
    unexpected = "" if job.unexpected_error is None else repr(job.unexpected_error)
    return job.facts() | {
        "seconds": job.seconds,
        "was_extracted": job.was_extracted,
        "unexpected": unexpected,
    }


def _extract_apart(job: ClipJob, store: Store) -> dict[str, Any]:
    """Extract one clip in a process of its own. If it ends that process, its status is `"unreadable"`."""
    settings = json.dumps(store.settings.to_dict())
    command = [sys.executable, "-c", _ONE_CLIP, str(job.path), str(store.folder.parent), settings]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode > 0:
        error = done.stderr.strip()[-300:]
        raise StoreError(f"{job.path} could not be extracted in a process of its own: {error}")
    if done.returncode < 0:
        return unreadable(f"reading it ended two processes (signal {-done.returncode})")
    found = json.loads(done.stdout.splitlines()[-1])
    job.look_up(store)
    reason = found["reason"] if job.result is None else job.result.reason
    return unreadable(reason) | found | {"reason": reason, "was_extracted": bool(found["key"])}


def unreadable(reason: str) -> dict[str, Any]:
    """Return the facts of a clip that cannot be read, and whose status is not stored."""
    facts = {"key": "", "status": "unreadable", "reason": reason, "frames": 0, "seconds": 0.0}
    return facts | {"was_extracted": False, "unexpected": ""}
