"""Load the features of degraded copies of clips: compressed, scaled down, blurred or with added noise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.features.extraction import extract
from dfutils.features.feature_set import FeatureSet
from dfutils.features.joining import join_clips
from dfutils.features.loading import load
from dfutils.features.settings import ExtractionSettings
from dfutils.frames import Degradation
from dfutils.tables import Catalog


def load_degraded(
    catalog: Catalog | pd.DataFrame,
    degradation: Degradation,
    *,
    root: str | Path | None = None,
    store: str | Path,
    settings: ExtractionSettings,
    layers: tuple[str, ...] | None = None,
    packed: bool | None = None,
    progress: bool = True,
) -> tuple[FeatureSet, int]:
    """Degrade clips, and load their features. Features that are missing in the store are extracted first.

    Args:
        catalog: Catalog or DataFrame. The clips.
        degradation: Degradation. What is done to the frames before the face is cropped.
        root: str or Path or None. The folder that the paths are relative to. Defaults to None: the root of the catalog.
        store: str or Path. The folder to store the features of degraded clips in. It must not be the folder with the
            features of the unchanged clips.
        settings: ExtractionSettings. The settings of the unchanged clips.
        layers: tuple of str or None. The backbone layers to load. Defaults to None: all layers in `settings`.
        packed: bool or None. Whether the features stay on the disk, as for `load`. Defaults to None: if they are many.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        tuple: FeatureSet with the clip_ids of the catalog, and the number of clips that were extracted.

    Raises:
        DataError: If the folder of the clips is unknown, or no clip has features after the degradation.
        StoreError, WeightsError: As `extract`.
    """
    degraded = replace(settings, degradation=degradation)
    extracted = extract(catalog, root, store, degraded, progress=progress).extracted
    return load(store, catalog, degraded, layers=layers, packed=packed, progress=progress), extracted


def name_copies(copies: FeatureSet, degradation: str) -> FeatureSet:
    """Return copies of clips with names of their own, such as `a/001@h264:40`. Group and split stay the same.

    Args:
        copies: FeatureSet. From `load_degraded`.
        degradation: str. What was done to them.
    """
    coverage = copies.coverage.assign(clip_id=copies.coverage["clip_id"] + f"@{degradation}")
    return replace(
        copies, clip_ids=np.char.add(copies.clip_ids.astype(str), f"@{degradation}"), coverage=coverage
    )


def add_copies(clips: FeatureSet, copies: dict[str, FeatureSet]) -> FeatureSet:
    """Return clips together with their degraded copies. A copy has the group and the split of its clip.

    Args:
        clips: FeatureSet. The unchanged clips.
        copies: dict. {degradation: FeatureSet from `load_degraded`}. Copies of other clips are left out.

    Raises:
        SettingsError: If the layers differ.
    """
    joined = clips
    for degradation, of_all in copies.items():
        known = np.isin(of_all.clip_ids, clips.clip_ids)
        if known.any():
            joined = join_clips(joined, name_copies(of_all.take(known), degradation))
    return joined
