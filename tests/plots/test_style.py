import io

import cv2
import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from dfutils import plots
from dfutils.plots.style import STYLE, styled

MOST_WORDS = 70


@pytest.mark.slow
def test_every_figure_is_a_picture_that_describes_itself(draw_any):
    figure = draw_any()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer := io.BytesIO(), format="png", dpi=50, facecolor="white")
    picture = cv2.imdecode(np.frombuffer(buffer.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert picture.std() > 3
    assert isinstance(figure, plots.DescribedFigure)
    assert figure.alt.endswith(".")
    assert len(figure.alt.split()) <= MOST_WORDS
    assert "nan" not in (figure.alt + figure.caption).lower().split()
    assert "  " not in figure.alt


def test_alternative_text_follows_the_data(draw_two):
    first, second = draw_two
    assert first().alt != second().alt


def test_a_figure_with_data_has_a_caption_and_a_key(draw_two):
    figure = draw_two[0]()
    if not figure.alt.startswith("4 pictures"):  # only the caller knows what pictures are about
        assert figure.caption.endswith(".")
        assert figure.key


def test_every_figure_of_the_series_is_drawn_here(figure_names):
    offered = {name for name, value in vars(plots).items() if hasattr(value, "__wrapped__")}
    assert figure_names == offered


def test_style_does_not_leak():
    before = dict(matplotlib.rcParams)
    plots.sampling_lines({"uniform": [0.2, 0.6]})
    assert dict(matplotlib.rcParams) == before


def test_a_styled_function_draws_in_the_style_and_keeps_its_name():
    @styled
    def draw():
        """Draw."""
        return matplotlib.rcParams["axes.titlelocation"]

    assert draw() == "left"
    assert (draw.__name__, draw.__doc__) == ("draw", "Draw.")


def test_names_with_dollar_signs_are_not_formulas():
    assert plots.to_png(plots.mask_picture(np.eye(2, dtype=bool), ["a_$5_$6", "b"]))


def test_describe_sets_what_a_figure_says_about_itself():
    figure, axis = plots.new_figure(width=3, height=2)
    assert isinstance(figure, Figure)
    assert (figure.alt, figure.caption, figure.key) == ("", "", "")
    assert figure.describe("A line.", caption="Read it.", key="line") is figure
    assert (figure.alt, figure.caption, figure.key) == ("A line.", "Read it.", "line")
    assert axis.figure is figure


def test_an_empty_figure_says_why_in_the_picture_and_for_readers_who_cannot_see_it():
    figure = plots.empty_figure("There is no clip.", key="faces")
    assert figure.alt == "There is no clip."
    assert figure.axes[0].texts[0].get_text() == "There is no clip."
    assert figure.key == "faces"


def test_keys_of_the_index_page_are_those_of_the_figures(make):
    keys = {
        plots.roc_curves({"GRU": make.evaluation()}).key,
        plots.score_distribution(make.predictions([0.1, 0.2, 0.9, 0.4]), threshold=0.5).key,
        plots.learning_curves(make.history(), 2).key,
        plots.robustness(make.degraded(0.9, 0.8)).key,
        plots.seed_pairs([0.5], [0.6]).key,
        plots.crop_pairs([], {}).key,
        plots.forgeries(make.forgeries([])).key,
    }
    assert keys == {"roc", "scores", "learning_curves", "robustness", "seeds", "crops", "forgeries"}
