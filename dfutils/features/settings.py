"""The settings of feature extraction, and their fingerprint: a hash that names the folder in the store."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from dfutils.errors import SettingsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.view import View
from dfutils.features.weights import resolve_weights
from dfutils.frames import Degradation, FaceCrop, Sampling
from dfutils.workspace import Workspace

# Increase this number when a code change alters the features, so that stored features are computed again.
FORMAT_VERSION = 4
_LATER_OPTIONS = (
    ("face", "align", FaceCrop.align),
    ("backbone", "pooling", Backbone.pooling),
    ("backbone", "view", View()),
)


@dataclass(frozen=True, kw_only=True)
class ExtractionSettings:
    """All settings of feature extraction: frame sampling, face crop, network and degradation.

    Args:
        sampling: Sampling. Which frames of a clip are used. Defaults to `Sampling()`.
        face: FaceCrop. How faces are found and cropped. Defaults to `FaceCrop()`.
        backbone: Backbone. The network, its weights and the layers to keep. Defaults to `Backbone()`.
        degradation: Degradation or None. How every clip is degraded (for example compressed) before extraction, to
            test how robust a detector is. Defaults to None: no degradation.

    Raises:
        SettingsError: If the size of the crops is not 299 pixels, which InceptionV3 needs.
    """

    sampling: Sampling = field(default_factory=Sampling)
    face: FaceCrop = field(default_factory=FaceCrop)
    backbone: Backbone = field(default_factory=Backbone)
    degradation: Degradation | None = None

    def __post_init__(self) -> None:
        if self.face.size != 299:
            raise SettingsError(
                f"InceptionV3 takes crops of 299 pixels. Received: FaceCrop.size={self.face.size}"
            )

    def fingerprint(self) -> str:
        """Return a hash of the settings, which is the name of their folder in the store.

        Returns:
            str. 12 hexadecimal digits. The hash covers all settings, the values of the weights and `FORMAT_VERSION`.

        Raises:
            WeightsError: If the weights are not available.
        """
        described = self.to_dict()
        # The option `detector` was once called `face`. The old name is hashed, so that old stores are still found.
        described["face"]["face"] = described["face"].pop("detector")
        described["backbone"]["weights"] = resolve_weights(self.backbone).identity
        described["format"] = FORMAT_VERSION
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]

    def pinned(self) -> "ExtractionSettings":
        """Return a copy with `weights="auto"` replaced by the weights in use: `"imagenet"` or `"random"`.

        Raises:
            WeightsError: If the weights are not available.
        """
        if self.backbone.weights != "auto":
            return self
        return replace(self, backbone=replace(self.backbone, weights=resolve_weights(self.backbone).kind))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a dict that can be written as JSON. `from_dict` reads it."""
        described = asdict(self, dict_factory=_plain)
        if self.degradation is None:
            del described["degradation"]
        # Options that were added later are left out where they have no effect, so that old stores are still found.
        for part, name, default in _LATER_OPTIONS:
            if getattr(getattr(self, part), name) == default:
                del described[part][name]
        return described

    @classmethod
    def of_run(cls, run: Workspace) -> "ExtractionSettings":
        """Read the extraction settings that notebook 03 recorded in a workspace.

        Args:
            run: Workspace.

        Raises:
            MissingArtefactError: If notebook 03 was not run yet.
            SettingsError: If the recorded settings are from another version.
        """
        return cls.from_dict(run.recall("features", made_by="03_feature_caching"))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ExtractionSettings":
        """Create settings from a dict that `to_dict` returned, in this version or an earlier one.

        Args:
            values: dict. The result of `to_dict`, or the same dict read from a JSON file.

        Raises:
            SettingsError: If an option is missing, unknown or out of range.
        """
        try:
            face = dict(values["face"])
            if "face" in face and "detector" not in face:  # the name of the option in earlier versions
                face["detector"] = face.pop("face")
            backbone = dict(values["backbone"], layers=tuple(values["backbone"]["layers"]))
            if "pooling" in backbone:
                backbone["pooling"] = tuple(backbone["pooling"])
            if "view" in backbone:
                backbone["view"] = View(**backbone["view"])
            return cls(
                sampling=Sampling(**values["sampling"]),
                face=FaceCrop(**face),
                backbone=Backbone(**backbone),
                degradation=Degradation(**values["degradation"]) if "degradation" in values else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"These are not extraction settings of this version: {error}") from error


def _plain(options: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return options as a dict. NumPy numbers become Python numbers, because JSON cannot hold NumPy numbers."""
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in options}
