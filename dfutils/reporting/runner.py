"""Run the notebooks in order with papermill, and gather what they found."""

import contextlib
import difflib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dfutils import __version__
from dfutils.data import locate
from dfutils.errors import DataError, DfutilsError, SettingsError
from dfutils.reporting.outputs import RECORD_TYPE
from dfutils.reporting.pages import write_index, write_page
from dfutils.workspace import Workspace, atomic_path, check_name, project_root

_PACKAGES = (
    "tensorflow",
    "keras",
    "keras-tuner",
    "numpy",
    "pandas",
    "scikit-learn",
    "opencv-python",
    "av",
    "mtcnn",
    "matplotlib",
    "papermill",
    "nbconvert",
)


@dataclass
class Report:
    """A finished report.

    Args:
        directory: Path. Holds index.html, a page a notebook, results.json and the executed notebooks.
        results: dict. What results.json holds.
        failed: list of str. Notebooks that failed; those after one are not run.
    """

    directory: Path
    results: dict = field(repr=False)
    failed: list[str]

    @property
    def ok(self) -> bool:
        return not self.failed


def write_report(
    name: str = "demo",
    data_root: str | None = None,
    profile: str = "demo",
    parameters: dict | None = None,
    notebooks: str | Path | None = None,
) -> Report:
    """Run the series and write `reports/<name>/`.

    Args:
        name: str. The report's name, and its workspace's. Defaults to `"demo"`.
        data_root: str or None. The data set's folder or CSV. Defaults to what the workspace was made from,
            and for the demo to the built-in data set.
        profile: str. `"demo"`, `"smoke"`, `"full"`, or the path of a YAML file. Defaults to `"demo"`.
        parameters: dict or None. Notebook parameters that override the profile's; text is read as the
            type that the notebook declares. Defaults to none.
        notebooks: str, Path or None. The folder of the series. Defaults to the project's own.

    Returns:
        Report. A notebook that fails becomes a page that shows where, and the ones after it are not run.

    Raises:
        SettingsError: If the name, the profile or a parameter is unknown, or a value has the wrong type.
        DataError: If there is no data for this name, or it lies where the run keeps its artefacts.
    """
    workspace = Workspace(check_name(name))
    if data_root is None and name != "demo" and not workspace.exists():
        known = sorted(path.parent.name for path in (project_root() / "data").glob("*/workspace.json"))
        raise DataError(
            f"There is no workspace {name!r} and no data was given. Give the data set with --data"
            + (f", or name one of: {', '.join(known)}." if known else ".")
        )
    source = locate(workspace, str(data_root or ""))
    folder = Path(notebooks) if notebooks else _notebooks_folder()
    series = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not series:
        raise SettingsError(f"{folder} holds no notebooks named like 01_data_loading.ipynb.")
    declared = {path.stem: _declared_parameters(path) for path in series}
    chosen = _read_profile(profile, folder) | (parameters or {})
    chosen |= {"workspace": name} | ({"data_root": str(data_root)} if data_root else {})
    values = _values_by_notebook(chosen, declared)

    directory = project_root() / "reports" / name
    _clear(directory)
    (directory / "notebooks").mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    status, seconds, failed = {}, {}, []
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
        write_page(executed, directory / f"{path.stem}.html", [p.stem for p in series], name, trouble)

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
            **_provenance(),
            "weights": records.get("03_feature_caching", {}).get("weights"),
            "profile": str(profile),
            "data": _in_project(source),
            "parameters": {stem: _with_defaults(declared[stem], values[stem]) for stem in status},
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
        "The notebooks are not here: they come with the project's repository, not with the installed package. "
        "Clone it and run `make reports` there."
    )


def _read_profile(profile: str, folder: Path) -> dict:
    import yaml

    known = {path.stem: path for path in sorted((folder / "profiles").glob("*.yml"))}
    path = known.get(profile, Path(profile))
    if not path.is_file():
        raise SettingsError(f"Unknown profile {profile!r}. Known: {', '.join(known)}, or a YAML file's path.")
    try:
        values = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not a YAML file: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path} must hold lines like `epochs: 10`. Received: {values!r}")
    return values


