"""Clips of other workspaces are scored, and what is missing there is named with the notebook to run."""

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.evaluation import evaluate_by, score, score_datasets
from dfutils.features import Backbone, ExtractionSettings, load
from dfutils.features.store import Store, StoredClip
from dfutils.frames import FaceCrop, Sampling
from dfutils.tables import PREDICTION_COLUMNS, Catalog
from dfutils.training import MeanPooledBaseline
from dfutils.workspace import Workspace

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=3),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0", "mixed1")),
)
WIDTH = 256 + 288


@pytest.fixture
def make_workspace(home, make_catalog):
    """A function that makes a workspace with a catalog and features: `make_workspace(name, seed=…, without=…)`."""

    def make(name, *, seed=0, settings=SETTINGS, without=(), no_face=()):
        rng = np.random.default_rng(seed)
        table = make_catalog(groups=8)
        table["split"] = np.repeat(["train", "val", "test", "test"], 8)
        workspace, store = Workspace(name), Store(Workspace(name).store, settings)
        workspace.save_catalog(Catalog(table))
        store.create()
        rows = []
        for number, row in enumerate(table.itertuples()):
            if row.clip_id in without:
                continue
            status = "no_face" if row.clip_id in no_face else "ok"
            frames = 3 if status == "ok" else 0
            features = rng.normal(row.label, 1, (frames, WIDTH)).astype(np.float16)
            key = f"{number:032x}"
            store.write(key, StoredClip(status, "", features, np.arange(frames) * 0.5, np.zeros((frames, 4))))
            rows.append(
                {"clip_id": row.clip_id, "key": key, "status": status, "reason": "", "frames": frames}
            )
        store.add_to_index(rows)
        return workspace

    return make


@pytest.fixture
def detector(make_workspace):
    workspace = make_workspace("ours")
    clips = load(workspace.store, workspace.load_catalog(), SETTINGS, layers=("mixed0",))
    return MeanPooledBaseline().fit(clips.part("train"), clips.part("val"), seed=7)


def test_test_clips_of_other_workspaces_are_scored_with_the_name_of_their_data_set(detector, make_workspace):
    first, second = make_workspace("celebdf", seed=1), make_workspace("sdfvd", seed=2)
    table = score_datasets(detector, ["celebdf", "sdfvd"], settings=SETTINGS, layers=("mixed0",))
    assert tuple(table) == (*PREDICTION_COLUMNS, "dataset")
    assert table["dataset"].value_counts().to_dict() == {"celebdf": 16, "sdfvd": 16}
    assert set(table["split"]) == {"test"}
    for workspace in (first, second):
        clips = load(workspace.store, workspace.load_catalog(), SETTINGS, layers=("mixed0",)).part("test")
        part = table[table["dataset"] == workspace.name].drop(columns="dataset").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, score(detector, clips))
    assert list(evaluate_by(table, column="dataset", n_bootstrap=0)) == ["celebdf", "sdfvd"]


def test_a_clip_without_a_face_is_counted_and_not_scored(detector, make_workspace):
    make_workspace("sdfvd", no_face=["g05/c1"])
    table = score_datasets(detector, ["sdfvd"], settings=SETTINGS, layers=("mixed0",))
    assert table[table["score"].isna()]["clip_id"].tolist() == ["g05/c1"]


def test_another_split_can_be_scored(detector, make_workspace):
    make_workspace("sdfvd")
    table = score_datasets(detector, ["sdfvd"], settings=SETTINGS, layers=("mixed0",), split="val")
    assert set(table["split"]) == {"val"} and len(table) == 8


def test_without_workspaces_the_table_is_empty_and_can_be_joined(detector, make_workspace):
    make_workspace("sdfvd")
    scored = score_datasets(detector, ["sdfvd"], settings=SETTINGS, layers=("mixed0",))
    empty = score_datasets(detector, [], settings=SETTINGS)
    assert list(empty) == list(scored) and empty.empty
    joined = pd.concat([scored, empty])
    pd.testing.assert_frame_equal(joined, scored)


def test_a_workspace_that_does_not_exist_is_named_with_the_notebooks_to_run(detector):
    with pytest.raises(MissingArtefactError, match=r"no workspace 'celebdf'.*01_data_loading"):
        score_datasets(detector, ["celebdf"], settings=SETTINGS)


def test_a_workspace_with_features_of_other_settings_is_named_with_the_notebook_to_run(
    detector, make_workspace
):
    other = ExtractionSettings(sampling=Sampling(frames=4), face=SETTINGS.face, backbone=SETTINGS.backbone)
    make_workspace("celebdf", settings=other)
    with pytest.raises(
        MissingArtefactError, match=r"'celebdf' has no features with the settings.*03_feature"
    ):
        score_datasets(detector, ["celebdf"], settings=SETTINGS)


def test_a_workspace_that_lacks_features_of_a_test_clip_is_named(detector, make_workspace):
    make_workspace("celebdf", without=["g07/c0"])
    with pytest.raises(MissingArtefactError, match=r"'celebdf'.*g07/c0"):
        score_datasets(detector, ["celebdf"], settings=SETTINGS)


def test_features_of_clips_in_other_splits_are_not_needed(detector, make_workspace):
    make_workspace("celebdf", without=["g00/c0"])
    table = score_datasets(detector, ["celebdf"], settings=SETTINGS, layers=("mixed0",))
    assert len(table) == 16


def test_a_workspace_without_clips_of_the_split_is_named(detector, make_workspace):
    workspace = make_workspace("celebdf")
    table = workspace.load_catalog().table
    workspace.save_catalog(Catalog(table.assign(split="train")))
    with pytest.raises(DataError, match="'celebdf' has no clip of the split 'test'"):
        score_datasets(detector, ["celebdf"], settings=SETTINGS)


def test_a_workspace_whose_test_clips_have_no_face_is_named(detector, make_workspace):
    clips = [f"g{group:02d}/c{clip}" for group in range(4, 8) for clip in range(4)]
    make_workspace("celebdf", no_face=clips)
    with pytest.raises(DataError, match="'celebdf'"):
        score_datasets(detector, ["celebdf"], settings=SETTINGS)


def test_a_workspace_named_twice_and_an_unknown_split_are_refused(detector):
    with pytest.raises(SettingsError, match="sdfvd, sdfvd"):
        score_datasets(detector, ["sdfvd", "sdfvd"], settings=SETTINGS)
    with pytest.raises(SettingsError, match="split='all'"):
        score_datasets(detector, ["sdfvd"], settings=SETTINGS, split="all")
