"""Setting up a machine that has the platform's packages only."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from dfutils import platforms
from dfutils.platforms import SetupError, find_wheels, install, prepare, set_up


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine in `tmp_path` with an empty current folder, without Drive and without Kaggle's inputs."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(platforms, "_DRIVE", tmp_path / "drive")
    monkeypatch.setattr(platforms, "_KAGGLE_INPUT", tmp_path / "input")
    for name in ("PYTHONPATH", "DFUTILS_HOME"):
        monkeypatch.setenv(name, "")  # so that the value is restored after the test
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def calls(monkeypatch):
    """The commands that are run, with the constraints that they name. Nothing is installed."""
    found = []

    def run(command, **options):
        constraints = Path(command[command.index("--constraint") + 1]).read_text().splitlines()
        found.append((command, constraints))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return found


def test_only_what_is_missing_is_installed_and_everything_else_is_kept(machine, calls, monkeypatch):
    monkeypatch.setattr(platforms, "installed_versions", lambda: {"numpy": "2.0", "scikit_learn": "1.6.1"})
    install(["av>=17.1", "scikit-learn>=1.8"], wheels=None)
    ((command, constraints),) = calls
    assert command[-2:] == ["av>=17.1", "scikit-learn>=1.8"]
    assert "--no-index" not in command
    assert constraints == ["numpy==2.0"]  # scikit-learn is too old, so it may change


def test_without_internet_a_folder_of_wheels_is_found_and_used(machine, calls):
    assert find_wheels() is None
    folder = machine / "input/datasets/someone/dfutils-wheels"
    folder.mkdir(parents=True)
    (folder / "dfutils-wheels.json").write_text("{}")
    assert find_wheels() == folder
    install(["av>=17.1"], wheels=find_wheels())
    command = calls[0][0]
    assert command[command.index("--no-index") + 1 :][:2] == ["--find-links", str(folder)]
    (machine / "here/dfutils-wheels.json").write_text("{}")
    assert find_wheels() == machine / "here"  # next to the notebook comes first


def test_failed_installation_says_what_to_do(machine, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "WARNING: retrying\nERROR: No matching distribution")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: failed)
    with pytest.raises(SetupError, match=r"av>=17.1 could not be installed .*No matching(.|\n)*make wheels"):
        install(["av>=17.1"], wheels=None)


@pytest.mark.parametrize("drive", [False, True])
def test_results_are_kept_where_the_platform_keeps_them(machine, calls, monkeypatch, drive, capsys):
    if drive:
        (machine / "drive").mkdir()
    monkeypatch.setattr(platforms, "unmet_requirements", lambda *extras: {})
    monkeypatch.setenv("PYTHONPATH", "/before")
    set_up(machine / "site")
    home = machine / ("drive/dfutils" if drive else "here")
    assert os.environ["DFUTILS_HOME"] == str(home)
    assert home.is_dir()
    assert os.environ["PYTHONPATH"] == f"{machine / 'site'}{os.pathsep}/before"
    assert str(home) in capsys.readouterr().out
    assert calls == []
    monkeypatch.setenv("DFUTILS_HOME", "/chosen")
    set_up(machine / "site")
    assert os.environ["DFUTILS_HOME"] == "/chosen"


def test_missing_packages_of_the_package_and_of_the_reports_are_installed(machine, calls, monkeypatch):
    missing = {(): {"av>=17.1": "av"}, ("reports",): {"papermill>=2.6": "papermill 1.0"}}
    monkeypatch.setattr(platforms, "unmet_requirements", lambda *extras: missing[extras])
    set_up(machine / "site")
    assert calls[0][0][-2:] == ["av>=17.1", "papermill>=2.6"]


@pytest.fixture
def series(tmp_path, monkeypatch):
    """The notebooks of the project as the carried ones, and an empty workspace; returns the workspace's folder."""
    monkeypatch.setattr(platforms, "SERIES", Path(__file__).parents[1] / "notebooks")
    monkeypatch.setenv("DFUTILS_HOME", str(tmp_path))
    return tmp_path / "data/demo"


def test_notebooks_before_it_are_run_in_order_if_their_results_are_missing(series):
    ran = []

    def run(path, workspace):
        ran.append((path.stem[:2], workspace))
        made = series / platforms._MADE[path.stem]
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch()

    assert prepare("01_data_loading", run=run) == []
    done = prepare("04_gru_training", run=run)
    assert done == ["01_data_loading", "03_feature_caching"]
    assert prepare("04_gru_training", run=run) == []
    prepare("09_detect_a_video", run=run)
    assert ran == [(number, "demo") for number in ("01", "03", "04", "07")]


def test_an_interrupted_notebook_is_run_again_although_a_part_of_its_results_is_there(series):
    def interrupt(path, workspace):
        (series / platforms._MADE[path.stem]).touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("02_frame_extraction", run=interrupt)
    assert prepare("02_frame_extraction", run=lambda path, workspace: None) == ["01_data_loading"]
    assert prepare("02_frame_extraction", run=interrupt) == []


def test_every_notebook_that_another_one_needs_leaves_a_known_result():
    for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb"):
        needs = json.loads(path.read_text())["metadata"]["dfutils"]["needs"]
        assert set(needs) <= set(platforms._MADE)
