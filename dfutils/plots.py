"""Every figure of the series: one palette, captions and alternative text.

The figures take plain arrays and tables and return a matplotlib Figure; `show` puts it into a
notebook with its caption and its alternative text.
"""

import base64
import functools
import html
import io

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

# Okabe and Ito's palette, told apart by colour-blind readers (jfly.uni-koeln.de/color). One class has
# one colour in all notebooks.
BLUE, ORANGE, GREEN, YELLOW = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, GREY, INK = "#56B4E9", "#CC79A7", "#8A8F98", "#1F2933"
REAL, FAKE = BLUE, ORANGE
CLASS_COLOURS = {0: REAL, 1: FAKE}
CLASS_NAMES = {0: "real", 1: "fake"}
SERIES = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")

STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E5E7EB",
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,  # a file's name may hold dollar signs
}


def _styled(draw):
    """Draw in the series' style, without touching matplotlib's global state."""

    @functools.wraps(draw)
    def styled(*args, **options):
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return draw(*args, **options)

    return styled


def table(columns: dict):
    """Return columns as a DataFrame that is shown without row numbers.

    Args:
        columns: dict. {heading: values}; the first one becomes the index.

    Returns:
        DataFrame.
    """
    import pandas as pd

    frame = pd.DataFrame(columns)
    first = frame.columns[0]
    # As the columns' name, the heading of the first stands in line with the others.
    return frame.set_index(first).rename_axis(index=None, columns=first)


def new_figure(width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **options):
    """Return `(figure, axes)`, without a window and outside matplotlib's global state.

    Args:
        width, height: float. Size in inches.
        rows, columns: int. The grid of axes.
        options: Passed on to `Figure.subplots`.

    Returns:
        The Figure and what `Figure.subplots` returns: one Axes, or an array of them.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def to_png(figure: Figure) -> bytes:
    """Return the figure as a PNG file."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def show(figure: Figure, *, alt: str, caption: str = "", key: str = "") -> None:
    """Show a figure in a notebook, with its alternative text and its caption.

    The figure is one HTML output (so that the alternative text reaches the reader in JupyterLab,
    Colab, Kaggle and the reports alike) with the PNG inside it.

    Args:
        figure: matplotlib Figure.
        alt: str. What the picture shows, for who cannot see it. Must not be empty.
        caption: str. One or two sentences below the picture. Defaults to none.
        key: str. A name under which the report's index page may take the picture over, such as
            `"roc"`. Defaults to none.

    Raises:
        ValueError: If `alt` is empty.
    """
    from IPython.display import display

    if not alt.strip():
        raise ValueError("Every figure needs alternative text. Received: alt=''")
    picture = base64.b64encode(to_png(figure)).decode()
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    markup = (
        f'<figure style="margin:0.5em 0"><img alt="{html.escape(alt, quote=True)}" '
        f'style="max-width:100%;height:auto;width:{figure.get_figwidth():.2f}in" '
        f'src="data:image/png;base64,{picture}">{below}</figure>'
    )
    display(
        {"text/html": markup, "text/plain": f"[figure] {alt}"},
        raw=True,
        metadata={"dfutils": {"figure": key, "alt": alt, "caption": caption}},
    )


def show_table(table: pd.DataFrame) -> None:
    """Show a table whose cells hold sentences, in full and aligned left; nothing if it has no rows."""
    from IPython.display import display

    if len(table):
        shown = table.style.hide(axis="index").format(escape="html")
        display(shown.set_properties(**{"text-align": "left", "vertical-align": "top"}))


def _picture(axis, image, **options) -> None:
    """Draw an image without ticks and frame."""
    axis.imshow(image, **options)
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)


