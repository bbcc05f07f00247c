"""Draw the figures of notebook 07: the trials of a search, and the untuned and the tuned model for each seed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dfutils.plots.inputs import table_of
from dfutils.plots.style import (
    BLUE,
    GREEN,
    GREY,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
    whole_numbers,
)
from dfutils.plots.words import count, listed, number_text, plural, range_text, sentences, shorten


@styled
def trials(search: Any, *, key: str = "trials") -> DescribedFigure:
    """Draw the validation AUC of each trial in the order of the trials, and the best AUC so far as a line.

    Args:
        search: Search, as `tuning.search` returns it, or its `trials`: a DataFrame indexed by trial, with the columns
            val_auc and differences.
        key: str. Defaults to `"trials"`.

    Returns:
        DescribedFigure.
    """
    ordered = table_of(search, attribute="trials").sort_index()
    if ordered.empty:
        return empty_figure("The search has no trial to show.", key=key)
    values = ordered["val_auc"].to_numpy(float)
    has_differences = ordered["differences"].to_numpy(bool)
    position = np.arange(1, len(values) + 1)
    figure, axis = new_figure(width=6.8, height=3.2)
    axis.step(position, np.fmax.accumulate(values), where="post", color=GREY, lw=1.4, label="best so far")
    best = []
    for choice, marker, colour in ((False, "o", BLUE), (True, "s", GREEN)):
        own = has_differences == choice
        name = "with frame-to-frame differences" if choice else "features alone"
        axis.scatter(position[own], values[own], s=40, marker=marker, color=colour, label=name, zorder=3)
        if np.isfinite(values[own]).any():
            best.append(f"{np.nanmax(values[own]):.2f} {name}")
    axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set(xlabel="trial", ylabel="validation AUC")
    whole_numbers(axis.xaxis)
    axis.legend(loc="lower right", fontsize=8)
    known = np.isfinite(values)
    failed = int((~known).sum())
    without = f"{count(failed, 'trial')} {plural('has', failed)} no AUC" if failed else ""
    below = int((values[known] <= 0.5).sum())
    alt = sentences(
        f"Validation AUC of {count(len(values), 'trial')} in the order tried: {range_text(values)}, "
        f"{below} of them at or below 0.5",
        f"The best is trial {int(np.nanargmax(values)) + 1}. Best of each kind: {', '.join(best)}"
        if known.any()
        else "",
        without,
    )
    caption = (
        "Each mark is a trial. The line is the best AUC so far. It never falls, and can rise by chance alone."
    )
    return figure.describe(alt, caption=caption, key=key)


@styled
def parallel_coordinates(search: Any, settings: Sequence[str], *, key: str = "space") -> DescribedFigure:
    """Draw each trial as a line through the values of its settings, with its validation AUC at the end.

    Args:
        search: Search, as `tuning.search` returns it, or its `trials`: a DataFrame with the column val_auc and one
            column per setting.
        settings: sequence of str. The settings to draw, from left to right.
        key: str. Defaults to `"space"`.

    Returns:
        DescribedFigure.
    """
    import matplotlib

    table = table_of(search, attribute="trials")
    # The best trial comes last and is drawn on top. Of equally good trials, the first one in the table is the best.
    done = table[table["val_auc"].notna()].iloc[::-1].sort_values("val_auc", kind="stable")
    if done.empty:
        return empty_figure(f"None of {count(len(table), 'trial')} has a validation AUC to show.", key=key)
    figure, axis = new_figure(width=8.4, height=4.0)
    columns = [*settings, "val_auc"]
    low, high = done["val_auc"].min(), done["val_auc"].max()
    heights = {"val_auc": (done["val_auc"] - low) / max(high - low, 1e-9)}
    for at, name in enumerate(settings):
        choices = sorted(set(done[name]), key=lambda value: (isinstance(value, str), value))
        places = {value: (i + 0.5) / len(choices) for i, value in enumerate(choices)}
        heights[name] = done[name].map(places)
        for value, place in places.items():
            axis.annotate(
                _choice_text(value).replace("+", " +\n"),
                (at, place),
                (4, 0),
                textcoords="offset points",
                fontsize=8,
                va="center",
                zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
            )
    colours = matplotlib.colormaps["viridis_r"](heights["val_auc"])
    # Lines through the same values would hide each other, so each line is shifted a little.
    shift = np.linspace(-0.035, 0.035, len(done)) if len(done) > 1 else np.zeros(1)
    for i in range(len(done)):
        line = [float(heights[name].iloc[i]) + (shift[i] if name != "val_auc" else 0) for name in columns]
        width = 2.4 if i == len(done) - 1 else 1.1
        axis.plot(range(len(columns)), line, color=colours[i], lw=width, alpha=0.85)
    for at in range(len(columns)):
        axis.axvline(at, color=GREY, lw=0.8, zorder=0)
    for place, value in ((0.0, low), (1.0, high)):
        axis.annotate(f"{value:.2f}", (len(settings), place), (6, -3), textcoords="offset points", fontsize=8)
    labels = [*(name.replace("_", "\n") for name in settings), "validation\nAUC"]
    axis.set_xticks(range(len(columns)), labels, fontsize=8)
    axis.set(yticks=[], ylim=(-0.06, 1.06), xlim=(-0.2, len(columns) - 0.6))
    axis.grid(visible=False)
    axis.spines["left"].set_visible(False)
    caption = (
        "Each line is a trial. A darker line has a higher validation AUC. The thick line is the best trial."
    )
    return figure.describe(_space_alt(done, settings, len(table)), caption=caption, key=key)


def _choice_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _space_alt(done: pd.DataFrame, settings: Sequence[str], tried: int) -> str:
    best = done.iloc[-1]
    chosen = [f"{name.replace('_', ' ')} {shorten(_choice_text(best[name]), most=24)}" for name in settings]
    top = done.tail(3)
    shared = [name.replace("_", " ") for name in settings if top[name].nunique() == 1]
    return sentences(
        f"{len(done)} of {count(tried, 'trial')} as lines through {count(len(settings), 'setting')}, validation AUC "
        f"{range_text(done['val_auc'])}",
        f"The best chose {listed(chosen, most=9)}",
        f"The three best agree in {listed(shared, most=3) or 'no setting'}" if len(done) > 3 else "",
    )


@styled
def seed_pairs(
    first: Sequence[float],
    second: Sequence[float],
    *,
    names: tuple[str, str] = ("untuned", "tuned"),
    measure: str = "test AUC",
    key: str = "seeds",
) -> DescribedFigure:
    """Draw the values of two models trained with the same seeds, with a line between the values of each seed.

    Args:
        first, second: float arrays [S]. The values of the first and of the second model, one per seed.
        names: pair of str. The names of the two models. Defaults to `("untuned", "tuned")`.
        measure: str. The name of the values. Defaults to `"test AUC"`.
        key: str. Defaults to `"seeds"`.

    Returns:
        DescribedFigure.
    """
    pairs = np.array([first, second], float)
    if not pairs.size:
        return empty_figure("There is no seed to show.", key=key)
    figure, axis = new_figure(width=4.6, height=3.4)
    for pair in pairs.T:
        axis.plot([0, 1], pair, color="#C7CDD5", lw=1.2, zorder=1)
    texts = []
    for x, (values, name, colour, marker) in enumerate(
        zip(pairs, names, (BLUE, GREEN), ("o", "s"), strict=True)
    ):
        axis.scatter(np.full(len(values), x), values, s=44, color=colour, marker=marker, zorder=2)
        known = values[np.isfinite(values)]
        mean = float(known.mean()) if len(known) else np.nan
        if len(known):
            axis.hlines(mean, x - 0.16, x + 0.16, color=colour, lw=2.4)
        texts.append(f"{name} {number_text(mean)} ({range_text(values)})")
    axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set_xticks([0, 1], names)
    axis.set(ylabel=measure, xlim=(-0.5, 1.5))
    axis.grid(axis="x", visible=False)
    higher, both = int((pairs[1] > pairs[0]).sum()), int(np.isfinite(pairs).all(axis=0).sum())
    alt = sentences(
        f"Mean {measure} and range over {count(pairs.shape[1], 'seed')}: {', '.join(texts)}",
        f"{names[1].capitalize()} is higher in {higher} of {count(both, 'pair')}",
    )
    caption = "Each line joins the two models of one seed; the bars are the means."
    return figure.describe(alt, caption=caption, key=key)
