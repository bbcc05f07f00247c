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


def triple(name, value, low, high, key=""):
    return {f"{name}{key}": value, f"{name}_low": low, f"{name}_high": high}


def test_what_is_lost_elsewhere_is_listed_with_its_sign_and_coverage(write):
    blurred = {"test": "after blur:2", "kind": "degradation", "scored": 19, "clips": 20}
    blurred |= triple("here", 0.8, 0.7, 0.9) | triple("elsewhere", 0.6, 0.5, 0.7)
    other = {**blurred, "test": "data set other"} | triple("change", -0.1, None, None)
    general = {
        "cross_validation": {"GRU": {"auc": 0.75, "low": 0.7, "high": 0.8}},
        "elsewhere": [other, blurred | triple("change", -0.2, -0.3, -0.1)],
    }
    left = triple("left_out", 0.5, 0.4, 0.6, "_value") | triple("trained", 0.4, None, None, "_value")
    left |= triple("change", 0.1, None, None)
    adapted = {"left_out": {"method": "swap", "frozen": left}}
    text = write(**{"06_generalization": general, "08_adapted_backbone": adapted}).replace("\u00a0", " ")
    assert "cross-validation)</td><td>–</td><td>0.75 [0.70, 0.80]</td><td>–</td><td>–<" in text
    assert (
        "<td>GRU, after blur:2</td><td>0.80 [0.70, 0.90]</td><td>0.60 [0.50, 0.70]</td>"
        "<td>-0.20 [-0.30, -0.10]</td><td>19 of 20</td>" in text
    )
    assert "GRU, data set other</td><td>0.80 [0.70, 0.90]</td><td>0.60 [0.50, 0.70]</td><td>-0.10<" in text
    assert "frozen, swap left out of training</td><td>0.40</td><td>0.50 [0.40, 0.60]</td><td>+0.10<" in text


def test_a_forgery_left_out_stands_next_to_the_headline_or_the_page_says_that_there_is_none(write):
    row = triple("left_out", 0.65, 0.5, 0.7, "_value") | triple("trained", 0.8, 0.7, 0.9, "_value")
    unseen = {"left_out": {"GRU": row}, "elsewhere": []}
    for method in ("swap", "blend"):
        one = {"test": f"{method} left out of training", "kind": "forgery", "scored": 8, "clips": 8}
        for name in ("here", "elsewhere", "change"):
            one |= triple(name, 0.5, 0.4, 0.6)
        unseen["elsewhere"].append(one)
    evaluation = {"metrics": {"GRU": metrics(METRIC)}, "majority": {"called": "fake", "accuracy": 0.6}}
    text = write(**{"05_evaluation": evaluation, "06_generalization": unseen}).replace("\u00a0", " ")
    assert "<b>0.65</b><span>AUC of the GRU on a forgery left out of training" in text
    assert "<br>with it in training: 0.80; the means over 2 forgeries and all groups" in text
    none = write(**{"05_evaluation": evaluation, "06_generalization": {"left_out": None, "elsewhere": []}})
    assert "No forgery could be left out of training" in none
    assert "left out of training" not in write(**{"05_evaluation": evaluation})


def test_a_series_without_results_has_an_index(write):
    text = write()
    assert "How well" not in text
    assert "elsewhere" not in text
