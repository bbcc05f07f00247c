"""How often does the 95 % interval of a metric contain the truth?

    python benchmarks/intervals.py                         # 500 test sets per line, about two minutes on two cores
    python benchmarks/intervals.py --groups 4 8 12 --sets 200 --resamples 500
    python benchmarks/intervals.py --groups 8 --metrics auc accuracy recall
    python benchmarks/intervals.py --paired                # differences between detectors, and several comparisons

Test sets are drawn from a model whose true metrics are known: scores are normal, and clips of one group share half of
the variance. A group holds four clips, of both classes or of one class only. Each line of the table is one setting: the
share of the test sets, in per cent, whose interval contains the truth, the shares whose interval is above or below it,
and the mean width of the intervals.

With `--paired`, the interval is that of the difference in AUC: of two detectors on the same clips, and of one detector
on two data sets. The last lines
compare one detector with five equal ones: in how many test sets is any of them called better or worse, with Holm's
correction and without?
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import norm

from dfutils.evaluation import Difference, compare, compare_unpaired, evaluate, holm

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
PAIRS = ((0.8, 0.8), (1.5, 1.2), (2.5, 1.5), (2.5, 2.5))
RIVALS = 5
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
    parser.add_argument("--paired", action="store_true", help="differences between detectors")
    options = parser.parse_args()
    if options.paired:
        for groups in options.groups:
            _paired(groups, options.sets, options.resamples)
            _family(groups, options.sets, options.resamples)
        return
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


def _paired(groups: int, sets: int, resamples: int) -> None:
    """Print how often the interval of a difference in AUC contains the truth."""
    for pair in PAIRS:
        truth = TRUTHS["auc"](pair[0]) - TRUTHS["auc"](pair[1])
        found: dict[str, list[Difference]] = {"of the same clips": [], "of two data sets": []}
        for seed in range(sets):
            tables = [_test_set(groups, True, one, seed, detector=number) for number, one in enumerate(pair)]
            found["of the same clips"].append(compare(*tables, n_bootstrap=resamples, seed=seed))
            tables = [_test_set(groups, True, one, seed + number * sets) for number, one in enumerate(pair)]
            found["of two data sets"].append(compare_unpaired(*tables, n_bootstrap=resamples, seed=seed))
        for which, differences in found.items():
            low, high = np.array([(one.low, one.high) for one in differences]).T
            inside = 100 * np.mean((low <= truth) & (truth <= high))
            print(
                f"{groups} groups, true difference {truth:+.3f}: {inside:.1f} % of the intervals {which} contain it",
                flush=True,
            )


def _family(groups: int, sets: int, resamples: int) -> None:
    """Print in how many test sets one of several equal detectors is called better or worse."""
    claims = {"with Holm's correction": 0, "without": 0}
    for seed in range(sets):
        first, *others = (_test_set(groups, True, 1.5, seed, detector=number) for number in range(RIVALS + 1))
        p_values = [compare(first, other, n_bootstrap=resamples, seed=seed).p_value for other in others]
        claims["with Holm's correction"] += min(holm(p_values)) < 0.05
        claims["without"] += min(p_values) < 0.05
    for how, count in claims.items():
        print(
            f"{groups} groups, {RIVALS} equal detectors: one is called different in {100 * count / sets:.1f} %, {how}"
        )


def _test_set(
    groups: int, both_classes: bool, separation: float, seed: int, *, detector: int | None = None
) -> pd.DataFrame:
    """Return predictions whose true metrics are those of `TRUTHS`; detectors of one seed share half of their noise."""
    rng, count = np.random.default_rng(seed), groups * CLIPS_PER_GROUP
    group = np.repeat(np.arange(groups), CLIPS_PER_GROUP)
    label = np.arange(count) % 2 if both_classes else group % 2
    own, shared = rng.normal(0, 1, count), rng.normal(0, 1, groups)[group]
    if detector is not None:
        noise = np.random.default_rng([seed, detector + 1])  # [seed, 0] would be the same as seed
        own = np.sqrt(0.5) * (own + noise.normal(0, 1, count))
        shared = np.sqrt(0.5) * (shared + noise.normal(0, 1, groups)[group])
    score = norm.cdf(np.sqrt(0.5) * (own + shared) + separation * (label - 0.5))
    ids = [f"clip{i}" for i in range(count)]
    return pd.DataFrame({"clip_id": ids, "label": label, "group": group.astype(str), "score": score})


if __name__ == "__main__":
    main()
