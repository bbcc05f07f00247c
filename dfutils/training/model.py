"""Build the GRU, a recurrent network that reads the features of a clip's frames and returns P(fake)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfutils.data.validation import check_seed
from dfutils.errors import SettingsError
from dfutils.keras_runtime import load_keras
from dfutils.training.checks import check_counts


@dataclass(frozen=True, kw_only=True)
class GRUSettings:
    """Settings of the GRU: its size, dropout and the options of its optimiser AdamW.

    Args:
        units: int. Number of values in the state of each GRU layer. Defaults to 128.
        depth: int. Number of stacked GRU layers. Defaults to 1.
        bidirectional: bool. True reads the frames in both directions, also from last to first. Defaults to False.
        dropout: float in [0, 1). Share of the last GRU layer's output values that are set to 0 at random in training.
            Defaults to 0.3.
        learning_rate: float. AdamW's initial learning rate. Defaults to 1e-3.
        weight_decay: float. AdamW's decoupled weight decay (Loshchilov and Hutter, 2019). Defaults to 1e-2.
        differences: bool. True adds the absolute change of each feature since the previous frame to the input. Defaults
            to False.
    """

    units: int = 128
    depth: int = 1
    bidirectional: bool = False
    dropout: float = 0.3
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    differences: bool = False

    def __post_init__(self) -> None:
        check_counts(units=self.units, depth=self.depth)
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"GRUSettings.dropout must be in [0, 1). Received: dropout={self.dropout}")
        if not 0 < self.learning_rate < math.inf:
            raise SettingsError(
                f"GRUSettings.learning_rate must be a finite number above 0. "
                f"Received: learning_rate={self.learning_rate}"
            )
        if not 0 <= self.weight_decay < math.inf:
            raise SettingsError(
                f"GRUSettings.weight_decay must be a finite number of at least 0. "
                f"Received: weight_decay={self.weight_decay}"
            )


def build_gru(feature_dim: int, settings: GRUSettings | None = None, *, seed: int = 7) -> Any:
    """Build and compile the GRU, a recurrent network that is not trained yet.

    A gated recurrent unit (GRU; Cho et al., 2014) reads a clip frame by frame and carries a state, a vector of
    `settings.units` numbers. At each frame it computes two gates and a candidate state. The reset gate chooses how much
    of the old state the candidate sees. The update gate mixes the old state and the candidate into the new state. The
    state after the last frame goes through dropout and a sigmoid, which gives P(fake).

    All random numbers come from `seed`. The global random generators of Python, NumPy and Keras are not used.

    Args:
        feature_dim: int. D, the number of features per frame.
        settings: GRUSettings. Defaults to `GRUSettings()`.
        seed: int in [0, 2**32). Seeds the initial weights and dropout. Defaults to 7.

    Returns:
        keras.Model, compiled. It maps `{"features": float32 [N, T, D], "mask": bool [N, T]}` to P(fake), float32
        [N, 1]. The mask is right-padded, and T may vary. The layer `standardise` holds the mean and variance of the
        features, and `standardise_change` those of their changes. `train` computes them from the training clips.

    Raises:
        SettingsError: If `feature_dim` is below 1 or the seed is not an integer in [0, 2**32).

    Example:
        >>> from dfutils import training
        >>> model = training.build_gru(6, training.GRUSettings(units=4))
        >>> model.output_shape
        (None, 1)
        >>> model.get_layer("gru").count_params()  # 3 * units * (feature_dim + units + 2)
        144
    """
    settings = settings or GRUSettings()
    check_counts(feature_dim=feature_dim)
    check_seed(seed)
    keras = load_keras()
    layers = keras.layers
    seeds = _seeds(seed)
    features = keras.Input((None, feature_dim), name="features")
    mask = keras.Input((None,), dtype="bool", name="mask")
    x = layers.Normalization(name="standardise")(features)
    if settings.differences:
        x = layers.Concatenate(name="features_and_change")([x, _change(layers, features)])
    for number in range(1, settings.depth + 1):
        layer = _gru_layer(layers, settings, number, seeds)
        x = layer(x, mask=mask)
    x = layers.Dropout(settings.dropout, seed=next(seeds), name="dropout")(x)
    initializer = keras.initializers.GlorotUniform(next(seeds))
    score = layers.Dense(1, activation="sigmoid", kernel_initializer=initializer, name="score")(x)
    model = keras.Model({"features": features, "mask": mask}, score, name="gru_detector")
    model.compile(
        optimizer=keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay),
        loss="binary_crossentropy",
        metrics=score_metrics(),
        jit_compile=False,
    )
    return model


def score_metrics() -> list[Any]:
    """Return new Keras metrics of P(fake): accuracy, precision and recall at the threshold 0.5, and the AUC."""
    metrics = load_keras().metrics
    return [
        metrics.BinaryAccuracy(name="accuracy"),
        metrics.Precision(name="precision"),
        metrics.Recall(name="recall"),
        # Keras approximates the ROC curve with 1000 thresholds; notebook 05 computes the exact AUC.
        metrics.AUC(num_thresholds=1000, name="auc"),
    ]


def _seeds(seed: int) -> Iterator[int]:
    """Yield a different seed for each set of initial weights and for each dropout layer, derived from `seed`."""
    rng = np.random.default_rng(seed)
    while True:
        yield int(rng.integers(2**31))


def _gru_layer(layers: Any, settings: GRUSettings, number: int, seeds: Iterator[int]) -> Any:
    """Return GRU layer `number`, counted from 1; a Bidirectional layer if `settings.bidirectional` is True."""
    name = "gru" if number == 1 else f"gru_{number}"
    if not settings.bidirectional:
        return _one_direction(layers, settings, number, seeds, name=name)
    # Without a backward layer, Bidirectional copies the forward layer and its seeds, so both start with equal weights.
    forward = _one_direction(layers, settings, number, seeds, name=f"forward_{name}")
    backward = _one_direction(layers, settings, number, seeds, name=f"backward_{name}", go_backwards=True)
    return layers.Bidirectional(forward, backward_layer=backward, name=name)


def _one_direction(
    layers: Any, settings: GRUSettings, number: int, seeds: Iterator[int], **options: Any
) -> Any:
    from keras.initializers import GlorotUniform, Orthogonal

    # The default initialisers of Keras, but with a seed.
    return layers.GRU(
        settings.units,
        kernel_initializer=GlorotUniform(next(seeds)),
        recurrent_initializer=Orthogonal(seed=next(seeds)),
        return_sequences=number < settings.depth,
        seed=next(seeds),
        **options,
    )


def _change(layers: Any, features: Any) -> Any:
    """Return the absolute change of each feature since the previous frame, standardised; 0 for the first frame."""
    # Pad first and crop afterwards, so that a clip with one frame does not become empty.
    padded = layers.ZeroPadding1D((1, 0), name="one_before_the_first")(features)
    previous = layers.Cropping1D((0, 1), name="frame_before")(padded)
    change = layers.Subtract(name="difference")([features, previous])
    change = layers.Maximum(name="change")([change, layers.Rescaling(-1.0, name="negated")(change)])
    # Changes between frames are far smaller than differences between people, so they are standardised separately.
    change = layers.Normalization(name="standardise_change")(change)
    # The first frame has no previous frame: its change is set to the mean, which is 0 after standardisation.
    change = layers.ZeroPadding1D((0, 1), name="one_behind_the_last")(change)
    change = layers.Cropping1D((1, 0), name="change_without_the_first")(change)
    change = layers.ZeroPadding1D((1, 0), name="first_is_the_mean")(change)
    return layers.Cropping1D((0, 1), name="change_of_every_frame")(change)
