"""Turn a face into 128 numbers that are close for one person and far apart for two (King, 2017).

Needs the extra `dfutils[people]`: dlib, and the models in the package face_recognition_models. data/README.md says what
they were trained on and what they must not be used for.
"""

import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dfutils.errors import DfutilsError

EMBEDDING_DIM = 128
# The network was trained to keep each person within this distance. The median distance of two people is 0.8.
DIFFERENT_PEOPLE = 0.6
# The 68-landmark model is not used: the licence of its training data excludes commercial use.
_ALIGNER = "shape_predictor_5_face_landmarks.dat"
_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
_MISSING = (
    "Comparing faces needs dlib and its models, and they are not installed. "
    'Run: pip install "dfutils[people]"'
)


class FaceModels(NamedTuple):
    """The models of dlib that find, align and embed a face.

    Args:
        detector: dlib.fhog_object_detector. Finds frontal faces.
        align: dlib.shape_predictor. Finds five landmarks in a face.
        cut: function. Cuts out an upright face, 150 x 150 pixels.
        network: dlib.face_recognition_model_v1. Embeds such a face.
    """

    detector: Any
    align: Any
    cut: Any
    network: Any


def is_available() -> bool:
    """Return whether the extra `people` is installed. Nothing is loaded."""
    return all(_is_installed(name) for name in ("dlib", "face_recognition_models"))


def embed_face(frames: Sequence[np.ndarray]) -> np.ndarray | None:
    """Embed the main face of a clip.

    In each frame, the main face is the one that is large and detected with confidence. Frames whose face differs from
    the most typical one by more than 0.6 show somebody else and are dropped.

    Args:
        frames: Sequence of uint8 arrays [H, W, 3], RGB, C-contiguous.

    Returns:
        float64 array [128], the mean over the frames that show the face; None if no frame shows a face.

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
    """Return the Euclidean distance of each of [M, D] points to each of [N, D], as float64 [M, N]."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


@functools.cache
def load_models() -> FaceModels:
    """Load the face detector, the aligner and the network. The second call returns the same ones.

    Raises:
        DfutilsError: If dlib or its models are not installed.
    """
    if not is_available():
        raise DfutilsError(_MISSING)
    try:
        import dlib
    except ImportError as error:
        raise DfutilsError(f"dlib is installed, but cannot be loaded ({error}). Install it again.") from error
    # The package is located without importing it: its import needs pkg_resources, which setuptools 82 no longer has.
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
    """Return the main face of each frame that shows one, upright, as uint8 [150, 150, 3]."""
    chips = []
    for frame in frames:
        faces, scores, _ = models.detector.run(frame, upsample, 0.0)
        if faces:
            main = max(range(len(faces)), key=lambda i: faces[i].area() * scores[i])
            chips.append(models.cut(frame, models.align(frame, faces[main])))
    return chips
