"""Can 100,000 clips be trained on without holding their features in memory, and how fast?

    python benchmarks/scale.py                     # 100,000 clips, in a temporary folder (about 3 GB)
    python benchmarks/scale.py --folder scale      # keep the store; a second run only reads it
    python benchmarks/scale.py --clips 5000 --subset 2000

The clips are random features of 20 frames with 288 values, a few of which differ between real and fake. They are
written as `extract` writes them, one file per clip by `Store.write`, without a video and without a network. That takes
a few minutes, as each file is written on its own.

Each measurement runs in a process of its own, so that it has a peak memory of its own. The first one packs, loads and
trains one epoch with validation. The second one loads again and reads every clip once. The last ones train on a subset,
packed and in memory, in turns.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from dfutils.features import Backbone, ExtractionSettings, StoredClip, load
from dfutils.features.store import Store
from dfutils.frames import Sampling
from dfutils.keras_runtime import load_keras
from dfutils.training import build_gru, predict, train

FRAMES, WIDTH = 20, 288
SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=FRAMES), backbone=Backbone(weights="random", layers=("mixed1",))
)
GIB = 1 << 30


@click.command(help=__doc__.partition("\n")[0])
@click.option("--clips", default=100_000, show_default=True, help="Number of clips.")
@click.option(
    "--subset", default=20_000, show_default=True, help="Clips of the comparison with features in memory."
)
@click.option("--epochs", default=2, show_default=True, help="Epochs of each training of the comparison.")
@click.option("--turns", default=2, show_default=True, help="Trainings of each way of the comparison.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Keep the store here. Default: a temporary folder."
)
@click.option("--step", hidden=True, help="What a process of its own measures.")
def main(clips: int, subset: int, epochs: int, turns: int, folder: Path | None, step: str | None) -> None:
    if step is not None and folder is not None:
        print(json.dumps(STEPS[step](folder, clips, subset, epochs)))
        return
    if folder is not None:
        measure(folder, clips, subset, epochs, turns)
        return
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(temporary), clips, subset, epochs, turns)


def measure(folder: Path, clips: int, subset: int, epochs: int, turns: int) -> None:
    seconds = write_store(folder, clips)
    print(f"{clips} clips of {FRAMES} x {WIDTH} written in {seconds:.0f} s", flush=True)
    options = ["--clips", clips, "--subset", min(subset, clips), "--epochs", epochs, "--folder", folder]
    print("\n| step | s |\n|---|---|")
    for step in ("first", "again"):
        found = run(step, options)
        for name, value in found["seconds"].items():
            print(f"| {name} | {value:.1f} |")
        print(
            f"| peak memory of these steps: **{found['peak']:.2f} GiB** ({found['before']:.2f} before them) | |",
            flush=True,
        )
    ways: dict[str, list[dict[str, Any]]] = {"packed": [], "memory": []}
    for _ in range(turns):
        for way, results in ways.items():
            results.append(run(way, options))
    packed, memory = (min(one["epoch"] for one in results) for results in ways.values())
    busy = [min(one["processor"] for one in results) for results in ways.values()]
    print(f"\nOne epoch of {min(subset, clips)} clips: packed {packed:.1f} s, in memory {memory:.1f} s.")
    print(
        f"Packed takes {packed / memory:.2f} times as long, and {busy[0] / busy[1]:.2f} times the processor time."
    )
    losses = {one["loss"] for results in ways.values() for one in results}
    print(f"Validation losses of these trainings: {sorted(losses)}")


def run(step: str, options: list[Any]) -> dict[str, Any]:
    """Run one step in a process of its own and return what it found."""
    command = [sys.executable, __file__, "--step", step, *map(str, options)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def write_store(folder: Path, count: int) -> float:
    """Write the clips that are not there yet, and the index. Return the seconds."""
    began = time.perf_counter()
    store = Store(folder / "store", SETTINGS)
    store.create()
    there = store.index()
    rng = np.random.default_rng(0)
    times, boxes = np.arange(FRAMES) / 25, np.tile([0.0, 0.0, 200.0, 200.0], (FRAMES, 1))
    rows = []
    for number in range(count):
        if f"{number:06d}" in there:
            continue
        features = rng.standard_normal((FRAMES, WIDTH), np.float32)
        features[:, :20] += 0.1 * (number % 2)
        key = f"{number:032x}"
        store.write(key, StoredClip("ok", "", features.astype(np.float16), times, boxes))
        rows.append({"clip_id": f"{number:06d}", "key": key, "status": "ok", "reason": "", "frames": FRAMES})
    store.add_to_index(rows)
    return time.perf_counter() - began


def catalog_of(count: int) -> pd.DataFrame:
    """Return a catalog of clips in pairs of a real and a fake one. Every tenth pair is for validation."""
    number = np.arange(count)
    return pd.DataFrame(
        {
            "clip_id": [f"{one:06d}" for one in number],
            "label": number % 2,
            "group": [f"g{one // 2:06d}" for one in number],
            "split": np.where(number // 2 % 10 == 0, "val", "train"),
        }
    )


def timed(seconds: dict[str, float], name: str, call: Callable[[], Any]) -> Any:
    """Call and note how long it takes."""
    began = time.perf_counter()
    result = call()
    seconds[name] = time.perf_counter() - began
    return result


def peak() -> float:
    """Return the largest resident memory of this process so far, in GiB; NaN where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / GIB


