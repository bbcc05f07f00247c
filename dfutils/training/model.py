"""The detector's second half: a GRU over a clip's features, and one sigmoid."""

import math
from dataclasses import dataclass

from dfutils.data.validation import check_seed
from dfutils.errors import SettingsError
from dfutils.keras_runtime import load_keras, seed_everything
from dfutils.training.checks import check_counts


@dataclass(frozen=True)
class GRUSettings:
    """The GRU and how it learns.

    Args:
        units: int. Size of the GRU's state. Defaults to 128.
        depth: int. GRU layers on top of each other. Defaults to 1.
        bidirectional: bool. Also read the frames from the last to the first. Defaults to False.
        dropout: float in [0, 1). Share of the GRU's output dropped while training. Defaults to 0.3.
        learning_rate: float. AdamW's first step size. Defaults to 1e-3.
        weight_decay: float. AdamW's decoupled decay (Loshchilov and Hutter, 2019). Defaults to 1e-2.
        differences: bool. Also give the GRU the absolute change of each feature since the frame before.
            Defaults to False.
    """

    units: int = 128
    depth: int = 1
    bidirectional: bool = False
    dropout: float = 0.3
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    differences: bool = False

    def __post_init__(self):
        check_counts(units=self.units, depth=self.depth)
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"GRUSettings.dropout must lie in [0, 1). Received: {self.dropout}")
        if not 0 < self.learning_rate < math.inf or not 0 <= self.weight_decay < math.inf:
            raise SettingsError(
                "GRUSettings.learning_rate must be a number above 0 and weight_decay one not below. "
                f"Received: {self.learning_rate}, {self.weight_decay}"
            )


def build_gru(feature_dim: int, settings: GRUSettings | None = None, seed: int = 7):
    """Build and compile the detector.

    Args:
        feature_dim: int. D, the numbers of a frame.
        settings: GRUSettings. Defaults to `GRUSettings()`.
        seed: int. Seeds the initial weights and dropout. Defaults to 7.

    Returns:
        A compiled keras.Model from `{"features": float32 [N, T, D], "mask": bool [N, T]}` to P(fake)
        [N, 1]. Its layers `standardise` and, with differences, `standardise_change` hold mean and variance,
        which `train` sets on the training clips alone. The mask is right-padded, and T is free.

    Raises:
        SettingsError: If `feature_dim` is below 1 or the seed is none.
    """
    settings = settings or GRUSettings()
    check_counts(feature_dim=feature_dim)
    check_seed(seed)
    seed_everything(seed)
    keras = load_keras()
    layers = keras.layers
    features = keras.Input((None, feature_dim), name="features")
    mask = keras.Input((None,), dtype="bool", name="mask")
    x = layers.Normalization(name="standardise")(features)
    if settings.differences:
        # Changes are far smaller than what differs between people: they are standardised by themselves.
        # Padded before it is cropped, so that a clip of one frame goes through, too.
        padded = layers.ZeroPadding1D((1, 0), name="one_before_the_first")(features)
        earlier = layers.Cropping1D((0, 1), name="frame_before")(padded)
        change = layers.Subtract(name="difference")([features, earlier])
        change = layers.Maximum(name="change")([change, layers.Rescaling(-1.0, name="negated")(change)])
        change = layers.Normalization(name="standardise_change")(change)
        # The first frame has none before it: its change is as good as the mean, 0.
        change = layers.ZeroPadding1D((0, 1), name="one_behind_the_last")(change)
        change = layers.Cropping1D((1, 0), name="change_without_the_first")(change)
        change = layers.ZeroPadding1D((1, 0), name="first_is_the_mean")(change)
        change = layers.Cropping1D((0, 1), name="change_of_every_frame")(change)
        x = layers.Concatenate(name="features_and_change")([x, change])
    for i in range(settings.depth):
        name = "gru" if i == 0 else f"gru_{i + 1}"
        gru = layers.GRU(settings.units, return_sequences=i < settings.depth - 1, name=name)
        x = (layers.Bidirectional(gru, name=name) if settings.bidirectional else gru)(x, mask=mask)
    x = layers.Dropout(settings.dropout, seed=seed, name="dropout")(x)
    score = layers.Dense(1, activation="sigmoid", name="score")(x)
    model = keras.Model({"features": features, "mask": mask}, score, name="gru_detector")
    model.compile(
        optimizer=keras.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay),
        loss="binary_crossentropy",
        metrics=[
            keras.metrics.BinaryAccuracy(name="accuracy"),
            keras.metrics.Precision(name="precision"),
            keras.metrics.Recall(name="recall"),
            # Between thresholds it guesses: with more of them it is closer to the exact one of notebook 05.
            keras.metrics.AUC(num_thresholds=1000, name="auc"),
        ],
        jit_compile=False,
    )
    return model
