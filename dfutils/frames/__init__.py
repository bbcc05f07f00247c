"""Notebook 02: from a file to face crops."""

from dfutils.frames.degrade import Degradation, read_degraded
from dfutils.frames.examine import Pair, break_copies, examine, pair_up, put_beside
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces, crop_square, detect_faces
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling

__all__ = [
    "Clip",
    "Degradation",
    "FaceCrop",
    "FaceTrack",
    "Pair",
    "Sampling",
    "break_copies",
    "crop_faces",
    "crop_square",
    "detect_faces",
    "examine",
    "pair_up",
    "put_beside",
    "read_clip",
    "read_degraded",
]
