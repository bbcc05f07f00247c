"""Write the conclusion of the search: whether the tuned GRU is better than the untuned GRU."""

from collections.abc import Sequence

import numpy as np

from dfutils.evaluation import Difference

_ENOUGH_SEEDS = 5


def verdict(
    gain: Difference,
    untuned: Sequence[float] | np.ndarray,
    tuned: Sequence[float] | np.ndarray,
    *,
    n_groups: int,
    crossed: Difference | None = None,
    folds: int = 0,
    fold_seeds: int = 1,
) -> str:
    """Return a sentence that says whether the tuned GRU is better than the untuned GRU, with the numbers.

    Args:
        gain: Difference. Tuned minus untuned AUC on the test clips, from `evaluation.compare` with one table of
            predictions per seed.
        untuned: float array [S]. The test AUC of the untuned model, one value per seed.
        tuned: float array [S]. The test AUC of the tuned model, one value per seed.
        n_groups: int. Number of groups among the test clips.
        crossed: Difference or None. The same difference in a cross-validation with a search in each fold. If given, the
            verdict is based on it, because it uses all groups. Defaults to None: the verdict is based on the test
            clips.
        folds: int. Number of folds of the cross-validation. Defaults to 0.
        fold_seeds: int. Number of trainings of each model in each fold. Defaults to 1.

    Returns:
        str. "Yes", "No" or "It cannot be told", with the numbers.
    """
    on_test = _on_test_clips(gain, np.asarray(untuned, float), np.asarray(tuned, float), n_groups)
    decisive, numbers = gain, f"{on_test}."
    if crossed is not None and not np.isnan(crossed.low):
        decisive = crossed
        trainings = f" and {fold_seeds} trainings of both models" if fold_seeds > 1 else ""
        numbers = (
            f"in {folds}-fold cross-validation by group, with a separate search{trainings} in each fold, the tuned "
            f"GRU's AUC is {_distance(crossed)}. {on_test[0].upper()}{on_test[1:]}."
        )
    if np.isnan(decisive.value):
        return f"It cannot be told: {numbers}"
    if np.isnan(decisive.low):
        return f"It cannot be told, because there are too few groups for an interval: {numbers}"
    if decisive.low == decisive.high:
        return f"It cannot be told, because every resample of the groups gives the same difference: {numbers}"
    if decisive is gain and len(untuned) < 2:
        return f"It cannot be told from a single seed: {numbers}"
    if decisive.high < 0:
        return f"No, it is worse: {numbers}"
    if decisive.low > 0:
        return f"Yes: {numbers}"
    return f"No, not by more than chance explains: {numbers}"


def _on_test_clips(gain: Difference, untuned: np.ndarray, tuned: np.ndarray, n_groups: int) -> str:
    """Return the result on the test clips in words, without a capital letter at the start or a full stop."""
    seeds = len(untuned)
    if np.isnan(gain.value):
        text = "the scored test clips are of one class, so their AUC is undefined"
    else:
        text = (
            f"on the test clips of {n_groups} group{'s' if n_groups > 1 else ''} the tuned GRU's AUC is "
            f"{_distance(gain)}{f', in the mean of {seeds} seeds' if seeds > 1 else ''}"
        )
    if seeds == 1:
        return f"{text}; a single seed shows no seed noise"
    noise = max(untuned.std(ddof=1), tuned.std(ddof=1))
    text += f"; the same model's AUC varies from seed to seed by {noise:.3f} (standard deviation)"
    if seeds < _ENOUGH_SEEDS:
        text += f"; {seeds} seeds give only a rough idea of seed noise, {_ENOUGH_SEEDS} are better"
    return text


def _distance(gap: Difference) -> str:
    text = f"{abs(gap.value):.3f} {'above' if gap.value >= 0 else 'below'} that of the untuned GRU"
    return text if np.isnan(gap.low) else f"{text} (95 % interval {gap.low:+.3f} to {gap.high:+.3f})"
