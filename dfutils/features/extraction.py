"""Extract the features of every clip of a catalog and save them in the feature store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from dfutils.data.validation import catalog_table, root_of
from dfutils.features.clip_job import ClipJob
from dfutils.features.cluster import run_on_cluster
from dfutils.features.crop_files import crops_folder
from dfutils.features.pipeline import compute_features, run_jobs
from dfutils.features.seen import compare_people
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import Store, StoredClip
from dfutils.features.weights import Weights, resolve_weights
from dfutils.media.files import leaves_root, media_of
from dfutils.tables import Catalog

# The default format of tqdm shows a rate below 1 as seconds per clip; this format always shows clips per second.
_BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}]"

_Row = tuple[str, str, str, float]


@dataclass(frozen=True, eq=False)
class Extraction:
    """The result of `extract`: the status of every clip, and how many clips were extracted.

    Args:
        table: DataFrame. One row per clip, in the order of the catalog: clip_id, status, reason, and seconds of work (0
            if the store had the clip already).
        extracted: int. Clips that were extracted in this call; files with the same content count once.
        repaired: int. Clips among them whose stored features were damaged or from other settings.
        fingerprint: str. The name of the store's folder for these settings.
        weights: Weights. The weights that were used. Show `weights.note` with every result.
        remarks: tuple of str. Why people could not be compared with those that the weights have seen, if so.
    """

    table: pd.DataFrame
    extracted: int
    repaired: int
    fingerprint: str
    weights: Weights
    remarks: tuple[str, ...] = ()


def extract(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None,
    store: str | Path,
    settings: ExtractionSettings | None = None,
    *,
    crops: str | Path | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: bool = True,
) -> Extraction:
    """Extract the features of every clip that is not in the store yet.

    Each clip is stored as soon as its features are computed: you can interrupt the call at any time and run it again to
    resume. A clip that cannot be used gets a status and a reason, and the other clips are still extracted. If all clips
    are in the store, TensorFlow is not loaded. Two processes may fill one store at the same time.

    If the weights were adapted with `people=True`, the faces in the real clips are compared with the people that the
    weights have seen (about 0.6 s per clip). `load` then recognises clips of these people.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id and path.
        root: str or Path or None. The folder that the paths are relative to. None means `catalog.root`.
        store: str or Path. The folder for the features. It is created if it does not exist.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.
        crops: str or Path or None. A folder to keep the face crops in (270 KB per frame), for `adaptation.adapt`. Only
            crops of frames that are spread evenly (the rule `"uniform"`) are kept. Defaults to None: none are.
        workers: int. Number of threads that decode clips and detect faces while the network computes features.
            Defaults to half the number of CPU cores, but at least 2 and at most 8; with a GPU, to all cores.
        cluster: str or None. The address of a Dask scheduler whose workers extract the clips, or `"local"` for a
            cluster on this machine. All machines need this version of dfutils, and must see the clips and the store
            under the same paths. Workers may come and go. A clip that ends its worker twice is `"unreadable"`. Defaults
            to None: this process extracts the clips.
        progress: bool. Whether to show a progress bar. Defaults to True.

    Returns:
        Extraction.

    Raises:
        DataError: If the folder `root` does not exist, or the catalog is not valid.
        StoreError: If the store cannot be written.
        WeightsError: If the weights are not available, or give values that are not finite.
        SettingsError: If Dask is not installed, or no worker of the cluster can be reached.
        RuntimeError: If the first 20 clips all fail with the same unexpected error, which then has another cause.

    Example:
        >>> from dfutils import data, features, frames
        >>> settings = features.ExtractionSettings(
        ...     sampling=frames.Sampling(frames=4),
        ...     face=frames.FaceCrop(detector="none"),
        ...     backbone=features.Backbone(weights="random", layers=("mixed0",)),
        ... )
        >>> catalog = data.read_catalog("faces")
        >>> extraction = features.extract(catalog, catalog.root, "features", settings, progress=False)
        >>> extraction.table["status"].value_counts().to_dict()
        {'ok': 24}
        >>> extraction.extracted  # the store held all clips already
        0
    """
    settings, folder = settings or ExtractionSettings(), root_of(catalog, root)
    table = catalog_table(catalog, needs=("clip_id", "path"))
    target = Store(store, settings)
    target.create()
    rows, missing = _look_up(table, folder, target, progress=progress)
    if missing:
        if any(job.key for job in missing):
            target.check_writable()
        bar = tqdm(
            total=len(table),
            initial=sum(row is not None for row in rows),
            desc="features",
            unit=" clips",
            bar_format=_BAR,
            disable=not progress,
        )
        with bar:
            kept = _crops_to_keep(crops, settings)
            options: dict[str, Any] = {"store": target, "workers": workers, "crops": kept}
            if cluster is None:
                done = run_jobs(missing, settings, **options)
            else:
                done = run_on_cluster(missing, settings, cluster=cluster, **options)
            for job in done:
                for position, clip_id in job.places:
                    rows[position] = (clip_id, job.outcome.status, job.reason, job.seconds)
                bar.update(len(job.places))
                job.result = None  # the features are on disk now: free their memory
    result = pd.DataFrame(rows, columns=["clip_id", "status", "reason", "seconds"])
    weights = resolve_weights(settings.backbone)
    return Extraction(
        table=result,
        extracted=sum(job.was_extracted for job in missing),
        repaired=sum(job.was_extracted and bool(job.problem) for job in missing),
        fingerprint=target.fingerprint,
        weights=weights,
        remarks=_compare_people(weights, table, result, folder, target, progress=progress),
    )


def _crops_to_keep(crops: str | Path | None, settings: ExtractionSettings) -> Path | None:
    """Return the folder for the crops, if they are as an adaptation cuts them."""
    if crops is None or settings.sampling.rule != "uniform" or settings.degradation is not None:
        return None
    return crops_folder(crops, frames=settings.sampling.frames, face=settings.face)


def _compare_people(
    weights: Weights,
    table: pd.DataFrame,
    result: pd.DataFrame,
    root: Path,
    store: Store,
    *,
    progress: bool,
) -> tuple[str, ...]:
    """Compare the people in the usable real clips with those that the weights have seen. Return remarks."""
    if weights.record is None or not weights.record.people:
        return ()
    usable = (result["status"] == "ok").to_numpy()
    if "label" in table:
        usable &= (table["label"] != 1).fillna(True).to_numpy(bool)
    rows = table[usable]
    if "media" not in rows:
        rows = rows.assign(media=[_media(root / path) for path in rows["path"]])
    index = store.index()
    keys = [index[clip_id]["key"] for clip_id in rows["clip_id"]]
    return compare_people(weights.record, rows, root, keys=keys, folder=store.folder, progress=progress)


def _media(path: Path) -> str:
    return "frames" if path.is_dir() else media_of(path.name)


def extract_clip(path: str | Path, settings: ExtractionSettings | None = None) -> StoredClip:
    """Extract the features of one clip, without a store.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.

    Returns:
        StoredClip. If the clip cannot be used, its status is not `"ok"`; no error is raised.

    Raises:
        WeightsError: If the weights are not available, or give values that are not finite.
    """
    settings = settings or ExtractionSettings()
    job = ClipJob(Path(path))
    job.decode(settings)
    (job,) = compute_features([job], settings)
    return job.outcome


def store_clip(
    path: str | Path, store: str | Path, settings: ExtractionSettings | None = None
) -> dict[str, Any]:
    """Extract the features of one clip, save them in the store, and return a summary of the clip.

    Use this function to extract many files in parallel on a cluster, one call per file. Then call `extract` with the
    whole catalog: it only adds the clips to the store's index.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        store: str or Path. The folder for the features. It is created if it does not exist.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.

    Returns:
        dict. path, key, status, reason, frames, and seconds (0 if the store had the clip already).

    Raises:
        StoreError: If the store cannot be written.
        WeightsError: If the weights are not available, or give values that are not finite.
    """
    settings = settings or ExtractionSettings()
    target = Store(store, settings)
    target.create()
    job = ClipJob(Path(path))
    job.look_up(target)
    if job.result is None:
        job.decode(settings, store=target)
        (job,) = compute_features([job], settings)
        job.save(target)
    return {"path": str(path), **job.facts(), "reason": job.reason, "seconds": job.seconds}


def _look_up(
    table: pd.DataFrame, root: Path, store: Store, *, progress: bool
) -> tuple[list[_Row | None], list[ClipJob]]:
    """Look up all clips in the store. Return one row per clip (None if not stored) and a job per clip to extract."""
    index, outdated = store.index(), []
    rows: list[_Row | None] = []
    missing: list[ClipJob] = []
    by_key: dict[str, ClipJob] = {}
    bar = tqdm(
        zip(table["clip_id"], table["path"], strict=True),
        total=len(table),
        desc="checking the store",
        unit=" clips",
        leave=False,
        delay=2,
        disable=not progress,
    )
    for position, (clip_id, path) in enumerate(bar):
        job = _make_job(path, root, store)
        job.places.append((position, clip_id))
        if job.result is not None:
            rows.append((clip_id, job.result.status, job.result.reason, 0.0))
            entry = {"clip_id": clip_id, **job.facts()}
            if index.get(clip_id) != entry:
                outdated.append(entry)
            continue
        rows.append(None)
        same = by_key.setdefault(job.key, job) if job.key else job
        if same is job:
            missing.append(job)
        else:  # another file with the same content
            same.places += job.places
    store.add_to_index(outdated)
    return rows, missing


def _make_job(path: str, root: Path, store: Store) -> ClipJob:
    """Return the job for one path of the catalog; its `result` is set if the clip need not be decoded."""
    job = ClipJob(root / path)
    if not path:
        job.refuse("the catalog gives no path for it", store.settings)
    elif leaves_root(path):
        job.refuse("is not a permitted file: its path leaves the data set's folder", store.settings)
    else:
        job.look_up(store)
    return job
