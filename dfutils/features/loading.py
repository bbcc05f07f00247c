"""Load features from the store, into memory or packed on the disk."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dfutils.data.validation import catalog_table
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.feature_set import FeatureSet, columns_of, layer_spans
from dfutils.features.pack import Pack
from dfutils.features.packed_features import PackedFeatures
from dfutils.features.seen import find_seen, read_people, refuse_seen
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store
from dfutils.features.weights import resolve_weights
from dfutils.tables import Catalog

# Features that would take more bytes in memory are packed.
MOST_IN_MEMORY = 2 << 30


def load(
    store: str | Path,
    catalog: Catalog | pd.DataFrame,
    settings: ExtractionSettings | None = None,
    *,
    layers: tuple[str, ...] | None = None,
    packed: bool | None = None,
    progress: bool = True,
) -> FeatureSet:
    """Load the features of the clips of a catalog.

    Args:
        store: str or Path. The folder that `extract` saved the features in.
        catalog: Catalog or DataFrame. The clips to load, with the columns clip_id, label and group.
        settings: ExtractionSettings. The settings of the extraction. Defaults to the settings in the store. If the
            store holds several settings, defaults to `ExtractionSettings()`.
        layers: tuple of str. The layers to concatenate in D, in this order. Defaults to all layers in the store.
        packed: bool or None. True leaves the features on the disk: they are copied into one file of the store once (the
            pack, 2 bytes per value), and `X` reads parts of it when they are used. The values are the same. False reads
            all features into memory, 4 bytes per value. Defaults to None: packed if they would take more than 2 GiB.
        progress: bool. Show a progress bar while features are packed. Defaults to True.

    Returns:
        FeatureSet. T is the number of frames of the longest clip. Clips are read into `X` one at a time, so no memory
        is needed for a second copy. If they are packed, `X` is a `PackedFeatures`.

    Raises:
        MissingArtefactError: If clips of the catalog are not in the store yet, or their files are damaged.
        SettingsError: If a layer is not in the store.
        DataError: If no clip has the status `"ok"`, the catalog is not valid, or the weights were adapted with a test
            clip or with a clip of its group.
        StoreError: If features have to be packed, and the store cannot be written. `packed=False` writes nothing.

    Example:
        >>> from dfutils import data, features
        >>> clips = features.load("features", data.read_catalog("faces"))
        >>> clips.X.shape, clips.layers
        ((24, 4, 256), ('mixed0',))
        >>> clips.coverage["status"].value_counts().to_dict()
        {'ok': 24}
    """
    table = catalog_table(catalog)
    source = Store(store, settings) if settings else Store.only(store)
    backbone = source.settings.backbone
    widths = layer_widths(backbone.layers, pooling=backbone.pooling)
    layers = tuple(layers or widths)
    if not set(layers) <= set(widths):
        raise SettingsError(
            f"The store holds the layers {', '.join(widths)}. Received: layers={', '.join(layers)}. "
            "Extract again with Backbone(layers=...)."
        )
    index = source.index()
    if missing := [clip_id for clip_id in table["clip_id"] if clip_id not in index]:
        raise _not_stored(missing, table, source)
    rows = [index[clip_id] for clip_id in table["clip_id"]]
    seen = _find_seen(source, table, rows)
    is_test = (table["split"] == "test").to_numpy(bool)
    refuse_seen(seen[is_test], table["group"].to_numpy(str)[is_test], test="the test clips")
    coverage = table[["clip_id", "label", "group", "method", "split"]].reset_index(drop=True)
    coverage = coverage.assign(status=[row["status"] for row in rows], reason=[row["reason"] for row in rows])
    ok = coverage[coverage["status"] == "ok"]
    if ok.empty:
        counts = coverage["status"].value_counts().to_dict()
        raise DataError(
            f"None of the {len(table)} clips has features: {counts}. The store's index gives the reasons."
        )
    chosen = columns_of(layers, layer_spans(widths))
    ok_rows = [rows[position] for position in ok.index]
    keys, counts = [row["key"] for row in ok_rows], np.array([row["frames"] for row in ok_rows])
    if packed is None:
        packed = 4 * len(ok) * int(counts.max()) * len(chosen) > MOST_IN_MEMORY
    X: Any
    if packed:
        X, is_there, face_sides = _pack(source, keys, counts, chosen, progress=progress)
    else:
        X, is_there, face_sides = _read(source, keys, counts, chosen)
    if not is_there.all():
        raise _not_stored(ok["clip_id"][~is_there].tolist(), table, source)
    return FeatureSet(
        X=X,
        mask=np.arange(counts.max()) < counts[:, None],
        y=ok["label"].fillna(-1).to_numpy(np.int8),
        groups=ok["group"].to_numpy(str),
        clip_ids=ok["clip_id"].to_numpy(str),
        splits=ok["split"].to_numpy(str),
        spans=layer_spans({name: widths[name] for name in layers}),
        coverage=coverage,
        seen=seen[ok.index],
        face_sides=face_sides,
    )


def _read(
    store: Store, keys: list[str], counts: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read clips into memory. Return their features, whether each clip is there, and the side of its face."""
    X = np.zeros((len(keys), counts.max(), len(chosen)), np.float32)
    is_there, face_sides = np.zeros(len(keys), bool), np.full(len(keys), np.nan)
    for i, key in enumerate(keys):
        clip, _ = store.read(key)
        if clip is not None and len(clip.features) == counts[i]:
            X[i, : counts[i]] = clip.features[:, chosen]
            is_there[i], face_sides[i] = True, clip.face_side
    return X, is_there, face_sides


def _pack(
    store: Store, keys: list[str], counts: np.ndarray, chosen: np.ndarray, *, progress: bool
) -> tuple[PackedFeatures, np.ndarray, np.ndarray]:
    """Leave clips on the disk. Return the same as `_read`."""
    found = Pack(store).rows(keys, counts, progress=progress)
    table = np.zeros(len(keys), int)
    X = PackedFeatures(
        [found.file], [chosen], table=table, starts=found.starts, frames=counts, length=int(counts.max())
    )
    return X, found.starts >= 0, found.sides


def _find_seen(store: Store, table: pd.DataFrame, rows: list[dict[str, Any]]) -> np.ndarray:
    """Return for each clip why the weights of the store have seen it, `""` if they have not."""
    record = resolve_weights(store.settings.backbone).record
    if record is None:
        return np.full(len(table), "", dtype=str)
    return find_seen(
        record,
        clip_ids=table["clip_id"].tolist(),
        groups=table["group"].tolist(),
        keys=[row["key"] for row in rows],
        people=read_people(store.folder),
    )


def _not_stored(missing: list[str], table: pd.DataFrame, store: Store) -> MissingArtefactError:
    return MissingArtefactError(
        f"{len(missing)} of {len(table)} clips are not in the store {store.folder} (such as {missing[0]}). "
        "Run notebook 03_feature_caching or `dfutils extract` again to extract the missing clips."
    )
