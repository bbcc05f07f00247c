"""Change the links of notebooks that leave the repository."""

import re
from typing import Any

_BADGES = re.compile(r"^\[!\[.*\n\n?", re.MULTILINE)
_GLOSSARY = "../docs/glossary.md"
_GLOSSARY_LINE = re.compile(rf"^.*\]\({re.escape(_GLOSSARY)}\).*\n?", re.MULTILINE)


def remove_badges(notebook: Any) -> None:
    """Remove the badges from a notebook, in place. An edition is not the notebook that they open."""
    _replace(notebook, _BADGES, "")


def remove_glossary(notebook: Any) -> None:
    """Remove the lines that link to the glossary, in place."""
    _replace(notebook, _GLOSSARY_LINE, "")


def link_glossary_next_to(notebook: Any) -> None:
    """Link to a glossary in the folder of the notebook, in place."""
    _replace(notebook, re.compile(re.escape(_GLOSSARY)), "glossary.md")


def _replace(notebook: Any, pattern: re.Pattern[str], text: str) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = pattern.sub(text, cell.source)
