"""Cross-validate detectors by group: every group is in the test part of exactly one fold.

Use cross-validation for data sets with too few people for a separate test set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.auc import reversed_remark
from dfutils.bootstrap import group_codes, group_remarks, resample
from dfutils.errors import SettingsError
from dfutils.evaluation.calibration import fit_temperature
from dfutils.evaluation.comparison import Difference, paired_difference
from dfutils.evaluation.grouped_folds import fold_parts, groups_of_rarer_class, ranking_by_fold
from dfutils.evaluation.metrics import METRICS, Metric, share_of, weighted_metrics
from dfutils.evaluation.predictions import check_metrics, score
from dfutils.evaluation.thresholds import Rule, choose_threshold
from dfutils.features import FeatureSet
from dfutils.features.seen import refuse_seen
from dfutils.training import Detector

_COLUMNS = [
    "detector", "repeat", "seed", "fold", "clip_id", "label", "group", "method", "score", "threshold"
]  # fmt: skip


@dataclass(frozen=True)
class MetricsByDetector:
    """All metrics of all detectors in a cross-validation.

    Args:
        table: DataFrame indexed by detector and metric. Columns: value, the mean over repeats and seeds; low and high,
            the ends of the 95 % interval (groups are resampled); spread, the standard deviation over repeats and
            seeds. Undefined values are NaN, such as the spread of a single run.
        remarks: list of str. Warnings about the intervals.
    """

    table: pd.DataFrame
    remarks: list[str]


@dataclass(frozen=True)
class CrossValidation:
    """The scores of detectors in a cross-validation. Each clip was scored by a model trained without its group.

    AUC, average precision and EER are computed in each fold separately. The result is the mean over the folds, weighted
    by the number of pairs of a fake and a real clip in the fold. The scores of two folds come from two models, so they
    must not be ranked together. Otherwise, even a detector with constant scores would get an AUC below 0.5: a fold with
    many fakes leaves few fakes for training, and the constant score is then low (Forman and Scholz, 2010).

    Args:
        predictions: DataFrame. One row per detector, repeat, seed and clip. Columns: detector, repeat, seed, fold,
            clip_id, label, group, method, score and threshold. The score is calibrated, and the threshold chosen, on
            the validation clips of the same fold.
        k: int. The number of folds.
        repeats: int. How many times the clips were divided into folds.
        seeds: int. How many times each detector was fitted per fold, each time with another seed.
    """

    predictions: pd.DataFrame = field(repr=False)
    k: int
    repeats: int
    seeds: int

    def table(self, *, n_bootstrap: int = 2000, seed: int = 7) -> MetricsByDetector:
        """Compute all metrics of all detectors, with 95 % intervals.

        The value of a metric is the mean over repeats and seeds. For the interval, groups are resampled. A resample
        contains the same groups in all repeats and seeds.

        Args:
            n_bootstrap, seed: As for `evaluate`.

        Returns:
            MetricsByDetector.

        Raises:
            SettingsError: If `n_bootstrap` or the seed is out of range.
        """
        rows, remarks = {}, []
        for name in dict.fromkeys(self.predictions["detector"]):
            codes, labels, by_run = self._runs_of(name)

            def mean_of_runs(
                weights: np.ndarray, by_run: Callable[[np.ndarray], dict[str, np.ndarray]] = by_run
            ) -> dict[str, np.ndarray]:
                return {metric: values.mean(axis=0) for metric, values in by_run(weights).items()}

            unweighted = by_run(np.ones((1, len(codes))))
            resamples = resample(codes, labels, mean_of_runs, n_bootstrap=n_bootstrap, seed=seed)
            remarks = group_remarks(
                resamples
            )  # the same for all detectors, because all are tested on the same groups
            for metric in METRICS:
                values = unweighted[metric][:, 0]
                value = float(values.mean())
                spread = values.std(ddof=1) if len(values) > 1 else np.nan
                low, high = resamples.interval(metric, value, share_of=share_of(metric, labels))
                rows[name, metric] = (value, low, high, spread)
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "spread"])
        table.index = pd.MultiIndex.from_tuples(table.index, names=["detector", "metric"])
        reversed_ones = [
            reversed_remark(*table.loc[(name, "auc"), ["low", "high"]], of=name)
            for name in dict.fromkeys(self.predictions["detector"])
        ]
        return MetricsByDetector(table, [*remarks, *filter(None, reversed_ones)])

    def compare(
        self, first: str, second: str, *, metric: Metric = "auc", n_bootstrap: int = 2000, seed: int = 7
    ) -> Difference:
        """Compute the difference between two detectors in a metric, with a 95 % interval.

        Groups, repeats and seeds are resampled. The interval therefore covers both the choice of people and the
        randomness of training.

        Args:
            first, second: str. The names of the detectors.
            metric: str. One of `METRICS`. Defaults to `"auc"`.
            n_bootstrap, seed: As for `evaluate`.

        Returns:
            Difference. First minus second.

        Raises:
            SettingsError: If the metric or a detector is unknown, or `n_bootstrap` or the seed is out of range.
        """
        check_metrics([metric])
        codes, labels, by_run_first = self._runs_of(first)
        _, _, by_run_second = self._runs_of(second)

        def differences(weights: np.ndarray) -> np.ndarray:
            return by_run_first(weights)[metric] - by_run_second(weights)[metric]

        return paired_difference(
            codes, labels, differences, metric=metric, n_bootstrap=n_bootstrap, seed=seed
        )

    def _runs_of(
        self, name: str
    ) -> tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], dict[str, np.ndarray]]]:
        """Return the group numbers and labels of the clips, and a function that computes the metrics of every run.

        The function takes weights, float array [B, N], and returns {metric: float array [runs, B]}.
        """
        known = dict.fromkeys(self.predictions["detector"])
        if name not in known:
            raise SettingsError(f"There is no detector {name!r}. Known detectors: {', '.join(known)}.")
        rows = self.predictions[self.predictions["detector"] == name]
        runs = [run.sort_values("clip_id") for _, run in rows.groupby(["repeat", "seed"])]
        codes, labels = group_codes(runs[0]["group"]), runs[0]["label"].to_numpy(int)

        def by_run(weights: np.ndarray) -> dict[str, np.ndarray]:
            metrics = [_metrics_by_fold(run, weights) for run in runs]
            return {metric: np.array([one[metric] for one in metrics]) for metric in METRICS}

        return codes, labels, by_run


def cross_validate(
    clips: FeatureSet,
    detectors: Mapping[str, Detector],
    *,
    k: int = 5,
    repeats: int = 1,
    seeds: int = 1,
    rule: Rule = "balanced_accuracy",
    target: float = 0.05,
    calibrate: bool = True,
    seed: int = 7,
    progress: bool = True,
) -> CrossValidation:
    """Divide the groups into folds, and fit and test each detector once per fold.

    In each fold, about a fifth of the training groups is used for validation. The validation clips choose the epoch,
    the best trial of a search, the temperature and the threshold. The test groups of the fold influence none of these.

    Args:
        clips: FeatureSet. All clips. Their splits are ignored.
        detectors: dict. {name: Detector}. The detectors may be fitted or not.
        k: int. Number of folds. If a class is found in fewer groups than `k`, the number of folds is reduced to the
            number of groups of the class; see `CrossValidation.k`. Defaults to 5.
        repeats: int. How many times the whole cross-validation is run, each time with new folds and seeds. Defaults
            to 1.
        seeds: int. How many times each detector is fitted on the same folds, each time with a new seed. Defaults to 1.
        rule: str. The rule that chooses the threshold, as for `choose_threshold`. Defaults to `"balanced_accuracy"`.
        target: float in [0, 1]. The highest false-positive rate allowed. Used only by the rule
            `"false_positive_rate"`. Defaults to 0.05.
        calibrate: bool. Whether to calibrate the scores with a temperature fitted in each fold. Defaults to True.
        seed: int. Seed of the first division into folds and of the first fit. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        CrossValidation.

    Raises:
        DataError: If a class has too few groups, a detector does not return one finite score per clip, or the weights
            of the features were adapted with one of the clips or its group.
        SettingsError: If `k` is below 2, `repeats` or `seeds` below 1, or there is no detector.
    """
    if k < 2 or min(repeats, seeds) < 1 or not detectors:
        raise SettingsError(
            "Give at least two folds, one repeat, one seed and one detector. "
            f"Received: k={k}, repeats={repeats}, seeds={seeds}, detectors={list(detectors)}"
        )
    refuse_seen(clips.seen, clips.groups, test="the clips, each of which is tested in one of the folds")
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    known["label"] = known["label"].astype("Int64").replace(-1, pd.NA)
    known["method"] = clips.coverage.set_index("clip_id")["method"].loc[clips.clip_ids].to_numpy()
    k = max(2, min(k, groups_of_rarer_class(known)))
    # All folds are made before the first fit, so that too few groups raise an error before hours of training.
    cuts = [
        (repeat, fold, *parts)
        for repeat in range(repeats)
        for fold, parts in enumerate(fold_parts(known, k, seed + repeat))
    ]
    tables = []
    with tqdm(
        total=len(cuts) * seeds * len(detectors), desc="folds", unit="fit", disable=not progress
    ) as bar:
        for repeat, fold, *parts in cuts:
            train, val, test = (clips.take(positions) for positions in parts)
            for name, detector in detectors.items():
                for number in range(seeds):
                    fit_seed = seed + repeat * seeds + number
                    fitted = detector.fit(train, val, seed=fit_seed)
                    scores, threshold = _score_test(fitted, val, test, rule, target, calibrate)
                    facts = {"detector": name, "repeat": repeat, "seed": fit_seed, "fold": fold}
                    rows = known.iloc[parts[-1]].assign(**facts, score=scores, threshold=threshold)
                    tables.append(rows)
                    bar.update()
    return CrossValidation(pd.concat(tables, ignore_index=True)[_COLUMNS], k, repeats, seeds)


def _metrics_by_fold(run: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Compute all metrics of one run. AUC, average precision and EER are means over the folds.

    Returns:
        dict. {metric: float array [B]}.
    """
    labels, scores = run["label"].to_numpy(int), run["score"].to_numpy(float)
    values = weighted_metrics(labels, scores, weights, run["threshold"].to_numpy(float))
    return values | ranking_by_fold(run, weights)


def _score_test(
    fitted: Detector, val: FeatureSet, test: FeatureSet, rule: Rule, target: float, calibrate: bool
) -> tuple[np.ndarray, float]:
    """Return the scores of the test clips, and the threshold chosen on the validation clips.

    If `calibrate` is True, the scores are calibrated with a temperature fitted on the validation clips.
    """
    on_val, scores = score(fitted, val), score(fitted, test)["score"].to_numpy(float)
    if calibrate:
        temperature = fit_temperature(on_val)
        on_val["score"], scores = temperature.apply(on_val["score"]), temperature.apply(scores)
    return scores, choose_threshold(on_val, rule=rule, target=target).value
