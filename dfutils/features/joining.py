"""Join two sets of clips into one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.features.feature_set import FeatureSet
from dfutils.features.packed_features import PackedFeatures


def join_clips(first: FeatureSet, second: FeatureSet) -> FeatureSet:
    """Return the clips of both sets. They are copied, unless the features of one of them are packed.

    Args:
        first, second: FeatureSet. Different clips with the same layers.

    Raises:
        SettingsError: If the layers differ.
        DataError: If a clip is in both sets.
    """
    if twice := set(first.clip_ids) & set(second.clip_ids):
        raise DataError(f"The clip {str(min(twice))!r} is in both sets. Give each clip once.")
    if first.spans != second.spans:
        raise SettingsError(
            "Only clips with the same layers can be joined. "
            f"Received: {', '.join(first.layers)} and {', '.join(second.layers)}"
        )
    both: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("y", "groups", "clip_ids", "splits", "seen", "face_sides")
    }
    longest = max(first.X.shape[1], second.X.shape[1])
    both["mask"] = np.concatenate([_padded(one.mask, longest) for one in (first, second)])
    if isinstance(first.X, np.ndarray) and isinstance(second.X, np.ndarray):
        both["X"] = np.concatenate([_padded(one, longest) for one in (first.X, second.X)])
    else:
        both["X"] = PackedFeatures.joined(first.X, second.X)
    coverage = pd.concat([first.coverage, second.coverage], ignore_index=True)
    return replace(first, **both, coverage=coverage)


def _padded(array: np.ndarray, length: int) -> np.ndarray:
    """Return an array [N, T, …] with zeros up to the given length along T."""
    padding = [(0, 0)] * array.ndim
    padding[1] = (0, length - array.shape[1])
    return np.pad(array, padding)
