"""The notebooks for students hold no solution, and those for teachers hold all of them."""

import nbformat
import pytest

from dfutils.editions import write_workshop
from dfutils.reporting import find_series


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return write_workshop(tmp_path_factory.mktemp("workshop"))


def read(path):
    return nbformat.read(path, as_version=4)


def tagged(notebook, tag):
    return [cell.source for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("name", [path.name for path in find_series()])
def test_students_get_the_exercises_without_the_solutions(workshop, name):
    original, student = read(find_series()[0].with_name(name)), read(workshop / "student" / name)
    solutions = tagged(original, "solution")
    assert len(solutions) >= 2
    everything = "\n".join(cell.source for cell in student.cells)
    answered = [line for solution in solutions for line in solution.splitlines() if "lessons." in line]
    assert len(answered) == len(solutions)
    assert not [line for line in answered if line in everything]
    assert tagged(student, "exercise") == tagged(original, "exercise")
    assert len(student.cells) == len(original.cells) - len(solutions)
    assert "colab.research" not in everything  # it would open the notebook with its solutions
    nbformat.validate(student)


@pytest.mark.parametrize("name", [path.name for path in find_series()])
def test_teachers_get_everything(workshop, name):
    original, solutions = read(find_series()[0].with_name(name)), read(workshop / "solutions" / name)
    expected = [cell.source.replace("](../docs/", "](") for cell in original.cells[1:]]
    assert [cell.source for cell in solutions.cells[1:]] == expected


def test_notebooks_name_their_edition_and_commit(workshop, monkeypatch, tmp_path):
    monkeypatch.setattr("dfutils.editions.workshop.git_commit", lambda: "0123456789" * 4 + "+changes")
    again = write_workshop(tmp_path)
    lines = read(again / "student" / find_series()[0].name).cells[0].source.splitlines()
    assert lines[:3] == ["# 01 · Data loading", "", "*Student edition of commit `0123456789+changes`.*"]
    monkeypatch.setattr("dfutils.editions.workshop.git_commit", lambda: None)
    write_workshop(tmp_path)  # outside a clone
    assert "*Solutions edition.*" in read(again / "solutions" / find_series()[0].name).cells[0].source


def test_what_the_notebooks_need_is_next_to_them_and_old_notebooks_are_removed(tmp_path):
    (tmp_path / "student").mkdir()
    (tmp_path / "student/99_old.ipynb").write_text("{}")
    (tmp_path / "student/my notes.txt").write_text("mine")
    write_workshop(tmp_path)
    assert not (tmp_path / "student/99_old.ipynb").exists()
    assert (tmp_path / "student/my notes.txt").read_text() == "mine"
    for folder in ("student", "solutions"):
        assert (tmp_path / folder / "profiles/demo.yml").is_file()
        assert list((tmp_path / folder / "images").iterdir())


def test_glossary_is_in_each_folder_and_linked(workshop):
    for folder in ("student", "solutions"):
        assert (workshop / folder / "glossary.md").read_text().startswith("# Glossary")
        assert (workshop / folder / "auc.md").read_text().startswith("# Why is my AUC")
        for path in (workshop / folder).glob("*.ipynb"):
            assert "[glossary](glossary.md)" in read(path).cells[0].source


def test_slides_are_written_next_to_the_notebooks(workshop):
    assert "01 · Data loading" in (workshop / "slides.html").read_text()
