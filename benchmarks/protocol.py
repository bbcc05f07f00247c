"""Why is my AUC not the paper's? One choice of the protocol is changed at a time, on the same clips.

    python benchmarks/protocol.py                                # the built-in data set
    python benchmarks/protocol.py ROOT --weights FILE            # your own clips
    python benchmarks/protocol.py --out FOLDER                   # keep the features; run again to resume

Every number is the AUC of a detector on frozen InceptionV3 features, in five folds by group, with its 95 % interval by
group. The change is the paired difference from the first line.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.data import Catalog, folds, read_catalog
from dfutils.evaluation import cross_validate, with_interval, with_sign
from dfutils.evaluation.comparison import paired_difference
from dfutils.evaluation.grouped_folds import ranking_by_fold
from dfutils.features import Backbone, ExtractionSettings, FeatureSet, extract, load
from dfutils.frames import Degradation, FaceCrop, Sampling
from dfutils.training import Detector, GRUDetector, MeanPooledBaseline

_BASE = "8 frames per clip, crops, by group, one score per video"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder or CSV (default: the built-in data set)")
    parser.add_argument("--weights", default="auto", help="of InceptionV3 (default: auto)")
    parser.add_argument("--out", help="keep the features here, to resume (default: a temporary folder)")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.out or temporary)
        measure(options, folder)


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Print one line per choice of the protocol."""
    if options.root:
        catalog = read_catalog(options.root)
    else:
        from dfutils.demo import write_dataset

        catalog = write_dataset(folder / "demo")
    backbone = Backbone(weights=options.weights, layers=("mixed10",))
    plain = ExtractionSettings(sampling=Sampling(frames=8), backbone=backbone)
    settings = {
        _BASE: plain,
        "1 frame per clip": replace(plain, sampling=Sampling(frames=1)),
        "4 frames per clip": replace(plain, sampling=Sampling(frames=4)),
        "20 frames per clip": replace(plain, sampling=Sampling(frames=20)),
        "tight crops (margin 1.0)": replace(plain, face=FaceCrop(margin=1.0)),
        "wide crops (margin 1.6)": replace(plain, face=FaceCrop(margin=1.6)),
        "whole frames, no face crops": replace(plain, face=FaceCrop(detector="none")),
        "H.264, rate factor 23": replace(plain, degradation=Degradation("h264", 23)),
        "H.264, rate factor 40": replace(plain, degradation=Degradation("h264", 40)),
    }
    detectors: dict[str, Detector] = {"GRU": GRUDetector(), "mean-pooled": MeanPooledBaseline()}
    print("| protocol | " + " | ".join(f"{name} | change" for name in detectors) + " |", flush=True)
    print("|---" * (1 + 2 * len(detectors)) + "|", flush=True)
    base: dict[str, pd.DataFrame] = {}
    for name, one in settings.items():
        clips = _features(catalog, folder, one)
        scores = _scores(clips, detectors, options.seed)
        base = base or scores
        _print_row(name, scores, base)
        if name == _BASE:
            by_clip = replace(clips, groups=clips.clip_ids)
            leaky = _scores(by_clip, detectors, options.seed)
            groups = pd.Series(clips.groups, index=clips.clip_ids)
            leaky = {
                which: table.assign(group=groups[table["clip_id"]].to_numpy())
                for which, table in leaky.items()
            }
            _print_row("random split by clip", leaky, base)
            _print_row("one score per frame", {"mean-pooled": _frame_scores(clips, options.seed)}, base)


def _features(catalog: Catalog, folder: Path, settings: ExtractionSettings) -> FeatureSet:
    extract(catalog, None, folder / "features", settings)
    return load(folder / "features", catalog, settings)


def _scores(clips: FeatureSet, detectors: dict[str, Detector], seed: int) -> dict[str, pd.DataFrame]:
    """Return the scores of each detector in five folds."""
    table = cross_validate(clips, detectors, seed=seed, progress=False).predictions
    return {str(name): part for name, part in table.groupby("detector", sort=False)}


def _frame_scores(clips: FeatureSet, seed: int) -> pd.DataFrame:
    """Return one score per frame, of a detector that was trained on means over frames, in five folds by group."""
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    tables = []
    for fold, (train, test) in enumerate(folds(known, k=5, seed=seed)):
        fitted = MeanPooledBaseline().fit(clips.take(train))
        for place in range(clips.X.shape[1]):
            there = test[clips.mask[test, place]]
            if len(there):
                one = clips.take(there)
                frame = replace(one, X=one.X[:, place : place + 1], mask=one.mask[:, place : place + 1])
                scored = known.iloc[there].assign(fold=fold, seed=seed, score=fitted.score(frame))
                tables.append(scored.assign(clip_id=scored["clip_id"] + f"#{place}"))
    return pd.concat(tables, ignore_index=True)


def _print_row(name: str, scores: dict[str, pd.DataFrame], base: dict[str, pd.DataFrame]) -> None:
    cells = []
    for detector, before in base.items():
        cells += _compare(before, scores[detector]) if detector in scores else ["–", "–"]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _compare(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Return the AUC, and its difference from the first line. The same groups are drawn for both tables."""
    rows = pd.concat([before, after])
    codes, labels = group_codes(rows["group"]), rows["label"].to_numpy(int)

    def auc(weights: np.ndarray) -> np.ndarray:
        return ranking_by_fold(after, weights[:, len(before) :])["auc"]

    def difference(weights: np.ndarray) -> np.ndarray:
        return (auc(weights) - ranking_by_fold(before, weights[:, : len(before)])["auc"])[None]

    value = float(auc(np.ones((1, len(rows))))[0])
    resamples = resample(codes, labels, lambda weights: {"auc": auc(weights)}, n_bootstrap=2000, seed=7)
    change = paired_difference(codes, labels, difference, metric="auc", n_bootstrap=2000, seed=7)
    return [
        with_interval(value, *resamples.interval("auc", value, share_of=len(after))),
        "" if before is after else with_sign(change.value, change.low, change.high),
    ]


if __name__ == "__main__":
    main()
