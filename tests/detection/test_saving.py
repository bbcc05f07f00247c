import json
from dataclasses import replace

import numpy as np
import pytest

from dfutils.detection import calibrate_and_save
from dfutils.errors import DataError
from dfutils.evaluation import choose_decision, evaluate, score
from dfutils.features import Backbone, ExtractionSettings
from dfutils.training import MeanPooledBaseline, load_detector

SETTINGS = ExtractionSettings(backbone=Backbone(weights="random", layers=("mixed2", "mixed10")))


def renamed(clips, part):
    """The same clips with names and groups of their own."""
    names, groups = (
        np.array([f"{part} {name}" for name in names]) for names in (clips.clip_ids, clips.groups)
    )
    coverage = clips.coverage.assign(clip_id=names, group=groups)
    return replace(clips, clip_ids=names, groups=groups, coverage=coverage)


def test_many_validation_groups_choose_the_limits_alone(make_clips, tmp_path):
    train, val = renamed(make_clips(20), "a"), renamed(make_clips(48, seed=1), "b")
    fitted = MeanPooledBaseline().fit(train)
    decision = calibrate_and_save(tmp_path / "a", fitted, train, val, settings=SETTINGS, n_bootstrap=0)
    assert decision == choose_decision(score(fitted, val))
    with pytest.raises(DataError, match="is in both sets"):
        calibrate_and_save(tmp_path / "b", fitted, train, train, settings=SETTINGS)


def test_limits_come_from_the_validation_clips_and_the_test_clips_are_only_tested(make_clips, tmp_path):
    train, val, test = (renamed(make_clips(n, seed=n), part) for n, part in ((40, "a"), (24, "b"), (26, "c")))
    fitted = MeanPooledBaseline().fit(train)
    options = {"settings": SETTINGS, "data": "made up", "n_bootstrap": 50}
    decision = calibrate_and_save(tmp_path / "a", fitted, train, val, test=test, **options)
    of_val = choose_decision(score(fitted, val))
    assert (decision.temperature, decision.threshold) == (of_val.temperature, of_val.threshold)
    assert (decision.groups, of_val.groups) == (32, 12)  # a cross-validation also uses the training groups
    saved = load_detector(tmp_path / "a")
    assert saved.decision == decision
    tested = evaluate(score(saved, test), threshold=decision.threshold, n_bootstrap=50)
    for metric in ("auc", "log_loss", "balanced_accuracy"):
        found = saved.scores["test clips"][metric]
        assert found["value"] == pytest.approx(tested.table.loc[metric, "value"])
        assert found["low"] == pytest.approx(tested.table.loc[metric, "low"])
    without_test = calibrate_and_save(tmp_path / "b", fitted, train, val, **options)
    assert without_test == decision
    assert list(json.loads((tmp_path / "b/detector.json").read_text())["scores"]) == ["validation clips"]
