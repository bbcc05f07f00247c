"""Files that version 0.1.0 wrote are read, or refused with a message that says what to do."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dfutils.errors import MissingArtefactError
from dfutils.features import ExtractionSettings
from dfutils.tables import CATALOG_COLUMNS, PREDICTION_COLUMNS, read_table
from dfutils.workspace import Workspace

OLD = Path(__file__).with_name("v0.1.0")


@pytest.fixture
def old_workspace(home, tmp_path):
    """A workspace as version 0.1.0 left it, with its data set in `tmp_path`."""
    run = Workspace("demo")
    run.path.mkdir(parents=True)
    for name in ("catalog.csv", "predictions.csv"):
        shutil.copy(OLD / name, run.path)
    facts = (OLD / "workspace.json").read_text().replace("DATA", str(tmp_path))
    (run.path / "workspace.json").write_text(facts)
    return run


def test_old_catalog_is_read(old_workspace, tmp_path):
    catalog = old_workspace.load_catalog()
    assert list(catalog.table.columns[:7]) == list(CATALOG_COLUMNS)
    assert len(catalog) == 24
    assert set(catalog.table["split"]) == {"train", "val", "test"}
    assert catalog.table.loc[catalog.table["label"] == 0, "method"].eq("").all()
    assert catalog.root == tmp_path


def test_old_predictions_are_read(old_workspace):
    from dfutils.evaluation import evaluate

    predictions = old_workspace.load_predictions()
    assert list(predictions.columns) == list(PREDICTION_COLUMNS)
    evaluation = evaluate(predictions, n_bootstrap=0)
    recorded = json.loads((OLD / "results.json").read_text())["notebooks"]["05_evaluation"]["metrics"]["GRU"]
    test = evaluate(predictions[predictions["split"] == "test"], n_bootstrap=0)
    assert test.table.loc["auc", "value"] == pytest.approx(recorded["auc"]["value"], abs=1e-12)
    assert evaluation.n_clips == 24


@pytest.fixture
def keras_3_15_1(monkeypatch):
    """Weights are named as by Keras 3.15.1, which recorded the fingerprint."""
    from dfutils.features import weights

    weights._resolve.cache_clear()
    monkeypatch.setattr(weights, "version", lambda package: {"keras": "3.15.1"}[package])
    yield
    weights._resolve.cache_clear()


def test_old_settings_are_read_and_name_the_same_store(old_workspace, keras_3_15_1):
    settings = ExtractionSettings.from_dict(old_workspace.recall("features", made_by="03_feature_caching"))
    assert settings.face.detector == "mtcnn"
    assert settings.sampling.frames == 6
    recorded = json.loads((OLD / "results.json").read_text())["notebooks"]["03_feature_caching"]
    assert settings.fingerprint() == recorded["fingerprint"]


def test_what_an_old_training_did_not_record_names_the_notebook_to_run(old_workspace):
    with pytest.raises(MissingArtefactError, match="04_gru_training"):
        old_workspace.recall("balance_classes", made_by="04_gru_training")


def test_old_tables_hold_text_as_text():
    table = read_table(OLD / "catalog.csv")
    assert table["label"].dtype == "Int64"
    assert table["group"].map(type).eq(str).all()


@pytest.mark.slow
def test_old_model_gives_the_scores_it_gave():
    from dfutils.features import FeatureSet
    from dfutils.training import GRUDetector

    rng, count = np.random.default_rng(0), 16
    y = np.arange(count) % 2
    X = rng.normal(0, 1, (count, 5, 6)).astype("float32")
    X[y == 1, :, 0] += 1.5
    names = np.array([f"clip{i:03d}" for i in range(count)])
    clips = FeatureSet(
        X=X,
        mask=np.ones((count, 5), bool),
        y=y.astype("int8"),
        groups=names,
        clip_ids=names,
        splits=np.array(["train"] * count),
        spans={"mixed0": slice(0, 6)},
        coverage=None,
    )
    detector = GRUDetector.from_file(OLD / "gru.keras", layers=("mixed0",))
    expected = [
        0.52259529,
        0.61154401,
        0.58386999,
        0.51035845,
        0.37966272,
        0.48127177,
        0.59605813,
        0.37308371,
        0.52979112,
        0.53723383,
        0.44626847,
        0.48172978,
        0.50993305,
        0.30159831,
        0.46822405,
        0.48825577,
    ]
    np.testing.assert_allclose(detector.score(clips), expected, atol=1e-6)
