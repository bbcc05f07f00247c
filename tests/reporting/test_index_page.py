"""The index page of a tiny series; the index of the real series is looked at in tests/notebooks."""

import json

import pytest

from dfutils.reporting import write_report
from dfutils.reporting.index_page import write_index

pytestmark = pytest.mark.slow


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
    assert "data:image/webp;base64," in index


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


METRIC = {"value": 0.8, "low": 0.7, "high": 0.9}
UNDEFINED = {"value": 0.7, "low": None, "high": None}


@pytest.fixture
def write(tmp_path):
    """A function that writes an index with these records of the notebooks, and returns its text."""

    def index(**records):
        provenance = {
            "seconds": {},
            "parameters": {},
            "versions": {},
            "started": "2026-01-01",
            "minutes": 1.0,
        }
        results = {"report": "mine", "ok": True, "status": {}, "provenance": provenance, "notebooks": records}
        write_index(tmp_path, json.loads(json.dumps(results)), {})
        return " ".join((tmp_path / "index.html").read_text().split())

    return index


def metrics(value):
    names = ("accuracy", "precision", "recall", "auc", "log_loss")
    return dict.fromkeys(names, value) | {"n_scored": 8, "n_clips": 8, "n_groups": 2}


def test_the_answer_stands_next_to_what_guessing_gives(write):
    tested = {"GRU": metrics(METRIC), "constant": metrics(UNDEFINED)}
    records = {
        "05_evaluation": {"metrics": tested, "majority": {"called": "fake", "accuracy": 0.6}},
        "07_tuner_search": {
            "best_detector": "linear",
            "linear": metrics({"value": 0.95, "low": 0.9, "high": 1.0}),
        },
    }
    text = write(**records)
    assert "<b>0.80</b><span>AUC of the GRU, the method of the series<br>95 % interval 0.70 to 0.90" in text
    assert "<b>0.95</b><span>AUC of the linear model on all layers: the best on the validation clips" in text
    assert "<b>60 %</b><span>are called correctly by always answering “fake”" in text
    assert 'style="left:70.0%;width:20.0%"' in text
    assert text.count("<th>linear model, all layers</th>") == 1
    records["07_tuner_search"]["best_detector"] = "somebody's own"
    assert "the best on the validation clips" not in write(**records)


def test_what_is_lost_elsewhere_is_listed_with_its_sign(write):
    changed = {"auc": 0.6, "low": 0.5, "high": 0.7, "change": -0.2, "change_low": -0.3, "change_high": -0.1}
    general = {
        "cross_validation": {"GRU": {"auc": 0.75, "low": 0.7, "high": 0.8}},
        "by_dataset": {"mine": {"auc": METRIC}, "other": {"auc": UNDEFINED}},
        "robustness": {"as they are": {}, "blur:2": changed},
    }
    left = {"left_out_value": 0.5, "left_out_low": 0.4, "left_out_high": 0.6}
    left |= {"change": 0.1, "change_low": None, "change_high": None}
    text = write(
        **{
            "06_generalization": general,
            "08_adapted_backbone": {"left_out": {"method": "swap", "frozen": left}},
        }
    )
    assert "cross-validation)</td><td>0.75 [0.70, 0.80]</td><td>–" in text
    assert "GRU of mine, on the data set other</td><td>0.70</td><td>–" in text
    assert "after blur:2</td><td>0.60 [0.50, 0.70]</td><td>-0.20 [-0.30, -0.10]" in text
    assert "frozen: the forgery swap, left out of training</td><td>0.50 [0.40, 0.60]</td><td>+0.10<" in text


def test_a_series_without_results_has_an_index(write):
    text = write()
    assert "How well" not in text
    assert "elsewhere" not in text
