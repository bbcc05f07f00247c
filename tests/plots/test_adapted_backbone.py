from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils import plots


@pytest.fixture
def curves():
    return pd.DataFrame({"step": [10, 20, 30], "loss": [0.7, 0.5, 0.4], "val_auc": [0.5, 0.6, 0.75]})


@pytest.fixture
def table():
    index = pd.MultiIndex.from_product([["fakes", "both"], ["blend", "swap"]], names=["detector", "left_out"])
    values = {"trained_value": [0.9, 0.8, 0.85, 0.8], "left_out_value": [0.5, 0.4, 0.7, 0.6]}
    ends = {f"{n}_{e}": np.array(values[f"{n}_value"]) + d
            for n in ("trained", "left_out") for e, d in (("low", -0.1), ("high", 0.1))}  # fmt: skip
    return pd.DataFrame(values | ends, index=index)


def test_curves_of_each_adaptation_are_drawn_and_told(curves):
    figure = plots.adaptation_curves(
        {"a": curves, "b": SimpleNamespace(curves=curves.drop(columns="val_auc"))}
    )
    losses, aucs = figure.axes
    assert [line.get_label() for line in losses.get_lines()] == ["a", "b"]
    assert len(aucs.get_lines()) == 2  # one curve, and the line of chance
    assert "a: loss 0.70 to 0.40, validation AUC 0.75 at the end" in figure.alt
    assert "b: loss 0.70 to 0.40" in figure.alt
    assert "no adaptation" in plots.adaptation_curves({}).alt


def test_left_out_methods_have_two_points_each(table):
    figure = plots.left_out(table)
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "blend\nfakes", "blend\nboth", "swap\nfakes", "swap\nboth"
    ]  # fmt: skip
    assert (
        "fakes, blend: AUC 0.90 [0.80, 1.00] with it in training, 0.50 [0.40, 0.60] without it" in figure.alt
    )
    drawn = sorted(
        round(float(line.get_xdata()[0]), 2) for line in axis.get_lines() if len(line.get_xdata()) == 1
    )
    assert drawn == [0.4, 0.5, 0.6, 0.7, 0.8, 0.8, 0.85, 0.9]
    assert "no forgery that was left out" in plots.left_out(pd.DataFrame()).alt


def test_one_detector_needs_no_name_on_the_axis(table):
    figure = plots.left_out(table.loc[["fakes"]].assign(left_out_low=np.nan))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["blend", "swap"]
