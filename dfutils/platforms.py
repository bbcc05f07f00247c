"""Set up Colab, Kaggle or any other machine for a notebook that carries dfutils.

Only the standard library is imported at the top, because this runs before the packages are installed.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from dfutils.errors import DfutilsError
from dfutils.requirements import installed_versions, package_name, pip_error, unmet_requirements

WHEELS = "dfutils-wheels"  # the name of the folder of wheels, and of the file in it that names its content
SERIES = Path(__file__).with_name("_series")  # the notebooks, in editions that carry them
_DRIVE = Path("/content/drive/MyDrive")
_KAGGLE_INPUT = Path("/kaggle/input")
# What each notebook leaves in the workspace's folder for those after it.
_MADE = {
    "01_data_loading": "catalog.csv",
    "03_feature_caching": "features",
    "04_gru_training": "models/gru",
    "05_evaluation": "predictions.csv",
    "07_tuner_search": "models/gru_tuned",
}


class SetupError(DfutilsError):
    """A package that is needed could not be installed."""


def set_up(site: Path) -> None:
    """Install the packages that this machine lacks, and choose where results are kept.

    Nothing that is installed already is changed, except packages that are too old for dfutils.

    Args:
        site: Path. The folder with the carried package. Processes that a notebook starts find it there too.

    Raises:
        SetupError: If a package is missing and cannot be installed. The message says what to do.
    """
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    home = _DRIVE / "dfutils" if _DRIVE.is_dir() else Path.cwd()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DFUTILS_HOME", str(home))
    wrong = unmet_requirements() | unmet_requirements("reports")
    if wrong:
        print(f"Installing what this machine lacks: {', '.join(wrong.values())} …", flush=True)
        install(list(wrong), wheels=find_wheels())
    print(f"dfutils is ready. Results are kept in {os.environ['DFUTILS_HOME']}.")


def install(requirements: list[str], *, wheels: Path | None) -> None:
    """Install packages with pip, without changing any other package.

    Args:
        requirements: list of str. Such as `av>=17.1`.
        wheels: Path or None. A folder of wheels, for a machine without internet. None: from the package index.

    Raises:
        SetupError: If pip fails.
    """
    names = {package_name(requirement) for requirement in requirements}
    kept = [
        f"{name}=={number}"
        for name, number in installed_versions().items()
        if package_name(name) not in names
    ]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(kept))
        source = ["--no-index", "--find-links", str(wheels)] if wheels else []
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run = subprocess.run(
            [*command, *source, "--constraint", str(constraints), *requirements],
            capture_output=True,
            text=True,
            check=False,
        )
    importlib.invalidate_caches()
    if run.returncode:
        where = f"from {wheels}" if wheels else "from the package index"
        raise SetupError(
            f"{', '.join(requirements)} could not be installed {where}: {pip_error(run.stderr)}\n"
            "Without internet, attach the folder that `make wheels` writes, as a data set or next to this notebook. On "
            "Kaggle, internet can be switched on in the settings of the notebook."
        )


def find_wheels() -> Path | None:
    """Return the folder that `make wheels` wrote: attached on Kaggle, in Drive, or next to the notebook; else None."""
    for place in (Path.cwd(), _KAGGLE_INPUT, _DRIVE):
        for depth in ("", "*/", "*/*/", "*/*/*/"):
            for marker in sorted(place.glob(f"{depth}{WHEELS}.json")):
                return marker.parent
    return None


def prepare(
    notebook: str, *, workspace: str = "demo", run: Callable[[Path, str], None] | None = None
) -> list[str]:
    """Run the notebooks whose results a notebook needs, if those results are not there yet.

    Args:
        notebook: str. The name of the notebook that is going to run, such as `04_gru_training`.
        workspace: str. The name of the workspace. Defaults to `demo`.
        run: function. Takes the path of a notebook and the name of the workspace, and runs it. Defaults to None:
            papermill runs it with the parameters of the profile `demo`.

    Returns:
        list of str. The notebooks that were run.
    """
    folder = Path(os.environ.get("DFUTILS_HOME", ".")) / "data" / workspace
    done = []
    for name in _needed(notebook):
        unfinished = folder / f".unfinished-{name}"
        if unfinished.exists() or not (folder / _MADE[name]).exists():
            folder.mkdir(parents=True, exist_ok=True)
            unfinished.touch()  # an interrupted notebook may have left a part of its results
            began = time.perf_counter()
            print(f"{name} makes what this notebook needs. It runs now, which takes minutes …", flush=True)
            (run or _run)(SERIES / f"{name}.ipynb", workspace)
            unfinished.unlink()
            print(f"  {name} took {time.perf_counter() - began:.0f} s.", flush=True)
            done.append(name)
    return done


def _needed(notebook: str) -> Iterable[str]:
    """Return the notebooks that must be run before a notebook, in order."""
    text = (SERIES / f"{notebook}.ipynb").read_text(encoding="utf-8")
    needs = json.loads(text)["metadata"]["dfutils"]["needs"]
    return sorted({*needs, *(name for need in needs for name in _needed(need))})


def _run(path: Path, workspace: str) -> None:
    import papermill

    from dfutils.reporting.parameters import (
        declared_parameters,
        quiet_papermill,
        read_profile,
        values_by_notebook,
    )

    declared = {one.stem: declared_parameters(one) for one in path.parent.glob("[0-9][0-9]_*.ipynb")}
    chosen = read_profile("demo", path.parent) | {"workspace": workspace}
    with tempfile.TemporaryDirectory() as folder, quiet_papermill():
        papermill.execute_notebook(
            str(path),
            str(Path(folder) / path.name),
            values_by_notebook(chosen, declared)[path.stem],
            kernel_name="python3",
            progress_bar=False,
        )
