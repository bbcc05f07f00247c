"""How often does the 95 % interval of a metric contain the truth?

    python benchmarks/intervals.py                         # 500 test sets per line, about two minutes on two cores
    python benchmarks/intervals.py --groups 4 8 12 --sets 200 --resamples 500
    python benchmarks/intervals.py --groups 8 --metrics auc accuracy recall

Test sets are drawn from a model whose true metrics are known: scores are normal, and clips of one group share half of
the variance. A group holds four clips, of both classes or of one class only. Each line of the table is one setting: the
share of the test sets, in per cent, whose interval contains the truth, the shares whose interval is above or below it,
and the mean width of the intervals.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import norm

from dfutils.evaluation import evaluate

CLIPS_PER_GROUP = 4
SEPARATIONS = (0.8, 1.5, 2.5, 4.0)  # between the mean scores of the classes, in standard deviations
COLUMNS = (
    "groups",
    "a group holds",
    "metric",
    "truth",
    "intervals with it",
    "above it",
    "below it",
    "mean width",
)
TRUTHS = {
    "auc": lambda separation: norm.cdf(separation / np.sqrt(2)),
    "accuracy": lambda separation: norm.cdf(separation / 2),
    "recall": lambda separation: norm.cdf(separation / 2),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--groups", type=int, nargs="+", default=[40], help="groups per test set; default: 40"
    )
    parser.add_argument("--sets", type=int, default=500, help="test sets per line; default: 500")
    parser.add_argument("--resamples", type=int, default=1000, help="resamples per test set; default: 1000")
    parser.add_argument("--metrics", nargs="+", default=["auc"], choices=TRUTHS, help="default: auc")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for groups in options.groups:
        for both_classes in (True, False):
            for separation in SEPARATIONS:
                tables = [
                    evaluate(
                        _test_set(groups, both_classes, separation, seed),
                        n_bootstrap=options.resamples,
                        seed=seed,
                    ).table
                    for seed in range(options.sets)
                ]
                held = "both classes" if both_classes else "one class"
                for metric in options.metrics:
                    print(f"| {groups} | {held} | {_line(metric, separation, tables)} |", flush=True)


def _line(metric: str, separation: float, tables: list[pd.DataFrame]) -> str:
    """Return the second half of a line of the table."""
    truth = TRUTHS[metric](separation)
    low, high = np.array([table.loc[metric, ["low", "high"]] for table in tables], float).T
    above, below = 100 * (truth < low).mean(), 100 * (truth > high).mean()
    return (
        f"{metric} | {truth:.3f} | {100 - above - below:.1f} % | {above:.1f} % | {below:.1f} % | "
        f"{np.mean(high - low):.2f}"
    )


def _test_set(groups: int, both_classes: bool, separation: float, seed: int) -> pd.DataFrame:
    """Return predictions whose true metrics are those of `TRUTHS`."""
    rng, count = np.random.default_rng(seed), groups * CLIPS_PER_GROUP
    group = np.repeat(np.arange(groups), CLIPS_PER_GROUP)
    label = np.arange(count) % 2 if both_classes else group % 2
    own, shared = rng.normal(0, 1, count), rng.normal(0, 1, groups)[group]
    score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (label - 0.5))
    ids = [f"clip{i}" for i in range(count)]
    return pd.DataFrame({"clip_id": ids, "label": label, "group": group.astype(str), "score": score})


if __name__ == "__main__":
    main()
