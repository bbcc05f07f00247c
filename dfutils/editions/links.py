"""Change the links of notebooks that leave the repository."""

import re
from typing import Any

_BADGES = re.compile(r"^\[!\[.*\n\n?", re.MULTILINE)
_DOCUMENT = re.compile(r"\]\(\.\./docs/(\w+)\.md\)")
_DOCUMENT_LINE = re.compile(rf"^.*{_DOCUMENT.pattern}.*\n?", re.MULTILINE)


def remove_badges(notebook: Any) -> None:
    """Remove the badges from a notebook, in place. An edition is not the notebook that they open."""
    _replace(notebook, _BADGES, "")


def remove_documents(notebook: Any) -> None:
    """Remove the lines that link to the documents of the series, such as the glossary, in place."""
    _replace(notebook, _DOCUMENT_LINE, "")


def link_documents_next_to(notebook: Any) -> None:
    """Link to documents in the folder of the notebook, in place."""
    _replace(notebook, _DOCUMENT, r"](\1.md)")


def _replace(notebook: Any, pattern: re.Pattern[str], text: str) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = pattern.sub(text, cell.source)
