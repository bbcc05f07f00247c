import os
import shutil

import pytest

from dfutils.detection import choose_best, newest_best
from dfutils.detection.choice import all_detectors
from dfutils.errors import MissingArtefactError, StoreError
from dfutils.features import Backbone, ExtractionSettings
from dfutils.training import ConstantBaseline, MeanPooledBaseline, load_detector, save_detector

SETTINGS = ExtractionSettings(backbone=Backbone(weights="random", layers=("mixed2", "mixed10")))


@pytest.fixture
def save(make_clips, tmp_path):
    def save_one(name, detector, auc):
        train = make_clips(16)
        scores = {"validation clips": {"auc": {"value": auc, "low": None, "high": None}}} if auc else {}
        fitted = detector.fit(train)
        save_detector(tmp_path / "models" / name, fitted, train, train, settings=SETTINGS, scores=scores)

    return save_one


def test_highest_auc_on_the_validation_clips_is_copied(save, tmp_path):
    save("a", ConstantBaseline(), 0.5)
    save("b", MeanPooledBaseline(), 0.8)
    save("untested", ConstantBaseline(), None)
    assert choose_best(tmp_path / "models") == "b"
    assert load_detector(tmp_path / "models/best").name == MeanPooledBaseline.name
    save("a", ConstantBaseline(), 0.9)
    assert choose_best(tmp_path / "models") == "a"
    assert load_detector(tmp_path / "models/best").name == "constant"


def test_damaged_detectors_are_not_chosen(save, tmp_path):
    save("a", ConstantBaseline(), 0.5)
    save("b", MeanPooledBaseline(), 0.8)
    (tmp_path / "models/b/model.npz").unlink()
    assert choose_best(tmp_path / "models") == "a"


def test_full_disk_is_named(save, tmp_path, monkeypatch):
    save("a", ConstantBaseline(), 0.5)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(StoreError, match="best cannot be written: No space left on device"):
        choose_best(tmp_path / "models")


def test_two_notebooks_may_choose_at_the_same_time(save, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    save("a", ConstantBaseline(), 0.5)
    save("b", MeanPooledBaseline(), 0.8)
    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(choose_best, [tmp_path / "models"] * 10)) == {"b"}
    assert load_detector(tmp_path / "models/best").name == MeanPooledBaseline.name
    assert {path.name for path in (tmp_path / "models").iterdir()} - {".best.lock"} == {"a", "b", "best"}


def test_a_detector_that_is_being_written_is_not_found(save, tmp_path, home):
    save("a", ConstantBaseline(), 0.5)
    save("b", MeanPooledBaseline(), 0.8)
    models = home / "data/demo/models"
    models.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(tmp_path / "models", models)
    (models / "b").rename(models / ".partial-b")
    assert choose_best(models) == "a"
    assert {path.name for path in all_detectors()} == {"a", "best"}


def test_nothing_to_choose_from_says_which_notebook_to_run(tmp_path):
    with pytest.raises(MissingArtefactError, match="Run notebook 04_gru_training first"):
        choose_best(tmp_path)


def test_newest_best_of_all_workspaces_is_found(save, tmp_path, home):
    with pytest.raises(MissingArtefactError, match="no detector in .*--model"):
        newest_best()
    save("a", ConstantBaseline(), 0.5)
    for age, name in enumerate(("old", "new")):
        target = home / "data" / name / "models/best"
        shutil.copytree(tmp_path / "models/a", target)
        os.utime(target / "detector.json", (1000 + age, 1000 + age))
    assert newest_best() == home / "data/new/models/best"
