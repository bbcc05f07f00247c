"""Run the notebooks in order with papermill, collect their results and write a report."""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path
from dfutils.data import locate
from dfutils.errors import DataError
from dfutils.reporting.execution import Finished, NotebookJob, run_notebooks
from dfutils.reporting.pages import write_index, write_page
from dfutils.reporting.parameters import (
    declared_parameters,
    read_profile,
    values_by_notebook,
    with_defaults,
)
from dfutils.reporting.provenance import collect_provenance, in_project
from dfutils.reporting.results import cell_outputs, earlier_results, recorded
from dfutils.reporting.selection import choose_notebooks, find_series, kept_from
from dfutils.reporting.timing import Timing, in_words, read_durations
from dfutils.workspace import Workspace, check_name, project_root


@dataclass(frozen=True)
class Report:
    """A finished report: its folder, its results and the notebooks that failed.

    Args:
        directory: Path. The folder with index.html, one page per notebook, results.json and the executed notebooks.
        results: dict. The content of results.json.
        failed: list of str. Names of the notebooks that failed. After the first failed notebook, no notebook was run.
    """

    directory: Path
    results: dict[str, Any] = field(repr=False)
    failed: list[str]

    @property
    def ok(self) -> bool:
        """True if all notebooks ran without an error."""
        return not self.failed


