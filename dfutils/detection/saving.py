"""Save a detector with everything that its verdicts need: calibration, limits and test results."""

from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.detection.choice import VALIDATION
from dfutils.errors import DataError
from dfutils.evaluation import Rule, choose_decision, cross_validate, evaluate, score
from dfutils.features import ExtractionSettings, FeatureSet
from dfutils.features.joining import join_clips
from dfutils.training import Decision, Detector, save_detector

_ENOUGH_GROUPS = 20  # so many validation groups can promise 5 % wrong verdicts


def calibrate_and_save(
    folder: str | Path,
    detector: Detector,
    train: FeatureSet,
    val: FeatureSet,
    *,
    settings: ExtractionSettings,
    test: FeatureSet | None = None,
    data: str = "",
    trained_on: tuple[FeatureSet, FeatureSet] | None = None,
    rule: Rule = "balanced_accuracy",
    target: float = 0.05,
    wrong: float = 0.1,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Decision:
    """Choose on the validation clips when a score means fake, real or unsure, and save the detector as a folder.

    Few groups cannot promise a small share of wrong verdicts. With fewer than 20 validation groups, the limits are
    chosen by a cross-validation of the training and validation clips: the detector is fitted five more times, and each
    clip is scored by a detector that has not seen its group. The test clips play no part.

    Args:
        folder: str or Path. The folder to write. An older detector in it is replaced.
        detector: Detector. Fitted.
        train, val: FeatureSet. The training and validation clips.
        settings: ExtractionSettings. The settings that the features of the clips were extracted with.
        test: FeatureSet or None. Test clips. The detector's metrics on them are saved with it. They choose nothing.
            Defaults to None.
        data: str. The name of the data set. Defaults to `""`.
        trained_on: tuple of two FeatureSet, or None. As for `training.save_detector`.
        rule, target, wrong: As for `evaluation.choose_decision`.
        n_bootstrap, seed: As for `evaluation.evaluate`.

    Returns:
        Decision.

    Raises:
        DataError: If the validation clips are of one class, a clip is among the training and the validation clips, or
            as `evaluation.score`.
        SettingsError, StoreError: As `training.save_detector`.
    """
    on_val = score(detector, val)
    crossed = _cross_validate(detector, train, val, seed=seed)
    decision = choose_decision(on_val, crossed=crossed, rule=rule, target=target, wrong=wrong)
    tables = {VALIDATION: on_val} | ({"test clips": score(detector, test)} if test is not None else {})
    scores = {}
    for name, table in tables.items():
        calibrated = table.assign(score=decision.calibrate(table["score"]))
        tested = evaluate(calibrated, threshold=decision.threshold, n_bootstrap=n_bootstrap, seed=seed)
        scores[name] = tested.to_record()
    about: dict[str, Any] = {"decision": decision, "data": data, "trained_on": trained_on, "scores": scores}
    save_detector(folder, detector, train, val, settings=settings, **about)
    return decision


def _cross_validate(
    detector: Detector, train: FeatureSet, val: FeatureSet, *, seed: int
) -> pd.DataFrame | None:
    """Return the calibrated scores of a cross-validation; None if the validation clips suffice or it is impossible."""
    if len(set(val.groups)) >= _ENOUGH_GROUPS:
        return None
    both = join_clips(train, val)
    try:
        crossed = cross_validate(both, {detector.name: detector}, seed=seed, progress=False)
    except DataError:  # too few groups, or the weights of the features have seen the clips
        return None
    return crossed.predictions
