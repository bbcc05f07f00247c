"""The palette and the style of every figure."""

import functools
import io

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
    "text.parse_math": False,  # a file's name may hold dollar signs
}


def styled(draw):
    """Draw in the series' style, without touching matplotlib's global state."""

    @functools.wraps(draw)
    def styled(*args, **options):
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return draw(*args, **options)

    return styled


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


def draw_picture(axis, image, **options) -> None:
    """Draw an image without ticks and frame."""
    axis.imshow(image, **options)
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)


def frame_in_class_colour(axis, label: int) -> None:
    """Frame a picture in its class's colour."""
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    for spine in axis.spines.values():
        spine.set(visible=True, color=CLASS_COLOURS[label], linewidth=2.5)
