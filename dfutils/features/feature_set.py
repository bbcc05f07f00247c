"""Load features from the store, as arrays."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.data.validation import as_catalog
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store

_BLOCK = 256


@dataclass
class FeatureSet:
    """Features of the clips that are ok, and an account of all clips.

    Args:
        X: float32 array [N, T, D], zeros where `mask` is False.
        mask: bool array [N, T], right-padded: True where there is a frame.
        y: int8 array [N]; 1 = fake, 0 = real, -1 = unknown.
        groups: str array [N].
        clip_ids: str array [N].
        splits: str array [N].
        spans: dict. {layer: slice of D}.
        coverage: DataFrame. clip_id, label, group, method, split, status and reason of every clip.
    """

    X: np.ndarray
    mask: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    clip_ids: np.ndarray
    splits: np.ndarray
    spans: dict[str, slice]
    coverage: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.X)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that lie side by side in D, in order."""
        return tuple(self.spans)

    def blocks(self) -> Iterator[slice]:
        """Yield the rows of `_BLOCK` clips after the other, for work that would need too much memory on all."""
        for begin in range(0, len(self), _BLOCK):
            yield slice(begin, begin + _BLOCK)

    def select(self, layers: tuple[str, ...]) -> "FeatureSet":
        """Return the same clips with some of the layers only; a single layer shares the memory of this set.

        Args:
            layers: tuple of str. Or the name of one.

        Raises:
            SettingsError: If a layer is not there.
        """
        layers = (layers,) if isinstance(layers, str) else tuple(layers)
        if not layers or not set(layers) <= set(self.spans):
            raise SettingsError(
                f"These features hold the layers {', '.join(self.spans)}. Received: {', '.join(layers) or 'none'}"
            )
        if layers == self.layers:
            return self
        widths = {name: self.spans[name].stop - self.spans[name].start for name in layers}
        columns = [self.X[..., self.spans[name]] for name in layers]
        X = np.concatenate(columns, axis=-1) if len(columns) > 1 else columns[0]
        return replace(self, X=X, spans=_spans(widths))

    def part(self, split: str) -> "FeatureSet":
        """Return the clips of one split, with their coverage.

        Raises:
            DataError: If none of its clips has features.
        """
        inside = self.splits == split
        if not inside.any():
            raise DataError(f"No clip of the split {split!r} has features: see the coverage table for why.")
        coverage = self.coverage[self.coverage["split"] == split].reset_index(drop=True)
        return replace(self.take(inside), coverage=coverage)

    def take(self, rows: np.ndarray) -> "FeatureSet":
        """Return some of the clips, with the coverage of those alone.

        Clips that lie together share the memory of this set; others are copied.

        Args:
            rows: int or bool array. Positions among the N clips, or which of them.
        """
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        if len(rows) and (np.diff(rows) == 1).all():
            rows = slice(rows[0], rows[-1] + 1)
        per_clip = ("X", "mask", "y", "groups", "clip_ids", "splits")
        chosen = {name: getattr(self, name)[rows] for name in per_clip}
        coverage = self.coverage.set_index("clip_id", drop=False).loc[chosen["clip_ids"]]
        return replace(self, **chosen, coverage=coverage.reset_index(drop=True))


def load(
    store: str | Path,
    catalog: pd.DataFrame,
    settings: ExtractionSettings | None = None,
    layers: tuple[str, ...] | None = None,
) -> FeatureSet:
    """Load the features of a catalog's clips.

    Args:
        store: str or Path. Where `extract` kept them.
        catalog: DataFrame. The clips wanted.
        settings: ExtractionSettings. Defaults to the only ones that the store holds, or to the default
            settings where it holds several.
        layers: tuple of str. The layers wanted, side by side in D in this order. Defaults to all stored.

    Returns:
        FeatureSet. T is the longest clip's number of frames. Memory is taken for `X` alone: clips are read
        into it one after the other.

    Raises:
        MissingArtefactError: If clips of the catalog were not extracted yet, or are damaged.
        SettingsError: If a layer was not stored.
        DataError: If no clip is ok, or the catalog cannot be used.
    """
    catalog = as_catalog(catalog)
    source = Store(store, settings) if settings else Store.only(store)
    stored = layer_widths(source.settings.backbone.layers)
    layers = tuple(layers or stored)
    if not set(layers) <= set(stored):
        raise SettingsError(
            f"The store holds the layers {', '.join(stored)}. Received: layers={', '.join(layers)}. "
            "Extract again with Backbone(layers=...)."
        )
    index = source.index()
    missing = [clip_id for clip_id in catalog["clip_id"] if clip_id not in index]
    if missing:
        raise _not_there(missing, catalog, source)
    rows = [index[clip_id] for clip_id in catalog["clip_id"]]
    coverage = catalog[["clip_id", "label", "group", "method", "split"]].reset_index(drop=True)
    coverage = coverage.assign(status=[row["status"] for row in rows], reason=[row["reason"] for row in rows])
    coverage.attrs = {}
    ok = coverage[coverage["status"] == "ok"]
    if ok.empty:
        counts = coverage["status"].value_counts().to_dict()
        raise DataError(f"None of the {len(catalog)} clips has features: {counts}. See their reasons.")

    where = _spans(stored)
    spans = _spans({name: stored[name] for name in layers})
    columns = np.concatenate([np.arange(where[name].start, where[name].stop) for name in layers])
    longest = max(rows[i]["frames"] for i in ok.index)
    X = np.zeros((len(ok), longest, len(columns)), np.float32)
    mask = np.zeros((len(ok), longest), bool)
    for i, at in enumerate(ok.index):
        clip, _ = source.read(rows[at]["key"])
        if clip is None or len(clip.features) != rows[at]["frames"]:
            missing.append(ok["clip_id"][at])
            continue
        X[i, : len(clip.features)] = clip.features[:, columns]
        mask[i, : len(clip.features)] = True
    if missing:
        raise _not_there(missing, catalog, source)
    return FeatureSet(
        X,
        mask,
        ok["label"].fillna(-1).to_numpy(np.int8),
        ok["group"].to_numpy(str),
        ok["clip_id"].to_numpy(str),
        ok["split"].to_numpy(str),
        spans,
        coverage,
    )


def _not_there(missing: list[str], catalog: pd.DataFrame, store: Store) -> MissingArtefactError:
    return MissingArtefactError(
        f"{len(missing)} of {len(catalog)} clips are not in the store {store.folder} (such as {missing[0]}). "
        "Run notebook 03_feature_caching or `dfutils extract` again: it does what is missing."
    )


def _spans(widths: dict[str, int]) -> dict[str, slice]:
    """Return where each layer lies when they are laid side by side."""
    ends = np.cumsum(list(widths.values()))
    return {
        name: slice(int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
    }
