"""The built-in data set: rendered talking heads and four kinds of forgeries of them."""

from dfutils.demo.clips import RenderedClip, render_clip
from dfutils.demo.dataset import DemoCatalog, write_dataset
from dfutils.demo.encoding import encode
from dfutils.demo.forgery import METHODS
from dfutils.demo.samples import ForgerySamples, contact_sheet, forgery_samples, portraits

__all__ = [
    "METHODS",
    "DemoCatalog",
    "ForgerySamples",
    "RenderedClip",
    "contact_sheet",
    "encode",
    "forgery_samples",
    "portraits",
    "render_clip",
    "write_dataset",
]
