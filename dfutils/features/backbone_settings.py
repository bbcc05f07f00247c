"""The settings of the feature extractor: the weights of InceptionV3 and the layers whose outputs are kept."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from dfutils.errors import SettingsError
from dfutils.features.view import View

Pooling = Literal["mean", "deviation", "maximum", "grid"]
Precision = Literal["float32", "bfloat16"]

# Number of values per channel: a grid has four regions.
_VALUES: dict[Pooling, int] = {"mean": 1, "deviation": 1, "maximum": 1, "grid": 4}
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
        layers: tuple of str. The layers to pool and concatenate, from `"mixed0"` (small patterns, 256 values) to
            `"mixed10"` (the last layer, 2048 values). Defaults to `("mixed10",)`.
        pooling: tuple of str. How a layer's output is reduced to one value per channel: `"mean"` over the picture,
            `"deviation"` (standard deviation), `"maximum"`, or `"grid"` (the means of its four quarters, four values
            per channel). Several ways are concatenated for each layer. Defaults to `("mean",)`.
        view: View. The part of a crop that the network sees, and its resolution. Adapted weights bring their own view,
            which is used instead of the default. Defaults to `View()`: the whole crop.
        precision: str. `"float32"` or `"bfloat16"`. The second is about twice as fast on processors with AMX and on
            those by AMD with AVX-512 BF16, can be slower on others (see `fastest_precision`), and keeps three
            significant digits instead of seven. Defaults to `"float32"`.
        seed: int. Seed of the `"random"` weights. It is separate from the seed of the notebooks, so that a run of the
            notebooks with another seed reuses the stored features. Defaults to 7.

    Raises:
        SettingsError: If a layer or a way of pooling is unknown or named twice, or the precision is unknown.
    """

    weights: str = "auto"
    layers: tuple[str, ...] = ("mixed10",)
    pooling: tuple[Pooling, ...] = ("mean",)
    view: View = field(default_factory=View)
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
        if (
            not self.pooling
            or isinstance(self.pooling, str)
            or len(set(self.pooling)) < len(self.pooling)
            or not set(self.pooling) <= set(_VALUES)
        ):
            raise SettingsError(
                f"Backbone.pooling must be different names of {', '.join(_VALUES)}. Received: {self.pooling!r}"
            )
        if self.precision not in get_args(Precision):
            raise SettingsError(
                f"Backbone.precision must be one of {', '.join(get_args(Precision))}. Received: {self.precision!r}"
            )


def layer_widths(layers: tuple[str, ...], *, pooling: tuple[Pooling, ...] = ("mean",)) -> dict[str, int]:
    """Return {layer: number of values after pooling}, in the order of `layers`."""
    per_channel = sum(_VALUES[way] for way in pooling)
    return {name: _WIDTHS[name] * per_channel for name in layers}
