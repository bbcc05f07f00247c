"""Fill the cache, and load features from it."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data.files import leaves_root
from dfutils.errors import ClipError, DataError, MissingArtefactError, SettingsError
from dfutils.features.backbone import build_backbone, layer_widths, resolve_weights
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip, content_key
from dfutils.frames import crop_faces, read_clip

_BATCH = 32


def extract(
    catalog: pd.DataFrame,
    root: str | Path,
    store: str | Path,
    settings: ExtractionSettings | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Extract the features of every clip that the store does not hold yet.

    Each clip is stored as soon as it is done: interrupt it whenever you like, and run it again to go on.
    A clip that cannot be used gets its status and reason, and the others are still done.

    Args:
        catalog: DataFrame. One row a clip, with clip_id and path.
        root: str or Path. The folder that paths are relative to.
        store: str or Path. Where to keep the features; made if missing.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DataFrame. clip_id, status, reason and seconds (0 where the store had the clip), in the catalog's
        order. `attrs` holds `clips_extracted`, `fingerprint`, `weights` (a kind) and `weights_note`.

    Raises:
        StoreError: If the store cannot be written.
        WeightsError: If the weights asked for cannot be had.
    """
    settings, root = settings or ExtractionSettings(), Path(root)
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that the catalog's paths are relative to."
        )
    target = Store(store, settings)
    target.create()
    index = target.index()
    rows, extracted = [], 0
    clips = list(zip(catalog["clip_id"], catalog["path"], strict=True))
    with tqdm(total=len(clips), desc="features", unit="clip", disable=not progress) as bar:
        for clip_id, path in clips:
            began = time.perf_counter()
            row, was_extracted = _ensure(target, index, clip_id, root, path)
            extracted += was_extracted
            rows.append((*row, time.perf_counter() - began if was_extracted else 0.0))
            bar.set_postfix_str(f"{extracted} new", refresh=False)
            bar.update()
    result = pd.DataFrame(rows, columns=["clip_id", "status", "reason", "seconds"])
    weights = resolve_weights(settings.backbone)
    result.attrs.update(
        clips_extracted=extracted,
        fingerprint=target.fingerprint,
        weights=weights.kind,
        weights_note=weights.note,
    )
    return result


def _ensure(
    store: Store, index: dict, clip_id: str, root: Path, named: str
) -> tuple[tuple[str, str, str], bool]:
    """Make sure that the store knows a clip. Return (clip_id, status, reason) and whether it was extracted."""
    path, permitted = root / named, not leaves_root(named)
    try:
        key = content_key(path) if permitted and (path.is_file() or path.is_dir()) else ""
    except (OSError, ValueError):  # unreadable, or a name that no file system takes
        key = ""
    clip, trouble = store.read(key) if key else (None, "")
    extracted = clip is None and bool(key)  # where there is no file, there was nothing to do
    if clip is None:
        refused = ClipError("unreadable", "is no permitted file: its path leaves the data set's folder")
        clip = extract_clip(path, store.settings) if permitted else _unusable(refused, store.settings)
        if trouble:
            clip = StoredClip(
                clip.status,
                "; ".join(filter(None, [clip.reason, f"{trouble}, so it was extracted again"])),
                clip.features,
                clip.times,
                clip.boxes,
            )
        if key:
            store.write(key, clip)
    row = {"clip_id": clip_id, "key": key, "status": clip.status, "reason": clip.reason}
    if index.get(clip_id) != row:
        store.add_to_index([row])
        index[clip_id] = row
    return (clip_id, clip.status, clip.reason), extracted


