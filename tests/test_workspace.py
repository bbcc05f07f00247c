"""A run's artefacts are saved, loaded and asked for by name."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.tables import CATALOG_COLUMNS, PREDICTION_COLUMNS, Catalog, write_table
from dfutils.workspace import Workspace, project_root, split_roots


def test_home_is_where_the_environment_says(home):
    assert project_root() == home
    assert Workspace("mine").path == home / "data" / "mine"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x", "downloads", "a" * 101])
def test_a_name_that_cannot_be_a_folder_is_refused(name):
    with pytest.raises(SettingsError, match="cannot name"):
        Workspace(name)


def test_missing_artefact_names_the_notebook(home, make_catalog):
    run = Workspace("fresh")
    with pytest.raises(MissingArtefactError, match=r"01_data_loading first.*'fresh'.*up to 04_gru_training"):
        run.artefact("models/gru.keras", made_by="04_gru_training")
    run.save_catalog(make_catalog())
    with pytest.raises(MissingArtefactError, match="Run notebook 04_gru_training first"):
        run.artefact("models/gru.keras", made_by="04_gru_training")
    with pytest.raises(MissingArtefactError, match="03_feature_caching"):
        run.recall("features", made_by="03_feature_caching")


def test_facts_are_remembered(home):
    run = Workspace("mine")
    run.remember(data_root="/videos")
    run.remember(layers=["mixed2"])
    assert run.recall("data_root", made_by="01_data_loading") == "/videos"
    assert json.loads((run.path / "workspace.json").read_text())["layers"] == ["mixed2"]


def test_a_saved_catalog_is_loaded_with_its_layout_remarks_root_and_people(home, tmp_path, make_catalog):
    table = make_catalog(groups=2).assign(identity="ann", source="007")
    catalog = Catalog(table, remarks=("Mind this.",), layout="table", root=tmp_path)
    run = Workspace("mine")
    run.save_catalog(catalog)
    loaded = run.load_catalog()
    pd.testing.assert_frame_equal(loaded.table, table, check_dtype=False)
    assert (loaded.remarks, loaded.layout, loaded.root) == (("Mind this.",), "table", tmp_path)
    assert loaded.people_known
    assert run.data_root() == tmp_path


def test_a_plain_table_is_saved_without_other_columns_and_takes_away_old_remarks(home, make_catalog):
    run = Workspace("mine")
    run.save_catalog(Catalog(make_catalog(), remarks=("Old.",), layout="sdfvd", root=Path("/videos")))
    run.save_catalog(make_catalog().assign(note="mine"))
    loaded = run.load_catalog()
    assert list(loaded.table) == list(CATALOG_COLUMNS)
    assert (loaded.remarks, loaded.layout) == ((), "")
    assert loaded.root == Path("/videos")


def test_a_catalog_of_an_older_version_is_loaded(home, make_catalog):
    run = Workspace("mine")
    write_table(make_catalog(), run.path / "catalog.csv")
    loaded = run.load_catalog()
    assert len(loaded) == 40
    assert (loaded.remarks, loaded.layout, loaded.root) == ((), "", None)
    run.remember(data_root="/videos", data_source="/videos")
    assert run.load_catalog().root == Path("/videos")


def test_predictions_are_saved_and_loaded(home):
    rows = [("a", 1, "g", "swap", "test", "ok", 0.25, "more")]
    run = Workspace("mine")
    with pytest.raises(MissingArtefactError, match="Run notebook 01_data_loading first"):
        run.load_predictions()
    run.save_predictions(pd.DataFrame(rows, columns=[*PREDICTION_COLUMNS, "note"]))
    assert run.load_predictions().to_numpy().tolist() == [list(rows[0][:-1])]


def test_data_source_is_what_was_given_then_what_was_used_then_the_demo(home, tmp_path):
    run = Workspace("mine")
    assert run.data_source() == home / "data/demo/raw"
    videos = tmp_path / "videos"
    assert run.data_source(given=str(videos)) == videos
    run.remember(data_source=str(videos))
    assert run.data_source() == videos


def test_data_set_in_the_folder_of_its_own_artefacts_is_refused(home):
    (home / "data/sdfvd/videos_real").mkdir(parents=True)
    with pytest.raises(DataError, match="must not contain each other"):
        Workspace("sdfvd").data_source(given=str(home / "data/sdfvd"))
    with pytest.raises(DataError, match="must not contain each other"):
        Workspace("sdfvd").data_source(given=str(home / "data"))
    assert Workspace("mine").data_source(given=str(home / "data/sdfvd")) == home / "data/sdfvd"
    assert Workspace("demo").data_source(given=str(home / "data/demo/raw")) == home / "data/demo/raw"


def test_only_a_run_on_the_built_in_data_set_is_builtin(home, tmp_path):
    assert Workspace("demo").is_builtin
    assert not Workspace("mine").is_builtin
    Workspace("mine").remember(data_source=str(Workspace("mine").demo_videos))
    assert Workspace("mine").is_builtin
    Workspace("demo").remember(data_source=str(tmp_path))
    assert not Workspace("demo").is_builtin


def test_several_data_sets_are_one_source(home, tmp_path):
    roots = [tmp_path / name for name in ("a", "b")]
    for root in roots:
        root.mkdir()
    text = os.pathsep.join(map(str, roots))
    assert split_roots(text) == split_roots(roots) == roots
    run = Workspace("both")
    assert str(run.data_source(given=text)) == text
    run.remember(data_source=text)
    assert split_roots(run.data_source()) == roots
    with pytest.raises(DataError, match="must not contain each other"):
        run.data_source(given=f"{roots[0]}{os.pathsep}{run.path}")
    for empty in ("", [], os.pathsep):
        with pytest.raises(DataError, match="Give the folder"):
            split_roots(empty)
