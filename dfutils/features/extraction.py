"""Fill the store: from each clip's file to its features."""

import os
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from dfutils.data.validation import as_catalog
from dfutils.errors import DataError
from dfutils.features.pipeline import (
    ClipJob,
    compute_features,
    extract_missing,
    index_row,
    keep,
    look_up,
    prepare,
    refused,
)
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.features.weights import resolve_weights
from dfutils.media.files import leaves_root

# tqdm would turn a slow rate over, into seconds a clip.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}]"


def extract(
    catalog: pd.DataFrame,
    root: str | Path,
    store: str | Path,
    settings: ExtractionSettings | None = None,
    progress: bool = True,
    workers: int | None = None,
) -> pd.DataFrame:
    """Extract the features of every clip that the store does not hold yet.

    Each clip is stored as soon as it is done: interrupt it whenever you like, and run it again to go on.
    A clip that cannot be used gets its status and reason, and the others are still done. Where nothing is
    missing, TensorFlow is not loaded. Two processes may fill one store.

    Args:
        catalog: DataFrame. One row a clip, with clip_id and path.
        root: str or Path. The folder that paths are relative to.
        store: str or Path. Where to keep the features; made if missing.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.
        progress: bool. Show a progress bar. Defaults to True.
        workers: int. Clips that are decoded and searched for faces at a time, while the network computes.
            Defaults to half the processor's cores, from 2 to 8.

    Returns:
        DataFrame. clip_id, status, reason and seconds of work (0 where the store had the clip), in the
        catalog's order. `attrs` holds `clips_extracted`, `clips_repaired` (those of them whose stored file was
        damaged or foreign), `fingerprint`, `weights` (a kind) and `weights_note`.

    Raises:
        DataError: If there is no folder `root`, or the catalog cannot be used.
        StoreError: If the store cannot be written.
        WeightsError: If the weights asked for cannot be had, or give what is no number.
        RuntimeError: If the first clips all fail in the same unforeseen way: then the fault is not in the clips.
    """
    settings, root = settings or ExtractionSettings(), Path(root)
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that the catalog's paths are relative to."
        )
    catalog = as_catalog(catalog, ("clip_id", "path"))
    target = Store(store, settings)
    target.create()
    rows, missing = _check(catalog, root, target, progress)
    if missing:
        if any(clip.key for clip in missing):
            target.check_writable()
        bar = tqdm(
            total=len(catalog),
            initial=sum(row is not None for row in rows),
            desc="features",
            unit=" clips",
            bar_format=_BAR,
            disable=not progress,
        )
        with bar:
            for clip in extract_missing(missing, target, workers or _default_workers()):
                for position, clip_id in clip.places:
                    rows[position] = (clip_id, clip.stored.status, clip.reason, clip.seconds)
                bar.update(len(clip.places))
                clip.stored = None  # it is on disk now
    result = pd.DataFrame(rows, columns=["clip_id", "status", "reason", "seconds"])
    weights = resolve_weights(settings.backbone)
    result.attrs.update(
        clips_extracted=sum(clip.was_extracted for clip in missing),
        clips_repaired=sum(clip.was_extracted and bool(clip.trouble) for clip in missing),
        fingerprint=target.fingerprint,
        weights=weights.kind,
        weights_note=weights.note,
    )
    return result


def extract_clip(path: str | Path, settings: ExtractionSettings) -> StoredClip:
    """Take one clip all the way from its file to features, past the store.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings.

    Returns:
        StoredClip. A clip that cannot be used has a status other than `ok`; nothing is raised for it.

    Raises:
        WeightsError: If the weights asked for cannot be had, or give what is no number.
    """
    clip = ClipJob(Path(path))
    prepare(clip, settings)
    (clip,) = compute_features([clip], settings)
    return clip.stored


def store_clip(path: str | Path, settings: ExtractionSettings, store: str | Path) -> dict:
    """Do all that is to be done for one clip: write one file into the store and return one row.

    It needs nothing but its arguments, so that an engine can map it over a cluster. `extract` over the
    whole catalog then finds every clip done, and only writes the store's index.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings.
        store: str or Path. Made if missing.

    Returns:
        dict. path, key, status, reason, frames, and seconds (0 where the store had the clip).

    Raises:
        StoreError: If the store cannot be written.
        WeightsError: If the weights asked for cannot be had, or give what is no number.
    """
    target = Store(store, settings)
    target.create()
    clip = ClipJob(Path(path))
    look_up(clip, target)
    if clip.stored is None:
        prepare(clip, settings, target)
        (clip,) = compute_features([clip], settings)
        keep(clip, target)
    return {"path": str(path), **index_row(clip), "reason": clip.reason, "seconds": clip.seconds}


def _check(catalog: pd.DataFrame, root: Path, store: Store, progress: bool) -> tuple[list, list[ClipJob]]:
    """Return the rows of the clips that the store holds (None for the others), and the clips that it does not."""
    index, news = store.index(), []
    rows, missing, by_key = [], [], {}
    clips = zip(catalog["clip_id"], catalog["path"], strict=True)
    for clip_id, named in tqdm(
        clips, total=len(catalog), desc="checking the store", unit=" clips", leave=False, delay=2,
        disable=not progress,
    ):  # fmt: skip
        clip = ClipJob(root / named, [(len(rows), clip_id)])
        if not named:
            clip.stored = refused("the catalog gives no path for it", store.settings)
        elif leaves_root(named):
            words = "is no permitted file: its path leaves the data set's folder"
            clip.stored = refused(words, store.settings)
        else:
            look_up(clip, store)
        if clip.stored is not None:
            rows.append((clip_id, clip.stored.status, clip.stored.reason, 0.0))
            if index.get(clip_id) != {"clip_id": clip_id, **index_row(clip)}:
                news.append({"clip_id": clip_id, **index_row(clip)})
            continue
        rows.append(None)
        if clip.key in by_key:  # the same content under another name
            by_key[clip.key].places += clip.places
            continue
        missing.append(clip)
        if clip.key:
            by_key[clip.key] = clip
    store.add_to_index(news)
    return rows, missing


def _default_workers() -> int:
    return max(2, min(8, (os.cpu_count() or 1) // 2))
