"""The settings of the feature extractor: the weights of InceptionV3 and the layers whose outputs are kept."""

from dataclasses import dataclass
from typing import Literal, get_args

from dfutils.errors import SettingsError

Precision = Literal["float32", "bfloat16"]

# Number of values per layer after average pooling, in the order of the network.
_WIDTHS = {
    "mixed0": 256,
    "mixed1": 288,
    "mixed2": 288,
    "mixed3": 768,
    "mixed4": 768,
    "mixed5": 768,
    "mixed6": 768,
    "mixed7": 768,
    "mixed8": 1280,
    "mixed9": 2048,
    "mixed10": 2048,
}


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """Settings of the network that computes a feature vector from a face crop: InceptionV3 without its last layer.

    Args:
        weights: str. One of the following. Defaults to `"auto"`.
            `"auto"`: the ImageNet weights if Keras has them cached or can download them within two minutes, else
            `"random"`.
            `"imagenet"`: the ImageNet weights, or an error if they are not available.
            `"random"`: random weights drawn from `seed`, with BatchNorm statistics measured on rendered faces. Use
            them for teaching and for tests without an internet connection.
            Anything else is the path of a Keras weights file.
        layers: tuple of str. The layers to average-pool and concatenate, from `"mixed0"` (small patterns, 256 values)
            to `"mixed10"` (the last layer, 2048 values). Defaults to `("mixed10",)`.
        precision: str. `"float32"` or `"bfloat16"`. The second is about twice as fast on recent GPUs and on processors
            with AVX-512 BF16 or AMX, and keeps three significant digits instead of seven. Defaults to `"float32"`.
        seed: int. Seed of the `"random"` weights. It is separate from the seed of the notebooks, so that a run of the
            notebooks with another seed reuses the stored features. Defaults to 7.

    Raises:
        SettingsError: If a layer is unknown or named twice, or the precision is unknown.
    """

    weights: str = "auto"
    layers: tuple[str, ...] = ("mixed10",)
    precision: Precision = "float32"
    seed: int = 7

    def __post_init__(self) -> None:
        if (
            not self.layers
            or len(set(self.layers)) < len(self.layers)
            or not set(self.layers) <= set(_WIDTHS)
        ):
            raise SettingsError(
                "Backbone.layers must be different names from mixed0 to mixed10. "
                f"Received: {', '.join(self.layers) or 'none'}"
            )
        if self.precision not in get_args(Precision):
            raise SettingsError(
                f"Backbone.precision must be one of {', '.join(get_args(Precision))}. Received: {self.precision!r}"
            )


def layer_widths(layers: tuple[str, ...]) -> dict[str, int]:
    """Return {layer: number of values after average pooling}, in the order of `layers`."""
    return {name: _WIDTHS[name] for name in layers}
