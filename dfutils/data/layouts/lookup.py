"""Look up layouts, including those that other installed packages add."""

import re

from dfutils.data.layouts.plugins import load_plugins
from dfutils.data.layouts.registry import LAYOUTS, Layout
from dfutils.errors import DataError


def by_rank() -> list[Layout]:
    """Return all layouts: the user's own table first, then data sets, then forms that many data sets share."""
    load_plugins()
    return sorted(LAYOUTS.values(), key=lambda layout: (layout.rank, layout.name))


def find_layout(name: str) -> Layout:
    """Return a layout by name; case and punctuation do not matter (`Celeb-DF` is `celebdf`).

    Raises:
        DataError: If no layout has this name. The message lists the known names, and the packages whose layout failed.
    """
    layouts = by_rank()
    for layout in layouts:
        if _plain(layout.name) == _plain(name):
            return layout
    known = ", ".join(layout.name for layout in layouts)
    raise DataError(" ".join([f"Unknown layout {name!r}. Known: auto, {known}.", *load_plugins()]))


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
