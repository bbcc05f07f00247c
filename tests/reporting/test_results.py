"""What is read from an earlier report and from executed notebooks."""

import nbformat
import pytest

from dfutils.notebook import RECORD_TYPE
from dfutils.reporting.results import cell_outputs, earlier_results, recorded


@pytest.mark.parametrize("text", [None, "", "{", "[1]"])
def test_no_or_damaged_results_are_no_results(tmp_path, text):
    if text is not None:
        (tmp_path / "results.json").write_text(text)
    assert earlier_results(tmp_path) == {}


def test_results_are_read(tmp_path):
    (tmp_path / "results.json").write_text('{"ok": true}')
    assert earlier_results(tmp_path) == {"ok": True}


def test_what_notebooks_record_is_read_from_their_outputs(tmp_path):
    outputs = [
        nbformat.v4.new_output("display_data", {RECORD_TYPE: {"a": 1, "b": 2}}),
        nbformat.v4.new_output("stream", text="text"),
        nbformat.v4.new_output("display_data", {RECORD_TYPE: {"b": 3}}),
    ]
    cells = [nbformat.v4.new_markdown_cell("# A"), nbformat.v4.new_code_cell("1", outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    found = cell_outputs(tmp_path / "a.ipynb")
    assert len(found) == 3
    assert recorded(found) == {"a": 1, "b": 3}
