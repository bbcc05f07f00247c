from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils import plots


@pytest.fixture
def table():
    index = pd.MultiIndex.from_product([["fakes", "both"], ["blend", "swap"]], names=["detector", "left_out"])
    values = {"trained_value": [0.9, 0.8, 0.85, 0.8], "left_out_value": [0.5, 0.4, 0.7, 0.6]}
    ends = {f"{n}_{e}": np.array(values[f"{n}_value"]) + d
            for n in ("trained", "left_out") for e, d in (("low", -0.1), ("high", 0.1))}  # fmt: skip
    return pd.DataFrame(values | ends, index=index)


def test_the_strongest_of_each_degradation_is_read_out(make):
    alt = plots.robustness(SimpleNamespace(table=make.degraded(0.9, 0.8, 0.7, 0.75, 0.55))).alt
    assert "AUC 0.90 [0.80, 1.00] on the unchanged clips" in alt
    assert "h264 40: 0.70; resolution 0.25: 0.55" in alt
    assert "1 of 4 intervals after a degradation contains 0.5, chance" in alt


def test_the_smallest_size_stands_to_the_right(make):
    axis = plots.robustness(make.degraded(0.9, 0.8, 0.7, 0.75, 0.55)).axes[1]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0.5", "0.25"]


def test_left_out_methods_have_two_points_each(table):
    figure = plots.left_out(table)
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "blend\nfakes", "blend\nboth", "swap\nfakes", "swap\nboth"
    ]  # fmt: skip
    assert (
        "fakes, blend: AUC 0.90 [0.80, 1.00] with it in training, 0.50 [0.40, 0.60] without it" in figure.alt
    )
    first, last = (figure.alt.index(name) for name in ("both, swap", "both, blend"))
    assert first < last  # the larger difference first
    drawn = sorted(
        round(float(line.get_xdata()[0]), 2) for line in axis.get_lines() if len(line.get_xdata()) == 1
    )
    assert drawn == [0.4, 0.5, 0.6, 0.7, 0.8, 0.8, 0.85, 0.9]
    assert "no forgery that was left out" in plots.left_out(pd.DataFrame()).alt


def test_one_detector_needs_no_name_on_the_axis(table):
    figure = plots.left_out(table.loc[["fakes"]].assign(left_out_low=np.nan))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["blend", "swap"]


def test_both_trainings_are_drawn_for_unchanged_and_degraded_clips(table):
    names = {f"{old}_{end}": f"{new}_{end}" for old, new in (("trained", "clean"), ("left_out", "copies"))
             for end in ("value", "low", "high")}  # fmt: skip
    table = table.rename(columns=names).rename({"blend": "as they are", "swap": "h264:40"})
    figure = plots.training_on_copies(table)
    assert (
        "fakes, h264:40: AUC 0.80 [0.70, 0.90] trained on unchanged clips, 0.40 [0.30, 0.50] with degraded copies"
        in figure.alt
    )
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "trained on unchanged clips",
        "trained with degraded copies too",
    ]
    assert "No detector was trained" in plots.training_on_copies(pd.DataFrame()).alt
