"""What does a large data set cost? Core-hours, hours, disk and money, from measured seconds per clip.

    python benchmarks/costs.py                                # the 124,000 clips of DFDC
    python benchmarks/costs.py --clips 6000 --cores 8         # a data set and a machine of your own
    python benchmarks/costs.py --seconds 1.2 --decode 0.5     # what `python benchmarks/extraction.py ROOT` gave you

The seconds are those of a machine with two cores (`python benchmarks/extraction.py ROOT`). It is assumed that twice as
many cores are twice as fast. The disk space is that of clips which this script writes to a store. The prices are
assumptions: give those of your provider. How many frames per second a graphics card computes was not measured. Its row
says how many it needs, so that decoding and faces on the cores next to it are the limit.
"""

import argparse
import tempfile

import numpy as np
import pandas as pd

from dfutils.features import Backbone, ExtractionSettings, StoredClip
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.store import Store
from dfutils.frames import Sampling

_MEASURED_CORES = 2


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=124_000, help="clips of the data set (default: 124000)")
    parser.add_argument("--frames", type=int, default=20, help="frames sampled from each clip (default: 20)")
    parser.add_argument("--layers", default="mixed10", help="layers to keep, separated by commas")
    parser.add_argument(
        "--seconds", type=float, default=1.84, help="s/clip of `extract`, float32 (default: 1.84)"
    )
    parser.add_argument("--bfloat16", type=float, default=1.19, help="the same with bfloat16 (default: 1.19)")
    parser.add_argument(
        "--decode", type=float, default=0.72, help="s/clip of decoding and faces (default: 0.72)"
    )
    parser.add_argument("--cores", type=int, default=16, help="cores of each machine (default: 16)")
    parser.add_argument("--machines", type=int, default=10, help="machines of the cluster (default: 10)")
    parser.add_argument("--core-hour", type=float, default=0.05, help="price of a core for an hour")
    parser.add_argument(
        "--gpu-hour", type=float, default=1.0, help="price of a card for an hour, without cores"
    )
    options = parser.parse_args()
    table, needed = estimate(options)
    layers = tuple(options.layers.split(","))
    stored = stored_bytes(layers, options.frames)
    print(f"{options.clips:,} clips, {options.frames} frames each, layers {options.layers}\n")
    print("| " + " | ".join(table) + " |\n" + "|---" * len(table.columns) + "|")
    for row in table.itertuples(index=False):
        print("| " + " | ".join(map(str, row)) + " |")
    packed = options.clips * options.frames * sum(layer_widths(layers).values()) * 2
    print(f"\nFeatures on disk: {options.clips * stored / 1e9:,.1f} GB ({stored:,} bytes per clip).")
    print(f"The pack for training from disk: {packed / 1e9:,.1f} GB more.")
    print(f"The card needs {needed:,.0f} frames per second. With fewer, it is the limit.")


def estimate(options: argparse.Namespace) -> tuple[pd.DataFrame, float]:
    """Return a table of what each way costs, and the frames per second that a card needs.

    Args:
        options: Namespace. The options of the command line.
    """
    cluster = options.cores * options.machines
    ways = [
        (f"one machine, {options.cores} cores, float32", options.seconds, options.cores, 0.0),
        (f"one machine, {options.cores} cores, bfloat16", options.bfloat16, options.cores, 0.0),
        (f"{options.machines} machines, {cluster} cores, float32", options.seconds, cluster, 0.0),
        (f"{options.machines} machines, {cluster} cores, bfloat16", options.bfloat16, cluster, 0.0),
        (
            f"{options.cores} cores and a card that is fast enough",
            options.decode,
            options.cores,
            options.gpu_hour,
        ),
    ]
    rows = []
    for name, seconds, cores, card in ways:
        core_hours = options.clips * seconds * _MEASURED_CORES / 3600
        hours = core_hours / cores
        price = core_hours * options.core_hour + hours * card
        rows.append(
            {
                "way": name,
                "core-hours": f"{core_hours:,.0f}",
                "hours": f"{hours:,.1f}",
                "price": f"{price:,.0f}",
            }
        )
    per_second = options.cores / (options.decode * _MEASURED_CORES)
    return pd.DataFrame(rows), per_second * options.frames


def stored_bytes(layers: tuple[str, ...], frames: int) -> int:
    """Return the size of the file of one clip in a store, in bytes."""
    settings = ExtractionSettings(
        sampling=Sampling(frames=frames), backbone=Backbone(weights="random", layers=layers)
    )
    features = np.zeros((frames, sum(layer_widths(layers).values())), np.float16)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder, settings)
        store.create()
        store.write("clip", StoredClip("ok", "", features, np.zeros(frames), np.zeros((frames, 4))))
        return store.path("clip").stat().st_size


if __name__ == "__main__":
    main()
