"""Two sets of different clips are compared; each is resampled on its own."""

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.evaluation import compare_unpaired, evaluate


def auc(table):
    return evaluate(table, n_bootstrap=0).table.loc["auc", "value"]


def test_two_data_sets_are_compared_group_by_group_on_their_own(make_predictions):
    """The variance of the difference is the sum of the variances of both sides."""
    here, there = make_predictions(200, signal=0.3), make_predictions(160, seed=5, signal=0.1)
    gap = compare_unpaired(there, here, n_bootstrap=1000)
    assert gap.value == pytest.approx(auc(there) - auc(here))
    widths = []
    for table in (here, there):
        row = evaluate(table, n_bootstrap=1000).table.loc["auc"]
        widths.append(row["high"] - row["low"])
    assert gap.high - gap.low == pytest.approx(np.hypot(*widths), rel=0.1)
    assert gap.low < gap.value < gap.high < 0 and gap.p_value < 0.05
    back = compare_unpaired(here, there, n_bootstrap=1000)
    assert (back.value, back.low) == pytest.approx((-gap.value, -gap.high), abs=0.02)


def test_equal_data_sets_have_a_difference_with_an_interval(make_predictions):
    """Unlike the paired one: other clips of the same kind give other numbers."""
    gap = compare_unpaired(make_predictions(100), make_predictions(100), n_bootstrap=500)
    assert gap.value == 0 and gap.low < -0.02 and gap.high > 0.02


def test_a_data_set_of_one_group_gives_no_interval(make_predictions):
    one = make_predictions(60).assign(group="all")
    for tables in ((one, make_predictions(60)), (make_predictions(60), one)):
        gap = compare_unpaired(*tables, n_bootstrap=50)
        assert np.isnan([gap.low, gap.high, gap.p_value]).all()
        assert "one group" in gap.remarks[0]
    with pytest.raises(SettingsError, match="metric"):
        compare_unpaired(one, one, metric="height")


def test_a_data_set_whose_classes_are_one_group_each_has_a_difference(make_predictions):
    """No group can be left out without losing a class, so there is no jackknife."""
    table = make_predictions(40)
    two = table.assign(group=np.where(table["label"] == 1, "fakes", "reals"))
    gap = compare_unpaired(two, table, n_bootstrap=50)
    assert gap.value == 0 and gap.low < 0 < gap.high
