"""Every figure of the series: one palette, captions and alternative text.

The figures take plain arrays and tables and return a matplotlib Figure; `show` puts it into a
notebook with its caption and its alternative text.
"""

import base64
import html
import io

import numpy as np
from matplotlib.figure import Figure

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
}


def new_figure(width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **options):
    """Return `(figure, axes)` in the series' style, without touching matplotlib's global state.

    Args:
        width, height: float. Size in inches.
        rows, columns: int. The grid of axes.
        options: Passed on to `Figure.subplots`.

    Returns:
        The Figure and what `Figure.subplots` returns: one Axes, or an array of them.
    """
    import matplotlib

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, **options)
    return figure, axes


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
    images = list(images)
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
