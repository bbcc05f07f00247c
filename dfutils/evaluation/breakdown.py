"""Evaluate in detail: each forgery method by itself, precision where fakes are rare, and the worst mistakes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.evaluation import Evaluation, evaluate
from dfutils.evaluation.predictions import check_columns, check_threshold, scored_rows

_UNNAMED = "(unknown)"


@dataclass(frozen=True)
class PrecisionAt:
    """The precision that a detector would have if fakes were rarer than in the test set.

    Args:
        table: DataFrame indexed by base_rate, the share of fakes among all clips. Columns: precision, low and high;
            low and high are the ends of the 95 % interval. Groups are resampled for the interval. NaN if no clip is
            classified as fake.
        remark: str. A warning if no real clip is classified as fake, otherwise `""`.
    """

    table: pd.DataFrame
    remark: str


def evaluate_by(
    predictions: pd.DataFrame,
    *,
    column: str = "method",
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> dict[str, Evaluation]:
    """Evaluate parts of the clips separately, such as each forgery method.

    Args:
        predictions: DataFrame. As for `evaluate`. It also needs the column that is named by `column`.
        column: str. The column that divides the clips into parts. `"method"`: a part contains the fake clips of one
            forgery method, and all real clips. Any other column, such as `"dataset"`: a part contains the clips with
            one value in this column. Defaults to `"method"`.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        dict. {value of the column: Evaluation}, sorted by value. Clips without a value form the last part,
        `"(unknown)"`. A part is left out if it has no clip with a score (for `"method"`: no fake clip with a score).
        A clip_id must be unique within a part, but two parts may contain the same clip_id.

    Raises:
        DataError: As `evaluate`, or if the column is missing.
        SettingsError: As `evaluate`.
    """
    check_columns(predictions, [column, "clip_id", "group", "label", "score"])
    if predictions["score"].isna().all():
        raise DataError(f"None of the {len(predictions)} clips has a score: see the coverage table for why.")
    values, is_real = predictions[column], predictions["label"].eq(0).fillna(False).to_numpy(bool)
    divided = ~is_real if column == "method" else np.ones(len(predictions), bool)
    names = values.astype(object).where(values.notna(), "").map(str)
    known = values[divided].dropna().unique()
    in_order = sorted(known) if pd.api.types.is_numeric_dtype(values) else sorted(map(str, known))
    in_order = [name for name in map(str, in_order) if name]
    if (names[divided] == "").any():
        in_order.append("")
    parts = {}
    for name in in_order:
        inside = divided & (names == name).to_numpy()
        if predictions["score"][inside].notna().any():
            part = predictions[inside | is_real] if column == "method" else predictions[inside]
            parts[name or _UNNAMED] = evaluate(part, threshold=threshold, n_bootstrap=n_bootstrap, seed=seed)
    return parts


def precision_at(
    predictions: pd.DataFrame,
    *,
    base_rates: float | Iterable[float] = (0.5, 0.1, 0.01, 0.001),
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> PrecisionAt:
    """Compute the precision that a detector would have if fakes were rarer, such as 1 % of all clips.

    The precision is computed by Bayes' rule from the recall and the false-positive rate. Neither of the two depends on
    the share of fakes.

    Args:
        predictions: DataFrame. As for `evaluate`.
        base_rates: float or iterable of float in (0, 1). Shares of fakes among all clips. Defaults to 50 %, 10 %, 1 %
            and 0.1 %.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        PrecisionAt.

    Raises:
        DataError: As `evaluate`, or if there are no real or no fake clips.
        SettingsError: As `evaluate`, or if a base rate is out of range.
    """
    check_threshold(threshold)
    rates = [float(rate) for rate in (base_rates if isinstance(base_rates, Iterable) else [base_rates])]
    invalid = [rate for rate in rates if not 0 < rate < 1]
    if invalid:
        raise SettingsError(f"A base rate must be between 0 and 1. Received: {invalid[0]}")
    scored = scored_rows(predictions)
    labels, called_fake = scored["label"].to_numpy(int), scored["score"].to_numpy(float) >= threshold
    if len(set(labels.tolist())) < 2:
        raise DataError("Precision at a base rate needs scored clips of both classes.")
    codes = group_codes(scored["group"])
    hits, false_alarms = labels * called_fake, (1 - labels) * called_fake

    def precisions(weights: np.ndarray) -> dict[str, np.ndarray]:
        fakes = weights @ labels
        with np.errstate(invalid="ignore", divide="ignore"):
            recall, alarms = weights @ hits / fakes, weights @ false_alarms / (weights.sum(1) - fakes)
            return {str(rate): recall * rate / (recall * rate + alarms * (1 - rate)) for rate in rates}

    values = precisions(np.ones((1, len(labels))))
    resamples = resample(codes, labels, precisions, n_bootstrap=n_bootstrap, seed=seed)
    rows, rarer_class = [], min(int(labels.sum()), int((1 - labels).sum()))
    for rate in rates:
        value = float(values[str(rate)][0])
        rows.append((value, *resamples.interval(str(rate), value, share_of=rarer_class)))
    table = pd.DataFrame(rows, index=pd.Index(rates, name="base_rate"), columns=["precision", "low", "high"])
    groups = len(set(codes[labels == 0].tolist()))
    remark = ""
    if not false_alarms.any():
        remark = (
            f"No real clip of {groups} group{'s' if groups > 1 else ''} is classified as fake. This does not prove "
            "that none ever will be: it may still happen in up to about "
            f"{min(1.0, 3 / groups):.0%} of new groups (rule of three)."
        )
    return PrecisionAt(table, remark)


def mistakes(predictions: pd.DataFrame, *, threshold: float = 0.5, count: int = 6) -> pd.DataFrame:
    """Return the wrongly classified clips whose scores are farthest from the threshold.

    Args:
        predictions: DataFrame. As for `evaluate`.
        threshold: float in [0, 1]. A clip is classified as fake when score >= threshold. Defaults to 0.5.
        count: int. The largest number of clips to return. Defaults to 6.

    Returns:
        DataFrame. Rows of `predictions`, sorted by the distance of the score from the threshold, largest first. Two
        columns are added: called (the class that the clip was classified as, `real` or `fake`) and margin (the
        distance of the score from the threshold).

    Raises:
        DataError: As `evaluate`.
        SettingsError: If the threshold is out of range.
    """
    check_threshold(threshold)
    scored = scored_rows(predictions)
    called_fake = scored["score"] >= threshold
    wrong = scored[called_fake != (scored["label"] == 1)]
    wrong = wrong.assign(
        called=np.where(wrong["score"] >= threshold, "fake", "real"),
        margin=(wrong["score"] - threshold).abs(),
    )
    return (
        wrong.sort_values(["margin", "clip_id"], ascending=[False, True]).head(count).reset_index(drop=True)
    )
