"""Draw groups of clips with replacement: the weight of each clip in each resample.

Weights are arrays [B, N], with one row per resample, whose transpose is contiguous: metrics sort the clips and add up
their weights one after the other.
"""

from collections.abc import Iterator

import numpy as np

_BLOCK_CELLS = 2_000_000  # the largest number of weights in memory at a time
_JACKKNIFE_PARTS = 200  # at most; each part of the groups is left out once, to measure skewness
# Weights are whole numbers, and float32 adds those up exactly to 16 million. It is twice as fast as float64.
_DTYPE = np.float32
_MANY_GROUPS = 1000


def with_every_class(blocks: Iterator[np.ndarray], labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield blocks of weights, without the rows in which a class has no weight.

    Args:
        blocks: iterator of float32 arrays [B, N].
        labels: array [N]. The class of each clip.
    """
    classes = np.unique(labels)
    of_class = (labels[:, None] == classes).astype(_DTYPE)
    for weights in blocks:
        has_all = (weights @ of_class > 0).all(axis=1)
        if not has_all.any():
            continue
        yield weights if has_all.all() else np.ascontiguousarray(weights.T[:, has_all]).T


def bootstrap_weights(codes: np.ndarray, n_bootstrap: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks of weights. One row per resample: how often the group of each clip was drawn.

    Args:
        codes: int array [N]. The number of each clip's group.
        n_bootstrap: int. Number of resamples.
        seed: int. Seed of the random draws.
    """
    rng, n_groups = np.random.default_rng(seed), int(codes.max()) + 1
    block = max(1, _BLOCK_CELLS // len(codes))
    for start in range(0, n_bootstrap, block):
        size = min(block, n_bootstrap - start)
        if n_groups < _MANY_GROUPS:
            counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size)
        else:  # the same distribution, drawn one by one, which is much faster here
            drawn = rng.integers(0, n_groups, (size, n_groups)) + n_groups * np.arange(size)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=size * n_groups).reshape(size, n_groups)
        yield np.ascontiguousarray(counts.T, dtype=_DTYPE)[codes].T


def jackknife_weights(codes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield blocks of weights, for the jackknife.

    Each row gives weight 0 to the clips of one group and weight 1 to all other clips. With more than 200 groups, the
    groups are divided into 200 parts, and each row gives weight 0 to one part.

    Args:
        codes: int array [N]. The number of each clip's group.
    """
    parts = min(int(codes.max()) + 1, _JACKKNIFE_PARTS)
    block = max(1, _BLOCK_CELLS // len(codes))
    for start in range(0, parts, block):
        left_out = np.arange(start, min(start + block, parts))
        yield ((codes % parts)[:, None] != left_out).astype(_DTYPE).T
