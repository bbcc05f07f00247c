"""Draw the figures of notebook 04: masks, values by forgery method, and learning curves of one or more seeds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap

from dfutils.plots.style import (
    BLUE,
    FAKE,
    GREY,
    INK,
    MARKERS,
    ORANGE,
    REAL,
    SERIES,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
    whole_numbers,
)
from dfutils.plots.words import count, extremes, number_text, plural, range_text, sentences, shorten


@styled
def mask_picture(mask: np.ndarray, clip_ids: Sequence[str], *, key: str = "mask") -> DescribedFigure:
    """Draw the mask of several clips: dark cells for frames, light cells for padding.

    Args:
        mask: bool array [N, T]. True for a frame, False for padding.
        clip_ids: sequence of str [N]. The clip_id of each row of the mask.
        key: str. Defaults to `"mask"`.

    Returns:
        DescribedFigure.
    """
    mask = np.asarray(mask, bool)
    if not mask.size:
        return empty_figure("There is no clip whose mask could be shown.", key=key)
    figure, axis = new_figure(width=7.4, height=0.7 + 0.24 * len(mask))
    axis.imshow(mask, cmap=ListedColormap(["#E5E7EB", BLUE]), vmin=0, vmax=1, aspect="auto")
    axis.set_yticks(range(len(mask)), [shorten(clip_id, most=40) for clip_id in clip_ids], fontsize=8)
    axis.set(xlabel="frame of the sequence")
    whole_numbers(axis.xaxis)
    axis.set_xticks(np.arange(mask.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(mask) + 1) - 0.5, minor=True)
    axis.grid(which="major", visible=False)
    axis.grid(which="minor", color="white", linewidth=1.2)
    axis.tick_params(which="minor", length=0)
    lengths = mask.sum(axis=1)
    padded = int((lengths < mask.shape[1]).sum())
    shortest = int(lengths.argmin())
    alt = sentences(
        f"{count(len(mask), 'clip')}, one per row, with {count(mask.shape[1], 'cell')} each: dark for a frame, light "
        "for padding",
        f"{padded} of them {plural('has', padded)} padding; the shortest, {shorten(clip_ids[shortest])}, has "
        f"{count(int(lengths[shortest]), 'frame')}"
        if padded
        else "No clip has padding",
    )
    caption = f"The mask of {count(len(mask), 'clip')}. " + (
        "The GRU skips the light cells." if padded else "The clips are of equal length, so nothing is padded."
    )
    return figure.describe(alt, caption=caption, key=key)


@styled
def values_by_method(
    panels: Mapping[str, Sequence[float]],
    methods: Sequence[str],
    *,
    label: str,
    caption: str | None = None,
    key: str = "changes",
) -> DescribedFigure:
    """Draw one value per clip, with a row for real clips and a row for each forgery method.

    Args:
        panels: {title: float array [N]}. The values of all clips; panels are drawn next to each other.
        methods: sequence of str [N]. The forgery method of each clip; `""` for real clips.
        label: str. The name and unit of the values.
        caption: str or None. Defaults to None: a caption that says how to read the figure.
        key: str. Defaults to `"changes"`.

    Returns:
        DescribedFigure.
    """
    kinds = np.asarray(methods, str)
    if not len(kinds) or not panels:
        return empty_figure("There is no clip to show.", key=key)
    rows = ["", *sorted(set(kinds) - {""})]
    figure, axes = new_figure(
        width=4.0 * len(panels),
        height=0.9 + 0.42 * len(rows),
        columns=len(panels),
        squeeze=False,
        sharey=True,
    )
    rng = np.random.default_rng(0)
    texts = []
    for axis, (title, panel) in zip(axes[0], panels.items(), strict=True):
        values, medians = np.asarray(panel, float), []
        for y, method in enumerate(rows):
            own = values[(kinds == method) & np.isfinite(values)]
            colour = FAKE if method else REAL
            axis.scatter(own, y + rng.uniform(-0.2, 0.2, len(own)), s=16, color=colour, alpha=0.6, lw=0)
            medians.append(float(np.median(own)) if len(own) else np.nan)
            if len(own):
                axis.vlines(medians[-1], y - 0.34, y + 0.34, color=INK, lw=1.8)
        axis.set(title=title, xlabel=label)
        axis.grid(axis="y", visible=False)
        texts.append(f"{shorten(title, most=20)}: {_medians_text(rows, medians)}")
    axes[0][0].set_yticks(range(len(rows)), ["real", *rows[1:]])
    axes[0][0].invert_yaxis()
    alt = sentences(
        f"{count(len(kinds), 'clip')} by {shorten(label, most=60)}, in rows: real and {count(len(rows) - 1, 'method')}",
        *[f"Medians in {text}" if at == 0 else text for at, text in enumerate(texts[:3])],
    )
    if caption is None:
        caption = f"Each dot is one clip by its {label}. The line in each row is the median."
    return figure.describe(alt, caption=caption, key=key)


def _medians_text(rows: Sequence[str], medians: Sequence[float]) -> str:
    real, fakes = number_text(medians[0]), np.asarray(medians[1:], float)
    if np.isnan(fakes).all():
        return f"real {real}"
    low, high = extremes(fakes.tolist())
    ends = [f"{shorten(rows[1 + at], most=20)} {number_text(fakes[at])}" for at in (low, high)]
    if low == high:
        return f"real {real}, {ends[0]}"
    return f"real {real}, {ends[0]} (lowest), {ends[1]} (highest)"


@styled
def learning_curves(
    history: pd.DataFrame, best_epoch: int, *, key: str = "learning_curves"
) -> DescribedFigure:
    """Draw training and validation loss and accuracy by epoch, and mark the epoch whose weights were kept.

    Args:
        history: DataFrame indexed by epoch, as in `training.TrainingRun.history`. Columns: loss, accuracy, val_loss and
            val_accuracy.
        best_epoch: int. The epoch whose weights were kept.
        key: str. Defaults to `"learning_curves"`.

    Returns:
        DescribedFigure.
    """
    if history.empty:
        return empty_figure("Nothing was trained: there is no epoch to show.", key=key)
    figure, axes = new_figure(width=8.4, height=3.2, columns=2)
    for axis, measure, title in zip(axes, ("loss", "accuracy"), ("Cross-entropy", "Accuracy"), strict=True):
        for name, label, colour, marker, line in (
            (measure, "training", BLUE, "o", "-"),
            (f"val_{measure}", "validation", ORANGE, "s", "--"),
        ):
            values = history[name]
            axis.plot(history.index, values, line, color=colour, marker=marker, markersize=4, label=label)
        axis.axvline(best_epoch, color=GREY, lw=1, ls=":")
        axis.annotate(
            "kept", (best_epoch, 1), xycoords=("data", "axes fraction"), xytext=(3, -9), textcoords="offset points",
            fontsize=8, color=GREY,
        )  # fmt: skip
        axis.set(title=title, xlabel="epoch")
        whole_numbers(axis.xaxis)
    axes[0].axhline(np.log(2), color=GREY, lw=0.8)
    axes[0].annotate(
        "a constant 0.5", (1, np.log(2)), xycoords=("axes fraction", "data"), xytext=(-2, 3),
        textcoords="offset points", fontsize=8, color=GREY, ha="right",
    )  # fmt: skip
    axes[1].set_ylim(-0.02, 1.05)
    axes[0].legend(loc="best")
    kept = history.loc[best_epoch] if best_epoch in history.index else history.iloc[-1] * np.nan
    alt = sentences(
        f"Over {count(len(history), 'epoch')} the training loss {_course(history['loss'])}, the validation loss "
        f"{_course(history['val_loss'])}",
        _where_they_part(history),
        f"Epoch {best_epoch} was kept: validation loss {number_text(kept['val_loss'])}, validation accuracy "
        f"{number_text(kept['val_accuracy'])}",
    )
    caption = (
        f"Learning curves. The weights of epoch {best_epoch} were kept. A gap between the two losses is normal. "
        "Where the training loss goes on falling and the validation loss does not, the model overfits."
    )
    return figure.describe(alt, caption=caption, key=key)


def _course(values: pd.Series) -> str:
    first, last = number_text(values.iloc[0]), number_text(values.iloc[-1])
    return f"goes from {first} to {last}" if len(values) > 1 else f"is {last}"


def _where_they_part(history: pd.DataFrame) -> str:
    """Say from which epoch the validation loss stays above the training loss."""
    known = history[history["loss"].notna() & history["val_loss"].notna()]
    if known.empty:
        return "The losses are undefined"
    above = (known["val_loss"] > known["loss"]).to_numpy()
    if not above[-1]:
        return "At the end the validation loss is not above the training loss"
    first = len(above) - int(np.argmin(above[::-1])) if not above.all() else 0
    since = known.index[first]
    if first == 0:
        return "The validation loss is above the training loss in every epoch"
    return f"From epoch {since} on the curves part: the validation loss is above the training loss"


@styled
def seed_curves(runs: Mapping[str, Any] | Iterable[Any], *, key: str = "seed_curves") -> DescribedFigure:
    """Draw validation loss and AUC by epoch, one line per seed, and mark the epochs whose weights were kept.

    Args:
        runs: iterable of fitted GRU detectors or of TrainingRuns, which have the attributes history, best_epoch and
            seed. Or a dict {name: (history, best epoch)}.
        key: str. Defaults to `"seed_curves"`.

    Returns:
        DescribedFigure.
    """
    curves = dict(runs) if isinstance(runs, Mapping) else dict(map(_named_curve, runs))
    if not curves:
        return empty_figure("Nothing was trained: there is no seed to show.", key=key)
    figure, axes = new_figure(width=8.4, height=3.2, columns=2)
    kept: dict[str, list[float]] = {"val_loss": [], "val_auc": []}
    for axis, measure, title in zip(
        axes, ("val_loss", "val_auc"), ("Validation cross-entropy", "Validation AUC"), strict=True
    ):
        for at, (name, (history, best)) in enumerate(curves.items()):
            colour, marker = SERIES[at % len(SERIES)], MARKERS[at % len(MARKERS)]
            value = float(history[measure].get(best, np.nan))
            kept[measure].append(value)
            axis.plot(history.index, history[measure], color=colour, lw=1.2, alpha=0.8)
            axis.plot(best, value, marker, color=colour, markersize=7, label=f"{name}, kept")
        axis.set(title=title, xlabel="epoch")
        whole_numbers(axis.xaxis)
    axes[0].axhline(np.log(2), color=GREY, lw=0.8)
    axes[1].axhline(0.5, color=GREY, lw=0.8)
    axes[0].legend(loc="best", fontsize=8)
    above = int((np.asarray(kept["val_auc"]) > 0.5).sum())
    epochs = range_text((best for _, best in curves.values()), digits=0)
    alt = sentences(
        f"Validation loss and AUC by epoch for {count(len(curves), 'training')}; the epochs that were kept: {epochs}",
        f"There the loss is {range_text(kept['val_loss'])} and the AUC {range_text(kept['val_auc'])}, above 0.5 in "
        f"{above} of {len(curves)}",
    )
    caption = "The same settings and clips, once per seed. Marks are the epochs that were kept."
    return figure.describe(alt, caption=caption, key=key)


def _named_curve(run: Any) -> tuple[str, tuple[pd.DataFrame, int]]:
    run = getattr(run, "run", run)
    return f"seed {run.seed}", (run.history, run.best_epoch)
