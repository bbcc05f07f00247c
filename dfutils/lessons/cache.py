"""Show the time a feature store saves, which settings change its folder's name, and which clip changes it notices."""

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dfutils.features import Backbone, ExtractionSettings, extract
from dfutils.tables import Catalog

_ALL_LAYERS = tuple(f"mixed{number}" for number in range(11))


def compare_cold_and_warm(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    settings: ExtractionSettings | None = None,
) -> pd.DataFrame:
    """Extract the same clips twice into a new, temporary store: first cold (empty), then warm (filled).

    Args:
        catalog: Catalog or DataFrame. A few clips, with clip_id and path.
        root: str or Path or None. The folder that the paths are relative to. Defaults to None: the Catalog's own root.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.

    Returns:
        DataFrame. The rows `cold` and `warm`: run, clips_extracted and seconds. Empty if there are no clips.
    """
    rows = []
    with tempfile.TemporaryDirectory() as store:
        for run in ("cold", "warm") if len(catalog) else ():
            began = time.perf_counter()
            extraction = extract(catalog, root, store, settings, progress=False)
            rows.append((run, extraction.extracted, time.perf_counter() - began))
    return pd.DataFrame(rows, columns=["run", "clips_extracted", "seconds"])


def fingerprint_changes(settings: ExtractionSettings | None = None) -> pd.DataFrame:
    """Change one extraction setting after the other, and list the store's folder for each.

    Args:
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.

    Returns:
        DataFrame. One row per change, the first without any: settings (what was changed) and folder.
    """
    settings = settings or ExtractionSettings()
    sampling, face, backbone = settings.sampling, settings.face, settings.backbone
    changes = {
        "as they are": settings,
        "one frame more": replace(settings, sampling=replace(sampling, frames=sampling.frames + 1)),
        "another sampling rule": replace(
            settings, sampling=replace(sampling, rule="uniform" if sampling.rule == "burst" else "burst")
        ),
        "a wider margin": replace(settings, face=replace(face, margin=face.margin + 0.2)),
        "other layers": replace(settings, backbone=replace(backbone, layers=_other_layers(backbone))),
        "the other precision": replace(
            settings,
            backbone=replace(
                backbone, precision="bfloat16" if backbone.precision == "float32" else "float32"
            ),
        ),
    }
    rows = [(change, changed.fingerprint()) for change, changed in changes.items()]
    return pd.DataFrame(rows, columns=["settings", "folder"])


def _other_layers(backbone: Backbone) -> tuple[str, ...]:
    """Return the layers with the first missing one added, or without the last one if none is missing."""
    missing = [name for name in _ALL_LAYERS if name not in backbone.layers]
    return (*backbone.layers, missing[0]) if missing else backbone.layers[:-1]


def demonstrate_cache(
    first: str | Path, second: str | Path, settings: ExtractionSettings | None = None
) -> pd.DataFrame:
    """Rename, replace and damage copies of two clips and their stored features. Extract again after each change.

    Args:
        first: str or Path. The file of a clip. It is only read.
        second: str or Path. The file of a clip with other content. It is only read.
        settings: ExtractionSettings. Defaults to `ExtractionSettings()`.

    Returns:
        DataFrame. One row per event, in order: event, clips_extracted (after the event), status and reason.
    """
    first, second = Path(first), Path(second)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        video, store = folder / f"video{first.suffix}", folder / "store"

        def observe(event: str) -> None:
            catalog = pd.DataFrame({"clip_id": ["clip"], "path": [video.name]})
            extraction = extract(catalog, folder, store, settings, progress=False)
            rows.append((event, extraction.extracted, *extraction.table.loc[0, ["status", "reason"]]))

        shutil.copy(first, video)
        observe("a new video")
        observe("nothing")
        video = video.rename(folder / f"renamed{first.suffix}")
        observe("it is renamed")
        shutil.copy(second, video)
        observe("another video takes its place")
        shutil.copy(first, video)
        observe("the first video comes back")
        for stored in store.glob("*/clips/*.npz"):
            stored.write_bytes(stored.read_bytes()[:-100])
        observe("the cached file loses its end")
    return pd.DataFrame(rows, columns=["event", "clips_extracted", "status", "reason"])
