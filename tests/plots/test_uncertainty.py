import numpy as np
import pandas as pd
import pytest

from dfutils import plots
from dfutils.errors import SettingsError


def test_intervals_that_contain_chance_are_counted_and_named(make):
    table = make.rows(("a", 0.5, 0.4, 0.6), ("b", 0.9, 0.8, 1.0), ("c", 0.2, 0.1, 0.3))
    alt = plots.intervals(table, "name").alt
    assert "a 0.50 [0.40, 0.60], b 0.90 [0.80, 1.00], c 0.20 [0.10, 0.30]" in alt
    assert "1 of 3 intervals contains 0.5, chance: a." in alt
    assert "Wholly below 0.5: c." in alt


def test_no_interval_with_chance_is_said_too(make):
    assert (
        "0 of 1 interval contain 0.5, chance." in plots.intervals(make.rows(("b", 0.9, 0.8, 1)), "name").alt
    )


def test_rows_wholly_above_the_second_line_are_named(make):
    table = make.rows(("size", 0.9, 0.8, 1.0), ("codec", 0.7, 0.6, 0.8))
    figure = plots.intervals(table, "name", line=0.65, line_label="a finding")
    assert "Wholly above the dashed line at 0.65: size." in figure.alt
    assert "Dashed: a finding." in figure.caption
    assert "at 0.95: none" in plots.intervals(table, "name", line=0.95).alt


def test_of_many_rows_the_extremes_are_named(make):
    table = make.rows(*((f"row {i}", i / 10, i / 10, i / 10) for i in range(10)))
    alt = plots.intervals(table, "name").alt
    assert "lowest row 0 0.00 [0.00, 0.00], highest row 9 0.90 [0.90, 0.90]" in alt
    assert "row 3" not in alt


def test_many_rows_of_the_same_value_have_no_extremes(make):
    table = make.rows(*((f"row {i}", 0.5, 0.4, 0.6) for i in range(10)))
    assert "AUC of 10 names: 0.50 for each." in plots.intervals(table, "name").alt


def test_a_row_without_an_interval_is_drawn_and_said_to_have_none(make):
    figure = plots.intervals(make.rows(("a", 0.5, np.nan, np.nan)), "name")
    assert figure.alt == "AUC: a 0.50. No row has an interval."


def test_evaluations_are_taken_as_they_are_and_rows_are_called_what_they_are(make):
    results = {"swap": make.evaluation(0.9), "blend": make.evaluation(0.6)}
    figure = plots.intervals(results, "method", note="The GRU alone.", key="methods")
    assert figure.key == "methods"
    assert "one method" in figure.caption
    assert figure.caption.endswith("The GRU alone.")
    assert "swap 0.90" in figure.alt


def test_rows_may_be_named_by_the_index_and_the_value_by_its_metric(make):
    table = pd.DataFrame(
        {"value": [0.9], "low": [0.8], "high": [1.0]}, index=pd.Index(["GRU"], name="detector")
    )
    assert "GRU 0.90 [0.80, 1.00]" in plots.intervals(table, "detector").alt


def test_a_metric_that_is_not_half_by_chance_is_refused(make):
    with pytest.raises(SettingsError, match="metric='log_loss'"):
        plots.intervals({"GRU": make.evaluation()}, "detector", metric="log_loss")


def test_detectors_whose_accuracy_is_above_the_majority_class_are_named(make):
    results = {"GRU": make.evaluation(0.8, 0.7, 0.9), "mean": make.evaluation(0.6, 0.5, 0.7)}
    figure = plots.metric_intervals(results, majority=0.65)
    assert "AUC with 95 % interval: GRU 0.80 [0.70, 0.90], mean 0.60 [0.50, 0.70]" in figure.alt
    assert "above the majority class (0.65) with its whole interval for GRU." in figure.alt
    assert "for no detector" in plots.metric_intervals(results, majority=0.75).alt
    assert "majority" not in plots.metric_intervals(results).alt
