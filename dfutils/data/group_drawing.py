"""Draw whole groups so that they hold the wanted share of the clips, of each label and method alike."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dfutils.errors import DataError

LARGEST_SHARE = 0.8  # of the clips that a part is drawn from
_DRAWS = 400
_METHODS = 20  # kept in proportion; a folder for every fake would make thousands
_IMPROVED = 4  # of the draws, those closest to what is wanted
_STEPS = 100
_PAIRS = 10_000  # exchanges tried in one step

_Cost = Callable[[np.ndarray], np.ndarray]


def draw_groups(
    clips: pd.DataFrame, part: str, *, share: float, fake_share: float, groups_left: int, seed: int
) -> np.ndarray:
    """Draw at random the groups that go into one part of the split.

    scikit-learn draws whole groups many times. The best draws are then improved by moving and exchanging single groups
    as long as that helps, and the best of those is taken.

    Args:
        clips: DataFrame. The clips to draw from, with label, method and group.
        part: str. The part's name; another name gives another draw.
        share: float. The share of the clips that is wanted.
        fake_share: float. The share of fakes in the part that is wanted.
        groups_left: int. Groups of each class that must be left over.
        seed: int.

    Returns:
        str array. The groups' names. It does not depend on the order of the clips.

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
    # Two more columns count the groups that hold fakes, and those that hold real clips.
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
    """Move or exchange groups, in place, as long as the cost falls; return the cost."""
    now = counts[chosen].sum(0)
    best = cost(now[None])[0]
    moves = np.r_[counts, np.zeros((1, counts.shape[1]))]
    for _ in range(_STEPS):
        # -1 stands for no group. A group can then enter without an exchange, or leave without one.
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
    """Return how far candidate parts are from what is wanted, float array [B].

    Args:
        inside: float array [B, strata + 2]. For each candidate, its clips of each label and method, and how many groups
            hold fakes and how many hold real clips.
        totals: float array [strata + 2]. The same for all clips.
        is_fake: bool array [strata].
        share: float. The wanted share of the clips.
        fake_share: float. The wanted share of fakes.
        groups_left: int. Groups of each class that must be left over.
    """
    sides = np.stack([inside, totals - inside])
    clips, holding = sides[..., :-2], sides[..., -2:]
    missing = np.maximum([[[1]], [[groups_left]]] - holding, 0).sum((0, 2))
    sizes = clips.sum(2)
    fakes = clips[..., is_fake].sum(2)
    label_gap = np.abs(np.divide(fakes, sizes, out=np.zeros_like(fakes), where=sizes > 0) - fake_share)
    size_gap = np.abs(sizes[0] / sizes.sum(0) - share)
    method_gap = np.abs(clips[0] / totals[:-2] - share).mean(1)
    # A share of fakes that is off by more than two points weighs most, then a size that is off by as much.
    off = 15.0 * np.maximum(label_gap - 0.02, 0).sum(0) + 5.0 * np.maximum(size_gap - 0.02, 0)
    return 100.0 * missing + off + label_gap.sum(0) + size_gap + 0.5 * method_gap