def _declared_parameters(path: Path) -> dict:
    """Return {parameter: (type's name, default)} of a notebook."""
    import papermill

    with _quiet_papermill():
        inspected = papermill.inspect_notebook(str(path))
    return {
        name: (facts["inferred_type_name"], facts["default"]) for name, facts in inspected.items() if facts
    }


def _values_by_notebook(chosen: dict, declared: dict[str, dict]) -> dict[str, dict]:
    known = sorted({name for parameters in declared.values() for name in parameters})
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise SettingsError(f"No notebook has a parameter {name!r}. {hint}Known: {', '.join(known)}.")
    return {
        stem: {
            name: _as_type(name, chosen[name], parameters[name][0]) for name in parameters if name in chosen
        }
        for stem, parameters in declared.items()
    }


def _as_type(name: str, value, kind: str):
    """Return a value as the type that the notebook declares, also where it came as text."""
    wrong = SettingsError(f"The parameter {name!r} is of type {kind}. Received: {value!r}")
    if kind == "bool":
        words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() not in words:
            raise wrong
        return words[str(value).lower()]
    if kind in ("int", "float"):
        if isinstance(value, bool):
            raise wrong
        try:
            number = float(value)
            if kind == "float":
                return number
            if number != int(number):
                raise wrong
            return int(number)
        except (ValueError, TypeError, OverflowError):
            raise wrong from None
    if kind == "str" and not isinstance(value, (str, int, float)):
        raise wrong
    return str(value) if kind == "str" else value


def _in_project(source: Path) -> str:
    """Return where the data lies without telling the machine's folders to whoever reads the report."""
    root = project_root()
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else source.name


def _with_defaults(declared: dict, values: dict) -> dict:
    import ast

    parameters = {}
    for name, (_, default) in declared.items():
        try:
            parameters[name] = values.get(name, ast.literal_eval(default))
        except (ValueError, SyntaxError):
            parameters[name] = default
    return parameters


def _execute(path: Path, executed: Path, values: dict) -> str:
    """Run one notebook. Return what went wrong in one line, `""` if nothing."""
    import papermill

    # The kernel must be the one beside this Python, whatever the user's Jupyter knows.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    try:
        with _quiet_papermill():
            papermill.execute_notebook(
                str(path),
                str(executed),
                values,
                kernel_name="python3",
                progress_bar=sys.stderr.isatty(),
                # The kernel's advice on transports would stand between our lines.
                extra_arguments=["--log-level=CRITICAL"],
            )
    except KeyboardInterrupt:
        raise
    except papermill.PapermillExecutionError as error:
        return f"{error.ename}: {error.evalue.strip().splitlines()[0] if error.evalue.strip() else ''}"
    except DfutilsError:
        raise
    except Exception as error:  # a kernel that died or could not start: the report says so, too
        if not executed.is_file():
            shutil.copyfile(path, executed)
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    return ""


@contextlib.contextmanager
def _quiet_papermill():
    import logging
    import warnings

    logger = logging.getLogger("papermill")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _outputs(executed: Path) -> list[dict]:
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _record(outputs: list[dict]) -> dict:
    record = {}
    for output in outputs:
        record |= output.get("data", {}).get(RECORD_TYPE, {})
    return record


def _provenance() -> dict:
    versions = {}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return {
        "git_commit": _git_commit(),
        "versions": {"dfutils": __version__, "python": platform.python_version(), **versions},
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores",
    }


def _git_commit() -> str | None:
    """Return the clone's commit, with `+changes` where files differ from it; None outside a clone."""
    clone = Path(__file__).resolve().parents[2]
    if not (clone / ".git").exists():
        return None
    try:

        def ask(*words):
            return subprocess.run(
                ["git", "-C", str(clone), *words], capture_output=True, text=True, check=True, timeout=20
            ).stdout.strip()

        return ask("rev-parse", "HEAD") + ("+changes" if ask("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _clear(directory: Path) -> None:
    """Remove an earlier report's pages, so that none of them stands beside the new ones."""
    for pattern in ("*.html", "results.json", "notebooks/*.ipynb"):
        for path in directory.glob(pattern):
            path.unlink()
