import numpy as np
import pandas as pd
import pytest

from dfutils.errors import SettingsError
from dfutils.evaluation import fill_missing

TABLE = pd.DataFrame({"label": pd.array([1, 0, 1, 0], "Int64"), "score": [0.7, 0.2, np.nan, np.nan]})


@pytest.mark.parametrize(("policy", "filled"), [("wrong", [0, 1]), ("real", [0, 0]), ("fake", [1, 1])])
def test_missing_scores_count_as_the_policy_says(policy, filled):
    assert fill_missing(TABLE, policy)["score"].tolist() == [0.7, 0.2, *filled]
    assert TABLE["score"].isna().sum() == 2


def test_by_default_they_stay_missing():
    assert fill_missing(TABLE, "leave-out")["score"].isna().sum() == 2
    with pytest.raises(SettingsError, match="Unknown policy 'guess'. Known: leave-out, wrong, real, fake"):
        fill_missing(TABLE, "guess")
