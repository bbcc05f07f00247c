"""Figures of notebook 07."""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.style import BLUE, GREEN, GREY, new_figure, styled


@styled
def trials(table) -> Figure:
    """Draw the validation AUC of each trial in the order tried, with the best so far.

    Args:
        table: DataFrame as `tuning.Search.trials`.

    Returns:
        Figure.
    """
    ordered = table.sort_index()
    done = ordered["val_auc"].to_numpy(float)
    position = np.arange(1, len(done) + 1)
    figure, axis = new_figure(6.8, 3.2)
    axis.step(position, np.fmax.accumulate(done), where="post", color=GREY, lw=1.4, label="best so far")
    for choice, marker, colour in ((False, "o", BLUE), (True, "s", GREEN)):
        mine = ordered["differences"].to_numpy(bool) == choice
        name = "with frame-to-frame differences" if choice else "features alone"
        axis.scatter(position[mine], done[mine], s=40, marker=marker, color=colour, label=name, zorder=3)
    axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set(xlabel="trial", ylabel="validation AUC")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend(loc="lower right", fontsize=8)
    return figure


@styled
def parallel_coordinates(table, settings) -> Figure:
    """Draw each trial as a line through its settings, to its validation AUC.

    Args:
        table: DataFrame as `tuning.Search.trials`.
        settings: sequence of str. The columns to be drawn, from left to right.

    Returns:
        Figure.
    """
    import matplotlib

    done = table[table["val_auc"].notna()].sort_values("val_auc")
    figure, axis = new_figure(8.4, 4.0)
    if done.empty:
        return figure
    columns = [*settings, "val_auc"]
    low, high = done["val_auc"].min(), done["val_auc"].max()
    heights = {"val_auc": (done["val_auc"] - low) / max(high - low, 1e-9)}
    for at, name in enumerate(settings):
        choices = sorted(set(done[name]), key=lambda value: (isinstance(value, str), value))
        places = {value: (i + 0.5) / len(choices) for i, value in enumerate(choices)}
        heights[name] = done[name].map(places)
        for value, place in places.items():
            text = f"{value:g}" if isinstance(value, float) else str(value).replace("+", " +\n")
            axis.annotate(
                text,
                (at, place),
                (4, 0),
                textcoords="offset points",
                fontsize=8,
                va="center",
                zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
            )
    colours = matplotlib.colormaps["viridis_r"](heights["val_auc"])
    # Lines that choose alike would hide each other.
    shift = np.linspace(-0.035, 0.035, len(done)) if len(done) > 1 else [0.0]
    for i in range(len(done)):
        line = [float(heights[name].iloc[i]) + (shift[i] if name != "val_auc" else 0) for name in columns]
        axis.plot(
            range(len(columns)), line, color=colours[i], lw=2.4 if i == len(done) - 1 else 1.1, alpha=0.85
        )
    for at in range(len(columns)):
        axis.axvline(at, color=GREY, lw=0.8, zorder=0)
    for place, value in ((0.0, low), (1.0, high)):
        axis.annotate(f"{value:.2f}", (len(settings), place), (6, -3), textcoords="offset points", fontsize=8)
    axis.set_xticks(
        range(len(columns)), [*(n.replace("_", "\n") for n in settings), "validation\nAUC"], fontsize=8
    )
    axis.set(yticks=[], ylim=(-0.06, 1.06), xlim=(-0.2, len(columns) - 0.6))
    axis.grid(visible=False)
    axis.spines["left"].set_visible(False)
    return figure


@styled
def seed_pairs(first, second, names=("untuned", "tuned"), measure: str = "test AUC") -> Figure:
    """Draw two models' values for the same seeds, each pair joined by a line.

    Args:
        first, second: float arrays [S], one value a seed.
        names: pair of str.
        measure: str. What the values are.

    Returns:
        Figure.
    """
    figure, axis = new_figure(4.6, 3.4)
    for a, b in zip(first, second, strict=True):
        axis.plot([0, 1], [a, b], color="#C7CDD5", lw=1.2, zorder=1)
    for x, values, colour, marker in ((0, first, BLUE, "o"), (1, second, GREEN, "s")):
        axis.scatter(np.full(len(values), x), values, s=44, color=colour, marker=marker, zorder=2)
        axis.hlines(np.mean(values), x - 0.16, x + 0.16, color=colour, lw=2.4)
    axis.axhline(0.5, color=GREY, lw=0.8, ls=":")
    axis.set_xticks([0, 1], names)
    axis.set(ylabel=measure, xlim=(-0.5, 1.5))
    axis.grid(axis="x", visible=False)
    return figure
