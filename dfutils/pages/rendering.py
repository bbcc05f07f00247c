"""Fill in the templates of HTML pages."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path


def page_style() -> str:
    """Return the style sheet that all pages share, for light and dark screens and for paper."""
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def render(template: Path, *, filters: Mapping[str, Callable[..., str]] | None = None, **values: Any) -> str:
    """Return an HTML page. Text in values is escaped, so a file name cannot change the page.

    Args:
        template: Path. A Jinja template. Its variable `style` is the shared style sheet.
        filters: dict or None. More filters for the template, by name. Defaults to None.
        values: The variables of the template.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    return environment.get_template(template.name).render(style=page_style(), **values)


def write_page(path: Path, page: str) -> None:
    """Write an HTML page. An interrupted write leaves the old page unchanged."""
    with atomic_path(path) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="replace")
