"""Draw the figures of notebook 06: forgeries left out of training, degraded clips, training on degraded copies."""

from typing import Any

import numpy as np
import pandas as pd

from dfutils.plots.inputs import table_of
from dfutils.plots.style import BLUE, GREY, ORANGE, SERIES, DescribedFigure, empty_figure, new_figure, styled
from dfutils.plots.words import count, interval_text, number_text, plural, sentences

_AXES = {
    "h264": "H.264, rate factor",
    "resolution": "width and height kept",
    "blur": "blur, pixels",
    "noise": "noise, levels",
}


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
    words = {"trained": "with it in training", "left_out": "without it"}
    legend = ("in training", "left out of training")
    caption = "How well a forgery is found if it was in training (circles), and if it was left out (squares)."
    figure, told = _two_trainings(table, words, legend)
    return figure.describe(sentences(*told[:6]), caption=caption, key=key)


@styled
def training_on_copies(table: pd.DataFrame, *, key: str = "copies") -> DescribedFigure:
    """Draw the AUC on unchanged and on degraded clips, of a training with degraded copies and of one without.

    Args:
        table: DataFrame. From `evaluation.TrainingOnCopies.table`: indexed by detector and test, with the columns
            clean_value, clean_low, clean_high, copies_value, copies_low and copies_high.
        key: str. Defaults to `"copies"`.

    Returns:
        DescribedFigure.
    """
    if table.empty:
        return empty_figure("No detector was trained on degraded copies.", key=key)
    words = {"clean": "trained on unchanged clips", "copies": "with degraded copies"}
    legend = ("trained on unchanged clips", "trained with degraded copies too")
    caption = "AUC without degraded copies in training (circles), and with them (squares)."
    figure, told = _two_trainings(table, words, legend)
    return figure.describe(sentences(*told[:6]), caption=caption, key=key)


def _two_trainings(
    table: pd.DataFrame, words: dict[str, str], legend: tuple[str, str]
) -> tuple[DescribedFigure, list[str]]:
    """Draw two points with intervals per detector and test. Return the figure, and a sentence for each row, the
    largest difference first.

    `words` gives the name of each training's columns, and what the sentences call it.
    """
    detectors, tests = (list(dict.fromkeys(table.index.get_level_values(level))) for level in (0, 1))
    figure, axis = new_figure(width=7.0, height=1.3 + 0.42 * len(tests) * len(detectors))
    looks = tuple(zip(words, (-0.12, 0.12), SERIES, ("o", "s"), strict=False))
    labels, told = [], []
    for place, (test, detector) in enumerate((t, d) for t in tests for d in detectors):
        labels.append(f"{test}\n{detector}" if len(detectors) > 1 else test)
        if (detector, test) not in table.index:
            continue
        row, values = table.loc[(detector, test)], []
        for name, shift, colour, marker in looks:
            value, low, high = (row[f"{name}_{end}"] for end in ("value", "low", "high"))
            if np.isfinite(low) and np.isfinite(high):
                axis.hlines(place + shift, low, high, color=colour, lw=2)
            axis.plot(value, place + shift, marker, color=colour, markersize=7)
            values.append(f"{interval_text(value, low, high)} {words[name]}")
        first, second = (row[f"{name}_value"] for name in words)
        told.append((-np.nan_to_num(abs(second - first)), f"{detector}, {test}: AUC {', '.join(values)}"))
    axis.axvline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set(
        yticks=range(len(labels)),
        yticklabels=labels,
        xlim=(-0.02, 1.02),
        xlabel="AUC, with its 95 % interval",
    )
    axis.set_ylim(len(labels) - 0.5, -0.5)
    for name, (_, _, colour, marker) in zip(legend, looks, strict=True):
        axis.plot([], [], marker, color=colour, label=name)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=8)
    return figure, [sentence for _, sentence in sorted(told, key=lambda one: one[0])]


@styled
def robustness(result: Any, *, key: str = "robustness") -> DescribedFigure:
    """Draw the AUC for each degradation and strength, and the AUC of the unchanged clips as a line.

    Args:
        result: Robustness, as `evaluation.evaluate_degraded` returns it, or its table. Columns: kind, strength, auc,
            low and high. The first row is for the unchanged clips.
        key: str. Defaults to `"robustness"`.

    Returns:
        DescribedFigure.
    """
    table = table_of(result)
    if len(table) < 2:
        return empty_figure("There is no degradation to show.", key=key)
    before, after = table.iloc[0], table.iloc[1:]
    kinds = list(dict.fromkeys(after["kind"]))
    figure, axes = new_figure(
        width=max(3.8, 2.3 * len(kinds)), height=3.2, columns=len(kinds), squeeze=False, sharey=True
    )
    strongest = []
    for axis, kind in zip(axes[0], kinds, strict=True):
        # The strongest degradation is on the right. For the resolution, it is the smallest one.
        part = after[after["kind"] == kind].sort_values("strength", ascending=kind != "resolution")
        strongest.append(part.iloc[-1])
        x = np.arange(len(part))
        if not (np.isnan(before["low"]) or np.isnan(before["high"])):
            axis.axhspan(before["low"], before["high"], color=BLUE, alpha=0.12, lw=0)
        axis.axhline(before["auc"], color=BLUE, lw=1.6, label="unchanged")
        axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
        axis.vlines(x, part["low"], part["high"], color=ORANGE, lw=2)
        axis.plot(x, part["auc"], "s-", color=ORANGE, markersize=5, label="degraded")
        axis.set_xticks(x, [f"{strength:g}" for strength in part["strength"]])
        axis.set(xlabel=_AXES.get(kind, kind), ylim=(-0.02, 1.02), xlim=(-0.5, len(part) - 0.5))
        axis.grid(axis="x", visible=False)
    axes[0][0].set_ylabel("AUC, with its 95 % interval")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=8)
    caption = "AUC after each degradation (orange) and AUC of the unchanged clips (blue, with its interval)."
    return figure.describe(_robustness_alt(before, after, strongest), caption=caption, key=key)


def _robustness_alt(before: pd.Series, after: pd.DataFrame, strongest: list[pd.Series]) -> str:
    at_worst = [f"{row['kind']} {row['strength']:g}: {number_text(row['auc'])}" for row in strongest]
    known = after[after["low"].notna() & after["high"].notna()]
    holds = int(((known["low"] <= 0.5) & (known["high"] >= 0.5)).sum())
    return sentences(
        f"AUC {interval_text(before['auc'], before['low'], before['high'])} on the unchanged clips",
        f"At the strongest of each degradation {'; '.join(at_worst[:5])}",
        f"{holds} of {count(len(known), 'interval')} after a degradation {plural('contains', holds)} 0.5, chance"
        if len(known)
        else "There are no intervals after a degradation",
    )
