"""Show what the feature store notices, on copies of two clips."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd

from dfutils.features import ExtractionSettings, extract


def demonstrate_cache(
    first: str | Path, second: str | Path, settings: ExtractionSettings | None = None
) -> pd.DataFrame:
    """Rename, replace and damage copies of two clips and their stored features, and extract after each event.

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
