"""Write slides for a workshop: one per notebook, with a picture from an executed report."""

import re
from pathlib import Path
from typing import Any

import nbformat

from dfutils import pages
from dfutils.reporting import find_series
from dfutils.reporting.results import cell_outputs, shown_figures
from dfutils.workspace import project_root

_TEMPLATE = Path(__file__).parent / "templates" / "slides.html.j2"
# The picture of each notebook: the first of these that it shows, or else its last one.
_PICTURES = (
    "leak",
    "crops",
    "projection",
    "learning_curves",
    "scores",
    "tests",
    "seeds",
    "left_out_adapted",
    "evidence",
)


def write_slides(
    path: str | Path, *, report: str | Path | None = None, notebooks: str | Path | None = None
) -> int:
    """Write slides as one HTML file that needs no network: title, promise, what is learnt, a question and a picture.

    Args:
        path: str or Path. The HTML file.
        report: str or Path or None. The folder of a report, whose pictures are used. Defaults to the report `demo`.
        notebooks: str, Path or None. The folder of the notebooks. Defaults to the project's `notebooks/`.

    Returns:
        int. The number of slides with a picture. It is 0 if there is no such report.

    Raises:
        SettingsError: If there are no notebooks.
    """
    executed = (Path(report) if report else project_root() / "reports" / "demo") / "notebooks"
    slides = [_slide(notebook, executed / notebook.name) for notebook in find_series(folder=notebooks)]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pages.write_page(Path(path), pages.render(_TEMPLATE, slides=slides))
    return sum(slide["picture"] is not None for slide in slides)


def _slide(path: Path, executed: Path) -> dict[str, Any]:
    """Return what a slide about a notebook shows."""
    text = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    first, every = text[0], "\n\n".join(text)
    promise = re.search(r"^\*\*(.+?)\*\*$", first, re.MULTILINE | re.DOTALL)
    figures = shown_figures(cell_outputs(executed)) if executed.is_file() else []
    chosen = [figure for figure in figures if figure["key"] in _PICTURES] or figures[-1:]
    return {
        "title": first.splitlines()[0].lstrip("# "),
        "promise": _plain(promise[1]) if promise else "",
        "learn": [_plain(item) for item in _items(first)],
        "question": _plain(
            " ".join(re.findall(r"^> \*\*Predict\.\*\*((?:.+\n?(?:> )?)+)", every, re.MULTILINE)[:1])
        ),
        "picture": chosen[0] if chosen else None,
    }


def _items(text: str) -> list[str]:
    """Return the items of the first list in a Markdown text."""
    listed = re.search(r"(?:^- .+\n?(?:^  .+\n?)*)+", text, re.MULTILINE)
    return re.split(r"^- ", listed[0], flags=re.MULTILINE)[1:] if listed else []


def _plain(text: str) -> str:
    """Return Markdown as plain text on one line."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace("\n> ", " "))
    return " ".join(re.sub(r"[*`]", "", text).split()).rstrip(";")
