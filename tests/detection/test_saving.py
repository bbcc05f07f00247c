import json

import pytest

from dfutils.detection import calibrate_and_save
from dfutils.evaluation import choose_decision, evaluate, score
from dfutils.features import Backbone, ExtractionSettings
from dfutils.training import MeanPooledBaseline, load_detector

SETTINGS = ExtractionSettings(backbone=Backbone(weights="random", layers=("mixed2", "mixed10")))


def test_limits_come_from_the_validation_clips_and_the_test_clips_are_only_tested(make_clips, tmp_path):
    train, val, test = make_clips(40), make_clips(24, seed=1), make_clips(24, seed=2)
    fitted = MeanPooledBaseline().fit(train)
    options = {"settings": SETTINGS, "data": "made up", "n_bootstrap": 50}
    decision = calibrate_and_save(tmp_path / "a", fitted, train, val, test=test, **options)
    assert decision == choose_decision(score(fitted, val))
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
