"""How hard is the built-in data set? AUC by forgery, model and strength, cross-validated by group.

    python benchmarks/demo.py                      # strength 1, about seven minutes on two cores
    python benchmarks/demo.py --strength 0.5 1 2   # and what a subtler or a cruder forger leaves

Every model is scored on people it was not trained on: five folds by group, a fifth of each fold's training groups for
validation. Clips and features are kept in a folder, so that a second run is quick.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from dfutils.data import folds
from dfutils.demo import METHODS, write_dataset
from dfutils.features import Backbone, ExtractionSettings, FeatureSet, extract, load
from dfutils.training import GRUSettings, MeanPooledBaseline, build_gru, predict, train
from dfutils.workspace import project_root

LAYERS = ("mixed2", "mixed10")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strength", type=float, nargs="+", default=[1.0], help="of the forgeries' traces")
    parser.add_argument("--identities", type=int, default=40, help="people; an even number")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[7, 8, 9], help="of folds and training; one run each"
    )
    parser.add_argument(
        "--folder", type=Path, default=project_root() / "data" / "benchmarks", help="for clips and features"
    )
    options = parser.parse_args()
    tables = [measure(options, strength) for strength in options.strength]
    table = pd.concat(tables, ignore_index=True)
    print("\n" + _markdown(table))


def measure(options: argparse.Namespace, strength: float) -> pd.DataFrame:
    """Return the AUC of each model at one strength, the mean over the seeds."""
    videos = options.folder / f"strength_{strength:g}"
    began = time.perf_counter()
    catalog = write_dataset(videos, identities=options.identities, strength=strength)
    size = sum((videos / path).stat().st_size for path in catalog["path"]) / 1e6
    print(f"strength {strength:g}: {len(catalog)} clips, {size:.0f} MB, {time.perf_counter() - began:.0f} s")
    settings = ExtractionSettings(backbone=Backbone(weights="random", layers=LAYERS))
    extract(catalog, videos, options.folder / "features", settings)
    clips = load(options.folder / "features", catalog, settings)
    models = {
        "GRU on mixed2 and its changes": (_gru(GRUSettings(differences=True)), ("mixed2",)),
        "GRU on mixed10": (_gru(GRUSettings()), ("mixed10",)),
        "mean-pooled, mixed2": (_mean_pooled, ("mixed2",)),
        "mean-pooled, mixed10": (_mean_pooled, ("mixed10",)),
    }
    rows = []
    for name, (fit_and_score, layers) in models.items():
        per_seed = [
            _auc(catalog, cross_validate(catalog, clips.select(layers), fit_and_score, seed))
            for seed in options.seeds
        ]
        rows.append({"strength": strength, "model": name, **pd.DataFrame(per_seed).mean()})
    return pd.DataFrame(rows)


def cross_validate(catalog: pd.DataFrame, clips: FeatureSet, fit_and_score, seed: int) -> np.ndarray:
    """Return P(fake) of each clip by a model that was fitted without its group, float64 [N]."""
    scores = np.full(len(clips), np.nan)
    for outer, test in folds(catalog, 5, seed):
        inner, val = next(folds(catalog.iloc[outer], 5, seed))
        parts = (clips.take(rows) for rows in (outer[inner], outer[val], test))
        scores[test] = fit_and_score(*parts, seed)
    return scores


def _gru(settings: GRUSettings):
    def fit_and_score(fit: FeatureSet, val: FeatureSet, test: FeatureSet, seed: int) -> np.ndarray:
        run = train(build_gru(fit.X.shape[-1], settings, seed), fit, val, seed=seed, progress=False)
        return predict(run.model, test)

    return fit_and_score


def _mean_pooled(fit: FeatureSet, val: FeatureSet, test: FeatureSet, seed: int) -> np.ndarray:
    return MeanPooledBaseline().fit(fit).score(test)


def _auc(catalog: pd.DataFrame, scores: np.ndarray) -> dict[str, float]:
    """Return the AUC over all clips, and of each method against all real clips."""
    label, method = catalog["label"].to_numpy(int), catalog["method"].to_numpy(str)
    which = {"all": np.ones(len(label), bool)} | {name: (label == 0) | (method == name) for name in METHODS}
    return {name: roc_auc_score(label[rows], scores[rows]) for name, rows in which.items()}


def _markdown(table: pd.DataFrame) -> str:
    lines = [" | ".join(table.columns), "|".join("---" for _ in table.columns)]
    for row in table.itertuples(index=False):
        lines.append(" | ".join(f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row))
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    main()
