"""Divide clips into folds by group, and compute ranking metrics within each fold."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dfutils.data import folds
from dfutils.errors import DataError
from dfutils.evaluation.metrics import ranking_metrics

_VALIDATION_PARTS = (
    5  # the training groups are divided into so many parts, and one part is used for validation
)


def fold_parts(known: pd.DataFrame, k: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the positions of the training, validation and test clips of each fold.

    Raises:
        DataError: If a fold leaves only one class to train or to validate on.
    """
    for fold, (outer, test) in enumerate(folds(known, k=k, seed=seed)):
        inner = known.iloc[outer]
        parts = min(_VALIDATION_PARTS, groups_of_rarer_class(inner))
        if parts < 2:
            raise DataError(
                "Too few groups: in a fold, a class has one group left for training and none for validation. Use more "
                "data."
            )
        for train, val in folds(inner, k=parts, seed=seed):
            if all(inner["label"].iloc[positions].nunique() == 2 for positions in (train, val)):
                yield outer[train], outer[val], test
                break
        else:
            raise DataError(
                f"In fold {fold + 1} of {k}, no choice of validation groups has clips of both classes. Use fewer "
                "folds, another seed, or more data."
            )


def groups_of_rarer_class(known: pd.DataFrame) -> int:
    """Count the groups with real clips and the groups with fake clips, and return the smaller count.

    The count is 0 if no label is known.
    """
    counts = known.groupby("label")["group"].nunique()
    return int(counts.min()) if len(counts) else 0


def ranking_by_fold(run: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the AUC, the average precision and the EER within each fold, and their means over the folds.

    The scores of two folds come from two models, so they are not ranked together. A fold counts by its number of pairs
    of a fake and a real clip.

    Args:
        run: DataFrame. The scores of one run, with label, score and fold.
        weights: float array [B, N]. One row per set of weights of the clips.

    Returns:
        dict. {metric: float array [B]}; NaN where no fold has clips of both classes.
    """
    labels, scores = run["label"].to_numpy(int), run["score"].to_numpy(float)
    sums: dict[str, np.ndarray] = {}
    all_pairs = np.zeros(len(weights))
    for fold in run["fold"].unique():
        inside = (run["fold"] == fold).to_numpy()
        in_fold = weights[:, inside]
        pairs = in_fold @ labels[inside] * (in_fold @ (1 - labels[inside]))
        for metric, value in ranking_metrics(labels[inside], scores[inside], in_fold).items():
            sums[metric] = sums.get(metric, 0.0) + np.where(pairs > 0, value, 0.0) * pairs
        all_pairs = all_pairs + pairs
    with np.errstate(invalid="ignore"):
        return {metric: total / all_pairs for metric, total in sums.items()}
