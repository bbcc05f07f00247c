"""Compare two trainings of a detector on the same test clips, in folds by group."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.comparison import paired_difference
from dfutils.evaluation.grouped_folds import ranking_by_fold
from dfutils.evaluation.metrics import share_of

RankingMetric = Literal["auc", "average_precision", "eer"]


def check_ranking_metric(metric: str) -> None:
    """Raise an error if a metric cannot be computed within each fold.

    Raises:
        SettingsError: If the metric is not one of `RankingMetric`.
    """
    if metric not in get_args(RankingMetric):
        raise SettingsError(
            f"The metric must be one of {', '.join(get_args(RankingMetric))}. Received: {metric!r}"
        )


def check_same_clips(predictions: pd.DataFrame, test: str, trainings: Iterable[str]) -> None:
    """Raise an error if two trainings did not score the same clips, with the same seeds.

    Args:
        predictions: DataFrame. Columns: detector, trained_on, seed, fold, clip_id, label, group, score, and the column
            of the tests.
        test: str. The column that tells the tests apart.
        trainings: iterable of two str. The values of the column trained_on.

    Raises:
        DataError: If a training is missing or scored other clips, a clip has two rows or two labels or groups, or a
            label or score is missing.
    """
    for column in ("label", "score"):
        missing = predictions.loc[predictions[column].isna(), "clip_id"]
        if len(missing):
            raise DataError(
                f"The clip {missing.iloc[0]!r} has no {column}. Leave such clips out of both trainings."
            )
    columns = ["seed", "fold", "clip_id", "label", "group"]
    for (detector, name), part in predictions.groupby(["detector", test]):
        rows = {run: list(map(tuple, one[columns].to_numpy())) for run, one in part.groupby("trained_on")}
        unique = {run: frozenset(one) for run, one in rows.items()}
        if set(rows) != set(trainings) or len(set(unique.values())) > 1:
            raise DataError(
                f"The detector {detector!r} needs scores of the same clips for the test {name!r}, by both trainings: "
                f"{' and '.join(trainings)}. Seeds, folds, labels and groups must be the same, too."
            )
        first = next(iter(rows.values()))
        if len(first) != len({row[:3] for row in first}) or any(
            len(rows[run]) != len(unique[run]) for run in rows
        ):
            raise DataError(f"In the test {name!r} of the detector {detector!r}, a clip is there twice.")


def compare_trainings(
    tests: Sequence[pd.DataFrame],
    trainings: Mapping[str, str],
    *,
    metric: RankingMetric,
    n_bootstrap: int,
    seed: int,
) -> dict[str, float]:
    """Compute a metric of two trainings, and the paired difference. With several tests, the mean over the tests.

    Args:
        tests: sequence of DataFrame. One table per test, of one detector. Columns: trained_on, seed, fold, clip_id,
            label, group and score.
        trainings: dict. {value of the column trained_on: name of this training in the result}, for two trainings.
        metric: str. `"auc"`, `"average_precision"` or `"eer"`, computed within each fold.
        n_bootstrap, seed: As for `evaluate`. Groups are resampled.

    Returns:
        dict. For each training its name with _value, _low and _high; change, change_low and change_high, the second
        training minus the first; n_real, n_fake and n_groups.
    """
    clips = pd.concat(tests).drop_duplicates("clip_id").sort_values("clip_id").reset_index(drop=True)
    position = pd.Series(clips.index, index=clips["clip_id"])
    runs: dict[str, list[list[tuple[pd.DataFrame, Any]]]] = {
        training: [
            [
                (rows, position.loc[rows["clip_id"]].to_numpy())
                for _, rows in test[test["trained_on"] == training].groupby("seed")
            ]
            for test in tests
        ]
        for training in trainings
    }
    first, second = trainings
    codes, labels = group_codes(clips["group"]), clips["label"].to_numpy(int)

    def by_run(training: str, weights: np.ndarray) -> np.ndarray:
        """Return the metric of each seed, float [R, B]."""
        values = [
            [ranking_by_fold(rows, weights[:, places])[metric] for rows, places in of_test]
            for of_test in runs[training]
        ]
        # In a resample without fakes of a method, the mean is over the other methods.
        known = ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            mean: np.ndarray = np.nansum(values, axis=0) / known.sum(0)
        return mean

    def both(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {training: by_run(training, weights).mean(0) for training in trainings}

    def differences(weights: np.ndarray) -> np.ndarray:
        return by_run(second, weights) - by_run(first, weights)

    values = both(np.ones((1, len(codes))))
    resamples = resample(codes, labels, both, n_bootstrap=n_bootstrap, seed=seed)
    change = paired_difference(codes, labels, differences, metric=metric, n_bootstrap=n_bootstrap, seed=seed)
    row: dict[str, float] = {}
    for training, name in trainings.items():
        value = float(values[training][0])
        low, high = resamples.interval(training, value, share_of=share_of(metric, labels))
        row |= {f"{name}_value": value, f"{name}_low": low, f"{name}_high": high}
    return row | {
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "n_real": int((labels == 0).sum()),
        "n_fake": int((labels == 1).sum()),
        "n_groups": int(codes.max()) + 1,
    }


def table_of_trainings(
    predictions: pd.DataFrame,
    test: str,
    trainings: Mapping[str, str],
    unscored: Mapping[str, int],
    *,
    metric: RankingMetric,
    n_bootstrap: int,
    seed: int,
) -> pd.DataFrame:
    """Compare two trainings in each test.

    Args:
        predictions: DataFrame. The columns of `compare_trainings`, detector, and the column of the tests.
        test: str. The column that tells the tests apart.
        trainings: dict. As for `compare_trainings`.
        unscored: dict. {test: number of clips that were not tested}.
        metric, n_bootstrap, seed: As for `compare_trainings`.

    Returns:
        DataFrame indexed by detector and test, with the values of `compare_trainings` and n_unscored.

    Raises:
        SettingsError: If the metric is unknown, or `n_bootstrap` or the seed is out of range.
    """
    check_ranking_metric(metric)
    rows = {
        (detector, name): compare_trainings(
            [part], trainings, metric=metric, n_bootstrap=n_bootstrap, seed=seed
        )
        | {"n_unscored": unscored.get(str(name), 0)}
        for (detector, name), part in predictions.groupby(["detector", test], sort=False)
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["detector", test])
    return table
