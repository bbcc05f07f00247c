"""Figures of notebook 04."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from dfutils.plots.style import BLUE, FAKE, GREY, INK, MARKERS, ORANGE, REAL, SERIES, new_figure, styled


@styled
def mask_picture(mask, clip_ids) -> Figure:
    """Draw a mask: a dark cell for each frame that is there, a light one for padding.

    Args:
        mask: bool array [N, T].
        clip_ids: sequence of N str.

    Returns:
        Figure.
    """
    mask = np.asarray(mask)
    figure, axis = new_figure(7.4, 0.7 + 0.24 * len(mask))
    axis.imshow(mask, cmap=ListedColormap(["#E5E7EB", BLUE]), vmin=0, vmax=1, aspect="auto")
    axis.set_yticks(range(len(mask)), clip_ids, fontsize=8)
    axis.set(xlabel="frame of the sequence")
    axis.set_xticks(np.arange(mask.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(mask) + 1) - 0.5, minor=True)
    axis.grid(which="major", visible=False)
    axis.grid(which="minor", color="white", linewidth=1.2)
    axis.tick_params(which="minor", length=0)
    return figure


@styled
def values_by_method(panels: dict, methods, label: str) -> Figure:
    """Draw a value of every clip, one row a method, real clips on top.

    Args:
        panels: dict. {title: float array [N]}; drawn side by side.
        methods: str sequence [N]; `""` for real clips.
        label: str. What the values are.

    Returns:
        Figure.
    """
    methods = np.asarray(methods, str)
    rows = ["", *sorted(set(methods) - {""})]
    figure, axes = new_figure(
        4.0 * len(panels), 0.9 + 0.42 * len(rows), 1, len(panels), squeeze=False, sharey=True
    )
    rng = np.random.default_rng(0)
    for axis, (title, values) in zip(axes[0], panels.items(), strict=True):
        values = np.asarray(values, float)
        for y, method in enumerate(rows):
            mine = values[methods == method]
            colour = FAKE if method else REAL
            axis.scatter(mine, y + rng.uniform(-0.2, 0.2, len(mine)), s=16, color=colour, alpha=0.6, lw=0)
            if len(mine):
                axis.vlines(np.median(mine), y - 0.34, y + 0.34, color=INK, lw=1.8)
        axis.set(title=title, xlabel=label)
        axis.grid(axis="y", visible=False)
    axes[0][0].set_yticks(range(len(rows)), ["real", *rows[1:]])
    axes[0][0].invert_yaxis()
    return figure


@styled
def learning_curves(history, best_epoch: int) -> Figure:
    """Draw loss and accuracy by epoch, for training and validation, with the epoch that was kept.

    Args:
        history: DataFrame indexed by epoch, as `training.TrainingRun.history`.
        best_epoch: int.

    Returns:
        Figure.
    """
    figure, axes = new_figure(8.4, 3.2, 1, 2)
    for axis, measure, title in zip(axes, ("loss", "accuracy"), ("Cross-entropy", "Accuracy"), strict=True):
        for name, colour, marker, line in (
            (measure, BLUE, "o", "-"),
            (f"val_{measure}", ORANGE, "s", "--"),
        ):
            label = "validation" if name.startswith("val_") else "training"
            axis.plot(
                history.index, history[name], line, color=colour, marker=marker, markersize=4, label=label
            )
        axis.axvline(best_epoch, color=GREY, lw=1, ls=":")
        axis.annotate(
            "kept", (best_epoch, 1), xycoords=("data", "axes fraction"), xytext=(3, -9), textcoords="offset points",
            fontsize=8, color=GREY,
        )  # fmt: skip
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].axhline(np.log(2), color=GREY, lw=0.8)
    axes[0].annotate(
        "a constant 0.5", (1, np.log(2)), xycoords=("axes fraction", "data"), xytext=(-2, 3),
        textcoords="offset points", fontsize=8, color=GREY, ha="right",
    )  # fmt: skip
    axes[1].set_ylim(-0.02, 1.05)
    axes[0].legend(loc="best")
    return figure


@styled
def seed_curves(runs: dict) -> Figure:
    """Draw validation loss and AUC by epoch, one line a training, with the epoch that each kept.

    Args:
        runs: dict. {name: (history, best epoch)}, as for `learning_curves`.

    Returns:
        Figure.
    """
    figure, axes = new_figure(8.4, 3.2, 1, 2)
    for axis, measure, title in zip(
        axes, ("val_loss", "val_auc"), ("Validation cross-entropy", "Validation AUC"), strict=True
    ):
        for at, (name, (history, best)) in enumerate(runs.items()):
            colour, marker = SERIES[at % len(SERIES)], MARKERS[at % len(MARKERS)]
            axis.plot(history.index, history[measure], color=colour, lw=1.2, alpha=0.8)
            axis.plot(
                best, history.loc[best, measure], marker, color=colour, markersize=7, label=f"{name}, kept"
            )
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].axhline(np.log(2), color=GREY, lw=0.8)
    axes[1].axhline(0.5, color=GREY, lw=0.8)
    axes[0].legend(loc="best", fontsize=8)
    return figure
