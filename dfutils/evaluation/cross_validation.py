"""Cross-validation by group: where a test set would hold a handful of people, let everybody be tested once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.bootstrap import group_codes, group_remarks, resample
from dfutils.data import folds
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.calibration import fit_temperature
from dfutils.evaluation.comparison import Difference, paired_difference
from dfutils.evaluation.metrics import METRICS, ranking_metrics, weighted_metrics
from dfutils.evaluation.predictions import check_metrics, predictions_table
from dfutils.evaluation.thresholds import choose_threshold
from dfutils.features import FeatureSet


@dataclass(frozen=True)
class CrossValidation:
    """What came out of fitting detectors again and again, each time without the groups they are tested on.

    AUC, average precision and EER compare a clip only with clips of its own fold, and are the mean over the folds,
    each as heavy as it has pairs of a fake and a real clip. Scores of two folds come from two models: laid together,
    even a constant gets an AUC below 0.5, because a fold with many fakes is one whose training clips had few (Forman
    and Scholz, 2010).

    Args:
        predictions: DataFrame. A row for each detector, repeat, seed and clip: detector, repeat, seed, fold, clip_id,
            label, group, method, score (calibrated in its fold) and threshold (chosen in its fold).
        k, repeats, seeds: int.
    """

    predictions: pd.DataFrame = field(repr=False)
    k: int
    repeats: int
    seeds: int

    def table(self, n_bootstrap: int = 2000, seed: int = 7) -> pd.DataFrame:
        """Return every metric of every detector.

        The value is the mean over repeats and seeds; the 95 % interval is by group, with the same groups drawn in all
        of them.

        Returns:
            DataFrame indexed by detector and metric, columns value, low, high and `spread`: the standard deviation
            over repeats and seeds, NaN for one. `attrs["remarks"]` says what a reader should know of the intervals.
        """
        rows = {}
        for name in dict.fromkeys(self.predictions["detector"]):
            codes, labels, measure = self._measuring(name)
            values = measure(np.ones((1, len(codes))))
            resamples = resample(
                codes, labels, lambda w, f=measure: _mean_of_runs(f(w)), n_bootstrap=n_bootstrap, seed=seed
            )
            for metric in METRICS:
                of_runs = values[metric][:, 0]
                value = float(of_runs.mean())
                spread = of_runs.std(ddof=1) if len(of_runs) > 1 else np.nan
                rows[name, metric] = (value, *resamples.interval(metric, value), spread)
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "spread"])
        table.attrs["remarks"] = group_remarks(resamples)
        table.index = pd.MultiIndex.from_tuples(table.index, names=["detector", "metric"])
        return table

    def compare(
        self, first: str, second: str, metric: str = "auc", n_bootstrap: int = 2000, seed: int = 7
    ) -> Difference:
        """Return by how much the first detector is better or worse on the same folds, with a paired interval.

        Groups are resampled, and so are the repeats and seeds: the interval is for another training on other people.

        Raises:
            SettingsError: If the metric or a detector is unknown.
        """
        check_metrics([metric])
        (codes, labels, measure_first), (*_, measure_second) = (
            self._measuring(name) for name in (first, second)
        )

        def gaps(weights):
            return measure_first(weights)[metric] - measure_second(weights)[metric]

        return paired_difference(metric, codes, labels, gaps, n_bootstrap, seed)

    def _measuring(self, name: str):
        """Return each clip's group as a number and its class, and a function: weights [B, N] to {metric: [runs, B]}."""
        known = dict.fromkeys(self.predictions["detector"])
        if name not in known:
            raise SettingsError(f"There is no detector {name!r}. There are: {', '.join(known)}.")
        mine = self.predictions[self.predictions["detector"] == name]
        runs = [run.sort_values("clip_id") for _, run in mine.groupby(["repeat", "seed"])]
        codes, labels = group_codes(runs[0]["group"]), runs[0]["label"].to_numpy(int)

        def measure(weights):
            of_runs = [_metrics_by_fold(run, weights) for run in runs]
            return {metric: np.array([one[metric] for one in of_runs]) for metric in METRICS}

        return codes, labels, measure


