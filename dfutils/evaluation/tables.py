"""Format evaluations as text: a table of several evaluations, and a value with its interval."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from dfutils.evaluation.evaluation import Evaluation
from dfutils.evaluation.metrics import Metric
from dfutils.evaluation.predictions import check_metrics

_HEADLINES: tuple[Metric, ...] = ("accuracy", "precision", "recall", "auc", "log_loss")
_WRITTEN = {"auc": "AUC", "aurc": "AURC", "brier": "Brier", "ece": "ECE", "eer": "EER", "f1": "F1"}


def comparison_table(
    evaluations: Mapping[str, Evaluation],
    *,
    metrics: Sequence[Metric] = _HEADLINES,
    name: str = "detector",
) -> pd.DataFrame:
    """Show several evaluations in one table, each metric as `value [low, high]`.

    Args:
        evaluations: dict. {name of the row: Evaluation}.
        metrics: sequence of str. Defaults to accuracy, precision, recall, AUC and log loss.
        name: str. What the rows are, singular. Defaults to `"detector"`.

    Returns:
        DataFrame of str, one row per evaluation. The column `scored` shows how many clips have a score. If clips
        without a score exist, the column `worst-case accuracy` shows the accuracy if these clips count as wrong.

    Raises:
        SettingsError: If a metric is unknown.
    """
    names: list[str] = [metrics] if isinstance(metrics, str) else list(metrics)
    check_metrics(names)
    rows = {
        label: [with_interval(*evaluation.table.loc[metric]) for metric in names]
        for label, evaluation in evaluations.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[m.replace("_", " ") for m in names])
    table["scored"] = [f"{one.n_scored} of {one.n_clips}" for one in evaluations.values()]
    if any(one.n_scored < one.n_clips for one in evaluations.values()):
        table["worst-case accuracy"] = [f"{one.worst_case_accuracy:.2f}" for one in evaluations.values()]
    return table.rename(columns=_WRITTEN).rename_axis(columns=name)


def with_interval(value: float | None, low: float | None, high: float | None, *, digits: int = 2) -> str:
    """Format a value and its interval as text, such as `0.91 [0.83, 0.97]`.

    Args:
        value, low, high: float or None. The value, and the lower and upper end of its interval. None or NaN if
            undefined.
        digits: int. Decimal places. Defaults to 2.

    Returns:
        str. `0.91 [0.83, 0.97]`; `0.91` without an interval; `–` without a value.
    """
    if value is None or math.isnan(value):
        return "–"
    if low is None or high is None or math.isnan(low):
        return f"{value:.{digits}f}"
    # The space in the interval is a non-breaking space: in a narrow column, the line breaks before the interval.
    return f"{value:.{digits}f} [{low:.{digits}f},\u00a0{high:.{digits}f}]"


def with_sign(value: float | None, low: float | None, high: float | None, *, digits: int = 2) -> str:
    """Format a difference and its interval with their signs, such as `+0.04 [-0.01, +0.09]`.

    Args:
        value, low, high, digits: As for `with_interval`.

    Returns:
        str. `+0.04 [-0.01, +0.09]`; `+0.04` without an interval; `–` without a value.
    """
    if value is None or math.isnan(value):
        return "–"
    if low is None or high is None or math.isnan(low):
        return f"{value:+.{digits}f}"
    return f"{value:+.{digits}f} [{low:+.{digits}f},\u00a0{high:+.{digits}f}]"
