"""The runner on a tiny series of its own; the real series is run in tests/notebooks."""

import json

import pytest

from dfutils.errors import DataError
from dfutils.reporting import write_report

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
    from dfutils.workspace import Workspace

    Workspace("sdfvd").remember(data_root="/x")
    with pytest.raises(DataError, match="no workspace 'other'.*sdfvd"):
        write_report(name="other", notebooks=make_series("1"))


def test_dead_kernel_is_a_failed_notebook(make_series):
    report = write_report(notebooks=make_series("import os\nos._exit(1)"))
    assert report.failed == ["01_a"]
    assert (report.directory / "01_a.html").is_file()
