"""Pages of a tiny series."""

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


def test_our_errors_show_their_message_and_not_our_insides(make_series):
    folder = make_series("from dfutils.workspace import Workspace\nWorkspace('fresh').load_catalog()")
    report = write_report(notebooks=folder)
    page = (report.directory / "01_a.html").read_text()
    assert "Run notebook 01_data_loading first" in page
    assert "workspace.py" not in page


def test_sections_are_listed_twice_and_equations_need_no_script(make_series):
    folder = make_series("1", markdown="# A title\n\n## First & last\n\n$$p = \\frac{1}{2}\n$$\n\n## Second")
    page = (write_report(notebooks=folder).directory / "01_a.html").read_text()
    assert page.count('<li><a href="#First-&amp;-last">First &amp; last</a></li>') == 2
    assert page.index("First") < page.index("Second")
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in page
    assert "$$" not in page
    assert "<script" not in page


def test_page_without_sections_has_no_empty_list(make_series):
    page = (write_report(notebooks=make_series("1")).directory / "01_a.html").read_text()
    assert "<ol>" not in page


def test_the_error_is_one_click_away_from_the_top(make_series):
    page = (write_report(notebooks=make_series("1 / 0")).directory / "01_a.html").read_text()
    assert page.index('href="#failed-cell"') < page.index('id="failed-cell"')


HOSTILE = "<script>alert(1)</script>\"onload='x'&$$"


def test_hostile_names_are_text_in_every_output(make_series, check_page):
    """A file name may hold anything. It is shown in tables, captions, banners, records and printed lines."""
    source = f"""import pandas as pd
from dfutils import notebook, plots
name = {HOSTILE!r}
print(name)
notebook.banner(name)
notebook.record(statuses={{"ok": 1}}, not_ok=[{{"clip_id": name, "status": "empty", "reason": name}}])
notebook.show_table(pd.DataFrame({{"clip": [name]}}))
display(notebook.table({{"clip": [name], "n": [1]}}))
figure, _ = plots.new_figure()
notebook.show(figure, alt=name, caption=name, key="roc")"""
    folder = make_series("1")
    (folder / "01_a.ipynb").rename(folder / "03_feature_caching.ipynb")
    import nbformat

    notebook = nbformat.read(folder / "03_feature_caching.ipynb", as_version=4)
    notebook.cells[-1].source = source
    nbformat.write(notebook, folder / "03_feature_caching.ipynb")
    report = write_report(notebooks=folder)
    assert report.ok
    for page in ("index", "03_feature_caching"):
        text = (report.directory / f"{page}.html").read_text()
        assert "<script" not in text
        assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
        check_page((report.directory / f"{page}.html").as_uri())


def test_documents_of_the_series_are_pages_that_notebooks_link_to(make_series):
    folder = make_series("1", markdown="# A title\n\nSee [why](../docs/auc.md).")
    (folder / "auc.md").write_text("# Why is my AUC\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    directory = write_report(notebooks=folder).directory
    assert 'href="auc.html"' in (directory / "01_a.html").read_text()
    page = (directory / "auc.html").read_text()
    assert "<title>Why is my AUC · demo</title>" in page and "<td>2</td>" in page
    assert page.count('<div class="scroll" tabindex="0"><table>') == page.count("</table></div>") == 1
    assert not (directory / "glossary.html").exists()
