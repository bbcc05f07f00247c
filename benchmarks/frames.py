"""What does it cost to use fewer frames of a clip? The AUC in cross-validation by group, and the time of extraction.

    python benchmarks/frames.py                       # built-in data set; 20, 12, 10 and 8 frames; ten minutes
    python benchmarks/frames.py --frames 8 --precision float32 bfloat16

Clips and features are kept in a folder, so that a second run measures no extraction.
"""

import argparse
import time
from pathlib import Path

from dfutils.data import assign_splits
from dfutils.demo import write_dataset
from dfutils.evaluation import cross_validate, with_interval
from dfutils.features import Backbone, ExtractionSettings, extract, load
from dfutils.frames import Sampling
from dfutils.training import GRUDetector, GRUSettings, MeanPooledBaseline, TemporalBaseline
from dfutils.workspace import project_root

# The default, what a search finds on the built-in data set, and two linear models.
DETECTORS = {
    "GRU on mixed10": GRUDetector(layers=("mixed10",)),
    "GRU on changes of mixed2": GRUDetector(
        layers=("mixed2",),
        settings=GRUSettings(units=64, learning_rate=3e-3, weight_decay=0.1, dropout=0.0, differences=True),
    ),
    "linear, mean": MeanPooledBaseline(),
    "linear, temporal": TemporalBaseline(),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, nargs="+", default=[20, 12, 10, 8], help="frames per clip")
    parser.add_argument("--precision", nargs="+", default=["float32"], choices=["float32", "bfloat16"])
    parser.add_argument("--folder", type=Path, default=project_root() / "data" / "benchmarks")
    options = parser.parse_args()
    videos, store = options.folder / "strength_1", options.folder / "features"
    catalog = assign_splits(write_dataset(videos))
    print("| frames | precision | extraction, s |", " | ".join(DETECTORS), "|")
    print("|---" * (3 + len(DETECTORS)) + "|")
    for frames in options.frames:
        for precision in options.precision:
            backbone = Backbone(weights="random", layers=("mixed2", "mixed10"), precision=precision)
            settings = ExtractionSettings(sampling=Sampling(frames=frames), backbone=backbone).pinned()
            began = time.perf_counter()
            is_new = extract(catalog, videos, store, settings).extracted == len(catalog)
            seconds = f"{time.perf_counter() - began:.0f}" if is_new else "–"
            clips = load(store, catalog, settings)
            table = cross_validate(clips, DETECTORS, seeds=3, progress=False).table().table
            aucs = [
                with_interval(*table.loc[(name, "auc"), ["value", "low", "high"]], digits=3)
                for name in DETECTORS
            ]
            print(f"| {frames} | {precision} | {seconds} |", " | ".join(aucs), "|", flush=True)


if __name__ == "__main__":
    main()
