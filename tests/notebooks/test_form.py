"""Every notebook of the series has the same form, and runs nowhere but where it says."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

CLONE = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((CLONE / "notebooks").glob("0*.ipynb"))
ADDRESS = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]["urls"]["Repository"]


LONG_CELL, LONGEST_CELL, LONG_SHARE = 8, 15, 0.15


def read(path):
    return nbformat.read(path, as_version=4)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_the_series_is_complete():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{i:02d}" for i in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) == 9


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_form(path):
    notebook = read(path)
    first = notebook.cells[0].source
    assert first.startswith(f"# {path.stem[:2]} · ")
    for part in ("**In this notebook you will learn**", "**Time:**", "**You need:**"):
        assert part in first
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
    assert [len(tagged(notebook, tag)) for tag in ("setup", "parameters")] == [1, 1]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert text.count("**Predict.**") >= 1
    assert text.count("**Read.**") >= 1
    assert "## In this notebook we saw" in text
    assert len(tagged(notebook, "exercise")) == len(tagged(notebook, "solution")) >= 1
    assert not re.search(r"^\s*(def|class) ", code, re.MULTILINE)
    assert "import *" not in code
    assert "record(" in code
    assert "plots.pipeline(" in code


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short(path):
    cells = [cell.source.splitlines() for cell in read(path).cells if cell.cell_type == "code"]
    assert max(map(len, cells)) <= LONGEST_CELL
    long = [lines for lines in cells if len(lines) > LONG_CELL]
    assert len(long) <= LONG_SHARE * len(cells), [lines[0] for lines in long]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_is_followed_by_its_reading(path):
    cells = read(path).cells
    shown = [
        i
        for i, cell in enumerate(cells)
        if "notebook.show(" in cell.source and "plots.pipeline(" not in cell.source
    ]
    for i in shown:
        here = cells[i].source.partition("notebook.show(")[2]
        following = "\n".join(cell.source for cell in cells[i + 1 : i + 3])
        assert "**Read.**" in following or "notebook.read(" in here + following, cells[i].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_and_records_are_folded(path):
    notebook = read(path)
    for cell in [*tagged(notebook, "solution"), *tagged(notebook, "record")]:
        assert cell.metadata["jupyter"]["source_hidden"] is True  # JupyterLab
        assert cell.metadata["cellView"] == "form"  # Colab
        assert cell.metadata["_kg_hide-input"] is True  # Kaggle
    recording = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and re.search(r"^record\(", cell.source, re.M)
    ]
    assert recording == tagged(notebook, "record")
    assert all(cell.source.startswith("# @title") for cell in tagged(notebook, "solution"))


@pytest.mark.parametrize(
    ("stem", "bare"),
    [
        ("03_feature_caching", "keras.applications.InceptionV3("),
        ("04_gru_training", "keras.layers.GRU("),
        ("05_evaluation", "roc_auc_score("),
        ("07_tuner_search", "keras_tuner.RandomSearch("),
        ("08_adapted_backbone", "keras.layers.GlobalAveragePooling2D("),
    ],
)
def test_the_method_is_seen_in_the_library_s_own_words(stem, bare):
    notebook = read(CLONE / "notebooks" / f"{stem}.ipynb")
    assert any(bare in cell.source for cell in tagged(notebook, "library"))  # shown open in the report


def test_face_and_sampling_are_parameters_of_what_extracts():
    for stem in ("02_frame_extraction", "03_feature_caching"):
        (cell,) = tagged(read(CLONE / "notebooks" / f"{stem}.ipynb"), "parameters")
        assert 'face: str = "mtcnn"' in cell.source
        assert 'sampling: str = "uniform"' in cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_are_annotated_commented_scalars(path):
    (cell,) = tagged(read(path), "parameters")
    lines = cell.source.splitlines()
    assert all(re.fullmatch(r"\w+: (str|int|float|bool) = [^#]+  # \S.*", line) for line in lines)
    assert lines[0].startswith('workspace: str = "demo"')
    assert lines[1].startswith("seed: int = 7")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_are_read_with_their_types_before_they_are_used(path):
    cells = read(path).cells
    position = next(i for i, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", []))
    names = re.findall(r"^(\w+):", cells[position].source, re.MULTILINE)
    before, found, _ = cells[position + 1].source.partition("notebook.read_parameters(globals())")
    assert found
    lines = [line for line in before.splitlines() if "import" not in line]
    assert not any(re.search(rf"\b{name}\b", line) for name in names for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_address_of_the_repository_is_the_one_of_the_project(path):
    text = path.read_text()
    (setup,) = tagged(read(path), "setup")
    assert f"git+{ADDRESS}" in setup.source
    assert f"{ADDRESS}/blob/main/notebooks/{path.name}" in text
    owner = ADDRESS.removeprefix("https://")
    assert f"{owner}/blob/main/notebooks/{path.name}".replace("github.com/", "github/") in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_to_notebooks_that_are_there(path):
    for target in re.findall(r"\]\(([^)h][^)]*\.ipynb)\)", "\n".join(c.source for c in read(path).cells)):
        assert (path.parent / target).is_file()


def test_profiles_set_only_parameters_that_a_notebook_declares():
    declared = {
        line.partition(":")[0]
        for path in NOTEBOOKS
        for cell in tagged(read(path), "parameters")
        for line in cell.source.splitlines()
    }
    for profile in (CLONE / "notebooks" / "profiles").glob("*.yml"):
        assert set(yaml.safe_load(profile.read_text())) <= declared, profile.name


def test_readme_lists_every_notebook_with_the_minutes_it_states():
    readme = (CLONE / "README.md").read_text()
    for path in NOTEBOOKS:
        assert f"notebooks/{path.name}" in readme
        minutes = re.search(r"\*\*Time:\*\* about (\d+) minutes", read(path).cells[0].source)[1]
        row = next(line for line in readme.splitlines() if path.name in line)
        assert minutes in row


def test_environment_is_a_thin_wrapper_of_pyproject():
    environment = yaml.safe_load((CLONE / "environment.yml").read_text())
    project = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert len(conda) == 2
    assert conda[1] == "pip"
    assert project["requires-python"] in conda[0]
    assert [entry for entry in pip if not entry.startswith("--constraint")] == ["--editable .[test]"]


def test_constraints_hold_every_dependency_and_no_address():
    text = (CLONE / "constraints.txt").read_text().lower().replace("_", "-")
    assert "://" not in text
    project = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    for requirement in wanted:
        name = re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")
        if name != "dfutils":
            assert re.search(rf"^{re.escape(name)}==", text, re.MULTILINE), name


def test_importing_any_room_loads_no_tensorflow():
    rooms = "adaptation, audit, cli, data, demo, detection, evaluation, features, frames, lessons, media"
    rooms += ", notebook, pages, plots, reporting, training, tuning"
    code = f"import sys; from dfutils import {rooms}; sys.exit('tensorflow' in sys.modules or 'mtcnn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_metadata_name_the_notebooks_whose_results_are_needed(path):
    """What the code says to run first, and what the previous parts need in turn."""
    before = [one.stem for one in NOTEBOOKS[: NOTEBOOKS.index(path)]]
    needs = read(path).metadata["dfutils"]["needs"]
    assert set(needs) <= set(before)
    assert bool(needs) == bool(before)
