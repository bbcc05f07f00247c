"""Cross-validation by group: where a test set would hold a handful of people, let everybody be tested once."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data import folds
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.calibration import fit_temperature
from dfutils.evaluation.evaluate import Difference
from dfutils.evaluation.metrics import METRICS, weighted_metrics
from dfutils.evaluation.thresholds import choose_threshold
from dfutils.features import FeatureSet
from dfutils.resampling import resample


@dataclass(frozen=True)
class CrossValidation:
    """What came out of fitting detectors again and again, each time without the groups they are tested on.

    Args:
        predictions: DataFrame. A row for each detector, repeat and clip: detector, repeat, fold, clip_id, label, group,
            method, score (calibrated in its fold) and threshold (chosen in its fold).
        k, repeats: int.
    """

    predictions: pd.DataFrame = field(repr=False)
    k: int
    repeats: int

    def table(self, n_bootstrap: int = 2000, seed: int = 7) -> pd.DataFrame:
        """Return every metric of every detector.

        The metric is that of all clips of a repeat, and the mean over the repeats; the 95 % interval is by group, with
        the same groups drawn in all repeats.

        Returns:
            DataFrame indexed by detector and metric, columns value, low, high and `spread`: the standard deviation
            over the repeats, NaN for one.
        """
        rows = {}
        for name in dict.fromkeys(self.predictions["detector"]):
            codes, measure = self._measuring([name])
            values = measure(np.ones((1, len(codes))))
            resamples = resample(codes, n_bootstrap, seed, lambda w, f=measure: _mean_of_repeats(f(w)))
            for metric in METRICS:
                of_repeats = values[metric][0, :, 0]
                value = float(of_repeats.mean())
                spread = of_repeats.std(ddof=1) if self.repeats > 1 else np.nan
                rows[name, metric] = (value, *resamples.interval(metric, value), spread)
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "spread"])
        table.index = pd.MultiIndex.from_tuples(table.index, names=["detector", "metric"])
        return table

    def compare(
        self, first: str, second: str, metric: str = "auc", n_bootstrap: int = 2000, seed: int = 7
    ) -> Difference:
        """Return by how much the first detector is better or worse on the same folds, with a paired interval."""
        if metric not in METRICS:
            raise SettingsError(f"Unknown metric {metric!r}. Known: {', '.join(METRICS)}.")
        codes, measure = self._measuring([first, second])

        def difference(weights):
            of_both = measure(weights)[metric].mean(axis=1)
            return {metric: of_both[0] - of_both[1]}

        value = float(difference(np.ones((1, len(codes))))[metric][0])
        return Difference(
            metric, value, *resample(codes, n_bootstrap, seed, difference).interval(metric, value), []
        )

    def _measuring(self, names: list[str]):
        """Return each clip's group as a number, and a function: weights [B, N] to {metric: [names, repeats, B]}."""
        known = dict.fromkeys(self.predictions["detector"])
        for name in names:
            if name not in known:
                raise SettingsError(f"There is no detector {name!r}. There are: {', '.join(known)}.")
        parts = [
            [
                part.sort_values("clip_id")
                for _, part in self.predictions[self.predictions["detector"] == name].groupby("repeat")
            ]
            for name in names
        ]
        clips = parts[0][0]
        labels, codes = clips["label"].to_numpy(int), pd.factorize(clips["group"])[0]

        def measure(weights):
            every = [
                [
                    weighted_metrics(labels, part["score"].to_numpy(), weights, part["threshold"].to_numpy())
                    for part in mine
                ]
                for mine in parts
            ]
            return {metric: np.array([[one[metric] for one in mine] for mine in every]) for metric in METRICS}

        return codes, measure


def _mean_of_repeats(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {metric: value[0].mean(axis=0) for metric, value in values.items()}


def cross_validate(
    clips: FeatureSet,
    detectors: dict,
    k: int = 5,
    repeats: int = 1,
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
        k: int. Folds. Defaults to 5.
        repeats: int. How often all is done anew, with other folds and seeds. Defaults to 1.
        rule: str. How the threshold is chosen: as for `choose_threshold`. Defaults to `"balanced_accuracy"`.
        calibrate: bool. Fit a temperature in each fold. Defaults to True.
        seed: int. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        CrossValidation.

    Raises:
        DataError: If there are too few groups of a class.
        SettingsError: If `repeats` is below 1 or there is no detector.
    """
    if repeats < 1 or not detectors:
        raise SettingsError(
            f"Give at least one repeat and one detector. Received: {repeats}, {list(detectors)}"
        )
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    known["label"] = known["label"].astype("Int64").replace(-1, pd.NA)
    methods = clips.coverage.set_index("clip_id")["method"].loc[clips.clip_ids].to_numpy()
    rows = []
    with tqdm(total=k * repeats * len(detectors), desc="folds", unit="fit", disable=not progress) as bar:
        for repeat in range(repeats):
            for fold, (outer, test) in enumerate(folds(known, k, seed + repeat)):
                inner, val = next(folds(known.iloc[outer], _inner_folds(known.iloc[outer]), seed + repeat))
                parts = [clips.take(at) for at in (outer[inner], outer[val], test)]
                for name, detector in detectors.items():
                    scores, threshold = _fit_and_score(detector, *parts, rule, calibrate, seed + repeat)
                    facts = known.iloc[test].assign(
                        detector=name,
                        repeat=repeat,
                        fold=fold,
                        method=methods[test],
                        score=scores,
                        threshold=threshold,
                    )
                    rows.append(facts)
                    bar.update()
    names = ["detector", "repeat", "fold", "clip_id", "label", "group", "method", "score", "threshold"]
    return CrossValidation(pd.concat(rows, ignore_index=True)[names], k, repeats)


def _inner_folds(known: pd.DataFrame) -> int:
    """Return into how many parts the training groups are cut to set one aside; 5, or fewer where there are few."""
    fewest = int(known.groupby("label")["group"].nunique().min())
    if fewest < 2:
        raise DataError(
            "Too few groups: a fold leaves one group of a class for training, and none to validate on. Use more data."
        )
    return min(5, fewest)


def _fit_and_score(detector, train, val, test, rule, calibrate, seed) -> tuple[np.ndarray, float]:
    fitted = detector.fit(train, val, seed)
    told = pd.DataFrame(
        {"clip_id": val.clip_ids, "label": val.y, "group": val.groups, "score": fitted.score(val)}
    )
    scores = fitted.score(test)
    if calibrate:
        temperature = fit_temperature(told)
        told["score"], scores = temperature.apply(told["score"]), temperature.apply(scores)
    return scores, choose_threshold(told, rule).value
