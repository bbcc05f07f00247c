"""Write what a workshop needs: notebooks for students, without solutions, notebooks with solutions, and slides."""

import shutil
from pathlib import Path

import nbformat

from dfutils.atomic import atomic_path
from dfutils.editions.links import link_documents_next_to, remove_badges
from dfutils.editions.slides import write_slides
from dfutils.reporting import find_series
from dfutils.reporting.notebook_page import DOCUMENTS
from dfutils.reporting.provenance import git_commit


def write_workshop(
    folder: str | Path, *, report: str | Path | None = None, notebooks: str | Path | None = None
) -> Path:
    """Write `student/` and `solutions/` with one file per notebook, what the notebooks need next to them, and slides.

    The first cell of each notebook says which edition and which commit it is of. Notebooks of an earlier workshop in
    the folder are replaced.

    Args:
        folder: str or Path. Where the editions are written.
        report: str, Path or None. The folder of a report. The slides show its pictures. Defaults to the report `demo`.
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
        for name in DOCUMENTS:
            _copy(series[0].parents[1] / "docs" / f"{name}.md", own / f"{name}.md")
        for path in series:
            notebook = nbformat.read(path, as_version=4)
            if edition == "student":
                notebook.cells = [
                    cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
                ]
                remove_badges(notebook)  # they open a notebook with solutions
            link_documents_next_to(notebook)
            title, _, rest = notebook.cells[0].source.partition("\n")
            notebook.cells[0].source = f"{title}\n\n*{edition.capitalize()} edition{of_commit}.*\n{rest}"
            with atomic_path(own / path.name) as temporary:
                nbformat.write(notebook, temporary)
    write_slides(Path(folder) / "slides.html", report=report, notebooks=notebooks)
    return Path(folder)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)
