"""Load data set layouts from other installed packages, through the entry point group `dfutils.layouts`."""

import functools
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from dfutils.data.layouts.registry import LAYOUTS, Layout

GROUP = "dfutils.layouts"


@functools.cache
def load_plugins() -> tuple[str, ...]:
    """Register the data set layouts of other installed packages. Second and later calls do nothing.

    An entry point names a `Layout`, a module or a reader that registers with `@layout` when it is imported, or a
    function without arguments that registers layouts or returns a `Layout`. If one package fails,
    the layouts of the others are still registered.

    Returns:
        tuple of str. What went wrong, one sentence for each entry point that failed.
    """
    problems = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        before = dict(LAYOUTS)
        try:
            problem = _load(point)
        except Exception as error:  # whatever another package raises, the data set can still be read
            LAYOUTS.clear()
            LAYOUTS.update(before)
            problem = f"{type(error).__name__}: {error}"
        if problem:
            package = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"
            problems.append(
                f"The layout {point.name!r} of the package {package} cannot be used ({problem}). Update or uninstall "
                "that package."
            )
    return tuple(problems)


def _load(point: EntryPoint) -> str:
    """Load one entry point, and return the problem as text, or `""` if there is no problem."""
    before = dict(LAYOUTS)
    loaded = point.load()
    if not isinstance(loaded, Layout) and callable(loaded) and not _has_registered(loaded):
        loaded = loaded()
    if isinstance(loaded, Layout):
        LAYOUTS[loaded.name] = loaded
    replaced = [name for name, layout in before.items() if LAYOUTS.get(name) is not layout]
    if replaced:
        LAYOUTS.update(before)
        return f"it takes the name {replaced[0]!r}, which another layout has"
    return "" if len(LAYOUTS) > len(before) or _has_registered(loaded) else "it registers no layout"


def _has_registered(loaded: Any) -> bool:
    """Return whether the loaded function is a registered reader, or the loaded module defines a registered reader."""
    if isinstance(loaded, ModuleType):
        return any(layout.read.__module__ == loaded.__name__ for layout in LAYOUTS.values())
    return any(layout.read is loaded or layout is loaded for layout in LAYOUTS.values())
