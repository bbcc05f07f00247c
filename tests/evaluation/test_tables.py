"""Evaluations next to each other, as text and as numbers."""

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.evaluation import comparison_table, evaluate, with_interval, with_sign


def test_comparison_table_shows_value_and_interval(make_predictions):
    evaluation = evaluate(make_predictions(), n_bootstrap=50)
    table = comparison_table({"ours": evaluation}, name="model")
    value, low, high = evaluation.table.loc["auc"]
    assert table.loc["ours", "AUC"] == f"{value:.2f} [{low:.2f},\u00a0{high:.2f}]"
    assert table.loc["ours", "scored"] == "60 of 60"
    assert list(table) == ["accuracy", "precision", "recall", "AUC", "log loss", "scored"]
    assert table.columns.name == "model"


def test_comparison_table_shows_what_unscored_clips_may_cost(make_predictions):
    part = make_predictions()
    part.loc[:5, "score"] = np.nan
    evaluation = evaluate(part, n_bootstrap=0)
    row = comparison_table({"ours": evaluation}).loc["ours"]
    assert row["scored"] == "54 of 60"
    assert row["worst-case accuracy"] == f"{evaluation.worst_case_accuracy:.2f}"


def test_metrics_can_be_chosen_and_unknown_ones_are_refused(make_predictions):
    evaluations = {"ours": evaluate(make_predictions(30), n_bootstrap=0)}
    assert list(comparison_table(evaluations, metrics=["balanced_accuracy"])) == [
        "balanced accuracy",
        "scored",
    ]
    for tabulate in (lambda: comparison_table(evaluations, metrics=["AUC"]),):
        with pytest.raises(SettingsError, match="Unknown metric 'AUC'"):
            tabulate()


def test_abbreviations_are_headed_as_people_write_them(make_predictions):
    metrics = ["log_loss", "brier", "ece", "eer", "f1"]
    table = comparison_table({"ours": evaluate(make_predictions(), n_bootstrap=0)}, metrics=metrics)
    assert list(table) == ["log loss", "Brier", "ECE", "EER", "F1", "scored"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((0.913, 0.834, 0.971), "0.91 [0.83,\u00a00.97]"),
        ((0.913, np.nan, np.nan), "0.91"),
        ((0.913, None, None), "0.91"),
        ((np.nan, np.nan, np.nan), "–"),
        ((None, None, None), "–"),
    ],
)
def test_a_value_and_its_interval_as_text(values, text):
    assert with_interval(*values) == text


def test_more_digits():
    assert with_interval(0.9131, 0.8342, 0.9713, digits=3) == "0.913 [0.834,\u00a00.971]"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((0.0449, -0.01, 0.09), "+0.04 [-0.01,\u00a0+0.09]"),
        ((-0.5, np.nan, np.nan), "-0.50"),
        ((0.0, None, None), "+0.00"),
        ((None, None, None), "–"),
        ((np.nan, 0.0, 1.0), "–"),
    ],
)
def test_a_difference_and_its_interval_have_signs(values, text):
    assert with_sign(*values) == text
    assert with_sign(0.0449, -0.01, 0.09, digits=3) == "+0.045 [-0.010,\u00a0+0.090]"
