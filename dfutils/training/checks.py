"""What clips must be like before a model is fitted to them, or judged by them."""

import numpy as np

from dfutils.errors import DataError, SettingsError
from dfutils.features import FeatureSet


def check_clips(name: str, clips: FeatureSet) -> None:
    """Make sure that a detector can be fitted to clips, chosen by them, or judged by them.

    Args:
        name: str. What they are for, such as `"training"`.
        clips: FeatureSet.

    Raises:
        DataError: If a class is missing, a label is unknown, a clip has no frame, or features are not finite.
    """
    if len(clips) == 0:
        raise DataError(f"There is no {name} clip.")
    unknown = clips.clip_ids[~np.isin(clips.y, (0, 1))].tolist()
    if len(unknown):
        raise DataError(f"The {name} clip {unknown[0]!r} has no label. Label it, or leave it out.")
    if len(set(clips.y.tolist())) < 2:
        only = "fake" if clips.y[0] == 1 else "real"
        raise DataError(
            f"All {len(clips)} {name} clips are {only}: both classes are needed. Use more data, or another split."
        )
    check_scorable(name, clips)


def check_scorable(name: str, clips: FeatureSet) -> None:
    """Make sure that every clip has a frame, padding only behind its frames, and features that are numbers.

    Raises:
        DataError: If that is not so: such a clip cannot be scored.
    """
    blind = clips.clip_ids[~clips.mask.any(axis=1)].tolist()
    if len(blind):
        raise DataError(f"The {name} clip {blind[0]!r} has no frame. Leave it out: it cannot be scored.")
    gaps = clips.clip_ids[(np.diff(clips.mask.astype(np.int8), axis=1) > 0).any(axis=1)].tolist()
    if len(gaps):
        raise DataError(f"The {name} clip {gaps[0]!r} has padding before a frame: masks are right-padded.")
    for part in clips.blocks():
        bad = clips.clip_ids[part][~np.isfinite(clips.X[part]).all(axis=(1, 2))].tolist()
        if len(bad):
            raise DataError(f"The {name} clip {bad[0]!r} has features that are no numbers. Extract it again.")


def check_width(name: str, clips: FeatureSet, width: int) -> None:
    """Make sure that clips have as many numbers a frame as a model takes.

    Raises:
        DataError: If they have not.
    """
    if clips.X.shape[-1] != width:
        raise DataError(
            f"The model takes {width} numbers a frame and the {name} have {clips.X.shape[-1]}. "
            "Load the features with the layers that the model was trained on."
        )


def check_counts(**counts: int) -> None:
    """Raise SettingsError unless all are whole numbers above 0, such as `epochs=10`."""
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or count < 1:
            raise SettingsError(f"{name} is a whole number and at least 1. Received: {name}={count!r}")