def write_report(
    *,
    name: str = "demo",
    data_root: str | None = None,
    profile: str = "demo",
    parameters: dict[str, Any] | None = None,
    notebooks: str | Path | None = None,
    jobs: int | None = None,
    only: Iterable[str] = (),
    start: str = "",
    cell_limit: int | None = None,
) -> Report:
    """Run the notebooks and write the report to `reports/<name>/`.

    A notebook starts when those are finished whose results it needs: its metadata name them (`dfutils.needs`). Without
    such names it needs all notebooks before it.

    Args:
        name: str. The name of the report and of its workspace. Defaults to `"demo"`.
        data_root: str or None. The data set's folder or CSV. Defaults to the data set of the existing
            workspace. For the workspace `demo`, the default is the demo data set.
        profile: str. `"demo"`, `"smoke"`, `"full"`, or the path of a YAML file. Defaults to `"demo"`.
        parameters: dict or None. Notebook parameters that override the profile's. Text is converted to the
            type that the notebook declares. Defaults to None: no overrides.
        notebooks: str, Path or None. The folder of the notebooks. Defaults to the project's `notebooks/`.
        jobs: int or None. How many notebooks may run at the same time. Each may need several GB of memory. Defaults to
            None: 2 for the built-in data set on a machine with two cores or more and without a GPU, else 1.
        only: iterable of str. Numbers or names of the notebooks that run, such as `04`. The pages of the others are
            kept from the earlier report of this name. Defaults to none: all notebooks run.
        start: str. The number or name of the first notebook that runs, with all after it. Defaults to `""`: all run.
        cell_limit: int or None. How many seconds each cell may take. Defaults to None: no limit.

    Returns:
        Report. If a notebook fails, its page shows the cell that failed, and no further notebook is started.

    Raises:
        SettingsError: If the name, the profile, a notebook or a parameter is unknown, or a value has the wrong type.
        DataError: If there is no data for this name, or if the data set is inside the folder of the workspace.
        KeyboardInterrupt: If it is interrupted. The report is written before, with the notebooks that were finished.
    """
    workspace = Workspace(check_name(name))
    if data_root is None and name != "demo" and not workspace.exists():
        known = sorted(path.parent.name for path in (project_root() / "data").glob("*/workspace.json"))
        raise DataError(
            f"There is no workspace {name!r} and no data was given. Give the data set with --data"
            + (f", or name one of: {', '.join(known)}." if known else ".")
        )
    source = locate(workspace, given=str(data_root or ""))
    series = find_series(folder=notebooks)
    folder = series[0].parent
    running = choose_notebooks(series, only=only, start=start)
    declared = {path.stem: declared_parameters(path) for path in series}
    chosen = read_profile(profile, folder) | (parameters or {})
    chosen |= {"workspace": name} | ({"data_root": str(data_root)} if data_root else {})
    values = values_by_notebook(chosen, declared)

    directory = project_root() / "reports" / name
    todo = [
        NotebookJob(
            path,
            directory / "notebooks" / path.name,
            values[path.stem],
            _needs(path, running[:number]),
            cell_limit=cell_limit,
        )
        for number, path in enumerate(running)
    ]
    used = {path.stem: with_defaults(declared[path.stem], values[path.stem]) for path in series}
    builtin = source == workspace.demo_videos
    jobs = (2 if builtin and not _has_gpu() else 1) if jobs is None else jobs
    cores = os.cpu_count() or 1
    jobs = min(jobs, cores)
    before = earlier_results(directory)
    kept = kept_from(directory, series, running)
    used |= {stem: before["provenance"]["parameters"][stem] for stem in kept}
    facts = {"profile": str(profile), "data": in_project(source), "parameters": used}
    again = bool(before.get("ok")) and all(before["provenance"].get(key) == facts[key] for key in facts)
    timing = _timing(todo, jobs, folder if builtin else None, profile, before if again else {})
    todo = [
        job._replace(
            urgency=timing.urgency(job.name),
            threads=max(1, cores // jobs) if timing.shares_the_cores(job.name) else 0,
        )
        for job in todo
    ]
    _clear(directory, keep=list(kept))
    (directory / "notebooks").mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    status = {path.stem: "earlier" if path.stem in kept else "not run" for path in series}
    seconds = {path.stem: 0.0 for path in series}
    seconds |= {stem: before["provenance"]["seconds"][stem] for stem in kept}
    failed: list[str] = []
    _say(_announcement(name, profile, directory, timing))
    starts: dict[str, float] = {}

    def say_start(stem: str) -> None:
        starts[stem] = time.perf_counter()
        _say(f"[{[job.name for job in todo].index(stem) + 1}/{len(todo)}] {stem} …")

    def say_end(finished: Finished) -> None:
        stem, trouble, took = finished
        seconds[stem], status[stem] = round(took, 1), "failed" if trouble else "ok"
        del starts[stem]
        timing.finish(stem, took)
        left = timing.seconds_left({name: time.perf_counter() - start for name, start in starts.items()})
        rest = f", {in_words(left)} left" if left and not trouble else ""
        _say(f"      {stem} {status[stem]} in {took:.0f} s" + (f": {trouble}" if trouble else rest))

    clock = time.perf_counter()

    def write(stem: str, trouble: str) -> None:
        executed, page = directory / "notebooks" / f"{stem}.ipynb", directory / f"{stem}.html"
        write_page(executed, page, [path.stem for path in series], report=name, trouble=trouble)

    interrupted = False
    try:
        for stem, trouble, _ in run_notebooks(todo, at_a_time=jobs, started=say_start, ended=say_end):
            if trouble:
                failed.append(stem)
            write(stem, trouble)
    except KeyboardInterrupt:
        interrupted = True
        for stem in starts:
            if (directory / "notebooks" / f"{stem}.ipynb").is_file():
                status[stem] = "interrupted"
                write(stem, "It was interrupted.")

    outputs = {
        stem: cell_outputs(directory / "notebooks" / f"{stem}.ipynb")
        for stem in status
        if status[stem] != "not run"
    }
    records = {stem: recorded(outputs.get(stem, [])) for stem in status}
    results = {
        "report": name,
        "ok": not failed and not interrupted,
        "status": status,
        "notebooks": records,
        "provenance": {
            **collect_provenance(),
            "weights": records.get("03_feature_caching", {}).get("weights"),
            **facts,
            "again": again,
            "earlier": kept,
            "seconds": seconds,
            "started": began.isoformat(timespec="seconds"),
            "minutes": round((time.perf_counter() - clock) / 60, 2),
        },
    }
    with atomic_path(directory / "results.json") as temporary:
        temporary.write_text(json.dumps(results, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    write_index(directory, results, outputs)
    _say(f"{'Failed: ' + ', '.join(failed) + '. ' if failed else ''}Open {directory / 'index.html'}")
    if interrupted:
        raise KeyboardInterrupt
    return Report(directory, results, failed)


def _needs(path: Path, earlier: list[Path]) -> frozenset[str]:
    """Return the names of the notebooks before it that must be finished before a notebook starts."""
    import nbformat

    before = frozenset(one.stem for one in earlier)
    needs = nbformat.read(path, as_version=4).metadata.get("dfutils", {}).get("needs")
    return before if needs is None else before & frozenset(needs)


def _has_gpu() -> bool:
    """Return whether there is an NVIDIA GPU. By default, TensorFlow takes all of its memory for one process."""
    return Path("/proc/driver/nvidia/version").exists()


def _timing(
    todo: list[NotebookJob], jobs: int, folder: Path | None, profile: str, before: dict[str, Any]
) -> Timing:
    """Return what is known about the duration of a report.

    Args:
        todo: list of NotebookJob.
        jobs: int. How many notebooks run at the same time.
        folder: Path or None. The folder of the notebooks; None if the data set is not the built-in one.
        profile: str. The name of the profile.
        before: dict. The results of an equal report that was run before; {} if there was none.
    """
    timing = Timing({}, {job.name: job.needs for job in todo}, jobs)
    measured = before["provenance"]["seconds"] if before else {}
    if before and before["provenance"].get("again"):
        timing.expected = measured
    elif folder is not None:
        timing.expected = read_durations(folder, profile, again=bool(before))
        first = sum(read_durations(folder, profile, again=False).values())
        if before and first:
            timing.factor = sum(measured.values()) / first
    return timing


def _announcement(name: str, profile: str, directory: Path, timing: Timing) -> str:
    """Return the first line of the output: what will happen and how long it will take."""
    seconds = timing.seconds_left({})
    duration = (
        f"This takes {in_words(seconds)} on this machine, as far as is known."
        if seconds
        else "How long this takes depends on the clips. A second run takes a few minutes."
    )
    how = f", {timing.at_a_time} at a time" if timing.at_a_time > 1 else ""
    return (
        f"Report {name!r} with profile {profile!r}, into {directory}\n"
        f"Notebooks: {len(timing.needs)}{how}. {duration}"
    )


def _say(line: str) -> None:
    print(line, flush=True)


def _clear(directory: Path, *, keep: list[str]) -> None:
    """Delete the pages of an earlier report, except those of the notebooks that are not run again."""
    for pattern in ("*.html", "results.json", "notebooks/*.ipynb"):
        for path in directory.glob(pattern):
            if path.stem not in keep:
                path.unlink()
