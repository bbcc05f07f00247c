"""The palette and style that all figures share, and the type of figure that the plot functions return."""

import functools
import io
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# The palette of Okabe and Ito, which colour-blind people can distinguish (jfly.uni-koeln.de/color). Each class has the
# same colour in all notebooks.
BLUE, ORANGE, GREEN, YELLOW = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, GREY, INK = "#56B4E9", "#CC79A7", "#8A8F98", "#1F2933"
REAL, FAKE = BLUE, ORANGE
CLASS_COLOURS = {0: REAL, 1: FAKE}
CLASS_NAMES = {0: "real", 1: "fake"}
SERIES = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")
STYLE: dict[Any, Any] = {
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
    "text.parse_math": False,  # file names may contain dollar signs
}
_WEBP_QUALITY = 88

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class DescribedFigure(Figure):
    """A matplotlib figure with alternative text, a caption and a key.

    Attributes:
        alt: str. The alternative text: two or three sentences that say what the figure shows, for people who cannot
            see the figure.
        caption: str. One or two sentences on how to read the figure.
        key: str. The name of the figure, such as `"roc"`. The index page of the report selects figures by key.
    """

    alt: str = ""
    caption: str = ""
    key: str = ""

    def describe(self, alt: str, *, caption: str = "", key: str = "") -> "DescribedFigure":
        """Set the alternative text, the caption and the key of the figure in place, and return the figure."""
        self.alt, self.caption, self.key = alt, caption, key
        return self


def styled(draw: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Decorate a plot function so that it uses `STYLE`, without changing matplotlib's global settings."""

    @functools.wraps(draw)
    def draw_in_style(*args: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return draw(*args, **options)

    return draw_in_style


def new_figure(
    *, width: float = 7.0, height: float = 3.6, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[DescribedFigure, Any]:
    """Create a figure with axes. No window opens, and pyplot does not keep the figure.

    Args:
        width, height: float. Size in inches. Default to 7.0 and 3.6.
        rows, columns: int. The numbers of rows and columns of axes. Default to 1 and 1.
        options: Passed on to `Figure.subplots`.

    Returns:
        tuple (figure, axes): a DescribedFigure without alternative text, and what `Figure.subplots` returns (one Axes
        or an array of Axes).
    """
    figure = DescribedFigure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def empty_figure(text: str, *, key: str = "") -> DescribedFigure:
    """Create a small figure with a text that says why there is nothing to draw."""
    figure, axis = new_figure(width=6.4, height=0.8)
    axis.set_axis_off()
    axis.text(0.5, 0.5, text, ha="center", va="center", fontsize=10, color=INK, wrap=True)
    return figure.describe(text, key=key)


def to_png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def to_webp(figure: Figure) -> bytes:
    """Return a figure as the bytes of a WebP file, in a third or less of the bytes of a PNG.

    Lines and letters are kept exactly. A figure with photographs is compressed with a small loss where that saves more
    than half of the bytes.
    """
    from PIL import Image

    image = Image.open(io.BytesIO(to_png(figure))).convert("RGB")
    exact, lossy = io.BytesIO(), io.BytesIO()
    image.save(exact, "webp", lossless=True, quality=50, method=2)
    image.save(lossy, "webp", quality=_WEBP_QUALITY)
    smaller = lossy if 2 * len(lossy.getvalue()) < len(exact.getvalue()) else exact
    return smaller.getvalue()


def draw_picture(axis: Axes, image: np.ndarray, **options: Any) -> None:
    """Draw an image without ticks and without a frame."""
    axis.imshow(image, **options)
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)


def whole_numbers(*axes: Any) -> None:
    """Put the ticks of the axes, such as `axes.xaxis`, at whole numbers only."""
    for axis in axes:
        axis.get_major_locator().set_params(integer=True)


def frame_in_class_colour(axis: Axes, label: int | None) -> None:
    """Draw a frame around an image in the colour of its class, or in grey if the label is unknown."""
    axis.set_axis_on()
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    colour = GREY if label is None else CLASS_COLOURS[label]
    for spine in axis.spines.values():
        spine.set(visible=True, color=colour, linewidth=2.5)
