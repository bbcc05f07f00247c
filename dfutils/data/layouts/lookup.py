"""Look up data set layouts by name or rank, including layouts from other installed packages."""

import re

from dfutils.data.layouts.plugins import load_plugins
from dfutils.data.layouts.registry import LAYOUTS, Layout
from dfutils.errors import DataError


def by_rank() -> list[Layout]:
    """Return all layouts, sorted by rank: the CSV table, then known data sets, then general folder structures."""
    load_plugins()
    return sorted(LAYOUTS.values(), key=lambda layout: (layout.rank, layout.name))


def find_layout(name: str) -> Layout:
    """Return the layout with a given name. Case and punctuation are ignored (`Celeb-DF` is `celebdf`).

    Raises:
        DataError: If no layout has this name. The message lists the known layouts, and the packages whose layouts
            failed to load.
    """
    layouts = by_rank()
    for layout in layouts:
        if _plain(layout.name) == _plain(name):
            return layout
    known = ", ".join(layout.name for layout in layouts)
    raise DataError(" ".join([f"Unknown layout {name!r}. Known: auto, {known}.", *load_plugins()]))


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
