"""Figures of notebook 06."""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.style import BLUE, GREY, ORANGE, new_figure, styled


@styled
def robustness(table) -> Figure:
    """Draw the AUC by the strength of each degradation, beside that of the clips as they are.

    Args:
        table: DataFrame as `evaluation.robustness` gives it.

    Returns:
        Figure.
    """
    before, after = table.iloc[0], table.iloc[1:]
    kinds = list(dict.fromkeys(after["kind"]))
    names = {"h264": "H.264, rate factor", "resolution": "width and height kept", "blur": "blur, pixels",
             "noise": "noise, levels"}  # fmt: skip
    figure, axes = new_figure(max(3.8, 2.3 * len(kinds)), 3.2, 1, len(kinds), squeeze=False, sharey=True)
    for axis, kind in zip(axes[0], kinds, strict=True):
        # The strongest to the right: of a size, the smallest.
        part = after[after["kind"] == kind].sort_values("strength", ascending=kind != "resolution")
        x = np.arange(len(part))
        axis.axhspan(before["low"], before["high"], color=BLUE, alpha=0.12, lw=0)
        axis.axhline(before["auc"], color=BLUE, lw=1.6, label="as they are")
        axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
        axis.vlines(x, part["low"], part["high"], color=ORANGE, lw=2)
        axis.plot(x, part["auc"], "s-", color=ORANGE, markersize=5, label="degraded")
        axis.set_xticks(x, [f"{strength:g}" for strength in part["strength"]])
        axis.set(xlabel=names.get(kind, kind), ylim=(-0.02, 1.02), xlim=(-0.5, len(part) - 0.5))
        axis.grid(axis="x", visible=False)
    axes[0][0].set_ylabel("AUC, with its 95 % interval")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=8)
    return figure
