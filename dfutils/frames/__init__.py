"""Notebook 02: from a file to face crops."""

from dfutils.frames.examine import Pair, examine, pair_up
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling

__all__ = [
    "Clip",
    "FaceCrop",
    "FaceTrack",
    "Pair",
    "Sampling",
    "crop_faces",
    "examine",
    "pair_up",
    "read_clip",
]
