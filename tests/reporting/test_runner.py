"""The runner on a tiny series of its own; the real series is run in tests/notebooks."""

import json
import re

import nbformat
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.reporting import write_report

PARAMETERS = 'workspace: str = "demo"  # name\nepochs: int = 3  # passes\nfast: bool = False  # skip'


@pytest.fixture
def series(tmp_path, home):
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


def test_failed_notebook_becomes_a_page_and_is_marked(series, home):
    folder = series(
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


def test_our_errors_show_their_message_and_not_our_insides(series):
    folder = series("from dfutils.workspace import Workspace\nWorkspace('fresh').load_catalog()")
    report = write_report(notebooks=folder)
    page = (report.directory / "01_a.html").read_text()
    assert "Run notebook 01_data_loading first" in page
    assert "workspace.py" not in page


def test_rerun_removes_stale_pages_and_keeps_what_is_not_ours(series, home):
    folder = series("1", "2")
    directory = write_report(notebooks=folder).directory
    (directory / "99_old.html").write_text("old")
    (directory / "my notes.txt").write_text("mine")
    (folder / "02_b.ipynb").unlink()
    write_report(notebooks=folder)
    assert sorted(path.name for path in directory.glob("*.html")) == ["01_a.html", "index.html"]
    assert (directory / "my notes.txt").read_text() == "mine"


def test_parameters_come_from_the_profile_and_are_read_as_declared(series):
    folder = series(
        "from dfutils.notebook import record\nrecord(epochs=epochs, fast=fast, workspace=workspace)"
    )
    (folder / "profiles" / "long.yml").write_text("epochs: 50\n")
    report = write_report(name="demo", profile="long", parameters={"fast": "true"}, notebooks=folder)
    assert report.results["notebooks"]["01_a"] == {"epochs": 50, "fast": True, "workspace": "demo"}
    assert report.results["provenance"]["parameters"]["01_a"] == {
        "workspace": "demo",
        "epochs": 50,
        "fast": True,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"epoch": 3}}, "No notebook has a parameter 'epoch'. Did you mean 'epochs'"),
        ({"parameters": {"epochs": "many"}}, "'epochs' is of type int. Received: 'many'"),
        ({"parameters": {"epochs": "2.5"}}, "'epochs' is of type int"),
        ({"parameters": {"fast": "perhaps"}}, "'fast' is of type bool"),
        ({"profile": "huge"}, "Unknown profile 'huge'. Known: demo"),
        ({"name": "../up"}, "cannot name"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(series, home, options, message):
    folder = series("1")
    with pytest.raises(SettingsError, match=message):
        write_report(notebooks=folder, **options)
    assert not (home / "reports").exists()


def test_unknown_report_name_lists_the_workspaces(series, home):
    from dfutils.workspace import Workspace

    Workspace("sdfvd").remember(data_root="/x")
    with pytest.raises(DataError, match="no workspace 'other'.*sdfvd"):
        write_report(name="other", notebooks=series("1"))


def test_page_loads_nothing_from_the_web_and_links_its_neighbours(series):
    folder = series(
        "import sys\nprint('a\\rb\\rc')\nsys.stderr.write('bar 1%\\rbar 100%\\n');",
        "1",
        markdown="# A title\n[![badge](https://x.org/b.svg)](https://x.org/run) <img src='https://x.org/p.png'>\n\n"
        "[next](02_b.ipynb)",
    )
    directory = write_report(notebooks=folder).directory
    page = (directory / "01_a.html").read_text()
    assert not re.search(r"<(img|script|link|iframe)[^>]*(https?:)?//", page)
    assert "default-src 'none'" in page
    assert '<a href="https://x.org/run">badge</a>' in page
    assert 'href="02_b.html"' in page
    assert "bar 100%" in page
    assert "bar 1%\r" not in page
    assert "<title>A title · demo</title>" in page


def test_dead_kernel_is_a_failed_notebook(series):
    report = write_report(notebooks=series("import os\nos._exit(1)"))
    assert report.failed == ["01_a"]
    assert (report.directory / "01_a.html").is_file()


def test_index_repeats_banners_and_shows_figures(series):
    folder = series(
        "from dfutils import notebook, plots\nfrom dfutils.notebook import banner\n"
        "banner('seeded <weights>')\nbanner('seeded <weights>')\n"
        "figure, axis = plots.new_figure()\n"
        "notebook.show(figure, alt='An empty \"chart\"', caption='Nothing', key='roc')"
    )
    index = (write_report(notebooks=folder).directory / "index.html").read_text()
    assert index.count("seeded &lt;weights&gt;") == 1
    assert 'alt="An empty &#34;chart&#34;"' in index
    assert "data:image/png;base64," in index
