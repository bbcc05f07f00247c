"""Choose the decision threshold on validation clips: clips with a score at or above it are classified as fake."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.predictions import scored_rows

Rule = Literal["balanced_accuracy", "false_positive_rate"]
RULES: tuple[Rule, ...] = get_args(Rule)
_ROUNDING = 1e-12  # fractions that differ by less than this count as equal


@dataclass(frozen=True)
class Threshold:
    """A decision threshold, with its recall and false-positive rate on the clips used to choose it.

    Args:
        value: float in [0, 1]. A clip is classified as fake when score >= value.
        rule: str. The rule that the threshold was chosen by, one of `RULES`.
        recall: float. The share of the fake clips that is classified as fake.
        false_positive_rate: float. The share of the real clips that is classified as fake.
        remark: str. A warning about the threshold; `""` if there is none.
    """

    value: float
    rule: str
    recall: float
    false_positive_rate: float
    remark: str = ""


def threshold_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Compute the recall, false-positive rate and balanced accuracy of every possible threshold.

    Args:
        predictions: DataFrame. As for `evaluate`.

    Returns:
        DataFrame. One row per threshold, in ascending order. Columns: threshold, recall, false_positive_rate and
        balanced_accuracy. The thresholds are 0 (every clip is classified as fake), the middle between each two
        neighbouring scores, and, if the highest score is below 1, one threshold above all scores.

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
    # For each class: the share of clips with a score at or above each threshold.
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
    """Choose the threshold from which a score means fake, on validation clips.

    Args:
        predictions: DataFrame. The validation clips with their scores, as for `evaluate`.
        rule: str. `"balanced_accuracy"`: the threshold with the highest balanced accuracy. If several thresholds have
            it, the one closest to 0.5; if all scores are equal, 0.5. `"false_positive_rate"`: the lowest threshold
            with a false-positive rate of at most `target`. Defaults to `"balanced_accuracy"`.
        target: float in [0, 1]. The highest false-positive rate allowed. Used only by the rule
            `"false_positive_rate"`. Defaults to 0.05.

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
                f"With {reals} real clips, a false-positive rate of at most {target:.0%} allows no false alarm: "
                f"a single false alarm is already {1 / reals:.0%}."
            )
    return Threshold(
        value=float(row["threshold"]),
        rule=rule,
        recall=float(row["recall"]),
        false_positive_rate=float(row["false_positive_rate"]),
        remark=remark,
    )
