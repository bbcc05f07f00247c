"""Show what a cache notices, by doing it to a clip."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd

from dfutils.features.extraction import extract
from dfutils.features.settings import ExtractionSettings


def demonstrate_cache(first: str | Path, second: str | Path, settings: ExtractionSettings) -> pd.DataFrame:
    """Do to copies of two clips what happens to videos and caches, and extract after each.

    Args:
        first, second: str or Path. Files of different content; they are only read.
        settings: ExtractionSettings.

    Returns:
        DataFrame, a row for each event, in order. event, clips_extracted (after it), status and reason.
    """
    first, second = Path(first), Path(second)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        video, store = folder / f"video{first.suffix}", folder / "store"

        def observe(event: str) -> None:
            catalog = pd.DataFrame({"clip_id": ["clip"], "path": [video.name]})
            result = extract(catalog, folder, store, settings, progress=False)
            rows.append((event, result.extracted, *result.table.loc[0, ["status", "reason"]]))

        shutil.copy(first, video)
        observe("a new video")
        observe("nothing")
        video = video.rename(folder / f"renamed{first.suffix}")
        observe("it is renamed")
        shutil.copy(second, video)
        observe("another video takes its place")
        shutil.copy(first, video)
        observe("the first one comes back")
        for stored in store.glob("*/clips/*.npz"):
            stored.write_bytes(stored.read_bytes()[:-100])
        observe("the cached file loses its end")
    return pd.DataFrame(rows, columns=["event", "clips_extracted", "status", "reason"])
