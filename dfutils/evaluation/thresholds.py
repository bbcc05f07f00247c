"""From which score on a clip is called fake: chosen on the validation clips, and applied to others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.predictions import scored_rows

RULES = ("balanced_accuracy", "false_positive_rate")
_ROUNDING = 1e-12  # by which fractions that are the same may differ


@dataclass(frozen=True)
class Threshold:
    """A threshold and what it did on the clips it was chosen on.

    Args:
        value: float in [0, 1]. Fake when score >= value.
        rule: str. How it was chosen.
        recall, false_positive_rate: float. On those clips.
        remark: str. What a reader should know; `""` when nothing.
    """

    value: float
    rule: str
    recall: float
    false_positive_rate: float
    remark: str = ""


def threshold_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return what each threshold costs.

    Args:
        predictions: DataFrame. As for `evaluate`.

    Returns:
        DataFrame. threshold, ascending, halfway between neighbouring scores, from 0 (all is called fake) to one above
        all scores where there is room; recall, false_positive_rate and balanced_accuracy.

    Raises:
        DataError: As `evaluate`, or if a class is missing.
    """
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    if len(set(labels.tolist())) < 2:
        raise DataError("A threshold needs scored clips of both classes to be chosen on.")
    values = np.unique(scores)
    between = (values[1:] + values[:-1]) / 2
    cuts = np.unique(np.r_[0.0, between, (values[-1] + 1) / 2 if values[-1] < 1 else between])
    # The clips at or above each cut, of each class.
    fakes, reals = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    recall = 1 - np.searchsorted(fakes, cuts) / len(fakes)
    alarms = 1 - np.searchsorted(reals, cuts) / len(reals)
    return pd.DataFrame(
        {
            "threshold": cuts,
            "recall": recall,
            "false_positive_rate": alarms,
            "balanced_accuracy": (recall + 1 - alarms) / 2,
        }
    )


def choose_threshold(
    predictions: pd.DataFrame, rule: str = "balanced_accuracy", target: float = 0.05
) -> Threshold:
    """Choose a threshold on validation clips, to be applied to others.

    Args:
        predictions: DataFrame. As for `evaluate`: of the validation clips.
        rule: str. `"balanced_accuracy"`: where that is highest (the one nearest to 0.5 of several, and 0.5 itself
            where all scores are the same);
            `"false_positive_rate"`: the lowest at which no larger share of real clips is called fake than
            `target`. Defaults to `"balanced_accuracy"`.
        target: float in [0, 1]. Defaults to 0.05.

    Returns:
        Threshold.

    Raises:
        DataError: As `evaluate`, or if a class is missing.
        SettingsError: If the rule is unknown or the target out of range.
    """
    if rule not in RULES:
        raise SettingsError(f"Unknown rule {rule!r}. Known: {', '.join(RULES)}.")
    if not 0 <= target <= 1:
        raise SettingsError(f"A false-positive rate lies in [0, 1]. Received: target={target}")
    table, remark = threshold_table(predictions), ""
    scores = scored_rows(predictions)["score"]
    if rule == "balanced_accuracy" and scores.nunique() == 1:
        all_fake = float(scores.iloc[0] >= 0.5)
        return Threshold(0.5, rule, all_fake, all_fake, "All scores are the same: no threshold parts them.")
    if rule == "balanced_accuracy":
        fits = table[table["balanced_accuracy"] >= table["balanced_accuracy"].max() - _ROUNDING]
        row = fits.loc[(fits["threshold"] - 0.5).abs().idxmin()]
    else:
        fits = table[table["false_positive_rate"] <= target + _ROUNDING]
        row = table.iloc[-1] if fits.empty else fits.iloc[0]
        reals = int((predictions["label"].eq(0) & predictions["score"].notna()).sum())
        if fits.empty:
            remark = f"No threshold keeps false alarms at {target:.0%}: real clips have the highest score there is."
        elif 0 < reals * target < 1 - _ROUNDING:
            remark = f"With {reals} real clips, a rate of {target:.0%} cannot be told from none at all."
    return Threshold(
        float(row["threshold"]), rule, float(row["recall"]), float(row["false_positive_rate"]), remark
    )
