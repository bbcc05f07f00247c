"""The runner on a tiny series of its own; the real series is run in tests/notebooks."""

import json
import signal
import subprocess
import sys
import time

import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.reporting import write_report
from dfutils.workspace import Workspace, project_root

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


def test_dead_kernel_is_a_failed_notebook_and_its_cell_is_shown(make_series):
    report = write_report(notebooks=make_series("print('before', flush=True)\nimport os\nos._exit(1)"))
    assert report.failed == ["01_a"]
    page = (report.directory / "01_a.html").read_text()
    assert page.index("_exit") < page.rindex("The kernel died")


@pytest.mark.parametrize("jobs", [1, 2])
def test_cell_that_takes_too_long_is_a_failure_that_names_the_limit(make_series, home, jobs):
    folder = make_series("1", "import time\nprint('before', flush=True)\ntime.sleep(600)")
    report = write_report(notebooks=folder, cell_limit=3, jobs=jobs)
    assert report.results["status"] == {"01_a": "ok", "02_b": "failed"}
    page = (report.directory / "02_b.html").read_text()
    said = "A cell took longer than the limit of 3 seconds"
    assert page.index(said) < page.index("time.sleep") < page.rindex(said)  # at the top, and at the cell
    assert write_report(notebooks=make_series("1", "2"), only=["2"]).ok  # the workspace can be used again


def test_single_notebooks_run_and_the_pages_of_the_others_are_kept(make_series, home):
    folder = make_series(
        *(f"from dfutils.notebook import record\nrecord(n={n}, epochs=epochs)" for n in (1, 2, 3))
    )
    first = write_report(notebooks=folder)
    second = write_report(notebooks=folder, only=["2"], parameters={"epochs": 9})
    assert second.ok
    assert second.results["status"] == {"01_a": "earlier", "02_b": "ok", "03_c": "earlier"}
    found = second.results["notebooks"]
    assert [one["n"] for one in found.values()] == [1, 2, 3]
    assert [one["epochs"] for one in found.values()] == [5, 9, 5]
    provenance = second.results["provenance"]
    assert [one["epochs"] for one in provenance["parameters"].values()] == [5, 9, 5]
    assert set(provenance["earlier"].values()) == {first.results["provenance"]["started"]}
    assert provenance["seconds"]["03_c"] == first.results["provenance"]["seconds"]["03_c"]
    assert (second.directory / "index.html").read_text().count("run before on 20") == 2
    third = write_report(notebooks=folder, start="02_b")
    assert third.results["status"] == {"01_a": "earlier", "02_b": "ok", "03_c": "ok"}
    assert third.results["provenance"]["earlier"] == {"01_a": first.results["provenance"]["started"]}


def test_notebooks_without_an_earlier_page_are_not_run(make_series, home):
    report = write_report(notebooks=make_series("1", "1 / 0", "3"), start="02")
    assert report.results["status"] == {"01_a": "not run", "02_b": "failed", "03_c": "not run"}
    again = write_report(notebooks=make_series("1", "2", "3"), only=["03"])
    assert again.results["status"] == {"01_a": "not run", "02_b": "not run", "03_c": "ok"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": ["04"]}, "There is no notebook '04'. Known: 01_a, 02_b"),
        ({"start": "gru"}, "There is no notebook 'gru'"),
        ({"start": "01", "only": ["02"]}, "not both"),
    ],
)
def test_unknown_notebooks_are_refused_and_change_nothing(make_series, home, options, message):
    folder = make_series("1", "2")
    directory = write_report(notebooks=folder).directory
    before = {path.name: path.read_bytes() for path in directory.glob("*.*")}
    with pytest.raises(SettingsError, match=message):
        write_report(notebooks=folder, **options)
    assert {path.name: path.read_bytes() for path in directory.glob("*.*")} == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_report_keeps_what_was_finished(make_series, home, tmp_path, jobs):
    started = tmp_path / "started"
    folder = make_series(
        "1", f"import time, pathlib\npathlib.Path({str(started)!r}).touch()\ntime.sleep(600)", "3"
    )
    # A shell starts background jobs so that they ignore the signal. Python then ignores it too.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from dfutils.reporting import write_report; "
    code += "write_report(notebooks=sys.argv[1], jobs=int(sys.argv[2]))"
    run = subprocess.Popen([sys.executable, "-c", code, str(folder), jobs])
    end = time.time() + 120
    while not started.exists():
        assert time.time() < end
        assert run.poll() is None
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) != 0
    directory = project_root() / "reports" / "demo"
    results = json.loads((directory / "results.json").read_text())
    assert not results["ok"]
    assert results["status"] == {"01_a": "ok", "02_b": "interrupted", "03_c": "not run"}
    assert "was interrupted" in (directory / "index.html").read_text()
    assert "The notebook was interrupted in this cell" in (directory / "02_b.html").read_text()


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


def test_needed_notebooks_are_read_from_the_metadata(make_series, home, tmp_path):
    import nbformat

    done = tmp_path / "done"
    wait = f"import time, pathlib\nwhile not pathlib.Path({str(done)!r}).exists(): time.sleep(0.1)"
    folder = make_series(wait, f"import pathlib\npathlib.Path({str(done)!r}).touch()", "1")
    path = folder / "02_b.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["dfutils"] = {"needs": ["00_not_in_this_series"]}
    nbformat.write(notebook, path)
    report = write_report(notebooks=folder, cell_limit=60)
    assert report.ok
    ended = {
        stem: nbformat.read(report.directory / "notebooks" / f"{stem}.ipynb", as_version=4).metadata
        for stem in ("01_a", "02_b", "03_c")
    }
    times = {stem: one["papermill"] for stem, one in ended.items()}
    assert times["03_c"]["start_time"] > times["01_a"]["end_time"]
