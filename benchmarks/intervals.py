"""How often do the 95 % intervals of the AUC cover the truth?

    python benchmarks/intervals.py                      # 500 test sets of 40 groups, about two minutes on two cores
    python benchmarks/intervals.py --groups 12 --sets 200

Test sets are drawn from a model whose AUC is known: normal scores, of which clips of one group share half the variance.
Groups hold real and fake clips alike, or only clips of one class.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import norm

from dfutils.evaluation import evaluate

_CLIPS = 4  # of a group


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--groups", type=int, default=40, help="in a test set (default: 40)")
    parser.add_argument("--sets", type=int, default=500, help="test sets (default: 500)")
    parser.add_argument("--resamples", type=int, default=1000, help="of the groups of each (default: 1000)")
    options = parser.parse_args()
    print("| groups hold | true AUC | covered, % | truth below, % | truth above, % |\n|---|---|---|---|---|")
    for mixed in (True, False):
        for separation in (0.8, 1.5, 2.5):
            truth = norm.cdf(separation / np.sqrt(2))
            ends = np.array([_interval(seed, mixed, separation, options) for seed in range(options.sets)])
            below, above = 100 * (truth < ends[:, 0]).mean(), 100 * (truth > ends[:, 1]).mean()
            kind = "both classes" if mixed else "one class"
            print(
                f"| {kind} | {truth:.3f} | {100 - below - above:.1f} | {below:.1f} | {above:.1f} |",
                flush=True,
            )


def _interval(seed: int, mixed: bool, separation: float, options: argparse.Namespace) -> tuple[float, float]:
    rng, count = np.random.default_rng(seed), options.groups * _CLIPS
    groups = np.repeat(np.arange(options.groups), _CLIPS)
    labels = np.arange(count) % 2 if mixed else groups % 2
    own, shared = rng.normal(0, 1, count), rng.normal(0, 1, options.groups)[groups]
    score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (labels - 0.5))
    ids = [f"clip{i}" for i in range(count)]
    table = pd.DataFrame({"clip_id": ids, "label": labels, "group": groups.astype(str), "score": score})
    return tuple(evaluate(table, n_bootstrap=options.resamples, seed=seed).table.loc["auc", ["low", "high"]])


if __name__ == "__main__":
    main()
