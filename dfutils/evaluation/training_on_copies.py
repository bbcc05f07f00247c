"""Measure what training on degraded copies gains on degraded clips, and what it costs on unchanged ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import SettingsError
from dfutils.evaluation.grouped_folds import fold_parts, groups_of_rarer_class
from dfutils.evaluation.two_trainings import RankingMetric, table_of_trainings
from dfutils.features import FeatureSet
from dfutils.features.degraded_copies import add_copies
from dfutils.features.seen import refuse_seen
from dfutils.training import Detector

UNCHANGED = "as they are"
_TRAININGS = {"clean": "clean", "copies": "copies"}  # {value of trained_on: its name in the table}


@dataclass(frozen=True)
class TrainingOnCopies:
    """The scores of detectors that were trained on unchanged clips, and on degraded copies too.

    Both trainings score the same clips, in groups that were not used for training: unchanged, and after each
    degradation.

    Args:
        predictions: DataFrame. One row per detector, test, training and clip. Columns: detector, test (`"as they are"`
            or the degradation), trained_on (`"clean"`, or `"copies"`: the unchanged clips and their copies), seed,
            fold, clip_id, label, group, method and score.
        unscored: dict. {test: number of clips without features}.
    """

    predictions: pd.DataFrame = field(repr=False)
    unscored: Mapping[str, int]

    def table(self, *, metric: RankingMetric = "auc", n_bootstrap: int = 2000, seed: int = 7) -> pd.DataFrame:
        """Compute the metric of both trainings in each test.

        Args:
            metric: str. `"auc"`, `"average_precision"` or `"eer"`, computed within each fold. Defaults to `"auc"`.
            n_bootstrap, seed: As for `evaluate`. Groups are resampled.

        Returns:
            DataFrame indexed by detector and test. Columns: clean_value, clean_low and clean_high, the metric of the
            training on unchanged clips; copies_value, copies_low and copies_high, the metric with the copies; change,
            change_low and change_high, the second minus the first, paired; n_real, n_fake, n_groups and n_unscored.

        Raises:
            SettingsError: If the metric is unknown, or `n_bootstrap` or the seed is out of range.
        """
        options = {"n_bootstrap": n_bootstrap, "seed": seed}
        return table_of_trainings(
            self.predictions, "test", _TRAININGS, self.unscored, metric=metric, **options
        )


def train_on_copies(
    clips: FeatureSet,
    copies: Mapping[str, FeatureSet],
    detectors: Mapping[str, Detector],
    *,
    k: int = 5,
    seeds: int = 1,
    seed: int = 7,
    progress: bool = True,
) -> TrainingOnCopies:
    """Train detectors with and without degraded copies of the training clips, in folds by group.

    A copy is always in the same part as its clip: training, validation or test. So no test clip, and no copy of one, is
    used for training.

    Args:
        clips: FeatureSet. All clips. Their splits are ignored.
        copies: dict. {degradation: FeatureSet from `features.load_degraded`}, of the same clips.
        detectors: dict. {name: Detector}.
        k: int. Number of folds, as for `cross_validate`. Defaults to 5.
        seeds: int. How many times each detector is fitted, each time with another seed. Defaults to 1.
        seed: int. Seed of the folds and of the first fit. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        TrainingOnCopies.

    Raises:
        DataError: If a class has too few groups, or the weights of the features were adapted with one of the clips.
        SettingsError: If `k` is below 2, `seeds` below 1, there is no detector or no degradation, or the layers differ.
    """
    if k < 2 or seeds < 1 or not detectors or not copies:
        raise SettingsError(
            f"Give at least two folds, one seed, one detector and one degradation. Received: k={k}, seeds={seeds}, "
            f"detectors={list(detectors)}, copies={list(copies)}"
        )
    refuse_seen(clips.seen, clips.groups, test="the clips, each of which is tested in one of the folds")
    known = pd.DataFrame({"clip_id": clips.clip_ids, "label": clips.y, "group": clips.groups})
    known["method"] = clips.coverage.set_index("clip_id")["method"].loc[clips.clip_ids].to_numpy(str)
    known["label"] = known["label"].astype("Int64").replace(-1, pd.NA)
    facts = known.set_index("clip_id")
    k = max(2, min(k, groups_of_rarer_class(known)))
    tables = []
    with tqdm(
        total=2 * k * seeds * len(detectors), desc="with copies", unit="fit", disable=not progress
    ) as bar:
        for fold, (train, val, test) in enumerate(fold_parts(known, k, seed)):
            clean = [clips.take(part) for part in (train, val)]
            parts = {"clean": clean, "copies": [add_copies(part, dict(copies)) for part in clean]}
            tests = {UNCHANGED: clips.take(test)}
            for degradation, of_all in copies.items():
                inside = np.isin(of_all.clip_ids, clips.clip_ids[test])
                if inside.any():
                    tests[degradation] = of_all.take(inside)
            for name, detector in detectors.items():
                for trained_on, used in parts.items():
                    for number in range(seeds):
                        fitted = detector.fit(*used, seed=seed + number)
                        for test_name, tested in tests.items():
                            scored = facts.loc[tested.clip_ids].reset_index()
                            scored = scored.assign(detector=name, test=test_name, trained_on=trained_on)
                            scored = scored.assign(seed=seed + number, fold=fold)
                            tables.append(scored.assign(score=fitted.score(tested)))
                        bar.update()
    unscored = {name: int((one.coverage["status"] != "ok").sum()) for name, one in copies.items()}
    unscored[UNCHANGED] = int((clips.coverage["status"] != "ok").sum())
    return TrainingOnCopies(pd.concat(tables, ignore_index=True), unscored)
