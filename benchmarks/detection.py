"""How good are the verdicts and heat maps of a saved detector on people that it has not seen?

    python benchmarks/detection.py                          # the newest models/best; 160 new clips, four minutes
    python benchmarks/detection.py --model data/demo/models/gru --identities 20

The clips are rendered with another seed than those of the report. The heat maps are compared with the true masks.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils import features
from dfutils.bootstrap import group_codes, resample
from dfutils.demo import write_dataset
from dfutils.detection import Detector, newest_best
from dfutils.evaluation import evaluate, with_interval
from dfutils.lessons import compare_removals, compare_with_mask
from dfutils.workspace import project_root

SPEED = 40  # clips that are timed
REMOVED = 10  # clips of each forgery whose hottest tenth is removed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="a detector's folder; default: the newest models/best")
    parser.add_argument("--identities", type=int, default=40, help="people to render")
    parser.add_argument("--seed", type=int, default=99, help="seed of the people")
    parser.add_argument("--folder", type=Path, default=project_root() / "data" / "benchmarks")
    options = parser.parse_args()
    model = options.model or newest_best()
    detector = Detector.load(model)
    root = options.folder / f"seed_{options.seed}"
    catalog = write_dataset(root, identities=options.identities, seed=options.seed).table
    paths = [root / path for path in catalog["path"]]
    rows, checked = [], Counter[str]()
    methods = dict(zip(catalog["clip_id"], catalog["method"], strict=True))
    for clip_id, result in zip(catalog["clip_id"], detector.detect_all(paths, explain=True), strict=True):
        row = {"score": result.score, "verdict": result.verdict, "unlike": bool(result.remarks)}
        mask = root / "masks" / f"{clip_id}.npz"
        check = compare_with_mask(result, mask, margin=detector.saved.settings.face.margin)
        if check:
            row |= {"hit": check.hits, "face": check.face_share, "crop": check.crop_share}
            checked[methods[clip_id]] += 1
            if checked[methods[clip_id]] <= REMOVED:
                removal = compare_removals(detector, result)
                row |= {"hottest": removal.hottest, "random": removal.random}
        rows.append(row)
    table = pd.concat([catalog, pd.DataFrame(rows)], axis=1)
    decision = detector.saved.decision
    auc = evaluate(table, threshold=decision.threshold).table.loc["auc"]
    print(f"{detector.saved.name} of {model}: AUC on {len(table)} new clips {with_interval(*auc)}")
    print(f"promised: at most {decision.promised:.0%} wrong" if decision.promised else "nothing is promised")
    for verdict, label in (("fake", 1), ("real", 0)):
        called = table[table["verdict"] == verdict]
        wrong = (called["label"] != label).astype(float)
        print(
            f"called {verdict}: {len(called)}, share of wrong ones {by_group(wrong, called['group'], is_share=True)}"
        )
    print(f"unsure: {(table['verdict'] == 'unsure').sum()}")
    print(f"unlike the training clips: {table['unlike'].mean():.0%}")
    fakes = table[table["label"] == 1]
    means = fakes.groupby("method")[["hit", "face", "crop"]].mean()
    for area in ("face", "crop"):
        means[f"times the {area}"] = means["hit"] / means[area]
    means.loc["mean"] = means.mean()
    columns = {
        "hit": "hottest place is in the mask",
        "face": "share of the face in the mask",
        "crop": "share of the crop in the mask",
    }
    print(means.rename(columns=columns).round(2).to_string())
    removed = fakes.dropna(subset="hottest")
    for name in ("hottest", "random"):
        print(f"the logit falls without the {name} tenth by {by_group(removed[name], removed['group'])}")
    difference = removed["hottest"] - removed["random"]
    print(f"difference, in {len(removed)} clips: {by_group(difference, removed['group'])}")
    compare_speed(detector, paths[:SPEED])


def compare_speed(detector: Detector, paths: list[Path]) -> None:
    """Print how long judging takes, divided by the time of the extraction alone."""
    settings = detector.saved.settings

    def extract(clips: list[Path]) -> None:
        relative = [str(path.resolve().relative_to("/")) for path in clips]
        table = pd.DataFrame({"clip_id": relative, "path": relative})
        with tempfile.TemporaryDirectory() as folder:
            done = features.extract(table, "/", folder, settings, progress=False)
            assert (done.table["status"] == "ok").all()

    def judge(clips: list[Path]) -> None:
        for _ in detector.detect_all(clips):
            pass

    def seconds(work: Callable[[list[Path]], None], clips: list[Path]) -> float:
        began = time.perf_counter()
        work(clips)
        return time.perf_counter() - began

    for work in (extract, judge):
        work(paths[:2])  # load the networks
    single = [seconds(judge, [path]) / seconds(extract, [path]) for path in paths[:20]]
    both = [seconds(judge, paths) / seconds(extract, paths) for _ in range(3)]
    print(
        f"seconds of judging / seconds of extraction: one clip {np.median(single):.2f} (median of {len(single)}), ",
        end="",
    )
    print(f"{len(paths)} clips {np.median(both):.2f} (median of {len(both)})")


def by_group(values: pd.Series, groups: pd.Series, *, is_share: bool = False) -> str:
    """Return the mean of values with its 95 % interval, resampled by group."""
    if values.empty:
        return "undefined"

    def mean(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"mean": weights @ values.to_numpy() / weights.sum(1)}

    resamples = resample(group_codes(groups), np.zeros(len(values)), mean, n_bootstrap=2000, seed=7)
    value = values.mean()
    return with_interval(
        value, *resamples.interval("mean", value, share_of=len(values) if is_share else None)
    )


if __name__ == "__main__":
    main()
