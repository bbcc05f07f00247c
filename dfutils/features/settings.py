"""The settings that decide which features a clip gets, and the fingerprint that names them."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from dfutils.errors import SettingsError
from dfutils.features.backbone_settings import Backbone
from dfutils.features.weights import resolve_weights
from dfutils.frames import Degradation, FaceCrop, Sampling
from dfutils.workspace import Workspace

# Increase this when new code computes other features from the same settings, so that old features are not reused.
FORMAT_VERSION = 4


@dataclass(frozen=True, kw_only=True)
class ExtractionSettings:
    """The settings of every step from a file to its features.

    Args:
        sampling: Sampling. Which frames of a clip are used. Defaults to `Sampling()`.
        face: FaceCrop. How faces are found and cropped. Defaults to `FaceCrop()`.
        backbone: Backbone. The network, its weights and the layers to keep. Defaults to `Backbone()`.
        degradation: Degradation or None. How every clip is degraded first, to test how robust a detector is. Defaults
            to None: clips are used as they are.

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
        """Return the name of the store's folder for these settings.

        Returns:
            str. 12 hexadecimal digits. They change with every setting, with the weights' content and with
            `FORMAT_VERSION`.

        Raises:
            WeightsError: If the weights are not available.
        """
        described = self.to_dict()
        # `detector` was called `face` when the first stores were filled. Hashing the old name keeps them readable.
        described["face"]["face"] = described["face"].pop("detector")
        described["backbone"]["weights"] = resolve_weights(self.backbone).identity
        described["format"] = FORMAT_VERSION
        return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]

    def pinned(self) -> "ExtractionSettings":
        """Return the same settings with `weights="auto"` replaced by the kind of weights that is available.

        Raises:
            WeightsError: If the weights are not available.
        """
        if self.backbone.weights != "auto":
            return self
        return replace(self, backbone=replace(self.backbone, weights=resolve_weights(self.backbone).kind))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, ready for JSON. `from_dict` reads them."""
        described = asdict(self, dict_factory=_plain)
        if self.degradation is None:
            del described["degradation"]
        return described

    @classmethod
    def of_run(cls, run: Workspace) -> "ExtractionSettings":
        """Return the settings that notebook 03 recorded in a workspace.

        Args:
            run: Workspace.

        Raises:
            MissingArtefactError: If notebook 03 was not run yet.
            SettingsError: If the recorded settings are from another version.
        """
        return cls.from_dict(run.recall("features", made_by="03_feature_caching"))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ExtractionSettings":
        """Return the settings that `to_dict` described, in this version or an earlier one.

        Args:
            values: dict. The result of `to_dict`, also after a round trip through JSON.

        Raises:
            SettingsError: If an option is missing, unknown or out of range.
        """
        try:
            face = dict(values["face"])
            if "face" in face and "detector" not in face:  # the name of the option in earlier versions
                face["detector"] = face.pop("face")
            backbone = dict(values["backbone"], layers=tuple(values["backbone"]["layers"]))
            return cls(
                sampling=Sampling(**values["sampling"]),
                face=FaceCrop(**face),
                backbone=Backbone(**backbone),
                degradation=Degradation(**values["degradation"]) if "degradation" in values else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"These are not extraction settings of this version: {error}") from error


def _plain(options: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return options as a dict, with Python numbers in place of NumPy's, which JSON does not know."""
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in options}
