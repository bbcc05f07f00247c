"""One reader for each data-set layout. To add one, write a function and register it with `@layout`."""

from dfutils.data.layouts import celebdf, deeperforensics, dfdc, faceforensics, folders, sdfvd, table
from dfutils.data.layouts.registry import LAYOUTS, Entry, Layout, Reading, by_rank, find_layout

__all__ = [
    "LAYOUTS",
    "Entry",
    "Layout",
    "Reading",
    "by_rank",
    "celebdf",
    "deeperforensics",
    "dfdc",
    "faceforensics",
    "find_layout",
    "folders",
    "sdfvd",
    "table",
]
