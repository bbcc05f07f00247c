"""How hard is the built-in data set? The AUC by forgery, model and strength, in cross-validation by group.

    python benchmarks/demo.py                      # strength 1, about seven minutes on two cores
    python benchmarks/demo.py --strength 0.5 1 2   # also subtler and cruder forgeries

Every model is scored on people it was not trained on: there are five folds by group, and a fifth of the training groups
of each fold is used for validation. Clips and features are kept in a folder, so that a second run is quick.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from dfutils.demo import METHODS, write_dataset
from dfutils.evaluation import cross_validate
from dfutils.features import Backbone, ExtractionSettings, extract, load
from dfutils.training import Detector, GRUDetector, GRUSettings, MeanPooledBaseline, TemporalBaseline
from dfutils.workspace import project_root

LAYERS = ("mixed2", "mixed10")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--strength", type=float, nargs="+", default=[1.0], help="strengths of the forgeries; default: 1"
    )
    parser.add_argument("--identities", type=int, default=40, help="people, an even number; default: 40")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[7, 8, 9], help="seeds of folds and training, one run each"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=project_root() / "data" / "benchmarks",
        help="where clips and features are kept",
    )
    options = parser.parse_args()
    tables = [measure(options, strength) for strength in options.strength]
    table = pd.concat(tables, ignore_index=True)
    print("\n" + _markdown(table))


def measure(options: argparse.Namespace, strength: float) -> pd.DataFrame:
    """Return the AUC of each model at one strength, as the mean over the seeds."""
    videos = options.folder / f"strength_{strength:g}"
    began = time.perf_counter()
    catalog = write_dataset(videos, identities=options.identities, strength=strength)
    size = sum((videos / path).stat().st_size for path in catalog.table["path"]) / 1e6
    print(f"strength {strength:g}: {len(catalog)} clips, {size:.0f} MB, {time.perf_counter() - began:.0f} s")
    settings = ExtractionSettings(backbone=Backbone(weights="random", layers=LAYERS))
    extract(catalog, videos, options.folder / "features", settings)
    clips = load(options.folder / "features", catalog, settings)
    models: dict[str, tuple[Detector, tuple[str, ...]]] = {
        "GRU on mixed2 and its changes": (GRUDetector(settings=GRUSettings(differences=True)), ("mixed2",)),
        "GRU on mixed10": (GRUDetector(), ("mixed10",)),
        "mean-pooled, mixed2": (MeanPooledBaseline(), ("mixed2",)),
        "mean-pooled, mixed10": (MeanPooledBaseline(), ("mixed10",)),
        "temporal statistics, both": (TemporalBaseline(), LAYERS),
    }
    rows = []
    for name, (detector, layers) in models.items():
        per_seed = []
        for seed in options.seeds:
            crossed = cross_validate(
                clips.select(layers), {name: detector}, calibrate=False, seed=seed, progress=False
            )
            per_seed.append(_auc(crossed.predictions))
        rows.append({"strength": strength, "model": name, **pd.DataFrame(per_seed).mean()})
    return pd.DataFrame(rows)


def _auc(predictions: pd.DataFrame) -> dict[str, float]:
    """Return the AUC over all clips, and of each method against all real clips."""
    label, method = predictions["label"].to_numpy(int), predictions["method"].to_numpy(str)
    scores = predictions["score"].to_numpy(float)
    parts = {"all": np.ones(len(label), bool)} | {name: (label == 0) | (method == name) for name in METHODS}
    return {name: roc_auc_score(label[rows], scores[rows]) for name, rows in parts.items()}


def _markdown(table: pd.DataFrame) -> str:
    lines = [" | ".join(table.columns), "|".join("---" for _ in table.columns)]
    for row in table.itertuples(index=False):
        lines.append(" | ".join(f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row))
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    main()
