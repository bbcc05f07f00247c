"""Say in words whether a tuned model is better."""

import numpy as np

from dfutils.evaluation import Difference

_ENOUGH_SEEDS = 5


def verdict(
    gain: Difference,
    untuned,
    tuned,
    n_groups: int,
    crossed: Difference | None = None,
    folds: int = 0,
    fold_seeds: int = 1,
) -> str:
    """Say in words whether the tuned model is better.

    Args:
        gain: Difference. Tuned less untuned AUC on the test clips, over groups and seeds: `evaluation.compare` of a
            table a seed.
        untuned, tuned: float arrays [S]. The test AUC of both, one value a seed.
        n_groups: int. Groups of the test clips.
        crossed: Difference or None. The same in cross-validation with a search in each fold, which has all groups to
            judge by and therefore decides. Defaults to None: the test clips decide.
        folds, fold_seeds: int. Its folds, and how often both were trained in each of them.

    Returns:
        str. "Yes", "No" or that it cannot be told, and the numbers.
    """
    untuned, tuned = np.asarray(untuned, float), np.asarray(tuned, float)
    seeds = len(untuned)
    if np.isnan(gain.value):
        on_test = "the scored test clips are of one class, so they have no AUC"
    else:
        on_test = (
            f"on the test clips of {n_groups} group{'s' if n_groups > 1 else ''} the tuned GRU's AUC lies "
            f"{_apart(gain)}{f', in the mean of {seeds} seeds' if seeds > 1 else ''}"
        )
    if seeds == 1:
        on_test += "; one seed shows no seed noise"
    else:
        noise = max(untuned.std(ddof=1), tuned.std(ddof=1))
        on_test += (
            f"; from seed to seed, one and the same model's AUC differs by {noise:.3f} (standard deviation)"
        )
        if seeds < _ENOUGH_SEEDS:
            on_test += f"; {seeds} seeds show seed noise only roughly, {_ENOUGH_SEEDS} are better"
    decisive, told = gain, f"{on_test}."
    if crossed is not None and not np.isnan(crossed.low):
        decisive = crossed
        told = (
            f"in {folds}-fold cross-validation by group, with a search of its own in each fold"
            f"{f' and {fold_seeds} trainings of both' if fold_seeds > 1 else ''}, the tuned GRU's AUC "
            f"lies {_apart(crossed)}. {on_test[0].upper()}{on_test[1:]}."
        )
    if np.isnan(decisive.value):
        return f"It cannot be told: {told}"
    if np.isnan(decisive.low):
        return f"It cannot be told, because there are too few groups for an interval: {told}"
    if decisive.low == decisive.high:
        return f"It cannot be told, because every draw of the groups gives the same difference: {told}"
    if decisive is gain and seeds < 2:
        return f"It cannot be told from a single seed: {told}"
    if decisive.high < 0:
        return f"No, it is worse: {told}"
    if decisive.low > 0:
        return f"Yes: {told}"
    return f"No, not by more than chance explains: {told}"


def _apart(gap: Difference) -> str:
    words = f"{abs(gap.value):.3f} {'above' if gap.value >= 0 else 'below'} the untuned one's"
    return words if np.isnan(gap.low) else f"{words} (95 % interval {gap.low:+.3f} to {gap.high:+.3f})"
