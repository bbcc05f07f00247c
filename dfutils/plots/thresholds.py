"""Draw the recall and false-positive rate of each threshold, and how well scores are calibrated."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dfutils.plots.style import (
    FAKE,
    GREY,
    INK,
    PURPLE,
    REAL,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import count, sentences, shorten


@styled
def threshold_costs(
    table: pd.DataFrame, chosen: Mapping[str, float], *, key: str = "threshold"
) -> DescribedFigure:
    """Draw the recall and the false-positive rate of each threshold.

    Args:
        table: DataFrame, as `evaluation.threshold_table` returns it. Columns: threshold, recall, false_positive_rate.
        chosen: {name: threshold}. These thresholds are marked with a dotted line.
        key: str. Defaults to `"threshold"`.

    Returns:
        DescribedFigure.
    """
    if table.empty:
        return empty_figure("There is no threshold to show.", key=key)
    figure, axis = new_figure(width=6.8, height=3.2)
    for name, colour, line, label in (
        ("recall", FAKE, "-", "fakes found"),
        ("false_positive_rate", REAL, "--", "real clips called fake"),
    ):
        axis.step(table["threshold"], table[name], line, where="pre", color=colour, lw=2, label=label)
    texts = []
    for at, (name, value) in enumerate(chosen.items()):
        axis.axvline(value, color=INK, lw=1, ls=":")
        axis.annotate(
            name, (value, 1.0), (3, 2 + 11 * (at % 2)), xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=8,
        )  # fmt: skip
        texts.append(f"{shorten(name, most=36)} ({value:.3g}): {_costs(table, value)}")
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03), xlabel="threshold", ylabel="share of clips")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    alt = sentences(
        f"Two step lines over {count(len(table), 'threshold')}: the share of fakes found, of real clips called fake",
        *texts[:3],
    )
    marked = f" Dotted: {count(len(chosen), 'chosen threshold')}." if chosen else ""
    return figure.describe(
        alt, caption=f"What each threshold gives, on the clips used to choose the threshold.{marked}", key=key
    )


def _costs(table: pd.DataFrame, threshold: float) -> str:
    """Format the recall and the false-positive rate at a threshold, from the next higher threshold in the table."""
    reached = table[table["threshold"] >= threshold - 1e-12]
    if reached.empty:
        return "above all scores, nothing is called fake"
    row = reached.iloc[0]
    return f"{row['recall']:.0%} of fakes found, {row['false_positive_rate']:.0%} of real clips called fake"


@styled
def reliability(tables: Mapping[str, pd.DataFrame], *, key: str = "reliability") -> DescribedFigure:
    """Draw the share of fake clips against the mean score, for each bin of scores. Each table has its own panel.

    Args:
        tables: {title: DataFrame}. Tables as `evaluation.reliability_table` returns them. Columns: clips, mean_score,
            share_fake, low and high.
        key: str. Defaults to `"reliability"`.

    Returns:
        DescribedFigure.
    """
    if not any(len(table) for table in tables.values()):
        return empty_figure("There is no score to show.", key=key)
    figure, axes = new_figure(
        width=3.6 * len(tables), height=3.6, columns=len(tables), squeeze=False, sharey=True
    )
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        axis.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
        axis.vlines(table["mean_score"], table["low"], table["high"], color=PURPLE, lw=1.8)
        axis.plot(table["mean_score"], table["share_fake"], "o", color=PURPLE, markersize=5)
        for row in table.itertuples():
            place = (row.mean_score, row.share_fake)
            axis.annotate(f"{row.clips}", place, (4, -9), textcoords="offset points", fontsize=7)
        axis.set(
            title=title,
            xlim=(-0.03, 1.03),
            ylim=(-0.03, 1.03),
            aspect="equal",
            xlabel="mean score of the bin",
        )
    axes[0][0].set_ylabel("share that is fake")
    alt = sentences(
        *[f"{shorten(title, most=24)}: {_reliability_text(table)}" for title, table in tables.items()][:3]
    )
    caption = (
        "Each dot is one bin of scores, with its number of clips and the 95 % interval. On the dotted line, scores "
        "are correct probabilities."
    )
    return figure.describe(alt, caption=caption, key=key)


def _reliability_text(table: pd.DataFrame) -> str:
    if table.empty:
        return "no scores"
    gap = (table["share_fake"] - table["mean_score"]).abs().to_numpy(float)
    if np.isnan(gap).all():
        return "the scores are undefined"
    farthest = table.iloc[int(np.nanargmax(gap))]
    known = table[table["low"].notna() & table["high"].notna()]
    holds = int(((known["low"] <= known["mean_score"]) & (known["mean_score"] <= known["high"])).sum())
    crossing = (
        f"the diagonal crosses {holds} of {count(len(known), 'interval')}" if len(known) else "no intervals"
    )
    return (
        f"{count(int(table['clips'].sum()), 'clip')} in {count(len(table), 'bin')}; farthest from the diagonal at mean "
        f"score {farthest['mean_score']:.2f}, where {farthest['share_fake']:.0%} are fake; {crossing}"
    )
