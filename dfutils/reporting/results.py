"""Read the results of an earlier report, and what executed notebooks have shown and recorded."""

import json
from pathlib import Path
from typing import Any

from dfutils.notebook import RECORD_TYPE


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
