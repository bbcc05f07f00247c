"""Read the results of an earlier report, and what executed notebooks have shown and recorded."""

import json
import re
from pathlib import Path
from typing import Any

from dfutils.notebook import RECORD_TYPE

_IMAGE = re.compile(r'src="(data:image/(?:png|webp);base64,[^"]+)"')


def earlier_results(directory: Path) -> dict[str, Any]:
    """Return the results of an earlier report in the folder; {} if there are none."""
    try:
        results = json.loads((directory / "results.json").read_text())
    except (OSError, ValueError):
        return {}
    return results if isinstance(results, dict) else {}


def cell_outputs(executed: Path) -> list[dict[str, Any]]:
    """Return the outputs of all code cells of an executed notebook."""
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def recorded(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the values that a notebook recorded for results.json, from its outputs."""
    record: dict[str, Any] = {}
    for output in outputs:
        record |= output.get("data", {}).get(RECORD_TYPE, {})
    return record


def shown_figures(outputs: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the figures that a notebook has shown, in order, from its outputs.

    Returns:
        list of dict with `key`, the name of the figure; `source`, the image as a data URI; `alt` and `caption`.
        A figure without a key is left out.
    """
    figures = []
    for output in outputs:
        facts = output.get("metadata", {}).get("dfutils", {})
        source = _IMAGE.search(output.get("data", {}).get("text/html", ""))
        if facts.get("figure") and source:
            figures.append(
                {
                    "key": facts["figure"],
                    "source": source[1],
                    "alt": facts["alt"],
                    "caption": facts["caption"],
                }
            )
    return figures
