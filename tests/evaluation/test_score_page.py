import numpy as np
import pytest

from dfutils.evaluation import report_scores
from dfutils.evaluation.score_page import write_score_page

pytestmark = pytest.mark.slow


def test_page_shows_pictures_first_and_hostile_names_as_text(make_predictions, tmp_path, check_page):
    table = make_predictions(120).assign(split="", status="")
    table["method"] = np.where(
        table["label"] == 1, np.where(table.index % 4 == 1, "<script>x</script>", "swap"), ""
    )
    other = table.assign(score=1 - table["score"])
    report = report_scores({"mine": table, "<b>theirs</b>": other}, n_bootstrap=100, column="method")
    file = tmp_path / "a&b.csv"
    file.write_text("x")
    page = tmp_path / "new" / "page.html"
    write_score_page(page, report, ["A <note>."], [file])
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "A &lt;note&gt;." in text
    assert "&lt;b&gt;theirs" in text
    assert text.index("<img") < text.index("Every metric")
    assert text.count("<img") == 4
    assert "mine is better" in text
    check_page(page.as_uri())


def test_one_class_has_a_page_without_a_curve(make_predictions, tmp_path):
    table = make_predictions(20).assign(split="", status="", method="swap").query("label == 1")
    file = tmp_path / "scores.csv"
    file.write_text("x")
    write_score_page(tmp_path / "page.html", report_scores({"mine": table}, n_bootstrap=50), [], [file])
    text = (tmp_path / "page.html").read_text()
    assert "<b>–</b>" in text
    assert "All scored clips are fake" in text
