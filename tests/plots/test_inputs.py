from types import SimpleNamespace

import numpy as np
import pandas as pd

from dfutils.plots.inputs import as_label, table_of
from dfutils.tables import Catalog


def test_the_table_of_a_result_is_found_and_a_table_is_its_own():
    table = pd.DataFrame({"a": [1]})
    assert table_of(table) is table
    assert table_of(Catalog(table)) is table
    assert table_of(SimpleNamespace(trials=table), "trials") is table


def test_a_missing_label_is_none():
    assert [as_label(value) for value in (1, np.int8(0), pd.NA, float("nan"))] == [1, 0, None, None]
