"""The built-in data set: rendered talking heads and four forgeries of them, made on the spot."""

from dfutils.demo.clips import RenderedClip, render_clip
from dfutils.demo.dataset import calibration_faces, encode, forgery_samples, write_dataset
from dfutils.demo.forgery import METHODS

__all__ = [
    "METHODS",
    "RenderedClip",
    "calibration_faces",
    "encode",
    "forgery_samples",
    "render_clip",
    "write_dataset",
]
