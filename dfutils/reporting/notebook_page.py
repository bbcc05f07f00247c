"""Convert executed notebooks to HTML pages that load no other files."""

import re
from pathlib import Path
from typing import Any

from dfutils import pages
from dfutils.reporting.titles import short_title

_TEMPLATES = Path(__file__).with_name("templates")
# Markdown images from the web, [![text](https://image)](address) and ![text](https://image). Pages must not load them.
_LINKED_BADGE = re.compile(r"\[!\[([^\]]*)\]\(https?://[^)]*\)\]\(([^)]*)\)")
_REMOTE_PICTURE = re.compile(r"!\[([^\]]*)\]\(https?://[^)]*\)")
_REMOTE_TAG = re.compile(r"<img\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>", re.IGNORECASE)
_NOTEBOOK_LINK = re.compile(r"\]\((?!https?:)([^)#]*?)\.ipynb(#[^)]*)?\)")
# The documents in docs/ that notebooks link to. Each report has a page of each.
DOCUMENTS = ("glossary", "auc")
_DOCUMENT_LINK = re.compile(rf"\]\(\.\./docs/({'|'.join(DOCUMENTS)})\.md\)")
_EQUATION = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SECTION = re.compile(r'<h2 id="([^"]*)">(.*?)<a class="anchor-link"', re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def write_notebook_page(
    executed: Path, page: Path, series: list[str], *, report: str, trouble: str = ""
) -> None:
    """Write an executed notebook as an HTML page that loads no other files.

    Args:
        executed: Path. The executed notebook with its outputs, also if a cell failed.
        page: Path. The HTML file.
        series: list of str. The names of all notebooks of the report in order, for the links between pages.
        report: str. The report's name.
        trouble: str. The error that stopped the notebook. Defaults to `""`: no error.
    """
    import nbformat

    _write(nbformat.read(executed, as_version=4), page, series, report=report, trouble=trouble)


def write_document_pages(notebooks: Path, directory: Path, series: list[str], *, report: str) -> None:
    """Write the documents that a series links to, such as its glossary, as HTML pages. Missing ones are left out.

    Args:
        notebooks: Path. The folder of the notebooks. A document is in it, or in `../docs/`.
        directory: Path. The report's folder.
        series, report: As for `write_notebook_page`.
    """
    import nbformat

    for name in DOCUMENTS:
        sources = (notebooks / f"{name}.md", notebooks.parent / "docs" / f"{name}.md")
        source = next((path for path in sources if path.is_file()), None)
        if source is not None:
            cell = nbformat.v4.new_markdown_cell(source.read_text(encoding="utf-8"))
            page = directory / f"{name}.html"
            _write(nbformat.v4.new_notebook(cells=[cell]), page, series, report=report)


def _write(notebook: Any, page: Path, series: list[str], *, report: str, trouble: str = "") -> None:
    from nbconvert import HTMLExporter

    _tidy(notebook)
    exporter = HTMLExporter(template_name="dfutils", extra_template_basedirs=[str(_TEMPLATES)])
    exporter.register_filter("reachable", _reachable)
    around: list[str | None] = [None, *series, None] if page.stem in series else [None] * 3
    position = around.index(page.stem) if page.stem in series else 1
    body, _ = exporter.from_notebook_node(
        notebook,
        resources={
            "metadata": {"name": _title(notebook) or page.stem},
            "report": report,
            "series": [(stem, short_title(stem)) for stem in series],
            "here": page.stem,
            "before": around[position - 1],
            "after": around[position + 1],
            "trouble": trouble,
            "style": pages.page_style(),
        },
    )
    pages.write_page(page, _with_contents(body))


def _with_contents(body: str) -> str:
    """Put links to the sections of a page into its places for them, `<!-- sections -->`."""
    sections = _SECTION.findall(body)
    links = "".join(f'<li><a href="#{anchor}">{heading}</a></li>' for anchor, heading in sections)
    return body.replace("<!-- sections -->", f"<ol>{links}</ol>" if links else "")


def _reachable(html: str) -> str:
    """Let wide code blocks and tables be scrolled on their own, also by the keyboard, without a mouse."""
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )
    return html.replace("<pre>", '<pre tabindex="0">')


def _tidy(notebook: Any) -> None:
    """Prepare a notebook for its HTML page, in place.

    Remove images from the web, convert equations, link to HTML pages instead of notebooks, and keep only the last state
    of progress bars.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINKED_BADGE.sub(r"[\1](\2)", cell.source)
            cell.source = _REMOTE_PICTURE.sub(r"\1", cell.source)
            cell.source = _REMOTE_TAG.sub("", cell.source)
            cell.source = _EQUATION.sub(_to_mathml, cell.source)
            cell.source = _NOTEBOOK_LINK.sub(r"](\1.html\2)", cell.source)
            cell.source = _DOCUMENT_LINK.sub(r"](\1.html)", cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [output for output in map(_tidy_output, _joined(cell.outputs)) if output]


def _to_mathml(equation: re.Match[str]) -> str:
    """Return an equation in LaTeX as MathML, which browsers show without a script."""
    from latex2mathml.converter import convert

    return (
        f'<div class="equation" tabindex="0">{convert(" ".join(equation[1].split()), display="block")}</div>'
    )


def _joined(outputs: list[Any]) -> list[Any]:
    """Join consecutive outputs of the same stream (standard output or standard error) into one output."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == "stream"
            and last.output_type == "stream"
            and last.name == output.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _tidy_output(output: Any) -> Any:
    if output.output_type == "stream":
        lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ANSI.sub("", output.text).split("\n"))
        output.text = "\n".join(lines).strip("\n")
        return output if output.text.strip() else None
    if _WIDGET in output.get("data", {}):
        return None  # a page runs no scripts, so buttons do nothing in it
    if output.output_type == "error":
        output.traceback = [_ANSI.sub("", line) for line in output.traceback]
    return output


def _title(notebook: Any) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.lstrip().startswith("# "):
            return cell.source.lstrip().splitlines()[0].lstrip("# ").strip()
    return ""
