"""What does an extraction on a cluster survive? Three workers, and everything goes wrong.

    python benchmarks/cluster.py                 # 60 clips of the built-in data set
    python benchmarks/cluster.py ROOT --kill-every 10 --kills 20

With a kill every six seconds, without end, nothing was finished on two cores.

Every few seconds, one of the workers is killed with signal 9, three times in all. One clip ends each process that
opens it, as a broken video can end a decoder. The disk of one worker is full. The same clips are then extracted by one
process. At the end, every clip has one status, and the features of both are compared byte by byte. Exit status 1 if
they differ.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dfutils.demo import write_dataset
from dfutils.features import Backbone, Extraction, ExtractionSettings, extract
from dfutils.frames import Sampling

_POISON = "poison.mp4"
# Python runs this file when a process starts that has its folder in PYTHONPATH.
_SITE = f"""
import os, av
opened = av.open
def open_or_die(file, *arguments, **options):
    if str(file).endswith("{_POISON}"):
        os.kill(os.getpid(), 11)
    return opened(file, *arguments, **options)
av.open = open_or_die
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder; default: the built-in data set")
    parser.add_argument("--clips", type=int, default=60, help="the largest number of clips (default: 60)")
    parser.add_argument("--frames", type=int, default=20, help="frames sampled from each clip (default: 20)")
    parser.add_argument("--workers", type=int, default=3, help="workers of the cluster (default: 3)")
    parser.add_argument("--kill-every", type=float, default=5.0, help="seconds between kills (default: 5)")
    parser.add_argument("--kills", type=int, default=3, help="the largest number of kills (default: 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = _clips(Path(folder), options.root, options.clips)
        paths = sorted(path.name for path in root.iterdir())
        table = pd.DataFrame({"clip_id": paths, "path": paths})
        settings = ExtractionSettings(
            sampling=Sampling(frames=options.frames),
            backbone=Backbone(weights="random", layers=("mixed2", "mixed10")),
        )
        with _cluster(Path(folder) / "site", options) as (address, killed):
            began = time.perf_counter()
            found = extract(table, root, Path(folder) / "cluster", settings, cluster=address)
            print(f"Cluster: {time.perf_counter() - began:.0f} s, {killed()} workers killed.")
        healthy = table[table["path"] != _POISON]
        began = time.perf_counter()
        alone = extract(healthy, root, Path(folder) / "alone", settings)
        print(f"One process, without the clip that ends it: {time.perf_counter() - began:.0f} s.")
        return _compare(found, alone, Path(folder))


def _clips(folder: Path, root: str | None, most: int) -> Path:
    """Copy clips into a new folder, and add one that ends processes and one that is no video."""
    source = Path(root) if root else folder / "demo"
    if not root:
        write_dataset(source, identities=2 * -(-most // 8))
    videos = sorted(path for path in source.rglob("*.mp4") if path.is_file())[:most]
    if not videos:
        raise SystemExit(f"{source} has no .mp4 files.")
    target = folder / "clips"
    target.mkdir()
    for number, video in enumerate(videos):
        shutil.copy(video, target / f"{number:03d}.mp4")
    shutil.copy(videos[0], target / _POISON)
    with (target / _POISON).open("ab") as file:
        file.write(b"another content key")
    (target / "text.mp4").write_text("no video")
    return target


@contextmanager
def _cluster(site: Path, options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Start a cluster whose workers are killed. Yields its address and a function that counts the killed ones."""
    from distributed import LocalCluster

    site.mkdir()
    (site / "sitecustomize.py").write_text(_SITE)
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = f"{site}{os.pathsep}{before}"
    count, stop = [0], threading.Event()
    try:
        with LocalCluster(
            n_workers=options.workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=60,
        ) as cluster:
            full, *_ = cluster.workers.values()
            # No file of this worker can be longer than 100 bytes: as on a full disk, every write fails.
            resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (100, 100))

            def kill() -> None:
                rng = random.Random(0)
                while not stop.wait(options.kill_every) and count[0] < options.kills:
                    # Dask gives up a worker that dies before it has joined.
                    joined = {state.nanny for state in list(cluster.scheduler.workers.values())}
                    alive = [
                        nanny
                        for nanny in cluster.workers.values()
                        if nanny.address in joined - {full.address}
                    ]
                    if alive and (pid := rng.choice(alive).pid):
                        os.kill(pid, signal.SIGKILL)
                        count[0] += 1

            thread = threading.Thread(target=kill, daemon=True)
            thread.start()
            try:
                yield cluster.scheduler_address, lambda: count[0]
            finally:
                stop.set()
                thread.join()
    finally:
        os.environ["PYTHONPATH"] = before


def _compare(found: Extraction, alone: Extraction, folder: Path) -> int:
    """Print the statuses and whether all features are equal. Return 0 if they are, else 1."""
    print(found.table["status"].value_counts().to_string())
    poison = found.table[found.table["clip_id"] == _POISON].iloc[0]
    print(f"{_POISON}: {poison['status']}, {poison['reason']}")
    both = found.table.merge(alone.table, on="clip_id", suffixes=("", "_alone"))
    same_status = bool((both["status"] == both["status_alone"]).all()) and len(both) == len(found.table) - 1
    stores = [folder / name / found.fingerprint / "clips" for name in ("cluster", "alone")]
    names = [{path.name for path in store.iterdir()} for store in stores]
    different = [
        name
        for name in sorted(names[0] & names[1])
        if not _equal(np.load(stores[0] / name), np.load(stores[1] / name))
    ]
    print(f"{len(names[0])} files, {len(different)} of them with other bytes than those of one process.")
    is_right = same_status and names[0] == names[1] and not different and poison["status"] == "unreadable"
    print("Every clip has its status, once." if is_right else "The results differ.")
    return 0 if is_right and not pd.Series(found.table["clip_id"]).duplicated().any() else 1


def _equal(first: Any, second: Any) -> bool:
    return set(first) == set(second) and all(
        first[name].tobytes() == second[name].tobytes() for name in first
    )


if __name__ == "__main__":
    sys.exit(main())
