"""Write notebooks that run alone on Colab, on Kaggle or in an empty folder: each carries the package and the series."""

import base64
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import nbformat

from dfutils.atomic import atomic_path
from dfutils.editions.links import remove_badges, remove_documents
from dfutils.platforms import SERIES
from dfutils.reporting import find_series

WHOLE = "dfutils_whole_series.ipynb"
_LINE = 4000  # characters; longer lines are slow in the editor
_HIDDEN = {"jupyter": {"source_hidden": True}, "_kg_hide-input": True, "cellView": "form"}
_SET_UP = '''\
# @title Set-up: this notebook carries dfutils, and installs only what this machine lacks.
import base64
import importlib.util
import io
import sys
import tempfile
import zipfile
from pathlib import Path

CARRIED = """
{carried}
"""
if importlib.util.find_spec("dfutils") is None:
    site = Path(tempfile.gettempdir()) / "dfutils-{digest}"
    zipfile.ZipFile(io.BytesIO(base64.b85decode("".join(CARRIED.split())))).extractall(site)
    sys.path.insert(0, str(site))
    from dfutils import platforms

    platforms.set_up(site)
'''
_PREPARE = """\
# The notebooks before this one are run if their results are missing. In a clone, nothing happens here.
from dfutils import platforms

if platforms.SERIES.is_dir():
    platforms.prepare("{name}", workspace=workspace)
"""


def write_uploads(
    folder: str | Path, *, wheel: str | Path, notebooks: str | Path | None = None
) -> list[Path]:
    """Write each notebook as a file that runs alone, and one notebook with the whole series.

    Args:
        folder: str or Path. Where the files are written.
        wheel: str or Path. The wheel of dfutils that they carry.
        notebooks: str, Path or None. The folder of the notebooks. Defaults to the project's `notebooks/`.

    Returns:
        list of Path. The files.

    Raises:
        SettingsError: If there are no notebooks.
    """
    series, target = find_series(folder=notebooks), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    set_up = _set_up_cell(Path(wheel), series)
    read = {path.stem: nbformat.read(path, as_version=4) for path in series}
    editions = {path.name: _alone(read[path.stem], path.stem, set_up) for path in series}
    editions[WHOLE] = _whole([nbformat.read(path, as_version=4) for path in series], set_up)
    written = []
    for name, notebook in editions.items():
        remove_badges(notebook)
        remove_documents(notebook)
        with atomic_path(target / name) as temporary:
            nbformat.write(notebook, temporary)
        written.append(target / name)
    return written


def _set_up_cell(wheel: Path, series: list[Path]) -> Any:
    """Return the first code cell: the wheel and the series as text, and the code that unpacks them."""
    content = io.BytesIO(wheel.read_bytes())
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        folder = series[0].parent
        for path in [*series, *sorted((folder / "profiles").glob("*.yml")), folder / "durations.yml"]:
            archive.write(path, f"dfutils/{SERIES.name}/{path.relative_to(folder).as_posix()}")
    data = content.getvalue()
    text = base64.b85encode(data).decode()
    lines = "\n".join(text[start : start + _LINE] for start in range(0, len(text), _LINE))
    source = _SET_UP.format(carried=lines, digest=hashlib.sha256(data).hexdigest()[:12])
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["setup"], **_HIDDEN})


def _alone(notebook: Any, name: str, set_up: Any) -> Any:
    """Put the carried package into a notebook, and a cell that runs the notebooks before it."""
    cells = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cells.append(set_up if "setup" in tags else cell)
        if "parameters" in tags and notebook.metadata["dfutils"]["needs"]:
            cells.append(nbformat.v4.new_code_cell(_PREPARE.format(name=name), metadata=_HIDDEN))
    notebook.cells = cells
    return notebook


def _whole(notebooks: list[Any], set_up: Any) -> Any:
    """Return one notebook with all cells of the series. The workspace and the data set are chosen once, at its top."""
    first = (
        'workspace: str = "demo"  # the name of this run\n'
        'data_root: str = ""  # your data set: a folder or a CSV file; empty: the built-in data set'
    )
    cells = [
        nbformat.v4.new_markdown_cell(
            "# Deepfake detection, from a folder of videos to a verdict\n\nThe whole series in one notebook. It runs "
            "from top to bottom in about ten minutes on two cores, and needs no download of data."
        ),
        set_up,
        nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]}),
    ]
    for notebook in notebooks:
        for cell in notebook.cells:
            tags = cell.metadata.get("tags", [])
            if "setup" in tags:
                continue
            if "parameters" in tags:
                lines = cell.source.splitlines()
                own = [line for line in lines if not line.startswith(("workspace:", "data_root:"))]
                cell.metadata["tags"] = []
                # Without their types: the next chapters use some of the names for other things.
                cell.source = re.sub(r"^(\w+): \w+ =", r"\1 =", "\n".join(own), flags=re.MULTILINE)
            if cell.source.strip():
                cells.append(cell)
    whole = notebooks[0]
    whole.cells = cells
    for number, cell in enumerate(whole.cells):
        cell["id"] = f"cell-{number}"
    return whole
