"""Draw whole groups of clips at random for one part of a split.

The drawn groups hold about the wanted share of the clips of each label and each forgery method.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dfutils.errors import DataError

LARGEST_SHARE = 0.8  # the largest share of the available clips that one part may take
_DRAWS = 400
_METHODS = 20  # forgery methods kept in proportion: a data set with one folder per fake would have thousands
_IMPROVED = 4  # the number of best draws that are improved further
_STEPS = 100
_PAIRS = 10_000  # exchanges tried in one step

_Cost = Callable[[np.ndarray], np.ndarray]


def draw_groups(
    clips: pd.DataFrame, part: str, *, share: float, fake_share: float, groups_left: int, seed: int
) -> np.ndarray:
    """Draw the groups for one part of the split (such as test) at random.

    scikit-learn draws whole groups many times. The best draws are then improved by moving and exchanging single groups
    until this brings no further improvement. The best result is returned.

    Args:
        clips: DataFrame. The clips to draw from, with label, method and group.
        part: str. The part's name, such as `test`. It also affects the random draw.
        share: float. The wanted share of the clips.
        fake_share: float. The wanted share of fakes in the part.
        groups_left: int. The number of groups of each class that must not be drawn.
        seed: int. The seed of the random draw.

    Returns:
        str array. The names of the drawn groups. The order of the clips has no effect.

    Raises:
        DataError: If there are fewer than two groups.
    """
    from sklearn.model_selection import ShuffleSplit

    numbers = clips["method"].value_counts()
    common = sorted(numbers.index, key=lambda method: (-numbers[method], method))[:_METHODS]
    strata = clips["label"].astype(str) + "/" + clips["method"].where(clips["method"].isin(common), "others")
    table = pd.crosstab(clips["group"], strata).sort_index()
    groups, counts = table.index.to_numpy(str), table.to_numpy(float)
    if len(groups) < 2:
        raise DataError(
            f"Too few groups to split: {len(groups)} group is left to draw {part!r} from. Clips of one group stay "
            "together, so three parts need at least three groups."
        )
    is_fake = np.array([column.startswith("1") for column in table.columns])
    # Two more columns count the groups with fakes, and the groups with real clips.
    counts = np.c_[counts, counts[:, is_fake].any(1), counts[:, ~is_fake].any(1)]

    def cost(inside: np.ndarray) -> np.ndarray:
        return _cost(inside, counts.sum(0), is_fake, share, fake_share, groups_left)

    rng = np.random.default_rng([seed, len(part)])
    wanted = min(max(1, round(share * len(groups))), len(groups) - 1)
    draws = ShuffleSplit(_DRAWS, test_size=wanted, random_state=int(rng.integers(2**31)))
    drawn = np.array([np.sort(inside) for _, inside in draws.split(groups)])
    costs = np.array([cost(counts[inside].sum(0)[None])[0] for inside in drawn])
    improved = []
    for inside in drawn[np.argsort(costs, kind="stable")[:_IMPROVED]]:
        chosen = np.zeros(len(groups), bool)
        chosen[inside] = True
        improved.append((_improve(chosen, counts, cost, rng), chosen))
    return groups[min(improved, key=lambda pair: pair[0])[1]]


def _improve(chosen: np.ndarray, counts: np.ndarray, cost: _Cost, rng: np.random.Generator) -> float:
    """Move or exchange single groups until the cost stops falling. Change `chosen` in place; return the cost."""
    now = counts[chosen].sum(0)
    best = cost(now[None])[0]
    moves = np.r_[counts, np.zeros((1, counts.shape[1]))]
    for _ in range(_STEPS):
        # -1 means no group, so that a group can be added without a removal, or removed without an addition.
        ins, outs = np.r_[np.flatnonzero(chosen), -1], np.r_[np.flatnonzero(~chosen), -1]
        exchanges = len(ins) * len(outs)
        pairs = np.arange(exchanges) if exchanges <= _PAIRS else rng.integers(exchanges, size=_PAIRS)
        leaving, entering = ins[pairs // len(outs)], outs[pairs % len(outs)]
        costs = cost(now - moves[leaving] + moves[entering])
        step = int(costs.argmin())
        if costs[step] >= best - 1e-9:
            break
        leaves, enters = leaving[step], entering[step]
        best, now = costs[step], now - moves[leaves] + moves[enters]
        if leaves >= 0:
            chosen[leaves] = False
        if enters >= 0:
            chosen[enters] = True
    return float(best)


def _cost(
    inside: np.ndarray,
    totals: np.ndarray,
    is_fake: np.ndarray,
    share: float,
    fake_share: float,
    groups_left: int,
) -> np.ndarray:
    """Compute how far candidate parts of a split are from the wanted shares, as float array [B]. Lower is better.

    Args:
        inside: float array [B, strata + 2]. For each candidate part, the number of clips of each label and method
            (stratum), the number of groups with fakes, and the number of groups with real clips.
        totals: float array [strata + 2]. The same numbers for all clips.
        is_fake: bool array [strata]. Whether the clips of a stratum are fake.
        share: float. The wanted share of the clips.
        fake_share: float. The wanted share of fakes.
        groups_left: int. The number of groups of each class that must not be in the part.
    """
    sides = np.stack([inside, totals - inside])
    clips, holding = sides[..., :-2], sides[..., -2:]
    missing = np.maximum([[[1]], [[groups_left]]] - holding, 0).sum((0, 2))
    sizes = clips.sum(2)
    fakes = clips[..., is_fake].sum(2)
    label_gap = np.abs(np.divide(fakes, sizes, out=np.zeros_like(fakes), where=sizes > 0) - fake_share)
    size_gap = np.abs(sizes[0] / sizes.sum(0) - share)
    method_gap = np.abs(clips[0] / totals[:-2] - share).mean(1)
    # Missing groups weigh most. Next is an error above 0.02 in the share of fakes, then such an error in the size.
    off = 15.0 * np.maximum(label_gap - 0.02, 0).sum(0) + 5.0 * np.maximum(size_gap - 0.02, 0)
    return 100.0 * missing + off + label_gap.sum(0) + size_gap + 0.5 * method_gap
