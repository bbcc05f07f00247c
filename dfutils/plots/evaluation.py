"""Draw the figures of notebook 05: confusion matrix, ROC curves, scores and wrongly classified clips."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dfutils.plots.common import Tile, draw_tiles
from dfutils.plots.inputs import EvaluationLike, TrackLike, as_label, table_of
from dfutils.plots.style import (
    CLASS_COLOURS,
    GREY,
    INK,
    SERIES,
    DescribedFigure,
    empty_figure,
    new_figure,
    styled,
)
from dfutils.plots.words import (
    count,
    extremes,
    interval_text,
    listed,
    number_text,
    plural,
    range_text,
    sentences,
    shorten,
)

_MOMENTS = ("first frame", "a third in", "two thirds in", "last frame")
_GRID = np.linspace(0, 1, 1001)


@styled
def confusion_matrix(evaluation: EvaluationLike, *, key: str = "confusion") -> DescribedFigure:
    """Draw a confusion matrix with counts, and with shares of each true class.

    Args:
        evaluation: Evaluation. Its confusion matrix and threshold are used.
        key: str. Defaults to `"confusion"`.

    Returns:
        DescribedFigure.
    """
    import seaborn as sns

    counts = evaluation.confusion
    if not counts.to_numpy().sum():
        return empty_figure("No clip was called real or fake.", key=key)
    figure, axis = new_figure(width=3.9, height=3.2)
    share = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    notes = [
        [f"{number}\n{part:.0%}" for number, part in zip(*rows, strict=True)]
        for rows in zip(counts.to_numpy(), share.to_numpy(), strict=True)
    ]
    options = {"cmap": "Blues", "vmin": 0, "vmax": 1, "cbar": False, "square": True, "linewidths": 2}
    sns.heatmap(share, annot=notes, fmt="", ax=axis, **options)
    axis.set(xlabel="called", ylabel="is")
    axis.tick_params(rotation=0, length=0)
    texts = [
        f"Of {count(int(counts.loc[truth].sum()), f'{truth} clip')}, {int(counts.loc[truth, 'real'])} "
        f"{plural('is', int(counts.loc[truth, 'real']))} called real and {int(counts.loc[truth, 'fake'])} fake"
        for truth in ("real", "fake")
    ]
    caption = f"Calls at the threshold {evaluation.threshold:.3f}. Shares are of each row: of real clips, or of fakes."
    return figure.describe(sentences(*texts), caption=caption, key=key)


@styled
def roc_curves(evaluations: Mapping[str, EvaluationLike], *, key: str = "roc") -> DescribedFigure:
    """Draw the ROC curves of several detectors.

    Args:
        evaluations: {name of the detector: Evaluation}. An Evaluation without real or without fake clips has no curve.
            The alternative text names its detector.
        key: str. Defaults to `"roc"`.

    Returns:
        DescribedFigure.
    """
    drawn = {name: result for name, result in evaluations.items() if len(result.roc)}
    absent = [name for name in evaluations if name not in drawn]
    if not drawn:
        return empty_figure("There is no ROC curve to show: it needs scored clips of both classes.", key=key)
    figure, axis = new_figure(width=4.6, height=4.2)
    axis.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
    texts = []
    for at, (name, result) in enumerate(drawn.items()):
        fpr, tpr = result.roc["fpr"].to_numpy(float), result.roc["tpr"].to_numpy(float)
        value, low, high = result.table.loc["auc", ["value", "low", "high"]].astype(float)
        colour, line = SERIES[at % len(SERIES)], ("-", "--", "-.", ":")[at % 4]
        axis.plot(
            fpr, tpr, line, color=colour, lw=2, label=f"{shorten(name, most=44)} (AUC {number_text(value)})"
        )
        texts.append(f"{shorten(name, most=44)}, AUC {interval_text(value, low, high)}, is {_side(fpr, tpr)}")
    axis.set(xlabel="share of real clips called fake", ylabel="share of fakes found", aspect="equal")
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axis.legend(loc="lower right", fontsize=8)
    alt = sentences(
        f"{count(len(drawn), 'ROC curve')} and the diagonal of guessing",
        *texts[:4],
        f"{len(texts) - 4} more" if len(texts) > 4 else "",
        f"No curve for {listed(absent)}: a class is missing" if absent else "",
    )
    caption = "Each point of a curve is a threshold, with the shares of fakes and of real clips that are called fake."
    return figure.describe(alt, caption=caption, key=key)


def _side(fpr: np.ndarray, tpr: np.ndarray) -> str:
    """Say whether a ROC curve is above or below the diagonal."""
    gap = np.interp(_GRID, fpr, tpr) - _GRID
    inner = gap[1:-1]  # all curves start and end on the diagonal
    below, above = float((inner < -1e-9).mean()), float((inner > 1e-9).mean())
    if not below and not above:
        return "on the diagonal"
    if not below:
        return "above the diagonal" if above > 0.999 else "on or above the diagonal"
    if not above:
        return "below the diagonal" if below > 0.999 else "on or below the diagonal"
    return f"below the diagonal over {below:.0%} of its width"


@styled
def score_distribution(predictions: Any, *, threshold: float, key: str = "scores") -> DescribedFigure:
    """Draw the score of every clip, with one row for real clips and one row per forgery method.

    Args:
        predictions: DataFrame. Columns: label, score and method. Clips without a score or a label are left out.
        threshold: float. A clip is classified as fake when score >= threshold. The threshold is drawn as a line.
        key: str. Defaults to `"scores"`.

    Returns:
        DescribedFigure.
    """
    table = table_of(predictions)
    scored = table[table["label"].notna() & table["score"].notna()]
    if scored.empty:
        return empty_figure(f"None of {count(len(table), 'clip')} has a score and a label.", key=key)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    methods = scored["method"].fillna("").replace("", "fake").to_numpy(str)
    rows = [("real", scores[labels == 0])]
    rows += [(name, scores[(labels == 1) & (methods == name)]) for name in sorted(set(methods[labels == 1]))]
    figure, axis = new_figure(width=7.2, height=1.2 + 0.5 * len(rows))
    rng = np.random.default_rng(0)
    for y, (_, values) in enumerate(rows):
        label = int(y > 0)
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
    axis.set_yticks(range(len(rows)), [shorten(name, most=32) for name, _ in rows])
    axis.set(xlabel="score, P(fake)", xlim=(-0.02, 1.02), ylim=(len(rows) - 0.5, -0.6))
    axis.grid(axis="y", visible=False)
    without = len(table) - len(scored)
    alt = sentences(
        _real_text(rows[0][1], threshold),
        _fakes_text(rows[1:], threshold),
        f"{count(without, 'clip')} without a score or a label {plural('is', without)} not shown"
        if without
        else "",
    )
    caption = "The score of every clip, by forgery method. The line in each row is the median."
    return figure.describe(alt, caption=caption, key=key)


def _real_text(values: np.ndarray, threshold: float) -> str:
    if not len(values):
        return "There is no real clip"
    alarms = int((values >= threshold).sum())
    return (
        f"{count(len(values), 'real clip')}: median score {np.median(values):.2f}, {alarms} at or above the threshold "
        f"{threshold:.2f}"
    )


def _fakes_text(rows: list[tuple[str, np.ndarray]], threshold: float) -> str:
    if not rows:
        return "There is no fake"
    medians = [float(np.median(values)) for _, values in rows]
    if len(rows) <= 5:
        named = [f"{shorten(row[0], most=20)} {value:.2f}" for row, value in zip(rows, medians, strict=True)]
        text = f"Median scores of the fakes: {', '.join(named)}"
    else:
        low, high = extremes(medians)
        text = (
            f"{count(len(rows), 'forgery')}, median scores {range_text(medians)}, lowest "
            f"{shorten(rows[low][0], most=20)}, highest {shorten(rows[high][0], most=20)}"
        )
    scores = np.concatenate([values for _, values in rows])
    return f"{text}. {int((scores < threshold).sum())} of {count(len(scores), 'fake')} below the threshold"


@styled
def mistakes(
    wrong: pd.DataFrame, tracks: Mapping[str, TrackLike], *, key: str = "mistakes"
) -> DescribedFigure:
    """Draw four face crops of each wrongly classified clip, framed in the colour of its true class.

    Args:
        wrong: DataFrame, as `evaluation.mistakes` returns it. Columns: clip_id, label, method and score.
        tracks: {clip_id: FaceTrack}. The row of a clip without a FaceTrack is left empty.
        key: str. Defaults to `"mistakes"`.

    Returns:
        DescribedFigure.
    """
    if wrong.empty:
        return empty_figure("No clip was called wrongly.", key=key)
    rows = []
    for row in wrong.itertuples():
        crops: Any = tracks[row.clip_id].crops if row.clip_id in tracks else []
        label, texts = (
            as_label(row.label),
            (f"{row.method or 'real'}, score {row.score:.2f}", row.clip_id, "", ""),
        )
        at = [round(i * (len(crops) - 1) / 3) for i in range(4)]
        images = [crops[k] if len(crops) else None for k in at]
        rows.append([Tile(image, label, text) for image, text in zip(images, texts, strict=True)])
    figure = draw_tiles(rows, _MOMENTS)
    parts = []
    for label, words in ((1, "called real"), (0, "called fake")):
        scores = wrong.loc[wrong["label"].eq(label), "score"]
        if len(scores):
            noun = "fake" if label else "real clip"
            parts.append(f"{count(len(scores), noun)} {words} (score {range_text(scores)})")
    worst = wrong.iloc[0]
    alt = sentences(
        f"Four frames of each of {count(len(wrong), 'mistake')}: {' and '.join(parts)}",
        f"The most certain is {shorten(worst['clip_id'])}, {worst['method'] or 'real'}, score {worst['score']:.2f}",
    )
    caption = (
        "The wrongly classified clips with the most confident scores. Blue frames are real, orange ones fake."
    )
    return figure.describe(alt, caption=caption, key=key)
