"""HTML pages that load no other files: their common style, and their templates."""

from dfutils.pages.rendering import page_style, render, write_page

__all__ = ["page_style", "render", "write_page"]
