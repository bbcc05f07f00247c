"""Tables between the rooms and for the reader: predictions, coverage, comparisons."""

import math

import pandas as pd

from dfutils.evaluation.evaluation import Evaluation
from dfutils.evaluation.predictions import check_metrics

_HEADLINES = ("accuracy", "precision", "recall", "auc", "log_loss")


def comparison_table(
    evaluations: dict[str, Evaluation], metrics=None, name: str = "detector"
) -> pd.DataFrame:
    """Lay evaluations side by side, each metric as `value [low, high]`, beside how many clips it is about.

    Args:
        evaluations: dict. {what was evaluated: Evaluation}.
        metrics: sequence of str. Defaults to accuracy, precision, recall, AUC and log loss.
        name: str. What the rows are. Defaults to `"detector"`.

    Returns:
        DataFrame of str, one row an evaluation. `scored` counts the clips with a score; where some have none,
        `accuracy at worst` takes those for wrong.
    """
    metrics = [metrics] if isinstance(metrics, str) else list(metrics or _HEADLINES)
    check_metrics(metrics)
    rows = {
        label: [with_interval(*evaluation.table.loc[metric]) for metric in metrics]
        for label, evaluation in evaluations.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[m.replace("_", " ") for m in metrics])
    table["scored"] = [f"{one.n_scored} of {one.n_clips}" for one in evaluations.values()]
    if any(one.n_scored < one.n_clips for one in evaluations.values()):
        table["accuracy at worst"] = [f"{one.worst_case_accuracy:.2f}" for one in evaluations.values()]
    return table.rename(columns={"auc": "AUC"}).rename_axis(columns=name)


def metric_rows(
    evaluations: dict[str, Evaluation], metric: str = "auc", name: str = "detector"
) -> pd.DataFrame:
    """Return one metric of several evaluations, for a figure.

    Args:
        evaluations: dict. {what was evaluated: Evaluation}.
        metric: str. Defaults to `"auc"`.
        name: str. What the rows are. Defaults to `"detector"`.

    Returns:
        DataFrame. The columns `name`, `metric`, low and high.
    """
    check_metrics([metric])
    rows = [(label, *evaluation.table.loc[metric]) for label, evaluation in evaluations.items()]
    return pd.DataFrame(rows, columns=[name, metric, "low", "high"])


def with_interval(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """Return `0.91 [0.83, 0.97]`, or more digits; `–` for what cannot be had (NaN or None)."""
    if value is None or math.isnan(value):
        return "–"
    if low is None or math.isnan(low):
        return f"{value:.{digits}f}"
    # A narrow column breaks before the interval, and not inside it.
    return f"{value:.{digits}f} [{low:.{digits}f},\u00a0{high:.{digits}f}]"
