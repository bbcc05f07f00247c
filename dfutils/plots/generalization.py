"""Draw the figure of notebook 06: the AUC of a detector on degraded clips."""

from typing import Any

import numpy as np
import pandas as pd

from dfutils.plots.inputs import table_of
from dfutils.plots.style import BLUE, GREY, ORANGE, DescribedFigure, empty_figure, new_figure, styled
from dfutils.plots.words import count, interval_text, number_text, plural, sentences

_AXES = {
    "h264": "H.264, rate factor",
    "resolution": "width and height kept",
    "blur": "blur, pixels",
    "noise": "noise, levels",
}


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
