"""Behind the average: each method alone, the world's base rate, and the mistakes that were made with most certainty."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.evaluation import Evaluation, evaluate
from dfutils.evaluation.predictions import check_columns, check_threshold, scored_rows

_COMPRESSIONS = ("raw", "c0", "c23", "c40")


def evaluate_by(
    predictions: pd.DataFrame,
    column: str = "method",
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> dict[str, Evaluation]:
    """Evaluate each part of the clips by itself.

    Args:
        predictions: DataFrame. As for `evaluate`.
        column: str. `"method"`: the fakes of each method, against all real clips; any other column (data set,
            compression): the clips with each of its values. Defaults to `"method"`.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        dict. {value: Evaluation}, in order of the values. A part without a scored clip is not in it. Parts are judged
        by themselves: two data sets may have clips of one clip_id.

    Raises:
        DataError: As `evaluate`, or if there is no such column.
    """
    check_columns(predictions, [column, "clip_id", "group", "label", "score"])
    if predictions["score"].isna().all():
        raise DataError(f"None of the {len(predictions)} clips has a score: see the coverage table for why.")
    values, is_real = predictions[column], predictions["label"].eq(0).fillna(False).to_numpy(bool)
    own = ~is_real if column == "method" else np.ones(len(predictions), bool)
    names = values.astype(object).where(values.notna(), "").map(str)
    known = values[own].dropna().unique()
    in_order = sorted(known) if pd.api.types.is_numeric_dtype(values) else sorted(map(str, known))
    # Those without a name come last.
    in_order = [name for name in map(str, in_order) if name] + ([""] if (names[own] == "").any() else [])
    parts = {}
    for name in in_order:
        inside = own & (names == name).to_numpy()
        if predictions["score"][inside].notna().any():
            part = predictions[inside | is_real] if column == "method" else predictions[inside]
            parts[name or "(none given)"] = evaluate(part, threshold, n_bootstrap, seed)
    return parts


def with_compression(predictions: pd.DataFrame) -> pd.DataFrame:
    """Add the column `compression`: the folder raw, c0, c23 or c40 in a clip_id, `""` where there is none."""
    check_columns(predictions, ["clip_id"])
    found = [
        next((part for part in str(clip_id).split("/") if part in _COMPRESSIONS), "")
        for clip_id in predictions["clip_id"]
    ]
    return predictions.assign(compression=found)


def precision_at(
    predictions: pd.DataFrame,
    base_rates=(0.5, 0.1, 0.01, 0.001),
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> pd.DataFrame:
    """Return which share of what is called fake would be fake, where fakes are as rare as in the world.

    By Bayes' rule from recall and false-alarm rate, which do not depend on how many fakes there are.

    Args:
        predictions: DataFrame. As for `evaluate`.
        base_rates: float or iterable of float in (0, 1). Shares of fakes. Defaults to 50 %, 10 %, 1 % and 0.1 %.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        DataFrame indexed by base_rate: precision, with low and high, its 95 % interval by group. NaN where nothing is
        called fake. `attrs["remark"]` says what no false alarm means, `""` where there are some.

    Raises:
        DataError: As `evaluate`, or if a class is missing.
        SettingsError: As `evaluate`, or if a base rate is out of range.
    """
    check_threshold(threshold)
    base_rates = np.atleast_1d(list(base_rates) if isinstance(base_rates, Iterable) else base_rates).tolist()
    wrong = [rate for rate in base_rates if not 0 < rate < 1]
    if wrong:
        raise SettingsError(f"A base rate lies between 0 and 1. Received: {wrong[0]}")
    scored = scored_rows(predictions)
    labels, called = scored["label"].to_numpy(int), scored["score"].to_numpy(float) >= threshold
    if len(set(labels.tolist())) < 2:
        raise DataError("Precision at a base rate needs scored clips of both classes.")
    codes = group_codes(scored["group"])
    found, alarmed = labels * called, (1 - labels) * called

    def compute(weights):
        fakes = weights @ labels
        with np.errstate(invalid="ignore", divide="ignore"):
            recall, alarms = weights @ found / fakes, weights @ alarmed / (weights.sum(1) - fakes)
            return {rate: recall * rate / (recall * rate + alarms * (1 - rate)) for rate in base_rates}

    values = compute(np.ones((1, len(labels))))
    resamples = resample(codes, labels, compute, n_bootstrap=n_bootstrap, seed=seed)
    rows = [(float(values[rate][0]), *resamples.interval(rate, values[rate][0])) for rate in base_rates]
    index = pd.Index(base_rates, name="base_rate")
    table = pd.DataFrame(rows, index=index, columns=["precision", "low", "high"])
    reals = len(set(codes[labels == 0].tolist()))
    table.attrs["remark"] = (
        ""
        if alarmed.any()
        else f"No real clip of {reals} groups is called fake. That is no proof that none ever is: it may still happen "
        f"in up to about {min(1.0, 3 / reals):.0%} of new groups (rule of three)."
    )
    return table


def mistakes(predictions: pd.DataFrame, threshold: float = 0.5, count: int = 6) -> pd.DataFrame:
    """Return the clips that were called wrongly with most certainty: the first to be looked at.

    Args:
        predictions: DataFrame. As for `evaluate`.
        threshold: float in [0, 1]. Defaults to 0.5.
        count: int. Clips at the most. Defaults to 6.

    Returns:
        DataFrame. Rows of `predictions`, farthest from the threshold first, with the columns called (`real` or `fake`)
        and margin, how far.

    Raises:
        DataError: As `evaluate`.
    """
    check_threshold(threshold)
    scored = scored_rows(predictions)
    called = scored["score"] >= threshold
    wrong = scored[called != (scored["label"] == 1)]
    wrong = wrong.assign(
        called=np.where(wrong["score"] >= threshold, "fake", "real"),
        margin=(wrong["score"] - threshold).abs(),
    )
    return (
        wrong.sort_values(["margin", "clip_id"], ascending=[False, True]).head(count).reset_index(drop=True)
    )
