"""Decide what a report runs, on which data and with which parameters, before anything is run."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dfutils.data import locate
from dfutils.errors import DataError
from dfutils.reporting.execution import NotebookJob
from dfutils.reporting.parameters import (
    declared_parameters,
    read_profile,
    values_by_notebook,
    with_defaults,
)
from dfutils.reporting.provenance import in_project
from dfutils.reporting.results import earlier_results
from dfutils.reporting.selection import choose_notebooks, find_series, kept_from
from dfutils.reporting.timing import Timing, read_durations
from dfutils.workspace import Workspace, check_name, project_root


@dataclass(frozen=True)
class Plan:
    """What a report runs.

    Args:
        name: str. The name of the report and of its workspace.
        notebooks: Path. The folder of the notebooks.
        directory: Path. The folder of the report.
        series: list of str. The names of all notebooks in order.
        jobs: list of NotebookJob. The notebooks that run.
        at_a_time: int. How many notebooks run at the same time.
        timing: Timing. How long they take, as far as is known.
        kept: dict. {notebook: when it was run} of the notebooks whose pages are kept.
        before: dict. The results of the earlier report of this name; {} if there is none.
        facts: dict. The profile, the data and the parameters of each notebook, for results.json.
        again: bool. True if an equal report was finished before.
    """

    name: str
    notebooks: Path
    directory: Path
    series: list[str]
    jobs: list[NotebookJob] = field(repr=False)
    at_a_time: int
    timing: Timing = field(repr=False)
    kept: dict[str, str]
    before: dict[str, Any] = field(repr=False)
    facts: dict[str, Any] = field(repr=False)
    again: bool


def plan_report(
    *,
    name: str,
    data_root: str | None,
    profile: str,
    parameters: dict[str, Any],
    notebooks: str | Path | None,
    jobs: int | None,
    only: Iterable[str],
    start: str,
    cell_limit: int | None,
) -> Plan:
    """Return what a report runs. The arguments and errors are those of `write_report`."""
    workspace = Workspace(check_name(name))
    if data_root is None and name != "demo" and not workspace.exists():
        known = sorted(path.parent.name for path in (project_root() / "data").glob("*/workspace.json"))
        raise DataError(
            f"There is no workspace {name!r} and no data was given. Give the data set with --data"
            + (f", or name one of: {', '.join(known)}." if known else ".")
        )
    source = locate(workspace, given=str(data_root or ""))
    paths = find_series(folder=notebooks)
    folder = paths[0].parent
    running = choose_notebooks(paths, only=only, start=start)
    declared = {path.stem: declared_parameters(path) for path in paths}
    chosen = read_profile(profile, folder) | parameters
    chosen |= {"workspace": name} | ({"data_root": str(data_root)} if data_root else {})
    values = values_by_notebook(chosen, declared)

    directory = project_root() / "reports" / name
    before, kept = earlier_results(directory), kept_from(directory, paths, running)
    used = {path.stem: with_defaults(declared[path.stem], values[path.stem]) for path in paths}
    used |= {stem: before["provenance"]["parameters"][stem] for stem in kept}
    facts = {"profile": str(profile), "data": in_project(source), "parameters": used}
    again = bool(before.get("ok")) and all(before["provenance"].get(key) == facts[key] for key in facts)
    builtin, cores = source == workspace.demo_videos, os.cpu_count() or 1
    at_a_time = min(cores, (2 if builtin and not _has_gpu() else 1) if jobs is None else jobs)
    needs = {path.stem: _needs(path, running[:number]) for number, path in enumerate(running)}
    timing = _timing(needs, at_a_time, folder if builtin else None, profile, before if again else {})
    todo = [
        NotebookJob(
            path,
            directory / "notebooks" / path.name,
            values[path.stem],
            needs[path.stem],
            urgency=timing.urgency(path.stem),
            threads=max(1, cores // at_a_time) if timing.shares_the_cores(path.stem) else 0,
            cell_limit=cell_limit,
        )
        for path in running
    ]
    stems = [path.stem for path in paths]
    return Plan(name, folder, directory, stems, todo, at_a_time, timing, kept, before, facts, again)


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
    needs: dict[str, frozenset[str]],
    at_a_time: int,
    folder: Path | None,
    profile: str,
    before: dict[str, Any],
) -> Timing:
    """Return what is known about the duration of a report.

    Args:
        needs: dict. {notebook that runs: names of the notebooks that must be finished before}.
        at_a_time: int. How many notebooks run at the same time.
        folder: Path or None. The folder of the notebooks; None if the data set is not the built-in one.
        profile: str. The name of the profile.
        before: dict. The results of an equal report that was run before; {} if there was none.
    """
    timing = Timing({}, needs, at_a_time)
    measured = before["provenance"]["seconds"] if before else {}
    if before and before["provenance"].get("again"):
        timing.expected = measured
    elif folder is not None:
        timing.expected = read_durations(folder, profile, again=bool(before))
        first = sum(read_durations(folder, profile, again=False).values())
        if before and first:
            timing.factor = sum(measured.values()) / first
    return timing