def pack_and_train(folder: Path, clips: int, subset: int, epochs: int) -> dict[str, Any]:
    """Pack all clips, load them, and train for one epoch."""
    seconds: dict[str, float] = {}
    load_keras()
    before, catalog = peak(), catalog_of(clips)
    whole = timed(
        seconds,
        "pack and load",
        lambda: load(folder / "store", catalog, SETTINGS, packed=True, progress=False),
    )
    parts = timed(seconds, "divide by split", lambda: (whole.part("train"), whole.part("val")))
    model = build_gru(WIDTH, seed=7)
    timed(seconds, "train one epoch, with validation", lambda: train(model, *parts, epochs=1, progress=False))
    timed(seconds, "score all clips", lambda: predict(model, whole))
    return {"seconds": seconds, "before": before, "peak": peak()}


def load_again(folder: Path, clips: int, subset: int, epochs: int) -> dict[str, Any]:
    """Load the packed clips, and read each of them once in blocks."""
    seconds: dict[str, float] = {}
    before, catalog = peak(), catalog_of(clips)
    whole = timed(
        seconds, "load what is packed", lambda: load(folder / "store", catalog, SETTINGS, packed=True)
    )
    timed(
        seconds, "read every clip once, in blocks", lambda: [whole.X[rows].max() for rows in whole.blocks()]
    )
    order = np.random.default_rng(0).permutation(len(whole))
    batches = [order[begin : begin + 32] for begin in range(0, len(order), 32)]
    timed(
        seconds,
        "read every clip once, in random batches of 32",
        lambda: [whole.X[rows].max() for rows in batches],
    )
    return {"seconds": seconds, "before": before, "peak": peak()}


def train_subset(packed: bool) -> Callable[..., dict[str, Any]]:
    """Return a step that trains on some of the clips, packed or in memory."""

    def step(folder: Path, clips: int, subset: int, epochs: int) -> dict[str, Any]:
        load_keras()
        some = load(folder / "store", catalog_of(subset), SETTINGS, packed=packed, progress=False)
        parts = some.part("train"), some.part("val")
        model = build_gru(WIDTH, seed=7)
        train(
            model, *(part.take(np.arange(64)) for part in parts), epochs=1, progress=False
        )  # graphs are traced
        began = time.process_time()
        result = train(build_gru(WIDTH, seed=7), *parts, epochs=epochs, progress=False)
        processor = (time.process_time() - began) / epochs
        return {
            "epoch": result.seconds / epochs,
            "processor": processor,
            "loss": round(result.history["val_loss"].iloc[-1], 5),
        }

    return step


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "first": pack_and_train,
    "again": load_again,
    "packed": train_subset(True),
    "memory": train_subset(False),
}


if __name__ == "__main__":
    main()
