"""Test a detector on forgeries that it was not trained on: leave out one method at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.grouped_folds import fold_parts, groups_of_rarer_class
from dfutils.evaluation.predictions import check_columns
from dfutils.evaluation.two_trainings import (
    RankingMetric,
    check_ranking_metric,
    check_same_clips,
    compare_trainings,
    table_of_trainings,
)
from dfutils.features import FeatureSet
from dfutils.features.seen import refuse_seen
from dfutils.training import Detector

_COLUMNS = [
    "detector", "left_out", "trained_on", "seed", "fold", "clip_id", "label", "group", "method", "score"
]  # fmt: skip
_TRAININGS = {"all": "trained", "others": "left_out"}  # {value of trained_on: its name in the tables}


@dataclass(frozen=True)
class LeaveOneOut:
    """The scores of detectors on forgeries that they were trained on, and on the same forgeries left out of training.

    Both are scores of the same clips: of the fakes of one method and of the real clips, in groups that were not used
    for training.

    Args:
        predictions: DataFrame. One row per detector, method, training and test clip. Columns: detector, left_out (the
            method that is tested), trained_on (`"all"`: with this method, `"others"`: without it), seed, fold, clip_id,
            label, group, method and score.
        remarks: tuple of str. Methods that could not be tested, and why.
        unscored: dict. {method: number of real clips and of fakes of this method that are in no test: they have no
            features, or the method could not be left out in their fold}.
    """

    predictions: pd.DataFrame = field(repr=False)
    remarks: tuple[str, ...] = ()
    unscored: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_predictions(cls, predictions: pd.DataFrame, *, remarks: tuple[str, ...] = ()) -> "LeaveOneOut":
        """Use scores that were computed elsewhere, for example with a backbone adapted once per method.

        Args:
            predictions: DataFrame. The columns of `LeaveOneOut.predictions`; `seed` and `fold` may be missing where
                there was one training.
            remarks: tuple of str. Defaults to none.

        Raises:
            DataError: If a column is missing, or the two trainings did not score the same clips.
        """
        table = predictions.copy()
        for name in ("seed", "fold"):
            if name not in table:
                table[name] = 0
        check_columns(table, _COLUMNS, what="The table of scores")
        check_same_clips(table, "left_out", _TRAININGS)
        return cls(table[_COLUMNS].reset_index(drop=True), remarks)

    def table(self, *, metric: RankingMetric = "auc", n_bootstrap: int = 2000, seed: int = 7) -> pd.DataFrame:
        """Compute how well each method is found, if it was in training and if it was not.

        Args:
            metric: str. `"auc"`, `"average_precision"` or `"eer"`, computed within each fold. Defaults to `"auc"`.
            n_bootstrap, seed: As for `evaluate`. Groups are resampled.

        Returns:
            DataFrame indexed by detector and left_out. Columns: trained_value, trained_low and trained_high, the metric
            with the method in training; left_out_value, left_out_low and left_out_high, the metric without it; change,
            change_low and change_high, the second minus the first, paired; n_real, n_fake and n_groups; n_unscored,
            the number of clips that were not tested.

        Raises:
            SettingsError: If the metric is unknown, or `n_bootstrap` or the seed is out of range.
        """
        options = {"n_bootstrap": n_bootstrap, "seed": seed}
        return table_of_trainings(
            self.predictions, "left_out", _TRAININGS, self.unscored, metric=metric, **options
        )

    def average(
        self, *, metric: RankingMetric = "auc", n_bootstrap: int = 2000, seed: int = 7
    ) -> pd.DataFrame:
        """Compute the mean over the methods of the values in `table`, with intervals of their own.

        Args:
            metric, n_bootstrap, seed: As for `table`.

        Returns:
            DataFrame indexed by detector, with the columns of `table` up to n_groups.

        Raises:
            SettingsError: As `table`.
        """
        check_ranking_metric(metric)
        rows = {}
        for detector, part in self.predictions.groupby("detector", sort=False):
            tests = [test for _, test in part.groupby("left_out")]
            rows[detector] = compare_trainings(
                tests, _TRAININGS, metric=metric, n_bootstrap=n_bootstrap, seed=seed
            )
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("detector")


def leave_one_out(
    clips: FeatureSet,
    detectors: Mapping[str, Detector],
    *,
    by: str = "method",
    k: int = 5,
    seeds: int = 1,
    seed: int = 7,
    progress: bool = True,
) -> LeaveOneOut:
    """Train detectors without one forgery method, and test them on it, in groups that were not used for training.

    The groups are divided into folds. In each fold and for each method, each detector is trained twice on the training
    groups: with fakes of all methods, and without this one. Both trainings have the same number of fakes, and both
    score the same test clips.

    Args:
        clips: FeatureSet. All clips. Their splits are ignored.
        detectors: dict. {name: Detector}.
        by: str. The column of `clips.coverage` whose values are left out, for the fakes. Defaults to `"method"`.
        k: int. Number of folds, as for `cross_validate`. Defaults to 5.
        seeds: int. How many times each detector is fitted, each time with another seed. Defaults to 1.
        seed: int. Seed of the folds and of the first fit. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        LeaveOneOut. A method that cannot be left out in any fold is missing, with a remark.

    Raises:
        DataError: If there are fewer than two methods, a class has too few groups, or the weights of the features were
            adapted with one of the clips or its group.
        SettingsError: If `k` is below 2, `seeds` below 1, or there is no detector.
    """
    if k < 2 or seeds < 1 or not detectors:
        raise SettingsError(
            f"Give at least two folds, one seed and one detector. Received: k={k}, seeds={seeds}, "
            f"detectors={list(detectors)}"
        )
    check_columns(clips.coverage, [by], what="The coverage table")
    refuse_seen(clips.seen, clips.groups, test="the clips, each of which is tested in one of the folds")
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    known["label"] = known["label"].astype("Int64").replace(-1, pd.NA)
    known["method"] = clips.coverage.set_index("clip_id")[by].loc[clips.clip_ids].astype(str).to_numpy()
    is_fake = (known["label"] == 1).fillna(False).to_numpy(bool)
    methods = sorted(set(known.loc[is_fake, "method"]) - {""})
    if len(methods) < 2:
        raise DataError(
            f"Leaving out a {by} needs fakes of at least two. These clips have: {', '.join(methods) or 'none'}."
        )
    k = max(2, min(k, groups_of_rarer_class(known)))
    plans, remarks = _plan(known, list(fold_parts(known, k, seed)), methods, is_fake)
    tables = []
    with tqdm(
        total=2 * len(plans) * seeds * len(detectors), desc="left out", unit="fit", disable=not progress
    ) as bar:
        for plan in plans:
            tested = clips.take(plan.test)
            for trained_on, used in plan.trainings(known, is_fake, seed=seed).items():
                parts = [clips.take(part) for part in used]
                for name, detector in detectors.items():
                    for number in range(seeds):
                        scored = known.iloc[plan.test].assign(
                            detector=name,
                            left_out=plan.method,
                            trained_on=trained_on,
                            seed=seed + number,
                            fold=plan.fold,
                        )
                        fitted = detector.fit(*parts, seed=seed + number)
                        tables.append(scored.assign(score=fitted.score(tested)))
                        bar.update()
    return LeaveOneOut(
        pd.concat(tables, ignore_index=True)[_COLUMNS], remarks, _count_unscored(clips, by, plans)
    )


def _count_unscored(clips: FeatureSet, by: str, plans: list["_Plan"]) -> dict[str, int]:
    """Return for each method the number of real clips and of its fakes that are in no test."""
    labels, methods = clips.coverage["label"], clips.coverage[by]
    tested: dict[str, int] = {}
    for plan in plans:
        tested[plan.method] = tested.get(plan.method, 0) + len(plan.test)
    return {
        method: int((labels == 0).sum() + ((labels == 1) & (methods == method)).sum()) - count
        for method, count in tested.items()
    }


@dataclass(frozen=True)
class _Plan:
    """A method that is left out in a fold, and the positions of the training, validation and test clips."""

    method: str
    fold: int
    train: np.ndarray
    val: np.ndarray
    test: np.ndarray

    def trainings(
        self, known: pd.DataFrame, is_fake: np.ndarray, *, seed: int
    ) -> dict[str, list[np.ndarray]]:
        """Return the training and validation clips with all methods, and without this one.

        Both have the same number of fakes. Otherwise a loss could come from fewer fakes alone.
        """
        rng = np.random.default_rng([seed, self.fold])
        of_method = known["method"].to_numpy(str)
        result: dict[str, list[np.ndarray]] = {name: [] for name in _TRAININGS}
        for part in (self.train, self.val):
            is_this = is_fake[part] & (of_method[part] == self.method)
            fakes = part[is_fake[part]]
            fakes = rng.permutation(fakes[np.argsort(known["clip_id"].to_numpy(str)[fakes])])
            fakes = fakes[np.argsort(of_method[fakes], kind="stable")]
            # Evenly spaced in the order of the methods, so each method loses about the same share.
            spared = (np.arange(is_this.sum()) + 0.5) * len(fakes) / max(1, is_this.sum())
            result["all"].append(part[~np.isin(part, fakes[spared.astype(int)])])
            result["others"].append(part[~is_this])
        return result


def _plan(
    known: pd.DataFrame,
    cuts: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    methods: list[str],
    is_fake: np.ndarray,
) -> tuple[list[_Plan], tuple[str, ...]]:
    """Return what is tested. The remarks name the methods that cannot be left out.

    Raises:
        DataError: If no method can be left out in any fold.
    """
    labels, of_method = known["label"].to_numpy(), known["method"].to_numpy(str)
    plans: list[_Plan] = []
    remarks = []
    for method in methods:
        is_this = is_fake & (of_method == method)
        possible = []
        for fold, (train, val, test) in enumerate(cuts):
            rows = test[~is_fake[test] | is_this[test]]
            can_train = all((is_fake[part] & ~is_this[part]).any() for part in (train, val))
            if can_train and len(set(labels[rows])) == 2:
                possible.append(_Plan(method, fold, train, val, rows))
        plans += possible
        if not possible:
            remarks.append(
                f"{method} could not be left out: in no fold are there other fakes to train on, and both fakes of this "
                "method and real clips to test on."
            )
    if not plans:
        raise DataError("No method can be left out. " + " ".join(remarks))
    return plans, tuple(remarks)
