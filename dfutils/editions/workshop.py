"""Write the notebooks for a workshop: an edition for students, without solutions, and one with solutions."""

import shutil
from pathlib import Path

import nbformat

from dfutils.atomic import atomic_path
from dfutils.editions.badges import remove_badges
from dfutils.reporting import find_series
from dfutils.reporting.provenance import git_commit


def write_workshop(folder: str | Path, *, notebooks: str | Path | None = None) -> Path:
    """Write `student/` and `solutions/` with one file per notebook, and what the notebooks need next to them.

    The first cell of each notebook says which edition and which commit it is of. Notebooks of an earlier workshop in
    the folder are replaced.

    Args:
        folder: str or Path. Where the editions are written.
        notebooks: str, Path or None. The folder of the notebooks. Defaults to the project's `notebooks/`.

    Returns:
        Path. The folder.

    Raises:
        SettingsError: If there are no notebooks.
    """
    series, commit = find_series(folder=notebooks), git_commit()
    of_commit = f" of commit `{commit[:10]}{commit[40:]}`" if commit else ""
    for edition in ("student", "solutions"):
        own = Path(folder) / edition
        own.mkdir(parents=True, exist_ok=True)
        for stale in own.glob("[0-9][0-9]_*.ipynb"):
            stale.unlink()
        for extra in ("profiles", "images", "durations.yml"):
            _copy(series[0].with_name(extra), own / extra)
        for path in series:
            notebook = nbformat.read(path, as_version=4)
            if edition == "student":
                notebook.cells = [
                    cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
                ]
                remove_badges(notebook)  # they open a notebook with solutions
            title, _, rest = notebook.cells[0].source.partition("\n")
            notebook.cells[0].source = f"{title}\n\n*{edition.capitalize()} edition{of_commit}.*\n{rest}"
            with atomic_path(own / path.name) as temporary:
                nbformat.write(notebook, temporary)
    return Path(folder)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)
