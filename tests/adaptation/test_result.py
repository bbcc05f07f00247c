from pathlib import Path
from types import SimpleNamespace

import pytest

from dfutils.adaptation import Adaptation
from dfutils.errors import MissingArtefactError


def test_tables_come_from_the_record():
    row = {"split": "test", "unit": "frame", "method": "", "value": 0.9, "low": 0.8, "high": 1.0}
    details = {
        "curves": [{"step": 5, "loss": 0.6}, {"step": 10, "loss": 0.4}],
        "results": [row | {"n_real": 3, "n_fake": 4, "n_groups": 2}],
        "remarks": ["few clips"],
    }
    result = Adaptation(Path("a.weights.h5"), SimpleNamespace(details=details))
    assert result.curves["loss"].tolist() == [0.6, 0.4]
    assert result.results["n_groups"].tolist() == [2]
    assert result.remarks == ("few clips",)
    assert not result.was_done
    with pytest.raises(MissingArtefactError, match=r"There is no a\.scores\.csv"):
        _ = result.predictions
    empty = Adaptation(Path("a.weights.h5"), SimpleNamespace(details=details | {"results": []}))
    assert list(empty.results) == list(result.results)
