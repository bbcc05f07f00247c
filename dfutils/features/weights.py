"""Find the weights file of InceptionV3, or download it, without loading TensorFlow."""

import functools
import hashlib
import os
import time
import urllib.request
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from dfutils.atomic import atomic_path
from dfutils.errors import WeightsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.view import View
from dfutils.features.weights_record import SUFFIX, WeightsRecord, hash_of_file, read_record

CALIBRATION_SHEET = Path(__file__).with_name("calibration_faces.png")
_RECIPE_VERSION = 2
# Name, address and checksum as in keras.applications.inception_v3.
_IMAGENET_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_IMAGENET_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_IMAGENET_FILE}"
_IMAGENET_MD5 = "bcbd6486424b2319ff4ef7d526e38f63"
_CONNECT_SECONDS = 5
_DOWNLOAD_SECONDS = 120


@dataclass(frozen=True)
class Weights:
    """The InceptionV3 weights in use: ImageNet weights, random weights or a file.

    Weights that `dfutils adapt` wrote are a file with a record.

    Args:
        kind: str. `"imagenet"`, `"random"` or `"file"`.
        identity: str. Identifies the values of the weights: the hash of the file, or what the random weights depend on.
        path: Path or None. The weights file. None for random weights.
        fallback_reason: str. Why random weights are used instead of ImageNet weights. `""` if that is not the case.
        record: WeightsRecord or None. Which clips the weights were adapted with, and how. None for weights that were
            not adapted by dfutils.
    """

    kind: Literal["imagenet", "random", "file"]
    identity: str
    path: Path | None = None
    fallback_reason: str = ""
    record: WeightsRecord | None = field(default=None, repr=False, compare=False)

    @property
    def view(self) -> View | None:
        """How the adapted network sees a face crop; None for weights without a record."""
        return self.record.view if self.record else None

    @property
    def note(self) -> str:
        """A warning to show with all results if the weights are random, or were adapted from random ones; else `""`."""
        if self.kind == "random":
            network = "a seeded InceptionV3 without ImageNet weights"
        elif self.record is not None and self.record.is_from_random:
            network = "an InceptionV3 that was adapted from seeded weights, without ImageNet weights"
        else:
            return ""
        return (
            f"These features come from {network}. It serves for teaching and tests on the demo data; it is not for "
            "judging real videos."
        )


def resolve_weights(backbone: Backbone) -> Weights:
    """Find the InceptionV3 weights that the settings ask for.

    ImageNet weights are downloaded if necessary. TensorFlow is not loaded. The result is cached until the process ends,
    or until the weights file changes.

    Args:
        backbone: Backbone.

    Returns:
        Weights.

    Raises:
        WeightsError: If the settings ask for `"imagenet"` or for a file that is not available, or adapted weights have
            lost their record.
    """
    if backbone.weights in ("auto", "imagenet", "random"):
        return _resolve(backbone.weights, backbone.seed)
    return _weights_of_file(Path(backbone.weights).expanduser())


@functools.cache
def _resolve(weights: str, seed: int) -> Weights:
    if weights == "random":
        return _random_weights(seed)
    path, problem = _imagenet_file()
    if path is not None:
        return Weights("imagenet", hash_of_file(path), path)
    if weights == "auto":
        return _random_weights(seed, fallback_reason=problem)
    raise WeightsError(
        f"weights='imagenet' is not available: {problem}. Connect to the network, or put {_IMAGENET_FILE} into "
        f"{imagenet_path().parent}, or use weights='random' to try things out."
    )


def _weights_of_file(path: Path) -> Weights:
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file {str(path)!r}. Give the path of a Keras weights file, "
            "or one of: auto, imagenet, random."
        )
    record = path.with_name(path.name.removesuffix(SUFFIX) + ".json")
    stamps = [(file.stat().st_mtime_ns, file.stat().st_size) for file in (path, record) if file.is_file()]
    return _read_weights_file(path, tuple(stamps))


@functools.cache
def _read_weights_file(path: Path, stamps: tuple[tuple[int, int], ...]) -> Weights:
    """Hash a weights file and read its record. `stamps` are the times and sizes of both, so that new ones are read."""
    record, identity = read_record(path), hash_of_file(path)
    if record is not None:
        identity += f" view={record.view.crop}:{record.view.side}" + ":mirror" * record.view.mirror
    return Weights("file", identity, path, record=record)


def _random_weights(seed: int, *, fallback_reason: str = "") -> Weights:
    faces = hash_of_file(CALIBRATION_SHEET)
    recipe = f"random seed={seed} recipe={_RECIPE_VERSION} keras={version('keras')} faces={faces}"
    return Weights("random", recipe, fallback_reason=fallback_reason)


def imagenet_path() -> Path:
    """Return where Keras keeps the ImageNet weights of InceptionV3 on this machine. The file may be missing."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / _IMAGENET_FILE


def _imagenet_file() -> tuple[Path | None, str]:
    """Find the ImageNet weights in Keras's cache or download them. Return (path, `""`) or (None, reason)."""
    path = imagenet_path()
    if path.is_file():
        return path, ""
    # Keras's own download function has no time limit. Behind a firewall that drops packets, it never returns.
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
