"""Decide what a missing score counts as."""

from typing import Literal, get_args

import pandas as pd

from dfutils.errors import SettingsError

MissingPolicy = Literal["leave-out", "wrong", "real", "fake"]
MISSING_POLICIES: tuple[MissingPolicy, ...] = get_args(MissingPolicy)


def fill_missing(predictions: pd.DataFrame, policy: MissingPolicy) -> pd.DataFrame:
    """Give clips without a score the score that a policy says.

    Args:
        predictions: DataFrame. With the columns label and score.
        policy: str. `"leave-out"`: nothing is filled. `"wrong"`: a fake gets 0 and a real clip 1, as if the
            detector were sure and wrong. `"real"`: all get 0. `"fake"`: all get 1.

    Returns:
        DataFrame. A copy.

    Raises:
        SettingsError: If the policy is unknown.
    """
    if policy not in MISSING_POLICIES:
        raise SettingsError(f"Unknown policy {policy!r}. Known: {', '.join(MISSING_POLICIES)}.")
    if policy == "leave-out":
        return predictions.copy()
    wrong = 1 - predictions["label"].astype("Float64")
    filling = {"wrong": wrong, "real": 0.0, "fake": 1.0}[policy]
    return predictions.assign(
        score=predictions["score"].where(predictions["score"].notna(), filling).astype(float)
    )
