"""The record of adapted weights: which clips they were trained on, and how the network sees a face crop.

FILE.weights.h5     the weights. A group in the file says that a record belongs to it
FILE.json           the record. It holds the hash of the weights file
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.errors import SettingsError, WeightsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.view import View
from dfutils.hashing import sha256_of_file

SUFFIX = ".weights.h5"
_FORMAT = 1
_MARK = "adapted_by_dfutils"


@dataclass(frozen=True, kw_only=True)
class SeenClip:
    """A clip that the weights were adapted with.

    Args:
        key: str. The content key of the clip, from `content_key`.
        clip_id: str. The clip's name in the catalog of the adaptation.
        group: str. The clip's group in that catalog.
        part: str. `"train"`: its face crops changed the weights. `"val"`: it decided which weights were kept.
    """

    key: str
    clip_id: str
    group: str
    part: Literal["train", "val"]


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameHead:
    """The last layer of the adapted network: a logistic regression that scores a single frame.

    Args:
        layer: str. The layer of InceptionV3 whose average-pooled output the head takes.
        kernel: float32 array [D].
        bias: float.
    """

    layer: str
    kernel: np.ndarray
    bias: float


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightsRecord:
    """What is known about adapted weights.

    Args:
        view: View. How the network sees a face crop.
        until: str. The last layer that was adapted. The layers above it have their original weights.
        head: FrameHead. The layer that scores a single frame.
        seen: tuple of SeenClip. The training and validation clips of the adaptation.
        people: dict of str to list of list of float. The face embeddings of each group's real clips, if they were
            computed. Empty otherwise.
        details: dict. Everything else, as in the JSON file: data set, settings, curves, results, versions.
    """

    view: View
    until: str
    head: FrameHead
    seen: tuple[SeenClip, ...]
    people: Mapping[str, list[list[float]]] = field(default_factory=dict, repr=False)
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_from_random(self) -> bool:
        """Whether the adaptation started from random weights, or from weights that did."""
        return bool(self.details.get("started_from", {}).get("random"))

    @property
    def groups(self) -> frozenset[str]:
        """The names of all groups that the weights were adapted with."""
        return frozenset(clip.group for clip in self.seen)


def record_path(weights: str | Path) -> Path:
    """Return the path of the record of a weights file: FILE.json for FILE.weights.h5.

    Raises:
        SettingsError: If the name does not end in .weights.h5.
    """
    weights = Path(weights)
    if not weights.name.endswith(SUFFIX) or weights.name == SUFFIX:
        raise SettingsError(f"The name of an adapted weights file must end in {SUFFIX}. Received: {weights}")
    return weights.with_name(weights.name.removesuffix(SUFFIX) + ".json")


def mark_as_adapted(weights: Path) -> None:
    """Write into a weights file that a record belongs to it, so that a lost record is noticed."""
    import h5py

    with h5py.File(weights, "r+") as file:
        file.create_group(_MARK)


def write_record(weights: Path, record: WeightsRecord, *, final: Path | None = None) -> None:
    """Write the record of a weights file next to it.

    Args:
        weights: Path. The finished weights file; its hash is stored in the record.
        record: WeightsRecord.
        final: Path or None. Where the weights file will be moved to. The record is written next to that path. Defaults
            to None: `weights` itself.
    """
    written = {
        "format": _FORMAT,
        "weights": hash_of_file(weights),
        "view": asdict(record.view),
        "until": record.until,
        **record.details,
        "seen": [asdict(clip) for clip in record.seen],
        "people": dict(record.people),
        "head": {
            "layer": record.head.layer,
            "kernel": record.head.kernel.astype(float).tolist(),
            "bias": float(record.head.bias),
        },
    }
    with atomic_path(record_path(final or weights)) as temporary:
        temporary.write_text(json.dumps(written, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_record(weights: Path) -> WeightsRecord | None:
    """Read the record of a weights file.

    Args:
        weights: Path. A weights file.

    Returns:
        WeightsRecord, or None for weights that were not adapted by dfutils, such as ImageNet weights.

    Raises:
        WeightsError: If the weights were adapted and their record is missing, damaged, or of another file.
    """
    if not _is_marked(weights):
        return None
    path = _path_of_marked(weights)
    remedy = f"Put the record that was written with {weights.name} back, or adapt again with `dfutils adapt`."
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(
            f"{weights} was adapted to faces, and its record {path.name} is missing. Without the record, nobody can "
            f"tell which clips the weights have seen. {remedy}"
        ) from error
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path} cannot be read ({error}). {remedy}") from error
    if not isinstance(written, dict) or written.get("format") != _FORMAT:
        raise WeightsError(f"{path} is not a record of this version of dfutils. {remedy}")
    if written.get("weights") != hash_of_file(weights):
        raise WeightsError(f"{path} is the record of another weights file than {weights}. {remedy}")
    try:
        return _from_json(written)
    except (KeyError, TypeError, ValueError, SettingsError) as error:
        raise WeightsError(f"{path} is damaged ({type(error).__name__}: {error}). {remedy}") from error


def hash_of_file(path: Path) -> str:
    """Return the hash of a file's content, 16 hexadecimal digits."""
    return sha256_of_file(path)[:16]


def _from_json(written: dict[str, Any]) -> WeightsRecord:
    head = FrameHead(
        layer=written["head"]["layer"],
        kernel=np.asarray(written["head"]["kernel"], np.float32),
        bias=float(written["head"]["bias"]),
    )
    (width,) = layer_widths((head.layer,)).values()
    if head.kernel.shape != (width,):
        raise ValueError(f"the head of {head.layer} needs {width} weights")
    named = {"format", "weights", "view", "until", "seen", "people", "head"}
    return WeightsRecord(
        view=View(**written["view"]),
        until=written["until"],
        head=head,
        seen=tuple(SeenClip(**clip) for clip in written["seen"]),
        people=written["people"],
        details={name: value for name, value in written.items() if name not in named},
    )


def _is_marked(weights: Path) -> bool:
    import h5py

    try:
        with h5py.File(weights, "r") as file:
            return _MARK in file
    except OSError:  # not an HDF5 file: Keras says what is wrong with it when it loads the weights
        return False


def _path_of_marked(weights: Path) -> Path:
    try:
        return record_path(weights)
    except SettingsError:  # a renamed file
        return weights.with_suffix(".json")
