"""Compute the area under the ROC curve (AUC) of weighted clips, for many sets of weights at once.

The AUC is not in `dfutils.evaluation`, because packages that `dfutils.evaluation` depends on need the AUC too: the
audit of a data set computes the AUC of every shortcut, with its interval.
"""

import math
from dataclasses import dataclass

import numpy as np

from dfutils.bootstrap import resample


def auc_with_interval(
    labels: np.ndarray, scores: np.ndarray, codes: np.ndarray, *, n_bootstrap: int, seed: int
) -> tuple[float, float, float]:
    """Compute the AUC with its 95 % confidence interval. Groups of clips are resampled for the interval.

    Args:
        labels: int array [N]; 1 = fake, 0 = real.
        scores: float array [N]. The higher, the more likely fake.
        codes: int array [N]. The number of each clip's group, as `dfutils.bootstrap.group_codes` returns it.
        n_bootstrap: int. Number of resamples; 0 for no interval.
        seed: int. Seed of the resamples.

    Returns:
        Three floats: the AUC, and the lower and the upper end of its interval. Undefined values are NaN.
    """

    def compute(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"auc": RankedWeights.of(labels, scores, weights).auc()}

    auc = float(compute(np.ones((1, len(labels))))["auc"][0])
    resamples = resample(codes, labels, compute, n_bootstrap=n_bootstrap, seed=seed)
    return auc, *resamples.interval("auc", auc, share_of=len(labels))


def reversed_remark(low: float, high: float, *, of: str = "") -> str:
    """Return a warning if an AUC is below chance with its whole interval, otherwise `""`.

    Args:
        low: float. The lower end of the interval of the AUC.
        high: float. The upper end.
        of: str. What the AUC is of, for the message, such as the name of a detector. Defaults to `""`.
    """
    if not high < 0.5:
        return ""
    name = f" of {of}" if of else ""
    return (
        f"The AUC{name} is below chance, with its whole interval ({low:.2f} to {high:.2f}): real clips get higher "
        "scores than fake ones. Probably the labels or the scores are reversed. Here a label of 1 means fake, and "
        "a high score means fake."
    )


@dataclass(frozen=True)
class RankedWeights:
    """The weights of clips, added up from the highest score to the lowest. Each column is one set of weights.

    Args:
        fakes: float array [F, B]. The weights of the fake clips, from the highest score to the lowest.
        fakes_above: float array [F + 1, B]. The sum of the weights of the first 0, 1, ..., F fake clips.
        reals_above: float array [R + 1, B]. The same of the real clips.
        thresholds: float array [T]. The distinct scores, from the highest to the lowest.
        fakes_from, reals_from: int arrays [T]. The number of fake clips, and of real clips, with a score of each
            threshold or above.
        of_fake: int array [F]. The position of each fake clip's score in `thresholds`.
    """

    fakes: np.ndarray
    fakes_above: np.ndarray
    reals_above: np.ndarray
    thresholds: np.ndarray
    fakes_from: np.ndarray
    reals_from: np.ndarray
    of_fake: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> "RankedWeights":
        """Rank clips.

        Args:
            labels: int or float array [N]; 1 = fake, 0 = real.
            scores: float array [N].
            weights: float array [B, N]. One row per set of weights. Fastest if its transpose is contiguous.
        """
        order = np.argsort(-scores, kind="stable")
        is_fake = labels[order] == 1
        fake, real = order[is_fake], order[~is_fake]
        by_clip = weights.T
        fakes = by_clip[fake]
        thresholds = np.unique(scores)[::-1]
        fakes_from = np.searchsorted(-scores[fake], -thresholds, side="right")
        reals_from = np.searchsorted(-scores[real], -thresholds, side="right")
        of_fake = np.searchsorted(-thresholds, -scores[fake])
        reals_above = cumulative(by_clip[real])
        return cls(fakes, cumulative(fakes), reals_above, thresholds, fakes_from, reals_from, of_fake)

    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the weight of all fake clips, and of all real clips, float64 [B] each."""
        return self.fakes_above[-1].astype(np.float64), self.reals_above[-1].astype(np.float64)

    def auc(self) -> np.ndarray:
        """Return the AUC of each set of weights, float [B]. NaN where all fake or all real clips have weight 0.

        The AUC is the share of all pairs of a fake and a real clip in which the fake clip has the higher score. A pair
        with equal scores counts half (Mann and Whitney, 1947).
        """
        all_fakes, all_reals = self.totals()
        from_here = self.reals_from[self.of_fake]
        above = np.concatenate([[0], self.reals_from])[self.of_fake]
        higher = sum_of_products(self.fakes, self.reals_above[from_here])
        if not np.array_equal(above, from_here):  # some fake and real clips have equal scores
            higher = (higher + sum_of_products(self.fakes, self.reals_above[above])) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            auc: np.ndarray = 1 - higher / (all_fakes * all_reals)
        return np.where((all_fakes == 0) | (all_reals == 0), np.nan, auc)


def sum_of_products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the sum of first * second over the rows, float64 [B], for arrays [N, B] of any precision."""
    total: np.ndarray = np.einsum("nb,nb->b", first, second, dtype=np.float64)
    return total


def cumulative(weights: np.ndarray) -> np.ndarray:
    """Return the sums of the first 0, 1, ..., N rows of an array [N, B], as an array [N + 1, B].

    The rows are divided into about sqrt(N) parts that are added up next to each other. For thousands of rows, this is
    several times as fast as `numpy.cumsum`.
    """
    count, width = weights.shape
    steps = math.isqrt(count) + 1
    parts = -(-count // steps)
    sums = np.zeros((1 + parts * steps, width), weights.dtype)
    sums[1 : count + 1] = weights
    by_part = sums[1:].reshape(parts, steps, width)
    for step in range(1, steps):
        by_part[:, step] += by_part[:, step - 1]
    if parts > 1:
        by_part[1:] += np.cumsum(by_part[:-1, -1], axis=0)[:, None]
    return sums[: count + 1]
