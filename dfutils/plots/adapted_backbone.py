"""Draw the figures of notebook 08: the course of adaptations, and forgeries that were left out of training."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dfutils.plots.style import (
    GREY,
    MARKERS,
    SERIES,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
    whole_numbers,
)
from dfutils.plots.words import interval_text, number_text, sentences


@styled
def adaptation_curves(results: Mapping[str, Any], *, key: str = "adaptation") -> DescribedFigure:
    """Draw the training loss and the validation AUC of adaptations, step by step.

    Args:
        results: dict. {name: Adaptation, or its `curves`: a DataFrame with the columns step, loss and val_auc}.
        key: str. Defaults to `"adaptation"`.

    Returns:
        DescribedFigure.
    """
    curves = {name: getattr(result, "curves", result) for name, result in results.items()}
    if not curves:
        return empty_figure("There is no adaptation to show.", key=key)
    figure, (losses, aucs) = new_figure(width=8.0, height=3.2, columns=2)
    told = []
    for number, (name, table) in enumerate(curves.items()):
        look = {"color": SERIES[number % len(SERIES)], "marker": MARKERS[number % len(MARKERS)]}
        losses.plot(table["step"], table["loss"], markersize=4, label=name, **look)
        words = f"{name}: loss {number_text(table['loss'].iloc[0])} to {number_text(table['loss'].iloc[-1])}"
        if "val_auc" in table:
            aucs.plot(table["step"], table["val_auc"], markersize=4, label=name, **look)
            words += f", validation AUC {number_text(table['val_auc'].iloc[-1])} at the end"
        told.append(words)
    losses.set(
        xlabel="training step",
        ylabel="training loss",
        ylim=(0, 1.08 * max(table["loss"].max() for table in curves.values())),
    )
    aucs.axhline(0.5, color=GREY, lw=0.8, ls=":")
    aucs.set(xlabel="training step", ylabel="AUC of validation crops", ylim=(-0.02, 1.02))
    whole_numbers(losses.xaxis, aucs.xaxis)
    figure.legend(*losses.get_legend_handles_labels(), loc="outside upper left", ncols=3, fontsize=8)
    caption = "Training loss (left) and AUC of the validation crops (right). The dotted line is chance."
    return figure.describe(sentences(*told), caption=caption, key=key)


@styled
def left_out(table: pd.DataFrame, *, key: str = "left_out") -> DescribedFigure:
    """Draw the AUC of each forgery method, with the method in training and without it.

    Args:
        table: DataFrame. From `evaluation.LeaveOneOut.table`: indexed by detector and left_out, with the columns
            trained_value, trained_low, trained_high, left_out_value, left_out_low and left_out_high.
        key: str. Defaults to `"left_out"`.

    Returns:
        DescribedFigure.
    """
    if table.empty:
        return empty_figure("There is no forgery that was left out.", key=key)
    detectors = list(dict.fromkeys(table.index.get_level_values("detector")))
    methods = list(dict.fromkeys(table.index.get_level_values("left_out")))
    figure, axis = new_figure(width=7.0, height=1.3 + 0.42 * len(methods) * len(detectors))
    labels, told = [], []
    for place, (method, detector) in enumerate((m, d) for m in methods for d in detectors):
        labels.append(f"{method}\n{detector}" if len(detectors) > 1 else method)
        if (detector, method) not in table.index:
            continue
        row = table.loc[(detector, method)]
        for name, shift, colour, marker in (
            ("trained", -0.12, SERIES[0], "o"),
            ("left_out", 0.12, SERIES[1], "s"),
        ):
            value, low, high = (row[f"{name}_{end}"] for end in ("value", "low", "high"))
            if np.isfinite(low) and np.isfinite(high):
                axis.hlines(place + shift, low, high, color=colour, lw=2)
            axis.plot(value, place + shift, marker, color=colour, markersize=7)
        seen, unseen = (
            interval_text(*(row[f"{name}_{end}"] for end in ("value", "low", "high")))
            for name in ("trained", "left_out")
        )
        told.append(f"{detector}, {method}: AUC {seen} with it in training, {unseen} without it")
    axis.axvline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set(
        yticks=range(len(labels)),
        yticklabels=labels,
        xlim=(-0.02, 1.02),
        xlabel="AUC, with its 95 % interval",
    )
    axis.set_ylim(len(labels) - 0.5, -0.5)
    for name, colour, marker in (("in training", SERIES[0], "o"), ("left out of training", SERIES[1], "s")):
        axis.plot([], [], marker, color=colour, label=name)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=8)
    caption = "How well a forgery is found if it was in training (circles), and if it was left out (squares)."
    return figure.describe(sentences(*told[:6]), caption=caption, key=key)
