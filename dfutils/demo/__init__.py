"""The built-in data set: rendered talking heads and four forgeries of them, made on the spot."""

from dfutils.demo.clips import RenderedClip, render_clip
from dfutils.demo.dataset import DemoCatalog, contact_sheet, forgery_samples, portraits, write_dataset
from dfutils.demo.encoding import encode
from dfutils.demo.forgery import METHODS

__all__ = [
    "METHODS",
    "DemoCatalog",
    "RenderedClip",
    "contact_sheet",
    "encode",
    "forgery_samples",
    "portraits",
    "render_clip",
    "write_dataset",
]
