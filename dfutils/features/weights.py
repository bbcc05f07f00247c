"""Where the weights of InceptionV3 come from."""

import functools
import hashlib
import os
import time
import urllib.request
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

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
    """Weights that were found.

    Args:
        kind: str. `"imagenet"`, `"random"` or `"file"`.
        identity: str. Names the numbers: the file's hash, or the recipe that makes them.
        path: Path or None. The file.
        why: str. For `"random"` in place of ImageNet: why those could not be had.
    """

    kind: str
    identity: str
    path: Path | None = None
    why: str = ""

    @property
    def note(self) -> str:
        """What every page that used these weights must say; `""` if nothing."""
        if self.kind != "random":
            return ""
        return (
            "These features come from a seeded InceptionV3 without ImageNet weights. It serves for teaching and tests "
            "on the demo data; it is not for judging real videos."
        )


def resolve_weights(backbone: Backbone) -> Weights:
    """Find the weights that the settings ask for. What was found is remembered for the process.

    Args:
        backbone: Backbone.

    Returns:
        Weights. No network is built and TensorFlow is not loaded.

    Raises:
        WeightsError: If `"imagenet"` or a file is asked for and cannot be had.
    """
    return _resolve(backbone.weights, backbone.seed)


@functools.cache
def _resolve(weights: str, seed: int) -> Weights:
    if weights == "random":
        return _random_weights(seed)
    if weights in ("auto", "imagenet"):
        path, why = _imagenet_file()
        if path is not None:
            return Weights("imagenet", _digest(path), path)
        if weights == "auto":
            return _random_weights(seed, why)
        raise WeightsError(
            f"ImageNet weights cannot be had: they {why}. Connect to the network, or put {_IMAGENET_FILE} into "
            f"{_keras_models()}, or use weights='random' to try things out."
        )
    path = Path(weights).expanduser()
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file {weights!r}. Give the path of a Keras weights file, "
            "or one of: auto, imagenet, random."
        )
    return Weights("file", _digest(path), path)


def _random_weights(seed: int, why: str = "") -> Weights:
    faces = _digest(CALIBRATION_SHEET)
    recipe = f"random seed={seed} recipe={_RECIPE_VERSION} keras={version('keras')} faces={faces}"
    return Weights("random", recipe, why=why)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _keras_models() -> Path:
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def _imagenet_file() -> tuple[Path | None, str]:
    """Return Keras's cached file, fetched within the time limit if need be, or None and why not."""
    path = _keras_models() / _IMAGENET_FILE
    if path.is_file():
        return path, ""
    # Keras's own download has no time limit: a machine behind a silent firewall would hang for good.
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
        return None, f"are not cached and could not be fetched: {reason}"
    return path, ""
