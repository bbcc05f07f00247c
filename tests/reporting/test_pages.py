"""Pages and the index of a tiny series."""

import re

import pytest

from dfutils.reporting import write_report

pytestmark = pytest.mark.slow


def test_page_loads_nothing_from_the_web_and_links_its_neighbours(make_series):
    folder = make_series(
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


def test_index_repeats_banners_and_shows_figures(make_series):
    folder = make_series(
        "from dfutils import notebook, plots\nfrom dfutils.notebook import banner\n"
        "banner('seeded <weights>')\nbanner('seeded <weights>')\n"
        "figure, axis = plots.new_figure()\n"
        "notebook.show(figure, alt='An empty \"chart\"', caption='Nothing', key='roc')"
    )
    index = (write_report(notebooks=folder).directory / "index.html").read_text()
    assert index.count("seeded &lt;weights&gt;") == 1
    assert 'alt="An empty &#34;chart&#34;"' in index
    assert "data:image/png;base64," in index


def test_our_errors_show_their_message_and_not_our_insides(make_series):
    folder = make_series("from dfutils.workspace import Workspace\nWorkspace('fresh').load_catalog()")
    report = write_report(notebooks=folder)
    page = (report.directory / "01_a.html").read_text()
    assert "Run notebook 01_data_loading first" in page
    assert "workspace.py" not in page


def test_index_says_what_the_audit_found_and_what_is_not_known(make_series):
    folder = make_series(
        "from dfutils.notebook import record\n"
        "record(findings={}, audit='found nothing, but who is seen is not known')\nrecord(statuses={'ok': 3})"
    )
    (folder / "01_a.ipynb").rename(folder / "01_data_loading.ipynb")
    second = folder / "03_feature_caching.ipynb"
    second.write_text((folder / "01_data_loading.ipynb").read_text())
    index = (write_report(notebooks=folder).directory / "index.html").read_text()
    assert "found nothing, but who is seen is not known" in index
    assert "gives the label away" not in index
