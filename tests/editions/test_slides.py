"""Slides of a small series, with and without the pictures of a report."""

import nbformat
import pytest

from dfutils.editions.slides import write_slides
from dfutils.reporting import find_series

FIRST = """# 01 · A & B

**From here
to there.**

**You will learn**

- what a *clip* is,
  and [more](x.md);
- `code`.

**Time:** one minute."""
SECOND = """## Part

> **Predict.** Which of the two
> is <larger>?

Text."""
PICTURE = '<figure><img alt="x" src="data:image/webp;base64,{}"></figure>'


@pytest.fixture
def make_notebook(tmp_path):
    """A function that writes a notebook that has shown figures of these keys; returns its folder."""

    def make(folder, *keys):
        outputs = [
            nbformat.v4.new_output(
                "display_data",
                {"text/html": PICTURE.format(key.upper())},
                metadata={
                    "dfutils": {"figure": key, "alt": f"Alt of {key}.", "caption": f"Caption of {key}."}
                },
            )
            for key in keys
        ]
        cells = [nbformat.v4.new_markdown_cell(text) for text in (FIRST, SECOND)]
        cells.append(nbformat.v4.new_code_cell("1", outputs=outputs))
        (tmp_path / folder).mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / folder / "01_a.ipynb")
        return tmp_path / folder

    return make


def test_slide_says_what_is_learnt_and_shows_a_picture(make_notebook, tmp_path):
    notebooks = make_notebook("series")
    make_notebook("report/notebooks", "pipeline", "leak", "split")
    assert write_slides(tmp_path / "slides.html", report=tmp_path / "report", notebooks=notebooks) == 1
    text = (tmp_path / "slides.html").read_text()
    assert "<h2>01 · A &amp; B</h2>" in text
    assert "From here to there." in text
    assert "<li>what a clip is, and more</li><li>code.</li>" in text
    assert "Which of the two is &lt;larger&gt;?" in text
    assert 'alt="Alt of leak." src="data:image/webp;base64,LEAK"' in text
    assert "PIPELINE" not in text


def test_without_a_report_there_are_slides_without_pictures(make_notebook, tmp_path):
    notebooks = make_notebook("series")
    assert write_slides(tmp_path / "new/slides.html", report=tmp_path / "none", notebooks=notebooks) == 0
    assert "<img" not in (tmp_path / "new/slides.html").read_text()


def test_every_notebook_has_a_promise_a_question_and_things_to_learn(tmp_path, check_page):
    write_slides(tmp_path / "slides.html", report=tmp_path)
    text = (tmp_path / "slides.html").read_text()
    series = len(find_series())
    assert text.count("<strong>Predict.</strong>") == series
    assert text.count('<p class="lead"></p>') == 0
    assert text.count("<li>") >= series * 3
    check_page((tmp_path / "slides.html").as_uri())


def test_a_notebook_without_a_known_picture_shows_its_last_one(make_notebook, tmp_path):
    notebooks = make_notebook("series")
    make_notebook("report/notebooks", "pipeline", "costs")
    assert write_slides(tmp_path / "slides.html", report=tmp_path / "report", notebooks=notebooks) == 1
    assert "COSTS" in (tmp_path / "slides.html").read_text()
