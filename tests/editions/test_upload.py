"""Notebooks that carry dfutils and the series."""

import ast
import os
import subprocess
import sys
import sysconfig

import nbformat
import pytest

from dfutils.editions import build_wheel, write_uploads
from dfutils.editions.links import remove_documents
from dfutils.editions.upload import WHOLE
from dfutils.reporting import find_series

pytestmark = pytest.mark.slow
NAMES = [path.name for path in find_series()]


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    with build_wheel() as wheel:
        files = write_uploads(tmp_path_factory.mktemp("uploads"), wheel=wheel)
    assert [path.name for path in files] == [*NAMES, WHOLE]
    return {path.name: nbformat.read(path, as_version=4) for path in files}


def sources(notebook, tag):
    return [cell.source for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_carried_package_is_unpacked_where_dfutils_is_not_installed(uploads, tmp_path):
    """Without the `site` module, the packages of this environment are there, and the clone is not."""
    (cell,) = sources(uploads["04_gru_training.ipynb"], "setup")
    more = "\nimport dfutils, os\nfrom dfutils import platforms\n"
    more += "print(dfutils.__file__)\nprint(sorted(path.name for path in platforms.SERIES.glob('*.ipynb')))\n"
    more += "platforms.prepare('04_gru_training', run=lambda path, workspace: print('runs', path.stem))"
    (tmp_path / "cell.py").write_text(cell + more)
    environment = {name: value for name, value in os.environ.items() if name != "DFUTILS_HOME"}
    environment |= {"PYTHONPATH": sysconfig.get_paths()["purelib"], "TMPDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-S", "cell.py"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == f"dfutils is ready. Results are kept in {tmp_path}."
    assert lines[1].startswith(str(tmp_path / "dfutils-"))
    assert lines[2] == str(NAMES)
    assert [line for line in lines if line.startswith("runs")] == [
        "runs 01_data_loading",
        "runs 03_feature_caching",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_the_one_of_the_series_with_the_package_in_it(uploads, name):
    original = nbformat.read(find_series()[0].with_name(name), as_version=4)
    upload = uploads[name]
    nbformat.validate(upload)
    assert sources(upload, "setup") == sources(uploads[NAMES[0]], "setup")
    prepare = [cell.source for cell in upload.cells if "platforms.prepare(" in cell.source]
    assert len(prepare) == (name != NAMES[0])
    kept = [
        cell.source for cell in upload.cells if "CARRIED" not in cell.source and cell.source not in prepare
    ]
    remove_documents(original)
    before = [cell.source for cell in original.cells if "setup" not in cell.metadata.get("tags", [])]
    assert kept[1:] == before[1:]
    assert kept[0].splitlines()[0] == before[0].splitlines()[0]
    assert "colab.research" not in kept[0]
    tags = [cell.metadata.get("tags", []) for cell in upload.cells]
    assert "parameters" in tags[2]
    assert not prepare or upload.cells[3].source == prepare[0]


def test_whole_series_is_one_notebook_with_one_cell_of_parameters(uploads):
    whole = uploads[WHOLE]
    nbformat.validate(whole)
    assert len(sources(whole, "setup")) == len(sources(whole, "parameters")) == 1
    code = [cell.source for cell in whole.cells if cell.cell_type == "code"]
    everything = "\n".join(code)
    assert everything.count("workspace: str =") == everything.count("data_root: str =") == 1
    typed = [
        n.target.id for source in code[1:] for n in ast.parse(source).body if isinstance(n, ast.AnnAssign)
    ]
    assert typed == ["workspace", "data_root"]  # types of a chapter would be checked in the next one too
    for name in NAMES:
        for cell in nbformat.read(find_series()[0].with_name(name), as_version=4).cells:
            if cell.cell_type == "code" and not {"setup", "parameters"} & set(cell.metadata.get("tags", [])):
                assert cell.source in code


def test_no_edition_needs_the_address_of_the_repository(uploads):
    for notebook in uploads.values():
        assert "git+https" not in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
