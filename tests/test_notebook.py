import json

import numpy as np
import pandas as pd
import pytest

from dfutils.notebook import RECORD_TYPE, banner, record, to_json


def test_record_is_strict_json_of_plain_values(displayed):
    values = {
        "n": np.int64(3),
        "auc": np.float32(0.5),
        "bad": np.nan,
        "rows": pd.Series([1, pd.NA]),
        "ok": np.True_,
    }
    (output,) = displayed(lambda: record(**values))
    data = output.data
    assert json.loads(json.dumps(data[RECORD_TYPE], allow_nan=False)) == {
        "n": 3, "auc": 0.5, "bad": None, "rows": [1, None], "ok": True,
    }  # fmt: skip


def test_record_escapes_what_it_shows(displayed):
    (output,) = displayed(lambda: record(name="<script>alert(1)</script>"))
    assert "<script>" not in output.data["text/html"]


def test_what_is_no_value_is_refused():
    with pytest.raises(TypeError, match="object cannot be written"):
        to_json({"model": object()})


def test_banner_is_flagged_for_the_index_and_empty_shows_nothing(displayed):
    (output,) = displayed(lambda: banner("mind <this>"))
    assert output.metadata["dfutils"] == {"banner": "warning", "text": "mind <this>"}
    assert "&lt;this&gt;" in output.data["text/html"]
    assert displayed(lambda: banner("")) == []
    with pytest.raises(ValueError, match="kind='alarm'"):
        banner("x", kind="alarm")
