"""Load features from the store into NumPy arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from dfutils.data.validation import catalog_table
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.seen import find_seen, read_people, refuse_seen
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.features.weights import resolve_weights
from dfutils.tables import Catalog

_BLOCK = 256


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """The features of the clips with the status `"ok"`, and a table with the status of all clips.

    Args:
        X: float32 array [N, T, D]. D features of T frames of N clips; zeros where `mask` is False.
        mask: bool array [N, T]. True for a frame, False for padding after the last frame of a clip with fewer frames.
            Frames that do not show the clip's main face are left out.
        y: int8 array [N]. 1 = fake, 0 = real, -1 = unknown.
        groups: str array [N]. The group of each clip. Clips of one group are never divided between splits.
        clip_ids: str array [N]. The clip_id of each clip.
        splits: str array [N]. The split of each clip: `"train"`, `"val"`, `"test"` or `""`.
        spans: dict of str to slice. The columns of each layer along D.
        coverage: DataFrame. clip_id, label, group, method, split, status and reason of every clip, with or without
            features.
        seen: str array [N]. Why a test must not use the clip: the weights were adapted with it, or with its group.
            `""` for clips that the weights have not seen. Defaults to `""` for all clips.
        face_sides: float64 array [N]. The longer side of the face in pixels, as the median over the clip's frames.
            Defaults to NaN for all clips: unknown.
    """

    X: np.ndarray
    mask: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    clip_ids: np.ndarray
    splits: np.ndarray
    spans: dict[str, slice]
    coverage: pd.DataFrame = field(repr=False)
    seen: np.ndarray = field(default_factory=lambda: np.empty(0, str), repr=False)
    face_sides: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)

    def __post_init__(self) -> None:
        for name, unknown in (("seen", ""), ("face_sides", np.nan)):
            if len(getattr(self, name)) != len(self.X):
                object.__setattr__(self, name, np.full(len(self.X), unknown))

    @classmethod
    def of_clips(
        cls, clips: Sequence[StoredClip], layers: tuple[str, ...], *, pooling: tuple[Any, ...]
    ) -> Self:
        """Return clips without labels, groups and splits, such as new files.

        Args:
            clips: sequence of StoredClip. All with the status `"ok"`.
            layers: tuple of str. The layers of their features.
            pooling: tuple of str. How the layers were pooled.
        """
        count, longest = len(clips), max((len(clip.features) for clip in clips), default=0)
        widths = layer_widths(layers, pooling=pooling)
        X = np.zeros((count, longest, sum(widths.values())), np.float32)
        mask = np.zeros((count, longest), bool)
        for i, clip in enumerate(clips):
            X[i, : len(clip.features)] = clip.features
            mask[i, : len(clip.features)] = True
        names = np.array([str(number) for number in range(count)])
        empty = np.full(count, "")
        coverage = pd.DataFrame({"clip_id": names, "label": pd.array([None] * count, "Int64")})
        coverage = coverage.assign(group="", method="", split="", status="ok", reason="")
        sides = np.array([face_side(clip) for clip in clips])
        spans = _spans(widths)
        labels = np.full(count, -1, np.int8)
        return cls(X, mask, labels, empty, names, empty, spans, coverage, face_sides=sides)

    def __len__(self) -> int:
        return len(self.X)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the network layers whose features are concatenated along D, in order."""
        return tuple(self.spans)

    def blocks(self) -> Iterator[slice]:
        """Yield slices of 256 clips each, to process the clips in parts that need less memory."""
        for begin in range(0, len(self), _BLOCK):
            yield slice(begin, begin + _BLOCK)

    def select(self, layers: str | tuple[str, ...]) -> "FeatureSet":
        """Return the same clips with the features of some layers only.

        The features of a single layer are a view and are not copied.

        Args:
            layers: str or tuple of str. The name of a layer, or several names in the wanted order.

        Raises:
            SettingsError: If there are no features of one of the layers.
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
        """Return the clips of one split. The `coverage` table holds all clips of the split.

        Args:
            split: str. `"train"`, `"val"`, `"test"`, or `""` for the clips without a split.

        Raises:
            DataError: If no clip of the split has features.
        """
        inside = self.splits == split
        if not inside.any():
            raise DataError(
                f"No clip of the split {split!r} has features. The table FeatureSet.coverage gives the reasons."
            )
        coverage = self.coverage[self.coverage["split"] == split].reset_index(drop=True)
        return replace(self.take(inside), coverage=coverage)

    def take(self, rows: np.ndarray) -> "FeatureSet":
        """Return the chosen clips. The `coverage` table holds the chosen clips only.

        If the positions are consecutive, the features are a view. Otherwise they are copied.

        Args:
            rows: int array of positions, or bool array [N] that is True for the chosen clips.
        """
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        is_run = len(rows) and (np.diff(rows) == 1).all()
        where = slice(rows[0], rows[-1] + 1) if is_run else rows
        per_clip = ("X", "mask", "y", "groups", "clip_ids", "splits", "seen", "face_sides")
        chosen = {name: getattr(self, name)[where] for name in per_clip}
        coverage = self.coverage.set_index("clip_id", drop=False).loc[chosen["clip_ids"]]
        return replace(self, **chosen, coverage=coverage.reset_index(drop=True))


def load(
    store: str | Path,
    catalog: Catalog | pd.DataFrame,
    settings: ExtractionSettings | None = None,
    *,
    layers: tuple[str, ...] | None = None,
) -> FeatureSet:
    """Load the features of the clips of a catalog.

    Args:
        store: str or Path. The folder that `extract` saved the features in.
        catalog: Catalog or DataFrame. The clips to load, with the columns clip_id, label and group.
        settings: ExtractionSettings. The settings of the extraction. Defaults to the settings in the store. If the
            store holds several settings, defaults to `ExtractionSettings()`.
        layers: tuple of str. The layers to concatenate in D, in this order. Defaults to all layers in the store.

    Returns:
        FeatureSet. T is the number of frames of the longest clip. Clips are read into `X` one at a time, so no memory
        is needed for a second copy.

    Raises:
        MissingArtefactError: If clips of the catalog are not in the store yet, or their files are damaged.
        SettingsError: If a layer is not in the store.
        DataError: If no clip has the status `"ok"`, the catalog is not valid, or the weights were adapted with a test
            clip or with a clip of its group.

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
    spans = _spans({name: widths[name] for name in layers})
    stored = _spans(widths)
    columns = np.concatenate([np.arange(stored[name].start, stored[name].stop) for name in layers])
    longest = max(rows[position]["frames"] for position in ok.index)
    X = np.zeros((len(ok), longest, len(columns)), np.float32)
    mask = np.zeros((len(ok), longest), bool)
    face_sides = np.full(len(ok), np.nan)
    for i, position in enumerate(ok.index):
        clip, _ = source.read(rows[position]["key"])
        if clip is None or len(clip.features) != rows[position]["frames"]:
            missing.append(rows[position]["clip_id"])
            continue
        X[i, : len(clip.features)] = clip.features[:, columns]
        mask[i, : len(clip.features)] = True
        face_sides[i] = face_side(clip)
    if missing:
        raise _not_stored(missing, table, source)
    return FeatureSet(
        X=X,
        mask=mask,
        y=ok["label"].fillna(-1).to_numpy(np.int8),
        groups=ok["group"].to_numpy(str),
        clip_ids=ok["clip_id"].to_numpy(str),
        splits=ok["split"].to_numpy(str),
        spans=spans,
        coverage=coverage,
        seen=seen[ok.index],
        face_sides=face_sides,
    )


def face_side(clip: StoredClip) -> float:
    """Return the longer side of the face in pixels, the median over the frames of a clip."""
    return float(np.median(clip.boxes[:, 2:].max(axis=1)))


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


def _spans(widths: dict[str, int]) -> dict[str, slice]:
    """Return {layer: slice of its columns} for layers of the given widths that are concatenated in order."""
    ends = np.cumsum(list(widths.values()))
    return {
        name: slice(int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
    }
