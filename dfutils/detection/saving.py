"""Save a detector with everything that its verdicts need: calibration, limits and test results."""

from pathlib import Path

from dfutils.detection.choice import VALIDATION
from dfutils.evaluation import Rule, choose_decision, evaluate, score
from dfutils.features import ExtractionSettings, FeatureSet
from dfutils.training import Decision, Detector, save_detector


def calibrate_and_save(
    folder: str | Path,
    detector: Detector,
    train: FeatureSet,
    val: FeatureSet,
    *,
    settings: ExtractionSettings,
    test: FeatureSet | None = None,
    data: str = "",
    rule: Rule = "balanced_accuracy",
    target: float = 0.05,
    wrong: float = 0.1,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Decision:
    """Choose on the validation clips when a score means fake, real or unsure, and save the detector as a folder.

    Args:
        folder: str or Path. The folder to write. An older detector in it is replaced.
        detector: Detector. Fitted.
        train, val: FeatureSet. The training and validation clips.
        settings: ExtractionSettings. The settings that the features of the clips were extracted with.
        test: FeatureSet or None. Test clips. The detector's metrics on them are saved with it. They choose nothing.
            Defaults to None.
        data: str. The name of the data set. Defaults to `""`.
        rule, target, wrong: As for `evaluation.choose_decision`.
        n_bootstrap, seed: As for `evaluation.evaluate`.

    Returns:
        Decision.

    Raises:
        DataError: If the validation clips are of one class, or as `evaluation.score`.
        SettingsError, StoreError: As `training.save_detector`.
    """
    on_val = score(detector, val)
    decision = choose_decision(on_val, rule=rule, target=target, wrong=wrong)
    tables = {VALIDATION: on_val} | ({"test clips": score(detector, test)} if test is not None else {})
    scores = {}
    for name, table in tables.items():
        calibrated = table.assign(score=decision.calibrate(table["score"]))
        tested = evaluate(calibrated, threshold=decision.threshold, n_bootstrap=n_bootstrap, seed=seed)
        scores[name] = tested.to_record()
    save_detector(
        folder, detector, train, val, settings=settings, decision=decision, data=data, scores=scores
    )
    return decision
