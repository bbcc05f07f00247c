from types import SimpleNamespace

import pandas as pd
import pytest

from dfutils import plots


@pytest.fixture
def curves():
    return pd.DataFrame({"step": [10, 20, 30], "loss": [0.7, 0.5, 0.4], "val_auc": [0.5, 0.6, 0.75]})


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
