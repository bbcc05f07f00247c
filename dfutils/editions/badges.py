"""Remove the badges that open a notebook of the repository on Colab or Kaggle."""

import re
from typing import Any

_BADGES = re.compile(r"^\[!\[.*\n\n?", re.MULTILINE)


def remove_badges(notebook: Any) -> None:
    """Remove the badges from a notebook, in place. An edition is not the notebook that they open."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _BADGES.sub("", cell.source)