def _mean_of_runs(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {metric: value.mean(axis=0) for metric, value in values.items()}


def _metrics_by_fold(run: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of one run, {metric: [B]}: those of ranking within the folds."""
    labels, scores = run["label"].to_numpy(int), run["score"].to_numpy(float)
    values = weighted_metrics(labels, scores, weights, run["threshold"].to_numpy())
    sums, pairs = {}, 0.0
    for fold in run["fold"].unique():
        inside = (run["fold"] == fold).to_numpy()
        here = weights[:, inside]
        of_fold = here @ labels[inside] * (here @ (1 - labels[inside]))
        for metric, value in ranking_metrics(labels[inside], scores[inside], here).items():
            sums[metric] = sums.get(metric, 0.0) + np.where(of_fold > 0, value, 0.0) * of_fold
        pairs = pairs + of_fold
    with np.errstate(invalid="ignore"):
        return values | {metric: total / pairs for metric, total in sums.items()}


def cross_validate(
    clips: FeatureSet,
    detectors: dict,
    k: int = 5,
    repeats: int = 1,
    seeds: int = 1,
    rule: str = "balanced_accuracy",
    calibrate: bool = True,
    seed: int = 7,
    progress: bool = True,
) -> CrossValidation:
    """Fit and test detectors on folds by group, with all that is fitted kept inside the fold.

    In each fold, a fifth of the training groups is set aside for validation: they choose the epoch, what a search
    finds, the temperature and the threshold. The groups of the test fold see none of it.

    Args:
        clips: FeatureSet. All clips; their splits do not matter.
        detectors: dict. {name: detector}; a detector has `fit(train, val, seed)`, which returns what has
            `score(clips) -> float64 [N]`: `training.GRUDetector`, the baselines, `tuning.TunedDetector`.
        k: int. Folds, or fewer where a class has fewer groups: `.k` tells. Defaults to 5.
        repeats: int. How often all is done anew, with other folds and seeds. Defaults to 1.
        seeds: int. How often each detector is fitted on the same folds, with other seeds. Defaults to 1.
        rule: str. How the threshold is chosen: as for `choose_threshold`. Defaults to `"balanced_accuracy"`.
        calibrate: bool. Fit a temperature in each fold. Defaults to True.
        seed: int. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        CrossValidation.

    Raises:
        DataError: If there are too few groups of a class, or a detector gives no score for a clip.
        SettingsError: If `k` is below 2, `repeats` or `seeds` below 1, or there is no detector.
    """
    if k < 2 or min(repeats, seeds) < 1 or not detectors:
        raise SettingsError(
            "Give at least two folds, one repeat, one seed and one detector. "
            f"Received: {k}, {repeats}, {seeds}, {list(detectors)}"
        )
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    known["label"] = known["label"].astype("Int64").replace(-1, pd.NA)
    k = max(2, min(k, _fewest_groups(known)))
    methods = clips.coverage.set_index("clip_id")["method"].loc[clips.clip_ids].to_numpy()
    # All of them first: what cannot be cut is said before hours of training.
    cuts = [
        (repeat, fold, *parts)
        for repeat in range(repeats)
        for fold, parts in enumerate(_cuts(known, k, seed + repeat))
    ]
    rows = []
    with tqdm(
        total=len(cuts) * seeds * len(detectors), desc="folds", unit="fit", disable=not progress
    ) as bar:
        for repeat, fold, *parts, test in cuts:
            train, val, tested = (clips.take(rows) for rows in (*parts, test))
            for name, detector in detectors.items():
                for number in range(seeds):
                    fit_seed = seed + repeat * seeds + number
                    fitted = detector.fit(train, val, seed=fit_seed)
                    scores, threshold = _score(name, fitted, val, tested, rule, calibrate)
                    facts = known.iloc[test].assign(
                        detector=name,
                        repeat=repeat,
                        seed=fit_seed,
                        fold=fold,
                        method=methods[test],
                        score=scores,
                        threshold=threshold,
                    )
                    rows.append(facts)
                    bar.update()
    names = [
        "detector",
        "repeat",
        "seed",
        "fold",
        "clip_id",
        "label",
        "group",
        "method",
        "score",
        "threshold",
    ]
    return CrossValidation(pd.concat(rows, ignore_index=True)[names], k, repeats, seeds)


def _cuts(known: pd.DataFrame, k: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the positions of the training, validation and test clips of each fold.

    Raises:
        DataError: If a fold leaves one class only to train or to validate on.
    """
    for fold, (outer, test) in enumerate(folds(known, k, seed)):
        inner = known.iloc[outer]
        parts = min(5, _fewest_groups(inner))
        if parts < 2:
            raise DataError(
                "Too few groups: a fold leaves one group of a class for training, and none to validate on. Use more "
                "data."
            )
        for at, val in folds(inner, parts, seed):
            if all(inner["label"].iloc[rows].nunique() == 2 for rows in (at, val)):
                yield outer[at], outer[val], test
                break
        else:
            raise DataError(
                f"Fold {fold + 1} of {k} leaves no way to set groups aside for validation that have clips of both "
                "classes. Use fewer folds, another seed, or more data."
            )


def _fewest_groups(known: pd.DataFrame) -> int:
    """Return how many groups the class has that has fewer of them; 0 where no label is known."""
    counts = known.groupby("label")["group"].nunique()
    return int(counts.min()) if len(counts) else 0


def _score(name, fitted, val, test, rule, calibrate) -> tuple[np.ndarray, float]:
    """Return the scores of the test clips, calibrated, and the threshold that the validation clips choose."""
    told = predictions_table(val.coverage, val.clip_ids, fitted.score(val))
    scores = np.asarray(fitted.score(test))
    if scores.shape != (len(test),):
        raise DataError(f"The detector {name!r} gives {list(scores.shape)} scores for {len(test)} clips.")
    if calibrate:
        temperature = fit_temperature(told)
        told["score"], scores = temperature.apply(told["score"]), temperature.apply(scores)
    return scores, choose_threshold(told, rule).value
