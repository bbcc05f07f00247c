"""Run the notebooks in order with papermill, collect their results and write a report."""

import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path
from dfutils.reporting.execution import run_notebooks
from dfutils.reporting.index_page import write_index
from dfutils.reporting.notebook_page import write_document_pages, write_notebook_page
from dfutils.reporting.plan import plan_report
from dfutils.reporting.progress import Progress
from dfutils.reporting.provenance import collect_provenance
from dfutils.reporting.results import cell_outputs, recorded
from dfutils.workspace import Workspace

_SCORING, _SCORES = "05_evaluation", "predictions.csv"  # the notebook that writes the scores, and their file


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
    plan = plan_report(
        name=name,
        data_root=data_root,
        profile=profile,
        parameters=parameters or {},
        notebooks=notebooks,
        jobs=jobs,
        only=only,
        start=start,
        cell_limit=cell_limit,
    )
    directory = plan.directory
    _clear(directory, keep=list(plan.kept))
    (directory / "notebooks").mkdir(parents=True, exist_ok=True)
    began, clock = datetime.now(UTC), time.perf_counter()
    progress = Progress(plan)

    def write(stem: str, trouble: str) -> None:
        executed, page = directory / "notebooks" / f"{stem}.ipynb", directory / f"{stem}.html"
        write_notebook_page(executed, page, plan.series, report=name, trouble=trouble)

    write_document_pages(plan.notebooks, directory, plan.series, report=name)
    interrupted = False
    try:
        for stem, trouble, _ in run_notebooks(
            plan.jobs,
            at_a_time=plan.at_a_time,
            started=progress.start,
            advanced=progress.advance,
            ended=progress.end,
        ):
            write(stem, trouble)
    except KeyboardInterrupt:
        interrupted = True
        for stem in progress.running:
            if (directory / "notebooks" / f"{stem}.ipynb").is_file():
                progress.status[stem] = "interrupted"
                write(stem, "It was interrupted.")

    outputs = {
        stem: cell_outputs(directory / "notebooks" / f"{stem}.ipynb")
        for stem, status in progress.status.items()
        if status != "not run"
    }
    records = {stem: recorded(outputs.get(stem, [])) for stem in plan.series}
    failed = [stem for stem, status in progress.status.items() if status == "failed"]
    results = {
        "report": name,
        "ok": not failed and not interrupted,
        "status": progress.status,
        "notebooks": records,
        "provenance": {
            **collect_provenance(),
            "weights": records.get("03_feature_caching", {}).get("weights"),
            **plan.facts,
            "again": plan.again,
            "earlier": plan.kept,
            "seconds": progress.seconds,
            "started": began.isoformat(timespec="seconds"),
            "minutes": round((time.perf_counter() - clock) / 60, 2),
        },
    }
    scores = Workspace(name).path / _SCORES
    if progress.status.get(_SCORING) == "ok" and scores.is_file():
        # The workspace has only the newest scores. A report keeps its own, so that it can be compared with later ones.
        with atomic_path(directory / _SCORES) as temporary:
            shutil.copyfile(scores, temporary)
    with atomic_path(directory / "results.json") as temporary:
        temporary.write_text(json.dumps(results, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    write_index(directory, results, outputs)
    progress.close(
        f"{'Failed: ' + ', '.join(failed) + '. ' if failed else ''}Open {directory / 'index.html'}"
    )
    if interrupted:
        raise KeyboardInterrupt
    return Report(directory, results, failed)


def _clear(directory: Path, *, keep: list[str]) -> None:
    """Delete the pages of an earlier report, except those of the notebooks that are not run again."""
    if _SCORING not in keep:
        (directory / _SCORES).unlink(missing_ok=True)
    for pattern in ("*.html", "results.json", "notebooks/*.ipynb"):
        for path in directory.glob(pattern):
            if path.stem not in keep:
                path.unlink()
