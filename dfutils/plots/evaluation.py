"""Figures of notebook 05."""

import numpy as np
from matplotlib.figure import Figure

from dfutils.plots.style import (
    CLASS_COLOURS,
    FAKE,
    GREY,
    INK,
    MARKERS,
    PURPLE,
    REAL,
    SERIES,
    new_figure,
    styled,
)


@styled
def confusion_matrix(confusion) -> Figure:
    """Draw a confusion matrix with counts, and shares of each true class.

    Args:
        confusion: DataFrame. Rows the true class, columns the called one, as `Evaluation.confusion`.

    Returns:
        Figure.
    """
    import seaborn as sns

    figure, axis = new_figure(3.9, 3.2)
    share = confusion.div(confusion.sum(axis=1).clip(lower=1), axis=0)
    notes = [
        [f"{count}\n{part:.0%}" for count, part in zip(*rows, strict=True)]
        for rows in zip(confusion.to_numpy(), share.to_numpy(), strict=True)
    ]
    sns.heatmap(
        share,
        annot=notes,
        fmt="",
        cmap="Blues",
        vmin=0,
        vmax=1,
        cbar=False,
        square=True,
        linewidths=2,
        ax=axis,
    )
    axis.set(xlabel="called", ylabel="is")
    axis.tick_params(rotation=0, length=0)
    return figure


@styled
def roc_curves(curves: dict) -> Figure:
    """Draw ROC curves.

    Args:
        curves: dict. {detector: (fpr, tpr, auc)}.

    Returns:
        Figure.
    """
    figure, axis = new_figure(4.6, 4.2)
    axis.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
    styles = zip(curves.items(), SERIES, ("-", "--", "-.", ":"), strict=False)
    for (name, (fpr, tpr, auc)), colour, line in styles:
        axis.plot(fpr, tpr, line, color=colour, lw=2, label=f"{name} (AUC {auc:.2f})", drawstyle="default")
    axis.set(xlabel="share of real clips called fake", ylabel="share of fakes found", aspect="equal")
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axis.legend(loc="lower right", fontsize=8)
    return figure


@styled
def score_distribution(labels, scores, threshold: float, methods=None) -> Figure:
    """Draw the score of every clip, a row for real clips and one for each method of forgery.

    Args:
        labels: int array [N]; 1 = fake.
        scores: float array [N], P(fake).
        threshold: float.
        methods: sequence of N str. Defaults to one row for all fakes.

    Returns:
        Figure.
    """
    labels, scores = np.asarray(labels), np.asarray(scores, float)
    methods = np.asarray(methods if methods is not None else np.where(labels == 1, "fake", ""))
    rows = [("real", labels == 0)]
    rows += [(name, (labels == 1) & (methods == name)) for name in sorted(set(methods[labels == 1]))]
    figure, axis = new_figure(7.2, 1.2 + 0.5 * len(rows))
    rng = np.random.default_rng(0)
    for y, (_, mine) in enumerate(rows):
        label = int(y > 0)
        values = scores[mine]
        values = values[~np.isnan(values)]
        axis.scatter(
            values,
            y + rng.uniform(-0.22, 0.22, len(values)),
            s=26,
            color=CLASS_COLOURS[label],
            marker="s" if label else "o",
            alpha=0.75,
            linewidth=0,
        )
        if len(values):
            axis.plot([np.median(values)] * 2, [y - 0.34, y + 0.34], color=INK, lw=2)
    axis.axvline(threshold, color=GREY, ls="--", lw=1.2)
    axis.annotate(
        f"threshold {threshold:.3g}", (threshold, 1), xycoords=("data", "axes fraction"), xytext=(4, 4),
        textcoords="offset points", fontsize=8, color=GREY,
    )  # fmt: skip
    axis.set_yticks(range(len(rows)), [name for name, _ in rows])
    axis.set(xlabel="score, P(fake)", xlim=(-0.02, 1.02), ylim=(len(rows) - 0.5, -0.6))
    axis.grid(axis="y", visible=False)
    return figure


@styled
def metric_intervals(tables: dict, metrics=("accuracy", "precision", "recall", "auc"), line=None) -> Figure:
    """Draw metrics with their intervals, the detectors side by side.

    Args:
        tables: dict. {detector: DataFrame indexed by metric, with value, low and high}.
        metrics: sequence of str.
        line: float or None. The majority line, drawn at accuracy. Defaults to none.

    Returns:
        Figure.
    """
    figure, axis = new_figure(7.2, 0.9 + 0.62 * len(metrics))
    step = 0.62 / max(1, len(tables))
    for i, (name, table) in enumerate(tables.items()):
        y = np.arange(len(metrics)) + (i - (len(tables) - 1) / 2) * step
        part = table.loc[list(metrics)]
        axis.hlines(y, part["low"], part["high"], color=SERIES[i], lw=2)
        axis.plot(part["value"], y, MARKERS[i], color=SERIES[i], markersize=6, label=name)
    if line is not None and "accuracy" in metrics:
        at = list(metrics).index("accuracy")
        axis.vlines(line, at - 0.42, at + 0.42, color=INK, lw=1.4, ls=":", label="majority line")
    axis.set_yticks(range(len(metrics)), [{"auc": "AUC"}.get(m, m.replace("_", " ")) for m in metrics])
    axis.invert_yaxis()
    axis.set(xlim=(-0.02, 1.02))
    axis.grid(axis="y", visible=False)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return figure


@styled
def threshold_costs(table, chosen: dict) -> Figure:
    """Draw what share of fakes is found, and what share of real clips is called fake, by threshold.

    Args:
        table: DataFrame as `evaluation.threshold_table` gives it.
        chosen: dict. {name: threshold}, to be marked.

    Returns:
        Figure.
    """
    figure, axis = new_figure(6.8, 3.2)
    lines = (
        ("recall", FAKE, "-", "fakes found"),
        ("false_positive_rate", REAL, "--", "real clips called fake"),
    )
    for name, colour, line, label in lines:
        axis.step(table["threshold"], table[name], line, where="pre", color=colour, lw=2, label=label)
    for i, (name, value) in enumerate(chosen.items()):
        axis.axvline(value, color=INK, lw=1, ls=":")
        axis.annotate(
            name, (value, 1.0), (3, 2 + 11 * (i % 2)), xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=8,
        )  # fmt: skip
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03), xlabel="threshold", ylabel="share of clips")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return figure


@styled
def reliability(tables: dict) -> Figure:
    """Draw scores against how often they come true, side by side.

    Args:
        tables: dict. {title: DataFrame as `evaluation.reliability_table` gives it}.

    Returns:
        Figure.
    """
    figure, axes = new_figure(3.6 * len(tables), 3.6, 1, len(tables), squeeze=False, sharey=True)
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        axis.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
        axis.vlines(table["mean_score"], table["low"], table["high"], color=PURPLE, lw=1.8)
        axis.plot(table["mean_score"], table["share_fake"], "o", color=PURPLE, markersize=5)
        for row in table.itertuples():
            axis.annotate(
                f"{row.clips}",
                (row.mean_score, row.share_fake),
                (4, -9),
                textcoords="offset points",
                fontsize=7,
            )
        axis.set(
            title=title,
            xlim=(-0.03, 1.03),
            ylim=(-0.03, 1.03),
            aspect="equal",
            xlabel="mean score of the bin",
        )
    axes[0][0].set_ylabel("share that is fake")
    return figure
