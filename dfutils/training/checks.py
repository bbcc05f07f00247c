"""Check clips and options before a detector is fitted or clips are scored."""

import numpy as np

from dfutils.errors import DataError, DfutilsError, SettingsError
from dfutils.features import FeatureSet


def check_clips(name: str, clips: FeatureSet) -> None:
    """Check that clips can be used to fit or to evaluate a detector.

    Args:
        name: str. What the clips are used for, such as `"training"`; part of the messages.
        clips: FeatureSet.

    Raises:
        DataError: If there is no clip, a class is missing, a label is unknown, a clip has no frame, or features are
            not finite.
    """
    if len(clips) == 0:
        raise DataError(f"There is no {name} clip.")
    unlabelled = clips.clip_ids[~np.isin(clips.y, (0, 1))].tolist()
    if unlabelled:
        raise DataError(f"The {name} clip {unlabelled[0]!r} has no label. Label it, or leave it out.")
    if len(set(clips.y.tolist())) < 2:
        only_class = "fake" if clips.y[0] == 1 else "real"
        raise DataError(
            f"All {len(clips)} {name} clips are {only_class}: both classes are needed. Use more data, or another split."
        )
    check_scorable(name, clips)


def check_scorable(name: str, clips: FeatureSet) -> None:
    """Check that a detector can score clips: each clip has frames, and all features are finite.

    Args:
        name: str. What the clips are used for, such as `"training"`; part of the messages.
        clips: FeatureSet.

    Raises:
        DataError: If a clip has no frame or has padding before a frame, or features are not finite.
    """
    empty = clips.clip_ids[~clips.mask.any(axis=1)].tolist()
    if empty:
        raise DataError(f"The {name} clip {empty[0]!r} has no frame, so it cannot be scored. Leave it out.")
    with_gaps = clips.clip_ids[(np.diff(clips.mask.astype(np.int8), axis=1) > 0).any(axis=1)].tolist()
    if with_gaps:
        raise DataError(
            f"The {name} clip {with_gaps[0]!r} has padding before a frame. Masks must be right-padded."
        )
    for block in clips.blocks():
        broken = clips.clip_ids[block][~np.isfinite(clips.X[block]).all(axis=(1, 2))].tolist()
        if broken:
            raise DataError(
                f"The {name} clip {broken[0]!r} has features that are not finite (NaN or infinite). "
                "Extract them again."
            )


def check_width(name: str, clips: FeatureSet, width: int) -> None:
    """Check that clips have the number of features per frame that a model needs.

    Args:
        name: str. What the clips are, such as `"training clips"`; part of the message.
        clips: FeatureSet.
        width: int. The number of features per frame that the model needs.

    Raises:
        DataError: If the clips have another number of features per frame.
    """
    if clips.X.shape[-1] != width:
        raise DataError(
            f"The model takes {width} features per frame, and the {name} have {clips.X.shape[-1]}. "
            "Load the features with the layers that the model was trained on."
        )


def check_counts(**counts: int) -> None:
    """Check that options such as the number of epochs are whole numbers of at least 1.

    Args:
        counts: int. The options by name, such as `epochs=10`.

    Raises:
        SettingsError: If an option is not a whole number of at least 1.
    """
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or count < 1:
            raise SettingsError(f"{name} must be a whole number of at least 1. Received: {name}={count!r}")


def check_fitted(name: str, fitted: bool) -> None:
    """Check that a detector is fitted before it is used.

    Args:
        name: str. The detector's name.
        fitted: bool. True if the detector is fitted.

    Raises:
        DfutilsError: If the detector is not fitted.
    """
    if not fitted:
        raise DfutilsError(
            f"The detector {name!r} is not fitted. Call fit(train, val, seed=...) and use what it returns."
        )
