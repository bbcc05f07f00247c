"""All that decides what features come out of a clip, and the fingerprint that names it."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

from dfutils.errors import SettingsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.weights import resolve_weights
from dfutils.frames import Degradation, FaceCrop, Sampling

# Raised when the code changes what comes out for the same settings, so that nothing stale is read.
FORMAT_VERSION = 4


@dataclass(frozen=True)
class ExtractionSettings:
    """The settings of every stage from file to features.

    Args:
        sampling: Sampling. Which frames are looked at.
        face: FaceCrop. How faces are found and cropped.
        backbone: Backbone. Which network, with which weights and layers.
        degradation: Degradation. What is done to every clip first, to see what a detector makes of it. Defaults to
            None: nothing.
    """

    sampling: Sampling = field(default_factory=Sampling)
    face: FaceCrop = field(default_factory=FaceCrop)
    backbone: Backbone = field(default_factory=Backbone)
    degradation: Degradation | None = None

    def __post_init__(self):
        if self.face.size != 299:
            raise SettingsError(
                f"InceptionV3 takes crops of 299 pixels. Received: FaceCrop.size={self.face.size}"
            )

    def fingerprint(self) -> str:
        """Return the store folder's name: 12 hexadecimal digits that change with anything that matters.

        Raises:
            WeightsError: If the weights asked for cannot be had.
        """
        described = self.to_dict()
        described["backbone"]["weights"] = resolve_weights(self.backbone).identity
        described["format"] = FORMAT_VERSION
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]

    def pinned(self) -> "ExtractionSettings":
        """Return the same settings with the weights that `"auto"` has found, so that nobody looks again.

        Raises:
            WeightsError: If the weights asked for cannot be had.
        """
        if self.backbone.weights != "auto":
            return self
        return replace(self, backbone=replace(self.backbone, weights=resolve_weights(self.backbone).kind))

    def to_dict(self) -> dict:
        """Return plain values that `from_dict` understands."""
        described = asdict(self)
        if self.degradation is None:
            del described["degradation"]
        return described

    @classmethod
    def from_dict(cls, values: dict) -> "ExtractionSettings":
        """Return the settings that `to_dict` described.

        Raises:
            SettingsError: If they name an option that is not known.
        """
        try:
            backbone = dict(values["backbone"], layers=tuple(values["backbone"]["layers"]))
            degradation = Degradation(**values["degradation"]) if "degradation" in values else None
            stages = (Sampling(**values["sampling"]), FaceCrop(**values["face"]), Backbone(**backbone))
            return cls(*stages, degradation)
        except (KeyError, TypeError) as error:
            raise SettingsError(f"These are not extraction settings of this version: {error}") from error
