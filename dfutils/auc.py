"""The area under the ROC curve of weighted clips, for many weightings at once."""

import numpy as np

from dfutils.bootstrap import resample


def auc_with_interval(
    labels: np.ndarray, scores: np.ndarray, codes: np.ndarray, n_bootstrap: int, seed: int
) -> tuple[float, float, float]:
    """Return the AUC, and the low and high end of its 95 % interval by group."""

    def compute(weights):
        return {"auc": auc_by_threshold(*by_threshold(labels, scores, weights))}

    auc = float(compute(np.ones((1, len(labels))))["auc"][0])
    return auc, *resample(codes, labels, n_bootstrap, seed, compute).interval("auc", auc)


def by_threshold(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of fakes and of reals at each distinct score, from the highest score down.

    Args:
        labels: array [N]; 1 = fake, 0 = real.
        scores: float array [N].
        weights: float array [B, N].

    Returns:
        Two float arrays [B, distinct scores].
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    fake_here = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    real_here = np.add.reduceat(weights[:, order] * (1 - labels[order]), starts, axis=1)
    return fake_here, real_here


def auc_by_threshold(fake_here: np.ndarray, real_here: np.ndarray) -> np.ndarray:
    """Return the area under the ROC curve of each row; NaN where a class has no weight.

    A fake outranks the real clips below it, and half of those that tie with it (Mann and Whitney, 1947).
    """
    fakes, reals = fake_here.sum(1), real_here.sum(1)
    below = reals[:, None] - np.cumsum(real_here, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (fake_here * (below + 0.5 * real_here)).sum(1) / (fakes * reals)
    return np.where((fakes == 0) | (reals == 0), np.nan, auc)