def extract_clip(path: str | Path, settings: ExtractionSettings) -> StoredClip:
    """Take one clip all the way from its file to features.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings.

    Returns:
        StoredClip. Its status says whether the file could be used; no error is raised for a bad file.
    """
    try:
        clip = read_clip(path, settings.sampling)
        track = crop_faces(clip, settings.face)
    except ClipError as error:
        return _unusable(error, settings)
    model = build_backbone(settings.backbone)
    batches = np.split(track.crops, range(_BATCH, len(track.crops), _BATCH))
    features = np.concatenate([model.predict_on_batch(batch) for batch in batches])
    return StoredClip("ok", clip.note, features.astype(np.float16), clip.times, track.boxes)


def _unusable(error: ClipError, settings: ExtractionSettings) -> StoredClip:
    width = sum(layer_widths(settings.backbone.layers).values())
    nothing = np.empty((0, width), np.float16)
    return StoredClip(error.status, error.reason, nothing, np.empty(0), np.empty((0, 4)))


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

    def select(self, layers: tuple[str, ...]) -> "FeatureSet":
        """Return the same clips with some of the layers only.

        Raises:
            SettingsError: If a layer is not there.
        """
        if not layers or not set(layers) <= set(self.spans):
            raise SettingsError(
                f"These features hold the layers {', '.join(self.spans)}. Received: {', '.join(layers) or 'none'}"
            )
        if tuple(layers) == self.layers:
            return self
        widths = {name: self.spans[name].stop - self.spans[name].start for name in layers}
        X = np.concatenate([self.X[..., self.spans[name]] for name in layers], axis=-1)
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

        Args:
            rows: int or bool array. Positions among the N clips, or which of them.
        """
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
        FeatureSet. T is the longest clip's number of frames.

    Raises:
        MissingArtefactError: If clips of the catalog were not extracted yet.
        SettingsError: If a layer was not stored.
        DataError: If no clip is ok.
    """
    source = Store(store, settings) if settings else Store.only(store)
    stored = layer_widths(source.settings.backbone.layers)
    layers = tuple(layers or stored)
    if not set(layers) <= set(stored):
        raise SettingsError(
            f"The store holds the layers {', '.join(stored)}. Received: layers={', '.join(layers)}. "
            "Extract again with Backbone(layers=...)."
        )
    index = source.index()
    clips, statuses, reasons, missing = {}, [], [], []
    for clip_id in catalog["clip_id"]:
        row = index.get(clip_id)
        if row is None:
            missing.append(clip_id)
            continue
        status, reason = row["status"], row["reason"]
        if status == "ok":
            clips[clip_id], _ = source.read(row["key"])
            if clips[clip_id] is None:
                missing.append(clip_id)
        statuses.append(status)
        reasons.append(reason)
    if missing:
        raise MissingArtefactError(
            f"{len(missing)} of {len(catalog)} clips are not in the store {source.folder} (such as {missing[0]}). "
            "Run notebook 03_feature_caching or `dfutils extract` again: it does what is missing."
        )
    coverage = catalog[["clip_id", "label", "group", "method", "split"]].reset_index(drop=True)
    coverage = coverage.assign(status=statuses, reason=reasons)
    coverage.attrs = {}
    ok = coverage[coverage["status"] == "ok"]
    if ok.empty:
        counts = coverage["status"].value_counts().to_dict()
        raise DataError(f"None of the {len(catalog)} clips has features: {counts}. See their reasons.")

    where = _spans(stored)
    spans = _spans({name: stored[name] for name in layers})
    columns = np.concatenate([np.arange(where[name].start, where[name].stop) for name in layers])
    longest = max(len(clips[clip_id].features) for clip_id in ok["clip_id"])
    X = np.zeros((len(ok), longest, len(columns)), np.float32)
    mask = np.zeros((len(ok), longest), bool)
    for i, clip_id in enumerate(ok["clip_id"]):
        features = clips.pop(clip_id).features
        X[i, : len(features)] = features[:, columns]
        mask[i, : len(features)] = True
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


def _spans(widths: dict[str, int]) -> dict[str, slice]:
    """Return where each layer lies when they are laid side by side."""
    ends = np.cumsum(list(widths.values()))
    return {
        name: slice(int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
    }
