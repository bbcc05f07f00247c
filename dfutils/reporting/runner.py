"""Run the notebooks in order with papermill, collect their results and write a report."""

import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path
from dfutils.data import locate
from dfutils.errors import DataError, DfutilsError, SettingsError
from dfutils.notebook import RECORD_TYPE
from dfutils.reporting.pages import write_index, write_page
from dfutils.reporting.parameters import (
    declared_parameters,
    quiet_papermill,
    read_profile,
    values_by_notebook,
    with_defaults,
)
from dfutils.reporting.provenance import collect_provenance, in_project
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
) -> Report:
    """Run the notebooks in order and write the report to `reports/<name>/`.

    Args:
        name: str. The name of the report and of its workspace. Defaults to `"demo"`.
        data_root: str or None. The data set's folder or CSV. Defaults to the data set of the existing
            workspace. For the workspace `demo`, the default is the demo data set.
        profile: str. `"demo"`, `"smoke"`, `"full"`, or the path of a YAML file. Defaults to `"demo"`.
        parameters: dict or None. Notebook parameters that override the profile's. Text is converted to the
            type that the notebook declares. Defaults to None: no overrides.
        notebooks: str, Path or None. The folder of the notebooks. Defaults to the project's `notebooks/`.

    Returns:
        Report. If a notebook fails, its page shows the cell that failed, and the notebooks after it are not run.

    Raises:
        SettingsError: If the name, the profile or a parameter is unknown, or a value has the wrong type.
        DataError: If there is no data for this name, or if the data set is inside the folder of the workspace.
    """
    workspace = Workspace(check_name(name))
    if data_root is None and name != "demo" and not workspace.exists():
        known = sorted(path.parent.name for path in (project_root() / "data").glob("*/workspace.json"))
        raise DataError(
            f"There is no workspace {name!r} and no data was given. Give the data set with --data"
            + (f", or name one of: {', '.join(known)}." if known else ".")
        )
    source = locate(workspace, given=str(data_root or ""))
    folder = Path(notebooks) if notebooks else _notebooks_folder()
    series = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not series:
        raise SettingsError(f"{folder} holds no notebooks named like 01_data_loading.ipynb.")
    declared = {path.stem: declared_parameters(path) for path in series}
    chosen = read_profile(profile, folder) | (parameters or {})
    chosen |= {"workspace": name} | ({"data_root": str(data_root)} if data_root else {})
    values = values_by_notebook(chosen, declared)

    directory = project_root() / "reports" / name
    _clear(directory)
    (directory / "notebooks").mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    status: dict[str, str] = {}
    seconds: dict[str, float] = {}
    failed: list[str] = []
    _say(f"Report {name!r} with profile {profile!r}, into {directory}")
    for number, path in enumerate(series, 1):
        if failed:
            status[path.stem], seconds[path.stem] = "not run", 0.0
            continue
        _say(f"[{number}/{len(series)}] {path.stem} …")
        executed = directory / "notebooks" / path.name
        start = time.perf_counter()
        trouble = _execute(path, executed, values[path.stem])
        seconds[path.stem] = round(time.perf_counter() - start, 1)
        status[path.stem] = "failed" if trouble else "ok"
        _say(f"      {status[path.stem]} in {seconds[path.stem]:.0f} s" + (f": {trouble}" if trouble else ""))
        if trouble:
            failed.append(path.stem)
        write_page(
            executed,
            directory / f"{path.stem}.html",
            [p.stem for p in series],
            report=name,
            trouble=trouble,
        )

    outputs = {
        stem: _outputs(directory / "notebooks" / f"{stem}.ipynb")
        for stem in status
        if status[stem] != "not run"
    }
    records = {stem: _record(outputs.get(stem, [])) for stem in status}
    results = {
        "report": name,
        "ok": not failed,
        "status": status,
        "notebooks": records,
        "provenance": {
            **collect_provenance(),
            "weights": records.get("03_feature_caching", {}).get("weights"),
            "profile": str(profile),
            "data": in_project(source),
            "parameters": {stem: with_defaults(declared[stem], values[stem]) for stem in status},
            "seconds": seconds,
            "started": began.isoformat(timespec="seconds"),
            "minutes": round(sum(seconds.values()) / 60, 2),
        },
    }
    with atomic_path(directory / "results.json") as temporary:
        temporary.write_text(json.dumps(results, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    write_index(directory, results, outputs)
    _say(f"{'Failed: ' + ', '.join(failed) + '. ' if failed else ''}Open {directory / 'index.html'}")
    return Report(directory, results, failed)


def _say(line: str) -> None:
    print(line, flush=True)


def _notebooks_folder() -> Path:
    for root in (Path(__file__).resolve().parents[2], project_root(), Path.cwd().parent):
        if (root / "notebooks").is_dir():
            return root / "notebooks"
    raise SettingsError(
        "The notebooks were not found. They are part of the project's repository, not of the installed package. "
        "Clone the repository and run `make reports` there."
    )


def _execute(path: Path, executed: Path, values: dict[str, Any]) -> str:
    """Run one notebook. Return the error in one line, or `""` if there was no error."""
    import papermill

    # Use the kernel of this Python, even if the user's Jupyter has another kernel with the name python3.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    try:
        with quiet_papermill():
            papermill.execute_notebook(
                str(path),
                str(executed),
                values,
                kernel_name="python3",
                progress_bar=sys.stderr.isatty(),
                # Hide the kernel's messages, which would appear between the progress lines.
                extra_arguments=["--log-level=CRITICAL"],
            )
    except KeyboardInterrupt:
        raise
    except papermill.PapermillExecutionError as error:
        return f"{error.ename}: {error.evalue.strip().splitlines()[0] if error.evalue.strip() else ''}"
    except DfutilsError:
        raise
    except Exception as error:  # the kernel died or could not start; the report shows the error
        if not executed.is_file():
            shutil.copyfile(path, executed)
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    return ""


def _outputs(executed: Path) -> list[dict[str, Any]]:
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _record(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for output in outputs:
        record |= output.get("data", {}).get(RECORD_TYPE, {})
    return record


def _clear(directory: Path) -> None:
    """Delete the pages of an earlier report, so that old and new pages are never mixed."""
    for pattern in ("*.html", "results.json", "notebooks/*.ipynb"):
        for path in directory.glob(pattern):
            path.unlink()
