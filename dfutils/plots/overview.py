"""Draw the steps of the notebooks as a row of boxes, with the box of one notebook highlighted."""

from typing import Literal, NamedTuple, get_args

from matplotlib.patches import FancyBboxPatch

from dfutils.errors import SettingsError
from dfutils.plots.style import BLUE, GREY, INK, DescribedFigure, new_figure, styled
from dfutils.plots.words import sentences

Step = Literal[
    "catalog",
    "frames and faces",
    "features",
    "GRU",
    "evaluation",
    "elsewhere",
    "search",
    "adaptation",
    "detection",
]


class _Station(NamedTuple):
    notebook: str
    purpose: str


_START = "videos"
_STATIONS: dict[str, _Station] = {
    "catalog": _Station("01", "which clips there are, with their labels, groups and splits"),
    "frames and faces": _Station("02", "from a file to sampled frames and face crops"),
    "features": _Station("03", "from face crops to stored features of a pretrained network"),
    "GRU": _Station("04", "from a sequence of features to one score per clip"),
    "evaluation": _Station("05", "how good the scores are for people that are not in the training clips"),
    "elsewhere": _Station(
        "06", "how good the scores are for more people, other data sets and video qualities"
    ),
    "search": _Station("07", "whether tuned settings of the GRU improve the results by more than chance"),
    "adaptation": _Station("08", "whether a network that was adapted to faces sees more than a frozen one"),
    "detection": _Station("09", "what a saved detector says about a new video, how sure it is, and why"),
}
_WIDTH, _GAP, _HEIGHT = 1.0, 0.22, 0.62


@styled
def pipeline(step: Step, *, key: str = "pipeline") -> DescribedFigure:
    """Draw the steps of the notebooks, from the videos to the detection, with one step highlighted.

    Args:
        step: str. The step to highlight: `"catalog"`, `"frames and faces"`, `"features"`, `"GRU"`, `"evaluation"`,
            `"elsewhere"`, `"search"`, `"adaptation"` or `"detection"`.
        key: str. See `DescribedFigure`. Defaults to `"pipeline"`.

    Returns:
        DescribedFigure.

    Raises:
        SettingsError: If the step is unknown.
    """
    if step not in get_args(Step):
        raise SettingsError(f"Unknown step {step!r}. Known: {', '.join(get_args(Step))}.")
    names = [_START, *_STATIONS]
    length = len(names) * _WIDTH + (len(names) - 1) * _GAP
    figure, axis = new_figure(width=length, height=0.95)
    axis.set(xlim=(-0.05, length + 0.05), ylim=(-0.25, _HEIGHT + 0.05), aspect="equal")
    axis.set_axis_off()
    for place, name in enumerate(names):
        left, middle = place * (_WIDTH + _GAP), place * (_WIDTH + _GAP) + _WIDTH / 2
        lit = name == step
        axis.add_patch(
            FancyBboxPatch(
                (left + 0.06, 0.06),
                _WIDTH - 0.12,
                _HEIGHT - 0.12,
                boxstyle="round,pad=0.06",
                facecolor=BLUE if lit else "white",
                edgecolor=BLUE if lit else GREY,
                linewidth=1.2,
            )
        )
        colour, weight = ("white", "bold") if lit else (INK, "normal")
        words = name.replace("and ", "and\n")
        axis.text(
            middle, _HEIGHT / 2, words, ha="center", va="center", fontsize=9, color=colour, weight=weight
        )
        if name in _STATIONS:
            colour = BLUE if lit else GREY
            number = _STATIONS[name].notebook
            axis.text(middle, -0.05, number, ha="center", va="top", fontsize=8, color=colour, weight=weight)
        if place:
            axis.annotate(
                "",
                (left, _HEIGHT / 2),
                (left - _GAP, _HEIGHT / 2),
                arrowprops={"arrowstyle": "->", "color": GREY, "lw": 1.2, "shrinkA": 1, "shrinkB": 1},
            )
    number, purpose = _STATIONS[step]
    alt = sentences(
        f"The pipeline as a row of {len(names)} boxes joined by arrows: {', '.join(names)}",
        f"The box of this notebook, {step}, is lit; it is number {names.index(step)} of the {len(_STATIONS)} steps "
        f"after the videos",
    )
    return figure.describe(alt, caption=f"Notebook {number}, {step}: {purpose}.", key=key)
