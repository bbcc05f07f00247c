from typing import get_args

import pytest

from dfutils import plots
from dfutils.errors import SettingsError
from dfutils.plots.overview import Step
from dfutils.plots.style import BLUE


@pytest.mark.parametrize(("number", "step"), list(enumerate(get_args(Step), 1)))
def test_one_step_is_lit_and_named(number, step):
    figure = plots.pipeline(step)
    assert f"The box of this notebook, {step}, is lit; it is number {number} of the 9 steps" in figure.alt
    assert figure.caption.startswith(f"Notebook {number:02d}, {step}: ")
    assert figure.key == "pipeline"
    blue = tuple(int(BLUE[i : i + 2], 16) / 255 for i in (1, 3, 5))
    boxes = figure.axes[0].patches[: len(get_args(Step)) + 1]
    assert [box.get_facecolor()[:3] == blue for box in boxes].index(True) == number


def test_an_unknown_step_is_refused():
    with pytest.raises(SettingsError, match=r"Unknown step 'training'\. Known: catalog, "):
        plots.pipeline("training")
