"""How often does the 95 % interval of the AUC contain the truth?

    python benchmarks/intervals.py                         # 500 test sets per line, about two minutes on two cores
    python benchmarks/intervals.py --groups 12 40 --sets 200

Test sets are drawn from a model whose true AUC is known: scores are normal, and clips of one group share half of the
variance. A group holds clips of both classes, or of one class only. Each line of the table is one setting: the share of
the test sets, in per cent, whose interval contains the truth, and the shares whose interval is above or below it.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import norm

from dfutils.evaluation import evaluate

CLIPS_PER_GROUP = 4
SEPARATIONS = (0.8, 1.5, 2.5)  # between the mean scores of the classes, in standard deviations
COLUMNS = ("groups", "a group holds", "true AUC", "intervals with the truth", "above it", "below it")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--groups", type=int, nargs="+", default=[40], help="groups per test set; default: 40"
    )
    parser.add_argument("--sets", type=int, default=500, help="test sets per line; default: 500")
    parser.add_argument("--resamples", type=int, default=1000, help="resamples per test set; default: 1000")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for groups in options.groups:
        for both_classes in (True, False):
            for separation in SEPARATIONS:
                print(_line(groups, both_classes, separation, options.sets, options.resamples), flush=True)


def _line(groups: int, both_classes: bool, separation: float, sets: int, resamples: int) -> str:
    """Return one line of the table."""
    truth = norm.cdf(separation / np.sqrt(2))
    ends = np.array(
        [
            _interval(_test_set(groups, both_classes, separation, seed), resamples, seed)
            for seed in range(sets)
        ]
    )
    above, below = 100 * (truth < ends[:, 0]).mean(), 100 * (truth > ends[:, 1]).mean()
    held = "both classes" if both_classes else "one class"
    return (
        f"| {groups} | {held} | {truth:.3f} | {100 - above - below:.1f} % | {above:.1f} % | {below:.1f} % |"
    )


def _test_set(groups: int, both_classes: bool, separation: float, seed: int) -> pd.DataFrame:
    """Return predictions whose true AUC is `norm.cdf(separation / sqrt(2))`."""
    rng, count = np.random.default_rng(seed), groups * CLIPS_PER_GROUP
    group = np.repeat(np.arange(groups), CLIPS_PER_GROUP)
    label = np.arange(count) % 2 if both_classes else group % 2
    own, shared = rng.normal(0, 1, count), rng.normal(0, 1, groups)[group]
    score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (label - 0.5))
    ids = [f"clip{i}" for i in range(count)]
    return pd.DataFrame({"clip_id": ids, "label": label, "group": group.astype(str), "score": score})


def _interval(predictions: pd.DataFrame, resamples: int, seed: int) -> tuple[float, float]:
    row = evaluate(predictions, n_bootstrap=resamples, seed=seed).table.loc["auc"]
    return row["low"], row["high"]


if __name__ == "__main__":
    main()
