"""Draw metrics with their 95 % intervals."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from dfutils.errors import SettingsError
from dfutils.plots.inputs import EvaluationLike, table_of
from dfutils.plots.style import (
    FAKE,
    INK,
    MARKERS,
    PURPLE,
    SERIES,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import (
    count,
    extremes,
    interval_text,
    listed,
    number_text,
    plural,
    sentences,
    shorten,
)

METRIC_NAMES = {"auc": "AUC"}
ChanceMetric = Literal["auc", "accuracy", "balanced_accuracy"]


@styled
def intervals(
    rows: Mapping[str, EvaluationLike] | pd.DataFrame,
    name: str,
    *,
    metric: ChanceMetric = "auc",
    line: float | None = None,
    line_label: str = "",
    note: str = "",
    key: str = "intervals",
) -> DescribedFigure:
    """Draw the values of one metric with their 95 % intervals, and a line at 0.5, the value of guessing.

    Args:
        rows: {name of the row: Evaluation}. Or a DataFrame with the columns `low`, `high`, the metric (or `value`), and
            a column or index level with the names of the rows.
        name: str. What the rows are, singular, such as `"detector"`. For a DataFrame, this is also the column or index
            level with the names of the rows.
        metric: str. `"auc"`, `"balanced_accuracy"` or `"accuracy"`: metrics for which guessing gives 0.5. For accuracy,
            this is true only if half of the clips are fake. Defaults to `"auc"`.
        line: float or None. The position of a second line. Defaults to None: no second line.
        line_label: str. The label of the second line. Defaults to `""`.
        note: str. A sentence that is added to the caption. Defaults to `""`.
        key: str. Defaults to `"intervals"`.

    Returns:
        DescribedFigure.

    Raises:
        SettingsError: If the metric is not `"auc"`, `"balanced_accuracy"` or `"accuracy"`.
    """
    if metric not in get_args(ChanceMetric):
        raise SettingsError(
            f"`metric` must be one of {', '.join(get_args(ChanceMetric))}. Received: metric={metric!r}"
        )
    table = _metric_table(rows, name, metric)
    if table.empty:
        return empty_figure(f"There is no {name} to show.", key=key)
    label = METRIC_NAMES.get(metric, metric.replace("_", " "))
    figure, axis = new_figure(width=7.2, height=1.0 + 0.42 * len(table))
    _mark_line(axis, 0.5, "chance", INK, ":")
    if line is not None:
        _mark_line(axis, line, line_label, FAKE, "--")
    y = np.arange(len(table))
    axis.hlines(y, table["low"], table["high"], color=PURPLE, lw=2.5)
    axis.plot(table["value"], y, "o", color=PURPLE, markersize=7)
    for at, value in enumerate(table["value"]):
        axis.annotate(
            number_text(value),
            (1.0, at),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axis.set_yticks(y, [shorten(row, most=44) for row in table["name"]])
    axis.set(
        xlim=(-0.02, 1.02), xlabel=f"{label}, with its 95 % interval by group", ylim=(len(table) - 0.5, -0.5)
    )
    axis.grid(axis="y", visible=False)
    caption = sentences(
        f"Each dot is the {label} of one {name}, each bar its 95 % interval by group",
        "If a bar crosses the dotted line, the value may be due to chance",
        f"Dashed: {line_label}" if line_label else "",
        note,
    )
    return figure.describe(_intervals_alt(table, name, label, line), caption=caption, key=key)


def _metric_table(rows: Any, name: str, metric: str) -> pd.DataFrame:
    """Return a DataFrame with one row per evaluation and the columns name, value, low and high."""
    if isinstance(rows, Mapping):
        values = [(row, *result.table.loc[metric, ["value", "low", "high"]]) for row, result in rows.items()]
        return pd.DataFrame(values, columns=["name", "value", "low", "high"])
    table = table_of(rows)
    if name not in table.columns:
        table = table.reset_index()
    value = table[metric if metric in table.columns else "value"]
    columns = {"value": value, "low": table["low"], "high": table["high"]}
    return pd.DataFrame({"name": table[name].astype(str), **{k: v.astype(float) for k, v in columns.items()}})


def _mark_line(axis: Any, at: float, text: str, colour: str, style: str) -> None:
    axis.axvline(at, color=colour, lw=1.2, ls=style)
    axis.annotate(
        text,
        (at, 1.0),
        (3, 2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8,
        color=colour,
    )


def _values_text(table: pd.DataFrame, name: str, label: str) -> str:
    """Format the values of a table with their intervals. Of more than 4 rows, only the lowest and the highest."""
    values, label = table["value"].to_numpy(float), label[0].upper() + label[1:]
    if np.isnan(values).all():
        return f"{label} of {count(len(table), name)}: all undefined"
    texts = [
        f"{shorten(row, most=44)} {interval_text(value, low, high)}"
        for row, value, low, high in table.itertuples(index=False)
    ]
    if len(table) <= 4:
        with_interval = " with 95 % interval" if table["low"].notna().any() else ""
        return f"{label}{with_interval}: {', '.join(texts)}"
    low, high = extremes(values.tolist())
    first = f"{label} of {count(len(table), name)}"
    if values[low] == values[high]:
        return f"{first}: {number_text(values[low])} for each"
    return f"{first}: lowest {texts[low]}, highest {texts[high]}"


def _intervals_alt(table: pd.DataFrame, name: str, label: str, line: float | None) -> str:
    known = table[table["low"].notna() & table["high"].notna()]
    holds = known[(known["low"] <= 0.5) & (known["high"] >= 0.5)]["name"].tolist()
    below = known[known["high"] < 0.5]["name"].tolist()
    chance = f"{len(holds)} of {count(len(known), 'interval')} {plural('contains', len(holds))} 0.5, chance"
    return sentences(
        _values_text(table, name, label),
        f"{chance}{f': {listed(holds, most=3)}' if holds else ''}"
        if len(known)
        else "No row has an interval",
        f"Wholly below 0.5: {listed(below, most=3)}" if below else "",
        _beyond(known, line) if line is not None else "",
    )


def _beyond(known: pd.DataFrame, line: float) -> str:
    beyond = known[known["low"] > line]["name"].tolist()
    return f"Wholly above the dashed line at {line:.2f}: {listed(beyond, most=3) or 'none'}"


@styled
def metric_intervals(
    evaluations: Mapping[str, EvaluationLike],
    *,
    metrics: Sequence[str] = ("accuracy", "precision", "recall", "auc"),
    majority: float | None = None,
    key: str = "metrics",
) -> DescribedFigure:
    """Draw several metrics of several detectors, with 95 % intervals.

    Args:
        evaluations: {name of the detector: Evaluation}.
        metrics: sequence of str. The metrics to draw. Defaults to accuracy, precision, recall and AUC.
        majority: float or None. The accuracy of classifying every clip as the majority class, drawn as a dotted line.
            Defaults to None: no line.
        key: str. Defaults to `"metrics"`.

    Returns:
        DescribedFigure.
    """
    if not evaluations:
        return empty_figure("There is no detector to show.", key=key)
    figure, axis = new_figure(width=7.2, height=0.9 + 0.62 * len(metrics))
    step = 0.62 / len(evaluations)
    for place, (name, evaluation) in enumerate(evaluations.items()):
        y = np.arange(len(metrics)) + (place - (len(evaluations) - 1) / 2) * step
        part = evaluation.table.loc[list(metrics)]
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        axis.hlines(y, part["low"], part["high"], color=colour, lw=2)
        axis.plot(part["value"], y, marker, color=colour, markersize=6, label=shorten(name, most=44))
    has_line = majority is not None and "accuracy" in metrics
    if has_line:
        at = list(metrics).index("accuracy")
        axis.vlines(majority, at - 0.42, at + 0.42, color=INK, lw=1.4, ls=":", label="majority class")
    names = [METRIC_NAMES.get(metric, metric.replace("_", " ")) for metric in metrics]
    axis.set_yticks(range(len(metrics)), names)
    axis.invert_yaxis()
    axis.set(xlim=(-0.02, 1.02))
    axis.grid(axis="y", visible=False)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    last = _metric_table(evaluations, "detector", metrics[-1])
    alt = sentences(
        f"{count(len(evaluations), 'detector')} by {listed(names)}",
        _values_text(last, "detector", names[-1]),
        _against_majority(_metric_table(evaluations, "detector", "accuracy"), majority) if has_line else "",
    )
    caption = "Dots are values on the clips that were scored, bars their 95 % intervals by group." + (
        " The dotted line is the accuracy of classifying every clip as the majority class."
        if has_line
        else ""
    )
    return figure.describe(alt, caption=caption, key=key)


def _against_majority(table: pd.DataFrame, majority: float | None) -> str:
    if majority is None:
        return ""
    above = table[table["low"] > majority]["name"].tolist()
    return (
        f"The accuracy is above the majority class ({majority:.2f}) with its whole interval for "
        f"{listed(above, most=3) or 'no detector'}"
    )
