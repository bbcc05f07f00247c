"""The glossary, the workshop's guide, and the files that start JupyterLab elsewhere."""

import json
import re
import tomllib
from pathlib import Path

import nbformat

CLONE = Path(__file__).resolve().parents[2]


def test_glossary_is_sorted_and_explains_what_the_notebooks_use():
    text = (CLONE / "docs/glossary.md").read_text()
    terms = re.findall(r"^- \*\*(.+?)\*\*: ", text, re.MULTILINE)
    assert len(terms) > 50
    assert terms == sorted(set(terms), key=str.lower)
    paths = sorted((CLONE / "notebooks").glob("*.ipynb"))
    cells = [cell.source for path in paths for cell in nbformat.read(path, as_version=4).cells]
    words = " ".join("\n".join([(CLONE / "README.md").read_text(), *cells]).lower().split())
    # "sampling rule" is "a rule", and so on: the last word of a term is enough
    assert [term for term in terms if term.lower().split()[-1] not in words] == []


def test_links_between_documents_lead_somewhere():
    for path in [*CLONE.glob("*.md"), *CLONE.glob("docs/*.md"), *CLONE.glob("*/README.md")]:
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_minutes_of_the_workshop_fit_the_measured_ones():
    import yaml

    text = (CLONE / "docs/workshop.md").read_text()
    measured = yaml.safe_load((CLONE / "notebooks/durations.yml").read_text())["demo"]
    for stem, (first, _) in measured.items():
        if stem[:2] not in ("08", "09"):  # they share a line
            stated = re.search(rf"\| {stem[:2]} \| (?:less than |\d to )?(\d) min", text)
            assert first <= 60 * int(stated[1]), f"{stem} takes {first} s"


def test_binder_and_devcontainer_install_what_pyproject_declares():
    extras = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    binder = (CLONE / ".binder/requirements.txt").read_text()
    asked = re.search(r"^--editable \.\[(.+)\]$", binder, re.MULTILINE)
    assert set(asked[1].split(",")) <= set(extras)
    assert (
        CLONE / ".binder" / re.search(r"--constraint (\S+)", binder)[1]
    ).resolve() == CLONE / "constraints.txt"
    container = json.loads((CLONE / ".devcontainer/devcontainer.json").read_text())
    makefile = (CLONE / "Makefile").read_text()
    for command in (container["postCreateCommand"], container["postAttachCommand"]):
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)
