"""Two small reports, compared."""

import json

import pandas as pd
import pytest

from dfutils import evaluation
from dfutils.errors import DataError
from dfutils.reporting import compare_reports

GROUPS = [f"g{number}" for number in range(8)]


@pytest.fixture
def make_report(home):
    """A function that writes the results of a report: `make_report(name, scores, epochs=…)`."""

    def make(name, scores, epochs=10, clips="c", versions=None):
        folder = home / "reports" / name
        folder.mkdir(parents=True)
        table = pd.DataFrame({"clip_id": [f"{clips}{n}" for n in range(16)], "label": [0, 1] * 8})
        table = table.assign(group=sorted(GROUPS * 2), method="", split="test", status="ok", score=scores)
        table.to_csv(folder / "predictions.csv", index=False)
        judged = evaluation.evaluate(table, n_bootstrap=50).to_record()
        results = {
            "report": name,
            "ok": True,
            "notebooks": {
                "04_gru_training": {"epochs": epochs, "layers": ["mixed10"], "note": "<b>bold</b>"},
                "05_evaluation": {"metrics": {"GRU": judged}},
            },
            "provenance": {
                "data": "faces",
                "git_commit": "abc",
                "parameters": {"04_gru_training": {"epochs": epochs, "workspace": name}},
                "versions": versions or {"keras": "3.0"},
                "seconds": {"04_gru_training": 1.5},
                "started": "2026-01-01T00:00:00",
                "minutes": 1.0,
            },
        }
        (folder / "results.json").write_text(json.dumps(results))
        return folder

    return make


GOOD, MIXED = [0.1, 0.9] * 8, [0.1, 0.9, 0.6, 0.4] * 4


def test_changed_settings_and_numbers_are_listed_with_paired_intervals(make_report, check_page):
    make_report("before", MIXED)
    make_report("after", GOOD, epochs=20, versions={"keras": "3.1"})
    found = compare_reports("before", "after")
    settings = found.settings.set_index("what")
    assert settings.loc["keras"].tolist() == ["3.0", "3.1"]
    assert settings.loc["04 epochs"].tolist() == [10, 20]
    assert len(settings) == 2
    tables = [pd.read_csv(found.page.parents[1] / name / "predictions.csv") for name in ("after", "before")]
    assert found.paired.set_index("metric").loc["AUC", "difference"] == str(evaluation.compare(*tables))
    values = found.values.set_index("what")
    assert values.loc["epochs", "change"] == "+10"
    assert "layers" not in values.index
    assert found.equal > 5
    text = str(found)
    assert "Settings that differ: keras, 04 epochs." in text
    assert "GRU, AUC: " in text
    assert "after minus before, AUC: +" in text
    assert "Clip by clip, on the 16 test clips of both" in text
    page = found.page.read_text()
    assert found.page.name == "compared_with_before.html"
    assert "after minus before" in page
    check_page(found.page.as_uri())


def test_equal_reports_differ_in_nothing(make_report, tmp_path):
    folder = make_report("one", GOOD)
    copy = folder.rename(tmp_path / "moved <report>")
    make_report("one", GOOD)
    found = compare_reports(copy, "one")
    assert found.settings.empty
    assert found.values.empty
    assert "Settings that differ: none." in str(found)
    page = found.page.read_text()
    assert found.page.name == "compared_with_moved_report_.html"
    assert "moved &lt;report&gt;" in page
    assert "moved <report>" not in page


def test_reports_of_other_clips_are_compared_without_pairs(make_report):
    make_report("one", GOOD)
    other = make_report("two", GOOD, clips="d")
    found = compare_reports("one", "two")
    assert found.paired.empty
    assert "not compared clip by clip: No clip was scored by both" in str(found)
    (other / "predictions.csv").unlink()
    assert "there is no" in compare_reports("one", "two").paired_on


def test_unknown_report_names_those_that_exist(make_report, home):
    with pytest.raises(DataError, match="Make one with `dfutils report`"):
        compare_reports("one", "two")
    make_report("one", GOOD)
    with pytest.raises(DataError, match="no report 'two'.*Reports here: one"):
        compare_reports("one", "two")
