import json

import pandas as pd
import pytest

from dfutils.atomic import atomic_path
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.tables import read_table
from dfutils.workspace import Workspace, project_root


def test_home_is_where_the_environment_says(home):
    assert project_root() == home
    assert Workspace("mine").path == home / "data" / "mine"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x"])
def test_name_that_is_no_folder_name(name):
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


def test_data_source_is_what_was_given_then_what_was_used_then_the_demo(home, tmp_path):
    run = Workspace("mine")
    assert run.data_source() == home / "data/demo/raw"
    videos = tmp_path / "videos"
    assert run.data_source(given=str(videos)) == videos
    run.remember(data_source=str(videos))
    assert run.data_source() == videos


def test_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_damaged_tables_are_named(tmp_path):
    path = tmp_path / "catalog.csv"
    with pytest.raises(DataError, match="catalog.csv"):
        read_table(path)
    path.write_text("clip_id,label\na,7\n")
    with pytest.raises(DataError, match="line 2"):
        read_table(path)
    path.write_text("clip_id,label,method\nNA,,\n")
    table = read_table(path)
    assert table["clip_id"][0] == "NA"
    assert table["method"][0] == ""
    assert table["label"].isna().all()
    assert isinstance(table, pd.DataFrame)


def test_data_set_in_the_folder_of_its_own_artefacts_is_refused(home):
    (home / "data/sdfvd/videos_real").mkdir(parents=True)
    with pytest.raises(DataError, match="are not apart"):
        Workspace("sdfvd").data_source(given=str(home / "data/sdfvd"))
    with pytest.raises(DataError, match="are not apart"):
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
