"""Find the weights of InceptionV3, without building the network."""

import functools
import hashlib
import os
import time
import urllib.request
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from dfutils.atomic import atomic_path
from dfutils.errors import WeightsError
from dfutils.features.backbone_settings import Backbone

CALIBRATION_SHEET = Path(__file__).with_name("calibration_faces.png")
_RECIPE_VERSION = 2
# As in keras.applications.inception_v3.
_IMAGENET_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_IMAGENET_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_IMAGENET_FILE}"
_IMAGENET_MD5 = "bcbd6486424b2319ff4ef7d526e38f63"
_CONNECT_SECONDS = 5
_DOWNLOAD_SECONDS = 120


@dataclass(frozen=True)
class Weights:
    """The weights that were found for a `Backbone`.

    Args:
        kind: str. `"imagenet"`, `"random"` or `"file"`.
        identity: str. Identifies the values of the weights: the hash of the file, or the recipe of the random weights.
        path: Path or None. The file. None for random weights.
        fallback_reason: str. Why random weights take the place of the ImageNet weights. `""` if they do not.
    """

    kind: Literal["imagenet", "random", "file"]
    identity: str
    path: Path | None = None
    fallback_reason: str = ""

    @property
    def note(self) -> str:
        """The warning that every page based on these weights must show; `""` if there is none."""
        if self.kind != "random":
            return ""
        return (
            "These features come from a seeded InceptionV3 without ImageNet weights. It serves for teaching and tests "
            "on the demo data; it is not for judging real videos."
        )


def resolve_weights(backbone: Backbone) -> Weights:
    """Find the weights that the settings ask for, and remember them for the process.

    ImageNet weights may be downloaded. The network is not built and TensorFlow is not loaded.

    Args:
        backbone: Backbone.

    Returns:
        Weights.

    Raises:
        WeightsError: If the settings ask for `"imagenet"` or for a file, and these weights are not available.
    """
    return _resolve(backbone.weights, backbone.seed)


@functools.cache
def _resolve(weights: str, seed: int) -> Weights:
    if weights == "random":
        return _random_weights(seed)
    if weights in ("auto", "imagenet"):
        path, problem = _imagenet_file()
        if path is not None:
            return Weights("imagenet", _hash(path), path)
        if weights == "auto":
            return _random_weights(seed, fallback_reason=problem)
        raise WeightsError(
            f"weights='imagenet' is not available: {problem}. Connect to the network, or put {_IMAGENET_FILE} into "
            f"{_keras_models()}, or use weights='random' to try things out."
        )
    path = Path(weights).expanduser()
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file {weights!r}. Give the path of a Keras weights file, "
            "or one of: auto, imagenet, random."
        )
    return Weights("file", _hash(path), path)


def _random_weights(seed: int, *, fallback_reason: str = "") -> Weights:
    faces = _hash(CALIBRATION_SHEET)
    recipe = f"random seed={seed} recipe={_RECIPE_VERSION} keras={version('keras')} faces={faces}"
    return Weights("random", recipe, fallback_reason=fallback_reason)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _keras_models() -> Path:
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def _imagenet_file() -> tuple[Path | None, str]:
    """Return the ImageNet weights from Keras's cache, downloaded if necessary, or None and why they are missing."""
    path = _keras_models() / _IMAGENET_FILE
    if path.is_file():
        return path, ""
    # Keras's own download has no time limit: behind a firewall that drops packets it would never return.
    deadline = time.monotonic() + _DOWNLOAD_SECONDS
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with (
            urllib.request.urlopen(_IMAGENET_URL, timeout=_CONNECT_SECONDS) as response,
            atomic_path(path) as temporary,
        ):
            with temporary.open("wb") as file:
                while block := response.read(1 << 20):
                    file.write(block)
                    digest.update(block)
                    if time.monotonic() > deadline:
                        raise OSError(f"the download took more than {_DOWNLOAD_SECONDS} s")
            if digest.hexdigest() != _IMAGENET_MD5:
                raise OSError("the download was damaged")
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        reason = getattr(reason, "strerror", None) or reason
        return None, f"the ImageNet weights are not cached and could not be downloaded ({reason})"
    return path, ""