@_styled
def image_grid(images, titles=None, columns: int = 8, size: float = 1.1) -> Figure:
    """Draw images in rows.

    Args:
        images: Sequence of uint8 arrays [H, W, 3], RGB.
        titles: Sequence of str, one an image. Defaults to none.
        columns: int. Images in a row. Defaults to 8.
        size: float. Side of one image in inches. Defaults to 1.1.

    Returns:
        Figure.
    """
    images, titles = list(images), None if titles is None else list(titles)
    columns = min(columns, max(1, len(images)))
    rows = max(1, -(-len(images) // columns))
    head = 0.22 if titles is not None else 0.0
    figure, axes = new_figure(columns * size, rows * (size + head), rows, columns, squeeze=False)
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            axis.imshow(np.asarray(images[index]))
            if titles is not None:
                axis.set_title(titles[index], fontsize=7, loc="center", fontweight="normal", pad=2)
    return figure


@_styled
def forgeries(originals, fakes, masks, names) -> Figure:
    """Draw forgeries in columns: the original, the forgery, and where they differ.

    Args:
        originals, fakes: Sequences of uint8 arrays [H, W, 3], RGB; the same moment of the same take.
        masks: Sequence of uint8 arrays [H, W]. 1 where the forgery altered the picture.
        names: Sequence of str. The methods.

    Returns:
        Figure.
    """
    figure, axes = new_figure(8.4, 6.4, 3, len(names), squeeze=False)
    for column, (original, fake, mask, name) in enumerate(zip(originals, fakes, masks, names, strict=True)):
        change = np.abs(fake.astype(int) - original.astype(int)).mean(-1)
        _picture(axes[0, column], original)
        _picture(axes[1, column], fake)
        _picture(axes[2, column], change, cmap="magma", vmin=0, vmax=40)
        axes[2, column].contour(mask, levels=[0.5], colors="white", linewidths=1)
        axes[0, column].set_title(name)
    for row, name in enumerate(("real", "forged", "difference")):
        axes[row, 0].set_ylabel(name, fontsize=11, fontweight="bold")
    return figure


@_styled
def crop_pairs(real, fake, names) -> Figure:
    """Draw face crops of real clips above those of forgeries.

    Args:
        real, fake: Sequences of uint8 arrays [S, S, 3], as many as there are names.
        names: Sequence of str, one a column.

    Returns:
        Figure.
    """
    figure, axes = new_figure(1.45 * len(names) + 0.4, 3.3, 2, len(names), squeeze=False)
    for row, crops in enumerate((real, fake)):
        for column, crop in enumerate(crops):
            axis = axes[row, column]
            _picture(axis, crop)
            for spine in axis.spines.values():
                spine.set(visible=True, color=CLASS_COLOURS[row], linewidth=2.5)
            if row == 0:
                axis.set_title(names[column], fontsize=8, loc="center", fontweight="normal")
        axes[row, 0].set_ylabel(CLASS_NAMES[row], color=CLASS_COLOURS[row], fontweight="bold")
    return figure


# Notebook 01: the data set ---------------------------------------------------------------------------


def _splits_of(catalog) -> list[str]:
    """Return the splits that the catalog has, in their usual order."""
    return [name for name in ("train", "val", "test") if (catalog["split"] == name).any()]


@_styled
def split_counts(catalog) -> Figure:
    """Draw how many real and fake clips each split has, fakes by method.

    Args:
        catalog: DataFrame with label, method and split.

    Returns:
        Figure.
    """
    splits = _splits_of(catalog)
    methods = sorted(catalog.loc[catalog["label"] == 1, "method"].unique())
    figure, (left, right) = new_figure(8.2, 3.0, 1, 2, width_ratios=[1, 1.3])
    for offset, label in ((-0.2, 0), (0.2, 1)):
        counts = [int(((catalog["split"] == s) & (catalog["label"] == label)).sum()) for s in splits]
        bars = left.bar(
            np.arange(len(splits)) + offset,
            counts,
            0.38,
            color=CLASS_COLOURS[label],
            label=CLASS_NAMES[label],
        )
        left.bar_label(bars, padding=2, fontsize=9)
    left.set_xticks(range(len(splits)), splits)
    left.set(title="Clips by split", ylabel="clips")
    left.margins(y=0.15)
    left.yaxis.get_major_locator().set_params(integer=True)
    left.legend(loc="upper right")
    left.grid(axis="x", visible=False)

    start = np.zeros(len(methods))
    for split, shade in zip(splits, (1.0, 0.65, 0.35), strict=False):
        counts = np.array([((catalog["split"] == split) & (catalog["method"] == m)).sum() for m in methods])
        bars = right.barh(range(len(methods)), counts, left=start, color=FAKE, alpha=shade, label=split)
        right.bar_label(
            bars, labels=[str(c) if c else "" for c in counts], label_type="center", fontsize=9, color=INK
        )
        start += counts
    right.set_yticks(range(len(methods)), methods)
    right.set(title="Fake clips by method", xlabel="clips")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.grid(axis="y", visible=False)
    if methods:
        right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
    return figure


@_styled
def group_sides(catalog) -> Figure:
    """Draw each group as a column of clips, coloured by class, under the split it is in.

    Args:
        catalog: DataFrame with label, group and split.

    Returns:
        Figure.
    """
    splits = _splits_of(catalog)
    sizes = [catalog.loc[catalog["split"] == name, "group"].nunique() for name in splits]
    figure, axes = new_figure(8.2, 2.6, 1, len(splits), squeeze=False, sharey=True, width_ratios=sizes)
    for axis, split, size in zip(axes.flat, splits, sizes, strict=True):
        part = catalog[catalog["split"] == split].sort_values(["group", "label"])
        position = {group: i for i, group in enumerate(part["group"].unique())}
        height = part.groupby("group").cumcount()
        for label in (0, 1):
            mine = part["label"] == label
            axis.scatter(
                part.loc[mine, "group"].map(position),
                height[mine],
                s=min(60, 2600 / max(len(catalog["group"].unique()), 8)),
                marker="o" if label == 0 else "s",
                color=CLASS_COLOURS[label],
                label=CLASS_NAMES[label],
            )
        axis.set_title(f"{split}: {size} group{'s' * (size != 1)}")
        axis.set_xticks([])
        axis.set_xlim(-0.8, size - 0.2)
        axis.grid(visible=False)
        axis.set_xlabel("groups")
    axes.flat[0].set_ylabel("clips of the group")
    axes.flat[0].yaxis.get_major_locator().set_params(integer=True)
    axes.flat[0].set_ylim(-0.8, max(1.0, axes.flat[0].get_ylim()[1]))
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", ncols=2)
    return figure


@_styled
def face_grid(crops, labels, titles, columns: int = 8) -> Figure:
    """Draw face crops in rows, framed in their class's colour.

    Args:
        crops: Sequence of uint8 arrays [S, S, 3], RGB.
        labels: Sequence of int; 1 = fake, 0 = real.
        titles: Sequence of str, one a crop.
        columns: int. Crops in a row. Defaults to 8.

    Returns:
        Figure.
    """
    titles = [title if len(title) <= 14 else f"…{title[-13:]}" for title in titles]
    figure = image_grid(crops, titles, columns)
    for axis, label in zip(figure.axes, labels, strict=False):
        _frame(axis, label)
    return figure


@_styled
def neighbours(rows, headings) -> Figure:
    """Draw frames that were asked about, each beside the training frames that look most like it.

    Args:
        rows: list of lists of (image, label, caption); the first of a row is the frame asked about.
        headings: Sequence of str. One a column.

    Returns:
        Figure.
    """
    figure, axes = new_figure(
        1.75 * len(headings), 2.15 * len(rows) + 0.2, len(rows), len(headings), squeeze=False
    )
    for line, row in zip(axes, rows, strict=True):
        for axis, (image, label, caption) in zip(line, row, strict=True):
            axis.imshow(image, interpolation="bilinear")
            _frame(axis, label)
            caption = caption if len(caption) <= 26 else f"…{caption[-25:]}"
            axis.set_xlabel(f"{CLASS_NAMES[label]}\n{caption}", fontsize=7.5, color=CLASS_COLOURS[label])
    for axis, heading in zip(axes[0], headings, strict=True):
        axis.set_title(heading, fontsize=9, loc="center")
    return figure


def _frame(axis, label: int) -> None:
    """Frame a picture in its class's colour."""
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    for spine in axis.spines.values():
        spine.set(visible=True, color=CLASS_COLOURS[label], linewidth=2.5)


@_styled
def media_facts(facts, labels) -> Figure:
    """Draw how long the clips are, how large their pictures and how large their files, by class.

    Args:
        facts: DataFrame with seconds, frames, width, height and bytes; NaN where not known.
        labels: Sequence of int, one a row; 1 = fake, 0 = real.

    Returns:
        Figure.
    """
    labels = np.asarray(labels)
    figure, (left, middle, right) = new_figure(9.4, 3.0, 1, 3)
    timed = facts["seconds"].notna().any()
    lengths = facts["seconds" if timed else "frames"].to_numpy(float)
    size, unit = facts["bytes"].to_numpy(float) / 1e3, "kilobytes"
    if np.nanmax(size, initial=0) >= 1000:
        size, unit = size / 1e3, "megabytes"
    _class_histogram(left, lengths, labels, "Length", "seconds" if timed else "frames")
    _class_histogram(right, size, labels, "File size", unit)
    pictures = facts[["width", "height"]].assign(label=labels).dropna()
    for label, marker, area in ((0, "o", 420), (1, "s", 160)):
        counts = pictures[pictures["label"] == label].value_counts(["width", "height"])
        at = np.array(list(counts.index), float).reshape(-1, 2)
        areas = 25 + area * np.sqrt(counts.to_numpy() / max(1, len(pictures)))
        middle.scatter(*at.T, s=areas, marker=marker, color=CLASS_COLOURS[label], alpha=0.8)
    middle.set(title="Resolution", xlabel="width in pixels", ylabel="height in pixels")
    if len(pictures):
        for limits, values in ((middle.set_xlim, pictures["width"]), (middle.set_ylim, pictures["height"])):
            limits(0, 1.25 * values.max())
    handles, names = right.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def _class_histogram(axis, values, labels, title: str, unit: str) -> None:
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    if high - low < 0.02 * high:
        low, high = 0.0, 2 * high + 1e-9
    edges = np.linspace(low, high, 21)
    for label in (0, 1):
        mine = values[(labels == label) & np.isfinite(values)]
        colour = CLASS_COLOURS[label]
        axis.hist(mine, edges, color=colour, alpha=0.25)
        axis.hist(
            mine,
            edges,
            color=colour,
            histtype="step",
            lw=1.8,
            ls="-" if label else "--",
            label=CLASS_NAMES[label],
        )
    axis.set(title=title, xlabel=unit, ylabel="clips")
    axis.yaxis.get_major_locator().set_params(integer=True)


@_styled
def intervals(
    table, name: str, line: float | None = None, line_label: str = "", metric: str = "auc"
) -> Figure:
    """Draw a metric with its intervals, one a row, beside the line of chance.

    Args:
        table: DataFrame with the metric, low, high, and the column that names the rows.
        name: str. That column.
        line: float or None. A second line to be drawn. Defaults to none.
        line_label: str. What it means. Defaults to `""`.
        metric: str. A metric that is 0.5 by chance: auc or, of as many real clips as fakes, accuracy. Defaults to
            `"auc"`.

    Returns:
        Figure.
    """
    figure, axis = new_figure(7.2, 1.0 + 0.42 * len(table))
    y = np.arange(len(table))
    axis.axvline(0.5, color=INK, lw=1.2, ls=":")
    axis.annotate(
        "chance",
        (0.5, 1.0),
        (3, 2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8,
    )
    if line is not None:
        axis.axvline(line, color=FAKE, lw=1.2, ls="--")
        axis.annotate(
            line_label,
            (line, 1.0),
            (3, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            color=FAKE,
        )
    axis.hlines(y, table["low"], table["high"], color=PURPLE, lw=2.5)
    axis.plot(table[metric], y, "o", color=PURPLE, markersize=7)
    for at, value in enumerate(table[metric]):
        axis.annotate(
            f"{value:.2f}",
            (1.0, at),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axis.set_yticks(y, table[name])
    label = {"auc": "AUC"}.get(metric, metric.replace("_", " "))
    axis.set(
        xlim=(-0.02, 1.02), xlabel=f"{label}, with its 95 % interval by group", ylim=(len(table) - 0.5, -0.5)
    )
    axis.grid(axis="y", visible=False)
    return figure


# Notebook 02: frames ---------------------------------------------------------------------------------


@_styled
def frames_with_boxes(frames, times, boxes, looked, columns: int = 5) -> Figure:
    """Draw sampled frames with the face's box: solid where it was detected, dashed where interpolated.

    Args:
        frames: uint8 array [T, H, W, 3], RGB.
        times: float array [T], seconds.
        boxes: float array [T, 4]: x, y, width, height.
        looked: bool array [T]. True where the detector found the face itself.
        columns: int. Frames in a row. Defaults to 5.

    Returns:
        Figure.
    """
    size = 1.6
    figure = image_grid(frames, [f"{t:.1f} s" for t in times], columns, size)
    for axis, box, seen in zip(figure.axes, boxes, looked, strict=False):
        axis.add_patch(
            Rectangle(
                box[:2],
                box[2],
                box[3],
                fill=False,
                linewidth=1.6,
                edgecolor=YELLOW,
                linestyle="-" if seen else ":",
            )
        )
    return figure


@_styled
def sampling_lines(rules: dict) -> Figure:
    """Draw when in a clip each sampling rule takes its frames.

    Args:
        rules: dict. {rule: float array [T], seconds}.

    Returns:
        Figure. A line a rule, a dot a frame.
    """
    figure, axis = new_figure(8.0, 0.7 + 0.42 * len(rules))
    for row, (times, colour) in enumerate(zip(rules.values(), SERIES, strict=False)):
        axis.axhline(row, color="#DCE3EA", lw=7, solid_capstyle="butt", zorder=1)
        axis.plot(times, np.full(len(times), row), "o", color=colour, markersize=5, zorder=2)
    axis.set_yticks(range(len(rules)), list(rules))
    axis.set(xlabel="seconds", ylim=(len(rules) - 0.5, -0.5))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=False)
    return figure


@_styled
def faces_found(frame, boxes, main) -> Figure:
    """Draw every face that was found in a frame, and which of them is followed.

    Args:
        frame: uint8 array [H, W, 3], RGB.
        boxes: float array [K, 4]: x, y, width, height of each face found.
        main: float array [4]. The box of the face that is followed.

    Returns:
        Figure.
    """
    height, width = frame.shape[:2]
    figure, axis = new_figure(6.4, 6.4 * height / width)
    _picture(axis, frame)
    for box in boxes:
        axis.add_patch(
            Rectangle(box[:2], box[2], box[3], fill=False, linewidth=1.6, edgecolor="white", linestyle=":")
        )
    axis.add_patch(Rectangle(main[:2], main[2], main[3], fill=False, linewidth=2.4, edgecolor=YELLOW))
    axis.text(
        main[0],
        main[1] - 0.025 * height,
        "followed",
        color="white",
        fontweight="bold",
        va="bottom",
        bbox={"facecolor": INK, "edgecolor": "none", "boxstyle": "square,pad=0.3"},
    )
    return figure


# Notebook 03: features -------------------------------------------------------------------------------


@_styled
def projection(
    points, labels, groups, names=("first principal component", "second principal component")
) -> Figure:
    """Draw clips in two dimensions, coloured by class, each fake tied to its group's middle.

    Args:
        points: float array [N, 2].
        labels: int array [N]; 1 = fake.
        groups: str array [N].
        names: pair of str. The axes' names.

    Returns:
        Figure.
    """
    points, labels, groups = np.asarray(points), np.asarray(labels), np.asarray(groups)
    figure, axis = new_figure(6.4, 4.2)
    for group in np.unique(groups):
        mine = points[groups == group]
        for point in mine:
            axis.plot(*zip(mine.mean(0), point, strict=True), color="#D5DAE1", lw=0.8, zorder=1)
    for label, marker in ((0, "o"), (1, "s")):
        mine = labels == label
        axis.scatter(
            *points[mine].T,
            s=26,
            marker=marker,
            color=CLASS_COLOURS[label],
            edgecolor="white",
            linewidth=0.5,
            label=CLASS_NAMES[label],
            zorder=2,
        )
    axis.set(xlabel=names[0], ylabel=names[1])
    axis.legend(loc="best")
    return figure


# Notebook 04: training -------------------------------------------------------------------------------


@_styled
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


@_styled
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


@_styled
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


@_styled
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


# Notebook 05: evaluation -----------------------------------------------------------------------------


@_styled
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


@_styled
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


@_styled
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


@_styled
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


@_styled
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


@_styled
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


@_styled
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


# Notebook 06: the search -----------------------------------------------------------------------------


@_styled
def trials(table) -> Figure:
    """Draw the validation AUC of each trial in the order tried, with the best so far.

    Args:
        table: DataFrame as `tuning.trials_table` gives it.

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


@_styled
def parallel_coordinates(table, settings) -> Figure:
    """Draw each trial as a line through its settings, to its validation AUC.

    Args:
        table: DataFrame as `tuning.trials_table` gives it.
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


@_styled
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
