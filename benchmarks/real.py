"""What helps on real forgeries? Frozen features, adapted ones and pseudo-fakes, on one data set, by group.

    python benchmarks/real.py ROOT --minutes 30                   # adapt on each half, test on the other half
    python benchmarks/real.py ROOT --minutes 30 --left-out        # also without each method, to test on it
    python benchmarks/real.py ROOT --frozen                       # each setting of frozen features, next to the demo
    python benchmarks/real.py ROOT --pairs                        # batches of fakes with real clips of their group
    python benchmarks/real.py ROOT --weights FILE --out FOLDER    # keep weights and features; run again to resume

The groups are divided into two halves. InceptionV3 is adapted on one half and every clip of the other half is scored,
and the other way round, so each clip is scored once, by a network that has not seen its group. Frozen detectors are
trained and tested on the same halves. AUC is computed within each half; intervals resample groups; differences are
paired.

With `--frozen`, each setting of the frozen features is changed alone, and measured in five folds by group, on ROOT and
on the built-in data set: crops that are aligned or wider, another view, other ways of pooling, lower layers.

With `--pairs`, the GRU is trained with batches at random and with batches in which each fake has a real clip of its
group, in five folds by group, with several seeds, on both data sets.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.adaptation import AdaptSettings, adapt
from dfutils.data import Catalog, assign_splits, folds, read_catalog
from dfutils.data.merging import join_people
from dfutils.evaluation import CrossValidation, LeaveOneOut, cross_validate, score
from dfutils.features import Backbone, ExtractionSettings, FeatureSet, View, extract, load
from dfutils.frames import FaceCrop, Sampling
from dfutils.training import Detector, FrameScoreDetector, GRUDetector, MeanPooledBaseline, TemporalBaseline

_LAYERS = ("mixed2", "mixed5", "mixed7", "mixed10")
_MEAN, _ADAPTED_GRU = "adapted, mean of frame scores", "adapted, GRU"
_FROZEN, _FROZEN_GRU = "frozen, linear on four layers", "frozen, GRU (mixed10)"
_PSEUDO = "adapted on pseudo-fakes alone, mean of frame scores"
_REAL = "adapted without pseudo-fakes, mean of frame scores"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", help="a data set's folder or CSV")
    parser.add_argument("--minutes", type=float, default=30.0, help="for each adaptation (default: 30)")
    parser.add_argument(
        "--weights", default="auto", help="to start from, as for `dfutils adapt` (default: auto)"
    )
    parser.add_argument("--frames", type=int, default=20, help="frames to score of each clip (default: 20)")
    parser.add_argument(
        "--out", help="keep weights and features here, to resume (default: a temporary folder)"
    )
    parser.add_argument("--frozen", action="store_true", help="measure each setting of the frozen features")
    parser.add_argument("--pairs", action="store_true", help="measure batches of fakes with their real clips")
    parser.add_argument("--seeds", type=int, default=3, help="trainings per fold, for --pairs (default: 3)")
    parser.add_argument(
        "--pseudo", action="store_true", help="also adapt without pseudo-fakes, and on them alone"
    )
    parser.add_argument("--left-out", action="store_true", help="also adapt without each method")
    parser.add_argument("--people", action="store_true", help="merge groups that probably show one person")
    parser.add_argument("--precision", default="auto", help="of the adaptation (default: auto)")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.out or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        catalog = read_catalog(options.root)
        if options.people:
            catalog = join_people(catalog)
        if options.frozen:
            measure_frozen(catalog, folder, options)
        elif options.pairs:
            measure_pairs(catalog, folder, options)
        else:
            measure_adapted(catalog, folder, options)


def measure_pairs(catalog: Catalog, folder: Path, options: argparse.Namespace) -> None:
    """Print the AUC of the GRU with batches at random and in pairs, on the data set and on the demo."""
    from dfutils.demo import write_dataset

    settings = _plain(options)
    detectors = {"at random": GRUDetector(), "in pairs": GRUDetector(pairs=True)}
    for data, where in ((catalog, "real"), (write_dataset(folder / "demo"), "demo")):
        extract(data, None, folder / f"features-{where}", settings)
        clips = load(folder / f"features-{where}", data, settings, layers=("mixed10",))
        result = cross_validate(clips, detectors, seeds=options.seeds, seed=options.seed)
        aucs = result.table().table.loc[:, "auc", :]
        gain = result.compare("in pairs", "at random")
        print(f"{where}\n{aucs.to_string()}\nin pairs minus at random: {gain}", flush=True)


def _plain(options: argparse.Namespace) -> ExtractionSettings:
    backbone = Backbone(weights=options.weights, layers=_LAYERS)
    return ExtractionSettings(sampling=Sampling(frames=options.frames), backbone=backbone)


def measure_frozen(catalog: Catalog, folder: Path, options: argparse.Namespace) -> None:
    """Print the AUC of each setting of the frozen features, on the data set and on the demo."""
    from dfutils.demo import write_dataset

    demo = write_dataset(folder / "demo")
    plain = _plain(options)

    def backbone(**changes: Any) -> ExtractionSettings:
        return replace(plain, backbone=replace(plain.backbone, **changes))

    settings = {
        "as it is": plain,
        "aligned crops": replace(plain, face=FaceCrop(align=True)),
        "margin 1.1": replace(plain, face=FaceCrop(margin=1.1)),
        "margin 1.6": replace(plain, face=FaceCrop(margin=1.6)),
        "the middle 239 pixels": backbone(view=View(crop=239, side=299)),
        "192 pixels": backbone(view=View(crop=299, side=192)),
        "mean and deviation": backbone(pooling=("mean", "deviation")),
        "mean and maximum": backbone(pooling=("mean", "maximum")),
        "a grid of four regions": backbone(pooling=("grid",)),
    }
    rows = []
    for name, one in settings.items():
        for data, where in ((catalog, "real"), (demo, "demo")):
            extract(data, None, folder / f"features-{where}", one)
            clips = load(folder / f"features-{where}", data, one)
            rows += [{"setting": name, "data": where, **row} for row in _in_folds(clips, options.seed)]
        print(pd.DataFrame(rows).to_string(index=False), flush=True)


def _in_folds(clips: FeatureSet, seed: int) -> list[dict[str, Any]]:
    """Return the AUC in five folds by group, of each layer and of all of them."""
    rows = []
    for layers in (("mixed10",), *((layer,) for layer in _LAYERS[:-1]), _LAYERS):
        detectors: dict[str, Detector] = {"mean": MeanPooledBaseline(), "temporal": TemporalBaseline()}
        if layers == ("mixed10",):
            detectors["GRU"] = GRUDetector()
        result = cross_validate(clips.select(layers), detectors, seed=seed, progress=False).table()
        for detector in detectors:
            value, low, high, _ = result.table.loc[(detector, "auc")]
            rows.append(
                {"layers": "+".join(layers), "detector": detector, "auc": value, "low": low, "high": high}
            )
    return rows


def measure_adapted(catalog: Catalog, folder: Path, options: argparse.Namespace) -> None:
    """Print the AUC of adapted and frozen detectors on halves that they were not trained on."""
    table = catalog.table[catalog.table["label"].notna()].reset_index(drop=True)
    halves = [test for _, test in folds(table, k=2, seed=options.seed)]
    kinds = {"both": _MEAN} | ({"real": _REAL, "pseudo": _PSEUDO} if options.pseudo else {})
    scored = []
    for number, test in enumerate(halves):
        half = _with_splits(table, test, options.seed)
        for fakes, name in kinds.items():
            path = _adapt(half, catalog.root, folder, f"half{number}-{fakes}", options, fakes=fakes)
            clips = _adapted_features(half, catalog.root, folder, path, options)
            detectors: dict[str, Detector] = {name: FrameScoreDetector.of_weights(path)}
            if name == _MEAN:
                detectors[_ADAPTED_GRU] = GRUDetector()
            scored += _score_half(clips, detectors, number, options.seed)
        scored += _score_half(
            _frozen_features(half, catalog.root, folder, options),
            {_FROZEN: TemporalBaseline()},
            number,
            options.seed,
        )
        frozen = _frozen_features(half, catalog.root, folder, options).select("mixed10")
        scored += _score_half(frozen, {_FROZEN_GRU: GRUDetector()}, number, options.seed)
    predictions = pd.concat(scored, ignore_index=True)
    _print_detectors(predictions)
    if options.left_out:
        _print_left_out(table, halves, predictions, catalog.root, folder, options)


def _with_splits(table: pd.DataFrame, test: Any, seed: int) -> pd.DataFrame:
    """Return the clips with one half as test clips, and the other half divided into training and validation."""
    half = table.assign(split="")
    half.loc[half.index[test], "split"] = "test"
    return assign_splits(half, val=0.1, seed=seed).table


def _adapt(
    half: pd.DataFrame, root: Path | None, folder: Path, name: str, options: argparse.Namespace, *, fakes: Any
) -> Path:
    path = folder / f"{name}.weights.h5"
    result = adapt(
        half,
        root,
        path,
        minutes=options.minutes,
        weights=options.weights,
        settings=AdaptSettings(fakes=fakes, precision=options.precision, seed=options.seed),
    )
    details = result.record.details
    print(
        f"{name}: {details['steps']} steps in {details['seconds'] / 60:.1f} min", *result.remarks, sep="\n  "
    )
    return path


def _adapted_features(
    half: pd.DataFrame, root: Path | None, folder: Path, weights: Path, options: argparse.Namespace
) -> FeatureSet:
    layers = (AdaptSettings().until,)
    settings = ExtractionSettings(
        sampling=Sampling(frames=options.frames), backbone=Backbone(weights=str(weights), layers=layers)
    )
    extract(half, root, folder / "features", settings)
    return load(folder / "features", half, settings)


def _frozen_features(
    half: pd.DataFrame, root: Path | None, folder: Path, options: argparse.Namespace
) -> FeatureSet:
    settings = ExtractionSettings(
        sampling=Sampling(frames=options.frames), backbone=Backbone(weights=options.weights, layers=_LAYERS)
    )
    extract(half, root, folder / "features", settings)
    return load(folder / "features", half, settings)


def _score_half(
    clips: FeatureSet, detectors: dict[str, Detector], number: int, seed: int
) -> list[pd.DataFrame]:
    train, val, test = (clips.part(name) for name in ("train", "val", "test"))
    tables = []
    for name, detector in detectors.items():
        predictions = score(detector.fit(train, val, seed=seed), test)
        facts = {"detector": name, "repeat": 0, "seed": seed, "fold": number, "threshold": 0.5}
        tables.append(predictions[predictions["score"].notna()].assign(**facts))
    return tables


def _print_detectors(predictions: pd.DataFrame) -> None:
    predictions = predictions.assign(label=predictions["label"].astype(int))
    methods = sorted(set(predictions["method"]) - {""})
    rows = []
    for method in ["", *methods]:
        inside = predictions[(predictions["label"] == 0) | (predictions["method"] == method) | (method == "")]
        table = CrossValidation(inside, 2, 1, 1).table().table
        for name in dict.fromkeys(predictions["detector"]):
            value, low, high, _ = table.loc[(name, "auc")]
            rows.append({"detector": name, "fakes": method or "all", "auc": value, "low": low, "high": high})
    table = pd.DataFrame(rows)
    shown = table.assign(auc=[f"{r.auc:.3f} [{r.low:.3f}, {r.high:.3f}]" for r in table.itertuples()])
    order = ["all", *methods]
    print(
        shown.pivot_table(index="detector", columns="fakes", values="auc", aggfunc="first")[order].to_string()
    )
    run = CrossValidation(predictions, 2, 1, 1)
    names = list(dict.fromkeys(predictions["detector"]))
    for first, second in ((_MEAN, _FROZEN), (_MEAN, _FROZEN_GRU), (_ADAPTED_GRU, _MEAN), (_MEAN, _REAL)):
        if first in names and second in names:
            print(f"{first} minus {second}: AUC {run.compare(first, second)}")
    counts = predictions.drop_duplicates("clip_id")
    print(f"{(counts['label'] == 0).sum()} real and {(counts['label'] == 1).sum()} fake clips", flush=True)


def _print_left_out(
    table: pd.DataFrame,
    halves: list[Any],
    predictions: pd.DataFrame,
    root: Path | None,
    folder: Path,
    options: argparse.Namespace,
) -> None:
    """Adapt without each method, and print how well it is found then, next to the adaptation with all methods."""
    kinds = {"both": _MEAN} | ({"real": _REAL} if options.pseudo else {})
    parts = []
    for method in sorted(set(table.loc[table["label"] == 1, "method"]) - {""}):
        for number, test in enumerate(halves):
            half = _with_splits(table, test, options.seed)
            kept = half[(half["split"] == "test") | (half["method"] != method)].reset_index(drop=True)
            for fakes, name in kinds.items():
                with_all = predictions[(predictions["detector"] == name) & (predictions["fold"] == number)]
                tested = with_all[(with_all["label"] == 0) | (with_all["method"] == method)]
                path = _adapt(
                    kept, root, folder, f"half{number}-{fakes}-without-{method}", options, fakes=fakes
                )
                clips = _adapted_features(kept, root, folder, path, options)
                (without,) = _score_half(
                    clips, {name: FrameScoreDetector.of_weights(path)}, number, options.seed
                )
                without = without[without["clip_id"].isin(tested["clip_id"])]
                parts += [
                    tested.assign(left_out=method, trained_on="all"),
                    without.assign(left_out=method, trained_on="others"),
                ]
    result = LeaveOneOut.from_predictions(pd.concat(parts, ignore_index=True))
    print(result.table().round(3).to_string(), flush=True)


if __name__ == "__main__":
    main()
