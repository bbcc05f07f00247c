"""Which network turns a face crop into numbers, and which of its layers are kept."""

from dataclasses import dataclass

from dfutils.errors import SettingsError

LAYERS = tuple(f"mixed{i}" for i in range(11))


PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Backbone:
    """The network that turns a face crop into numbers.

    Args:
        weights: str. `"auto"`: ImageNet's where Keras has them cached or they can be fetched within two
            minutes, else `"random"`; `"imagenet"`: those or an error; `"random"`: a seeded
            initialisation whose BatchNorm statistics are set on rendered faces, for teaching and tests
            without a network; or the path of a Keras weights file. Defaults to `"auto"`.
        layers: tuple of str. The layers that are average-pooled over the picture and laid side by side,
            from `"mixed0"` (small patterns) to `"mixed10"` (the top, 2048 numbers). Defaults to
            `("mixed10",)`.
        precision: str. `"float32"`, or `"bfloat16"`: about twice as fast on processors that compute with it
            (AVX-512 BF16, AMX) and on recent GPUs, with three digits instead of seven. Defaults to `"float32"`.
        seed: int. Seed of the `"random"` weights; it is not the run's seed, so that a new run reuses the
            features. Defaults to 7.
    """

    weights: str = "auto"
    layers: tuple[str, ...] = ("mixed10",)
    precision: str = "float32"
    seed: int = 7

    def __post_init__(self):
        if not self.layers or len(set(self.layers)) < len(self.layers) or not set(self.layers) <= set(LAYERS):
            raise SettingsError(
                "Backbone.layers are different names from mixed0 to mixed10. "
                f"Received: {', '.join(self.layers) or 'none'}"
            )
        if self.precision not in PRECISIONS:
            raise SettingsError(
                f"Backbone.precision is one of {', '.join(PRECISIONS)}. Received: {self.precision!r}"
            )


def layer_widths(layers: tuple[str, ...]) -> dict[str, int]:
    """Return how many numbers each layer gives, in order."""
    widths = dict(zip(LAYERS, (256, 288, 288, 768, 768, 768, 768, 768, 1280, 2048, 2048), strict=True))
    return {name: widths[name] for name in layers}
