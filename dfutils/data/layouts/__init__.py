"""Read the files of data sets, with one reader function per layout.

To add a layout, write a reader function and register it with `@layout`.
"""

from dfutils.data.layouts import (
    celebdf,
    deeperforensics,
    deepfaketimit,
    deepspeak,
    dfdc,
    faceforensics,
    fakeavceleb,
    ffiw,
    folders,
    kodf,
    sdfvd,
    table,
    uadfv,
    wilddeepfake,
)
from dfutils.data.layouts.lookup import by_rank, find_layout
from dfutils.data.layouts.plugins import load_plugins
from dfutils.data.layouts.registry import LAYOUTS, Entry, Layout, Reading

__all__ = [
    "LAYOUTS",
    "Entry",
    "Layout",
    "Reading",
    "by_rank",
    "celebdf",
    "deeperforensics",
    "deepfaketimit",
    "deepspeak",
    "dfdc",
    "faceforensics",
    "fakeavceleb",
    "ffiw",
    "find_layout",
    "folders",
    "kodf",
    "load_plugins",
    "sdfvd",
    "table",
    "uadfv",
    "wilddeepfake",
]
