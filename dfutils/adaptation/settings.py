"""The settings of the adaptation of InceptionV3 to faces."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from dfutils.errors import SettingsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.view import View
from dfutils.frames.self_blending import SelfBlend

Fakes = Literal["auto", "real", "pseudo", "both"]
BatchNorm = Literal["adapt", "frozen"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class AdaptSettings:
    """Settings of the adaptation (fine-tuning) of InceptionV3. Each sample is one face crop.

    Args:
        until: str. The network is used up to this layer; a layer that scores a single crop is put on top of its
            average-pooled output. The traces of forgeries are seen in the lower half of the network, and `"mixed7"`
            costs two thirds of the whole network. Defaults to `"mixed7"`.
        frozen_until: str. The layers up to this one keep their weights, so that only the last blocks are adapted. `""`
            adapts all layers. Defaults to `""`.
        view: View. The part of a crop that the network sees, and its resolution. Defaults to the middle 239 of 299
            pixels, resized to 192, and scored together with its mirror image.
        batch_size: int. Crops in a batch; half of them are real. Defaults to 24.
        learning_rate: float. The highest learning rate of AdamW; the new last layer has ten times as much. It rises
            over the first 20 steps, and then falls to 0 as half a cosine. Defaults to 3e-4.
        weight_decay: float. Of AdamW. Defaults to 1e-4.
        batch_norm: str. `"adapt"`: BatchNorm uses the statistics of each batch while training, and its running
            statistics follow. `"frozen"`: the statistics of the given weights are kept. Defaults to `"adapt"`.
        fakes: str. Which fakes to train on. `"real"`: the fake clips of the data set. `"pseudo"`: only pseudo-fakes,
            which are made from the real crops while training. `"both"`: half of each. `"auto"`: `"both"` if the
            training clips hold fakes, else `"pseudo"`; `"real"` if no face is found in the real crops. Defaults to
            `"auto"`.
        self_blend: SelfBlend. How pseudo-fakes are made. Defaults to `SelfBlend()`.
        augmentation: float. How much crops are degraded and changed as shared videos are: 0 for not at all, 1 for
            the usual strength. Defaults to 1.
        frames: int. Crops of a clip. Defaults to 20.
        precision: str. `"float32"`, `"bfloat16"` (mixed precision; twice as fast on processors with AMX), or
            `"auto"`: bfloat16 on a GPU, else float32. Defaults to `"auto"`.
        seed: int in [0, 2**32). Seed of all random numbers. Defaults to 7.

    Raises:
        SettingsError: If a setting is unknown or out of range.
    """

    until: str = "mixed7"
    frozen_until: str = ""
    view: View = field(default_factory=lambda: View(crop=239, side=192, mirror=True))
    batch_size: int = 24
    learning_rate: float = 3e-4
    weight_decay: float = 1e-4
    batch_norm: BatchNorm = "adapt"
    fakes: Fakes = "auto"
    self_blend: SelfBlend = field(default_factory=SelfBlend)
    augmentation: float = 1.0
    frames: int = 20
    precision: Precision = "auto"
    seed: int = 7

    def __post_init__(self) -> None:
        layers = list(layer_widths(tuple(f"mixed{number}" for number in range(11))))
        if self.until not in layers:
            raise SettingsError(
                f"AdaptSettings.until must be a layer from mixed0 to mixed10. Received: {self.until!r}"
            )
        below = layers[: layers.index(self.until)]
        if self.frozen_until and self.frozen_until not in below:
            raise SettingsError(
                f"AdaptSettings.frozen_until must be empty or a layer below {self.until} "
                f"({', '.join(below) or 'there is none'}). Received: {self.frozen_until!r}"
            )
        for name, allowed in (
            ("batch_norm", get_args(BatchNorm)),
            ("fakes", get_args(Fakes)),
            ("precision", get_args(Precision)),
        ):
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"AdaptSettings.{name} must be one of {', '.join(allowed)}. Received: {getattr(self, name)!r}"
                )
        for name, least in (("batch_size", 2), ("frames", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise SettingsError(
                    f"AdaptSettings.{name} must be a whole number of at least {least}. Received: {value!r}"
                )
        if self.batch_size % 2:
            raise SettingsError(
                f"AdaptSettings.batch_size must be even, because half of a batch is real. "
                f"Received: {self.batch_size}"
            )
        for name, low, high in (
            ("learning_rate", 1e-8, 1.0),
            ("weight_decay", 0.0, 1.0),
            ("augmentation", 0.0, 2.0),
        ):
            value = getattr(self, name)
            if not isinstance(value, int | float | np.number) or not low <= value <= high:
                raise SettingsError(
                    f"AdaptSettings.{name} must be from {low:g} to {high:g}. Received: {value!r}"
                )
