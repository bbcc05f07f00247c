"""Convert executed notebooks to HTML pages that load no other files, and write the index page of a report."""

import re
from pathlib import Path
from typing import Any

from dfutils import pages
from dfutils.evaluation import with_interval

_TEMPLATES = Path(__file__).with_name("templates")
_INDEX_FIGURES = (
    "forgeries",
    "crops",
    "scores",
    "methods",
    "roc",
    "evidence",
    "learning_curves",
    "robustness",
    "seeds",
    "left_out",
)
_METRICS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "auc": "AUC",
    "log_loss": "Log loss ↓",
}
# Markdown images from the web, [![text](https://image)](address) and ![text](https://image). Pages must not load them.
_LINKED_BADGE = re.compile(r"\[!\[([^\]]*)\]\(https?://[^)]*\)\]\(([^)]*)\)")
_REMOTE_PICTURE = re.compile(r"!\[([^\]]*)\]\(https?://[^)]*\)")
_REMOTE_TAG = re.compile(r"<img\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>", re.IGNORECASE)
_NOTEBOOK_LINK = re.compile(r"\]\((?!https?:)([^)#]*?)\.ipynb(#[^)]*)?\)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def write_page(executed: Path, page: Path, series: list[str], *, report: str, trouble: str = "") -> None:
    """Write an executed notebook as an HTML page that loads no other files.

    Args:
        executed: Path. The executed notebook with its outputs, also if a cell failed.
        page: Path. The HTML file.
        series: list of str. The names of all notebooks of the report in order, for the links between pages.
        report: str. The report's name.
        trouble: str. The error that stopped the notebook. Defaults to `""`: no error.
    """
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.read(executed, as_version=4)
    _tidy(notebook)
    exporter = HTMLExporter(template_name="dfutils", extra_template_basedirs=[str(_TEMPLATES)])
    exporter.register_filter("reachable", _reachable)
    position = series.index(page.stem)
    body, _ = exporter.from_notebook_node(
        notebook,
        resources={
            "metadata": {"name": _title(notebook) or page.stem},
            "report": report,
            "series": [(stem, _short(stem)) for stem in series],
            "here": page.stem,
            "before": series[position - 1] if position else None,
            "after": series[position + 1] if position + 1 < len(series) else None,
            "trouble": trouble,
            "style": pages.page_style(),
        },
    )
    pages.write_page(page, body)


def write_index(directory: Path, results: dict[str, Any], outputs: dict[str, list[dict[str, Any]]]) -> None:
    """Write the index page of a report: main results, some figures, notices, versions and links to the notebooks.

    Args:
        directory: Path. The report's folder.
        results: dict. The content of results.json.
        outputs: dict. {name of the notebook: list of its cell outputs}.
    """
    every = [output for stem in outputs for output in outputs[stem]]
    facts = [output.get("metadata", {}).get("dfutils", {}) for output in every]
    banners = list(dict.fromkeys((f["banner"], f["text"]) for f in facts if "banner" in f))
    body = pages.render(
        _TEMPLATES / "report.html.j2",
        filters={"interval": _interval},
        results=results,
        notebooks=results["notebooks"],
        provenance=results["provenance"],
        evaluation=results["notebooks"].get("05_evaluation", {}),
        catalog=results["notebooks"].get("01_data_loading", {}),
        features=results["notebooks"].get("03_feature_caching", {}),
        tuning=results["notebooks"].get("07_tuner_search", {}),
        detection=results["notebooks"].get("09_detect_a_video", {}),
        adaptation=results["notebooks"].get("08_adapted_backbone", {}),
        metrics=_METRICS,
        banners=banners,
        figures=_figures(outputs),
        short=_short,
    )
    pages.write_page(directory / "index.html", body)


def _figures(outputs: dict[str, list[dict[str, Any]]]) -> list[dict[str, str]]:
    """Return the figures for the index page, in order: figures that a notebook showed with a known `key`."""
    offered: dict[str, dict[str, str]] = {}
    for stem, items in outputs.items():
        for output in items:
            facts = output.get("metadata", {}).get("dfutils", {})
            source = re.search(
                r'src="(data:image/png;base64,[^"]+)"', output.get("data", {}).get("text/html", "")
            )
            if facts.get("figure") and source:
                offered[facts["figure"]] = {
                    "source": source[1],
                    "alt": facts["alt"],
                    "caption": facts["caption"],
                    "page": stem,
                }
    return [offered[key] for key in _INDEX_FIGURES if key in offered]


def _reachable(html: str) -> str:
    """Let the keyboard reach code blocks, so that long lines can be scrolled without a mouse."""
    return html.replace("<pre>", '<pre tabindex="0">')


def _tidy(notebook: Any) -> None:
    """Prepare a notebook for its HTML page, in place.

    Remove images from the web, link to HTML pages instead of notebooks, and keep only the last state of progress bars.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINKED_BADGE.sub(r"[\1](\2)", cell.source)
            cell.source = _REMOTE_PICTURE.sub(r"\1", cell.source)
            cell.source = _REMOTE_TAG.sub("", cell.source)
            cell.source = _NOTEBOOK_LINK.sub(r"](\1.html\2)", cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [output for output in map(_tidy_output, _joined(cell.outputs)) if output]


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


def _short(stem: str) -> str:
    """Return a short title from a notebook's file name: `04 GRU training` for `04_gru_training`."""
    number, _, words = stem.partition("_")
    words = words.replace("_", " ").capitalize().replace("Gru", "GRU")
    return f"{number} {words}"


def _interval(metric: dict[str, Any] | None) -> str:
    """Return a metric of results.json as text with its interval; a dash if there is no metric."""
    return with_interval(**metric) if metric else "–"
