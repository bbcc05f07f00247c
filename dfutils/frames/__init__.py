"""Notebook 02: from a file to face crops."""

from dfutils.frames.examine import examine
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_faces
from dfutils.frames.reader import Clip, Sampling, read_clip

__all__ = ["Clip", "FaceCrop", "FaceTrack", "Sampling", "crop_faces", "examine", "read_clip"]
