"""How good are the verdicts and heat maps of a saved detector on people that it has not seen?

    python benchmarks/detection.py                          # the newest models/best; 160 new clips, three minutes
    python benchmarks/detection.py --model data/demo/models/gru --identities 20

The clips are rendered with another seed than those of the report. The heat maps are compared with the true masks.
"""

import argparse
from pathlib import Path

import pandas as pd

from dfutils.demo import write_dataset
from dfutils.detection import Detector, newest_best
from dfutils.evaluation import evaluate, with_interval
from dfutils.lessons import compare_with_mask
from dfutils.workspace import project_root


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
    rows = []
    for clip_id, result in zip(catalog["clip_id"], detector.detect_all(paths, explain=True), strict=True):
        mask = root / "masks" / f"{clip_id}.npz"
        check = compare_with_mask(result, mask, margin=detector.saved.settings.face.margin)
        places = {"hit": check.hits, "face": check.face_share} if check else {}
        rows.append(
            {"score": result.score, "verdict": result.verdict, "unlike": bool(result.remarks)} | places
        )
    table = pd.concat([catalog, pd.DataFrame(rows)], axis=1)
    decision = detector.saved.decision
    auc = evaluate(table, threshold=decision.threshold).table.loc["auc"]
    print(f"{detector.saved.name} of {model}: AUC on {len(table)} new clips {with_interval(*auc)}")
    print(f"promised: at most {decision.promised:.0%} wrong" if decision.promised else "nothing is promised")
    for verdict, label in (("fake", 1), ("real", 0)):
        called = table[table["verdict"] == verdict]
        wrong = (called["label"] != label).astype(float)
        print(f"called {verdict}: {len(called)}, of which {wrong.mean():.0%} are wrong")
    print(f"unsure: {(table['verdict'] == 'unsure').sum()}")
    print(f"unlike the training clips: {table['unlike'].mean():.0%}")
    fakes = table[table["label"] == 1]
    means = fakes.groupby("method")[["hit", "face"]].mean()
    means.loc["all"] = fakes[["hit", "face"]].mean()
    means["times as often"] = means["hit"] / means["face"]
    columns = {"hit": "hottest place is in the mask", "face": "share of the face in the mask"}
    print(means.rename(columns=columns).round(2).to_string())


if __name__ == "__main__":
    main()
