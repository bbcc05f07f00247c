"""Compute a face embedding of 128 numbers (King, 2017).

Two embeddings of the same person are close to each other. Embeddings of different people are far apart.

The module needs the extra `dfutils[people]`: dlib, and the models in the package face_recognition_models. The file
data/README.md describes the training data of the models and their forbidden uses.
"""

import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dfutils.errors import DfutilsError

EMBEDDING_DIM = 128
# The network was trained so that two faces of one person are within this distance. The median distance between faces
# of two people is 0.8.
DIFFERENT_PEOPLE = 0.6
# The 68-landmark model is not used: the licence of its training data excludes commercial use.
_ALIGNER = "shape_predictor_5_face_landmarks.dat"
_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
_MISSING = (
    "Comparing faces needs dlib and its models, and they are not installed. "
    'Run: pip install "dfutils[people]"'
)


class FaceModels(NamedTuple):
    """The dlib models that detect, align and embed a face.

    Args:
        detector: dlib.fhog_object_detector. Finds frontal faces.
        align: dlib.shape_predictor. Finds five landmarks in a face.
        cut: function. Cuts out an upright face, 150 x 150 pixels.
        network: dlib.face_recognition_model_v1. Computes the embedding of the cut-out face.
    """

    detector: Any
    align: Any
    cut: Any
    network: Any


def is_available() -> bool:
    """Return whether the extra `people` (dlib and its models) is installed, without loading any model."""
    return all(_is_installed(name) for name in ("dlib", "face_recognition_models"))


def embed_face(frames: Sequence[np.ndarray]) -> np.ndarray | None:
    """Compute the embedding of the main face in a clip.

    In each frame, the main face is the face with the highest product of area and detection score. The most typical
    face has the smallest total distance to the faces of the other frames. Frames whose face is more than 0.6 from the
    most typical face show another person and are dropped.

    Args:
        frames: Sequence of uint8 arrays [H, W, 3], RGB, C-contiguous.

    Returns:
        float64 array [128], the mean over the frames that are kept; None if no frame shows a face.

    Raises:
        DfutilsError: If dlib or its models are not installed.
    """
    models = load_models()
    chips = _cut_faces(models, frames, 0) or _cut_faces(models, frames, 1)
    if not chips:
        return None
    embeddings = np.array([models.network.compute_face_descriptor(chip) for chip in chips])
    apart = distances(embeddings, embeddings)
    most_typical = apart.sum(axis=1).argmin()
    return np.asarray(embeddings[apart[most_typical] <= DIFFERENT_PEOPLE].mean(axis=0))


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the Euclidean distance between each point of [M, D] and each point of [N, D], as float64 [M, N]."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


@functools.cache
def load_models() -> FaceModels:
    """Load the dlib models that detect, align and embed a face. Later calls return the same models.

    Raises:
        DfutilsError: If dlib or its models are not installed.
    """
    if not is_available():
        raise DfutilsError(_MISSING)
    try:
        import dlib
    except ImportError as error:
        raise DfutilsError(f"dlib is installed, but cannot be loaded ({error}). Install it again.") from error
    # The package is located without an import, because its import needs pkg_resources, which setuptools 82 removed.
    models = importlib.util.find_spec("face_recognition_models")
    if models is None or models.origin is None:
        raise DfutilsError(_MISSING)
    folder = Path(models.origin).parent / "models"
    return FaceModels(
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(folder / _ALIGNER)),
        dlib.get_face_chip,
        dlib.face_recognition_model_v1(str(folder / _NETWORK)),
    )


def _is_installed(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # `sys.modules[name]` is None or has no spec
        return False
    return spec is not None and spec.origin is not None


def _cut_faces(models: FaceModels, frames: Sequence[np.ndarray], upsample: int) -> list[np.ndarray]:
    """Cut out the main face of each frame, upright, as uint8 [150, 150, 3]. Frames without a face are skipped."""
    chips = []
    for frame in frames:
        faces, scores, _ = models.detector.run(frame, upsample, 0.0)
        if faces:
            main = max(range(len(faces)), key=lambda i: faces[i].area() * scores[i])
            chips.append(models.cut(frame, models.align(frame, faces[main])))
    return chips
