"""Choose the score from which a clip is classified as fake, on the validation clips."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.predictions import scored_rows

Rule = Literal["balanced_accuracy", "false_positive_rate"]
RULES: tuple[Rule, ...] = get_args(Rule)
_ROUNDING = 1e-12  # by how much equal fractions may differ


@dataclass(frozen=True)
class Threshold:
    """A threshold, and how it does on the clips it was chosen on.

    Args:
        value: float in [0, 1]. A clip is classified as fake when score >= value.
        rule: str. How it was chosen.
        recall: float. Of those fake clips, the share classified as fake.
        false_positive_rate: float. Of those real clips, the share classified as fake.
        remark: str. What a reader should know; `""` when there is nothing.
    """

    value: float
    rule: str
    recall: float
    false_positive_rate: float
    remark: str = ""


def threshold_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return what each threshold gives and what it costs.

    Args:
        predictions: DataFrame. As for `evaluate`.

    Returns:
        DataFrame. One row per threshold, ascending: threshold, recall, false_positive_rate and balanced_accuracy. The
        thresholds are 0 (every clip is classified as fake), the middle between each two neighbouring scores, and one
        above all scores unless the highest score is 1.

    Raises:
        DataError: As `evaluate`, or if a class is missing.
    """
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    if len(set(labels.tolist())) < 2:
        raise DataError("Choosing a threshold needs scored clips of both classes.")
    values = np.unique(scores)
    between = (values[1:] + values[:-1]) / 2
    thresholds = np.unique(np.r_[0.0, between, (values[-1] + 1) / 2 if values[-1] < 1 else between])
    # Of each class, the share of clips at or above each threshold.
    fakes, reals = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    recall = 1 - np.searchsorted(fakes, thresholds) / len(fakes)
    alarms = 1 - np.searchsorted(reals, thresholds) / len(reals)
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "recall": recall,
            "false_positive_rate": alarms,
            "balanced_accuracy": (recall + 1 - alarms) / 2,
        }
    )


def choose_threshold(
    predictions: pd.DataFrame, *, rule: Rule = "balanced_accuracy", target: float = 0.05
) -> Threshold:
    """Choose a threshold on validation clips, to be used on other clips.

    Args:
        predictions: DataFrame. As for `evaluate`, of the validation clips.
        rule: str. `"balanced_accuracy"`: the threshold with the highest balanced accuracy; of several, the one closest
            to 0.5, and 0.5 itself if all scores are equal. `"false_positive_rate"`: the lowest threshold at which at
            most the share `target` of the real clips is classified as fake. Defaults to `"balanced_accuracy"`.
        target: float in [0, 1]. Only for `"false_positive_rate"`. Defaults to 0.05.

    Returns:
        Threshold.

    Raises:
        DataError: As `evaluate`, or if a class is missing.
        SettingsError: If the rule is unknown or the target is out of range.

    Example:
        >>> import pandas as pd
        >>> from dfutils import evaluation
        >>> predictions = pd.DataFrame(
        ...     {"clip_id": list("abcd"), "label": [0, 0, 1, 1], "group": list("wxyz"), "score": [0.1, 0.5, 0.7, 0.9]}
        ... )
        >>> chosen = evaluation.choose_threshold(predictions, rule="balanced_accuracy")
        >>> print(round(chosen.value, 3), chosen.recall, chosen.false_positive_rate)
        0.6 1.0 0.0
    """
    if rule not in RULES:
        raise SettingsError(f"Unknown rule {rule!r}. Known rules: {', '.join(RULES)}.")
    if not 0 <= target <= 1:
        raise SettingsError(f"A false-positive rate must be in [0, 1]. Received: target={target}")
    table, remark = threshold_table(predictions), ""
    scores = scored_rows(predictions)["score"]
    if rule == "balanced_accuracy" and scores.nunique() == 1:
        share = float(scores.iloc[0] >= 0.5)
        return Threshold(0.5, rule, share, share, "All scores are equal: no threshold separates them.")
    if rule == "balanced_accuracy":
        best = table[table["balanced_accuracy"] >= table["balanced_accuracy"].max() - _ROUNDING]
        row = best.loc[(best["threshold"] - 0.5).abs().idxmin()]
    else:
        allowed = table[table["false_positive_rate"] <= target + _ROUNDING]
        row = table.iloc[-1] if allowed.empty else allowed.iloc[0]
        reals = int((predictions["label"].eq(0) & predictions["score"].notna()).sum())
        if allowed.empty:
            remark = (
                f"No threshold keeps the false-positive rate at {target:.0%} or below: real clips have the highest "
                "possible score."
            )
        elif 0 < reals * target < 1 - _ROUNDING:
            remark = (
                f"With {reals} real clips, a false-positive rate of at most {target:.0%} means no false alarm at all: "
                f"a single one is {1 / reals:.0%}."
            )
    return Threshold(
        value=float(row["threshold"]),
        rule=rule,
        recall=float(row["recall"]),
        false_positive_rate=float(row["false_positive_rate"]),
        remark=remark,
    )
