"""Draw the figure of notebook 08: the course of adaptations."""

from collections.abc import Mapping
from typing import Any

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
from dfutils.plots.words import number_text, sentences


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
