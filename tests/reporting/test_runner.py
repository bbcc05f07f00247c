"""The runner on a tiny series of its own; the real series is run in tests/notebooks."""

import json

import pytest

from dfutils.errors import DataError
from dfutils.reporting import write_report
from dfutils.workspace import Workspace

pytestmark = pytest.mark.slow


def test_failed_notebook_becomes_a_page_and_is_marked(make_series, home):
    folder = make_series(
        "from dfutils.notebook import record\nrecord(done=epochs)",
        "print('before')\nraise ValueError('on <purpose>')",
        "print('never')",
    )
    report = write_report(notebooks=folder)
    assert not report.ok
    assert report.failed == ["02_b"]
    page = (report.directory / "02_b.html").read_text()
    assert "before" in page
    assert "on &lt;purpose&gt;" in page
    assert "<purpose>" not in page
    index = (report.directory / "index.html").read_text()
    assert "incomplete" in index
    assert "✗ failed" in index
    assert "– not run" in index
    assert not (report.directory / "03_c.html").exists()
    results = json.loads((report.directory / "results.json").read_text())
    assert results["status"] == {"01_a": "ok", "02_b": "failed", "03_c": "not run"}
    assert results["notebooks"]["01_a"] == {"done": 5}


def test_rerun_removes_stale_pages_and_keeps_what_is_not_ours(make_series, home):
    folder = make_series("1", "2")
    directory = write_report(notebooks=folder).directory
    (directory / "99_old.html").write_text("old")
    (directory / "my notes.txt").write_text("mine")
    (folder / "02_b.ipynb").unlink()
    write_report(notebooks=folder)
    assert sorted(path.name for path in directory.glob("*.html")) == ["01_a.html", "index.html"]
    assert (directory / "my notes.txt").read_text() == "mine"


def test_unknown_report_name_lists_the_workspaces(make_series, home):
    Workspace("sdfvd").remember(data_root="/x")
    with pytest.raises(DataError, match="no workspace 'other'.*sdfvd"):
        write_report(name="other", notebooks=make_series("1"))


def test_dead_kernel_is_a_failed_notebook(make_series):
    report = write_report(notebooks=make_series("import os\nos._exit(1)"))
    assert report.failed == ["01_a"]
    assert (report.directory / "01_a.html").is_file()


def test_report_says_how_long_it_takes_and_how_long_is_left(make_series, home, capsys):
    folder = make_series("1", "2")
    (folder / "durations.yml").write_text("demo:\n  01_a: [60, 6]\n  02_b: [600, 60]\n")
    first = write_report(notebooks=folder)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("Notebooks: 2, 2 at a time. This takes about 11 minutes")
    assert lines[2] == "[1/2] 01_a …"
    assert "01_a ok in" in lines[3]
    assert lines[3].endswith(" left")  # much less than ten minutes, because this machine is faster
    assert "minutes" not in lines[3]
    assert not first.results["provenance"]["again"]
    second = write_report(notebooks=folder, jobs=1)
    assert "Notebooks: 2. This takes about 10 seconds" in capsys.readouterr().out
    assert second.results["provenance"]["again"]
    other = write_report(notebooks=folder, parameters={"epochs": 6})
    assert not other.results["provenance"]["again"]


def test_nothing_is_promised_for_a_data_set_that_was_not_measured(make_series, home, tmp_path, capsys):
    folder = make_series("1")
    (folder / "durations.yml").write_text("demo:\n  01_a: [60, 6]\n")
    (tmp_path / "videos").mkdir()
    Workspace("mine").remember(data_source=str(tmp_path / "videos"))
    write_report(name="mine", notebooks=folder)
    assert "Notebooks: 1. How long this takes depends on the clips." in capsys.readouterr().out


def test_needed_notebooks_are_read_from_the_metadata(make_series, home):
    import nbformat

    folder = make_series("import time\ntime.sleep(2)", "1", "1")
    path = folder / "02_b.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["dfutils"] = {"needs": ["00_not_in_this_series"]}
    nbformat.write(notebook, path)
    report = write_report(notebooks=folder)
    assert report.ok
    ended = {
        stem: nbformat.read(report.directory / "notebooks" / f"{stem}.ipynb", as_version=4).metadata
        for stem in ("01_a", "02_b", "03_c")
    }
    times = {stem: one["papermill"] for stem, one in ended.items()}
    assert times["02_b"]["end_time"] < times["01_a"]["end_time"]
    assert times["03_c"]["start_time"] > times["01_a"]["end_time"]
