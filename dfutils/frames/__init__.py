"""Read clips, sample frames from them, find faces and crop them (notebook 02)."""

from dfutils.frames.cropping import crop_square
from dfutils.frames.degradation import Degradation, read_degraded
from dfutils.frames.detection import detect_faces, find_landmarks
from dfutils.frames.faces import FaceCrop, FaceTrack, crop_all_faces, crop_faces
from dfutils.frames.inspection import Inspection, Pair, inspect_clips, pair_up
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling

__all__ = [
    "Clip",
    "Degradation",
    "FaceCrop",
    "FaceTrack",
    "Inspection",
    "Pair",
    "Sampling",
    "crop_all_faces",
    "crop_faces",
    "crop_square",
    "detect_faces",
    "find_landmarks",
    "inspect_clips",
    "pair_up",
    "read_clip",
    "read_degraded",
]
