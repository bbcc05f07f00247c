"""Compute the area under the ROC curve (AUC) of weighted clips, for many sets of weights at once.

The AUC is not in `dfutils.evaluation`, because packages that `dfutils.evaluation` depends on need the AUC too: the
audit of a data set computes the AUC of every shortcut, with its interval.
"""

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
        return {"auc": auc_of_weights(*weights_by_score(labels, scores, weights))}

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


def weights_by_score(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Add up the weights of all fake clips, and of all real clips, that have the same score.

    The columns of the results go from the highest score to the lowest.

    Args:
        labels: int or float array [N]; 1 = fake, 0 = real.
        scores: float array [N].
        weights: float array [B, N]. One row per set of weights.

    Returns:
        Two float arrays [B, distinct scores]: the weights of the fake clips, and the weights of the real clips.
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    fakes = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    reals = np.add.reduceat(weights[:, order] * (1 - labels[order]), starts, axis=1)
    return fakes, reals


def auc_of_weights(fakes: np.ndarray, reals: np.ndarray) -> np.ndarray:
    """Compute the AUC from the weights of fake and real clips at each distinct score.

    The AUC is the share of all pairs of a fake and a real clip in which the fake clip has the higher score. A pair
    with equal scores counts half (Mann and Whitney, 1947).

    Args:
        fakes, reals: float arrays [B, distinct scores]. As `weights_by_score` returns them.

    Returns:
        float array [B]. NaN where all fake clips, or all real clips, have weight 0.
    """
    all_fakes, all_reals = fakes.sum(1), reals.sum(1)
    reals_below = all_reals[:, None] - np.cumsum(reals, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (fakes * (reals_below + 0.5 * reals)).sum(1) / (all_fakes * all_reals)
    return np.where((all_fakes == 0) | (all_reals == 0), np.nan, auc)
