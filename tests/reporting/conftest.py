"""A tiny series of notebooks; the real series is run in tests/notebooks."""

import nbformat
import pytest

PARAMETERS = 'workspace: str = "demo"  # name\nepochs: int = 3  # passes\nfast: bool = False  # skip'


@pytest.fixture
def make_series(tmp_path, home):
    """A function that writes notebooks `01_a`, `02_b`, … with the given last cells; returns their folder."""
    folder = tmp_path / "notebooks"
    (folder / "profiles").mkdir(parents=True)
    (folder / "profiles" / "demo.yml").write_text("epochs: 5\n")

    def write(*sources, markdown="# A title"):
        for number, source in enumerate(sources, 1):
            cells = [
                nbformat.v4.new_markdown_cell(markdown),
                nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
                nbformat.v4.new_code_cell(source),
            ]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
            nbformat.write(notebook, folder / f"{number:02d}_{'abc'[number - 1]}.ipynb")
        return folder

    return write
