"""A search finds, resumes, reads back, and never meets other clips or options."""

import json
import subprocess
import sys
import time
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.tuning import SPACE, search


def test_unknown_tuner_is_refused(make_search, tmp_path):
    with pytest.raises(SettingsError, match="Unknown tuner 'genetic'. Known: hyperband, bayesian, random"):
        make_search(tmp_path, tuner="genetic")


@pytest.mark.parametrize("wrong", [{"trials": 0}, {"epochs": 0}, {"batch_size": 0}, {"seed": -1}], ids=str)
def test_options_out_of_range_are_refused(make_search, tmp_path, wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(SettingsError, match=f"{name}={value}"):
        make_search(tmp_path, **wrong)
    assert not list(tmp_path.iterdir())


def test_unusable_clips_are_refused_before_anything_is_written(make_clips, tmp_path):
    good, unlabelled, one_class = make_clips(8), make_clips(8), make_clips(8)
    unlabelled.y[3], one_class.y[:] = -1, 1
    for train, val, message in (
        (unlabelled, good, "training clip 'clip003' has no label"),
        (good, one_class, "All 8 validation clips are fake"),
        (good, good.select(("mixed2",)), "differ in their layers"),
    ):
        with pytest.raises(DataError, match=message):
            search(train, val, tmp_path, tuner="random", trials=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_search_returns_its_trials_best_first(original_search):
    _, found = original_search
    assert found.tuner == "random"
    assert found.trials_run == 2
    assert {*SPACE, "layers", "val_auc", "epochs", "best_epoch", "seconds", "status"} == set(found.trials)
    assert found.trials["val_auc"].is_monotonic_decreasing
    assert found.trials["status"].tolist() == ["completed", "completed"]
    best = found.trials.iloc[0]
    assert all(getattr(found.settings, name) == best[name] for name in SPACE)
    assert "+".join(found.layers) == best["layers"]
    with pytest.raises(FrozenInstanceError):
        found.trials_run = 0


@pytest.mark.slow
def test_search_in_the_whole_space(make_search, tmp_path):
    found = make_search(tmp_path)
    assert found.trials_run == 2
    for name, choices in SPACE.items():
        assert set(found.trials[name]) <= set(choices)


@pytest.mark.slow
def test_finished_search_is_read_back_and_trains_nothing(make_search, finished_search):
    directory, _, found = finished_search
    again = make_search(directory)
    assert again.trials_run == 0
    assert (again.settings, again.layers) == (found.settings, found.layers)
    pd.testing.assert_frame_equal(again.trials, found.trials)


@pytest.mark.slow
def test_search_in_another_space_is_a_new_one_and_leaves_the_old_one_alone(
    make_search, finished_search, monkeypatch
):
    directory, folder, _ = finished_search
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setitem(SPACE, "units", (2, 3))
    found = make_search(directory)
    assert found.trials_run == 2
    assert set(found.trials["units"]) <= {2, 3}
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files


@pytest.mark.slow
def test_same_seed_tries_the_same_and_another_seed_something_else(make_search, finished_search, tmp_path):
    *_, found = finished_search
    columns = [*SPACE, "layers", "val_auc"]
    again = make_search(tmp_path / "again")
    pd.testing.assert_frame_equal(again.trials[columns], found.trials[columns])
    other = make_search(tmp_path / "again", seed=8)
    assert other.trials_run == 2
    names = [*SPACE, "layers"]
    assert not other.trials[names].sort_index().equals(found.trials[names].sort_index())


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space")
@pytest.mark.parametrize("tuner", ["random", "bayesian", "hyperband"])
def test_every_tuner_finishes_its_trials_and_leaves_the_global_state_alone(
    make_search, tmp_path, check_global_state, tuner
):
    epochs = 3 if tuner == "hyperband" else 1
    found = check_global_state(lambda: make_search(tmp_path, tuner=tuner, epochs=epochs))
    assert set(found.trials["status"]) == {"completed"}
    assert len(found.trials) == found.trials_run
    # A trial that Hyperband resumes has had all of its epochs, and its best epoch counts from the first one.
    assert found.trials["epochs"].max() == epochs
    assert (found.trials["best_epoch"] <= found.trials["epochs"]).all()


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space")
def test_trial_that_fails_stops_the_search_and_is_tried_again(make_search, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise MemoryError("for the moment")

    with monkeypatch.context() as patch:
        patch.setattr("dfutils.tuning.space.train_model", fail)
        with pytest.raises(MemoryError, match="for the moment"):
            make_search(tmp_path)
    found = make_search(tmp_path)
    assert found.trials["status"].tolist() == ["completed", "completed"]


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space")
def test_full_disk_is_no_damage_and_costs_no_trial(make_search, tmp_path, monkeypatch):
    import keras

    def fill(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", fill)
        with pytest.raises(StoreError, match="No space left on device.*run again to resume"):
            make_search(tmp_path)
    found = make_search(tmp_path)
    assert found.trials["status"].tolist() == ["completed", "completed"]


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space")
def test_interrupted_write_of_the_searchs_own_file_costs_no_trial(make_search, tmp_path, monkeypatch):
    """The disk is full when the search lists its first trial as ended."""
    import keras_tuner
    from keras_tuner.src import utils as keras_tuner_utils

    save, save_of_base_class = keras_tuner_utils.save_json, keras_tuner.Oracle.__mro__[1].save

    def save_half(path, state):
        if state.get("end_order"):
            Path(path).write_text(json.dumps(state)[:20])
            raise OSError(28, "No space left on device")
        return save(path, state)

    with monkeypatch.context() as patch:
        patch.setattr(keras_tuner_utils, "save_json", save_half)
        with pytest.raises(StoreError, match="No space left on device"):
            make_search(tmp_path)
    found = make_search(tmp_path)
    assert found.trials["status"].tolist() == ["completed", "completed"]
    assert not list(tmp_path.rglob(".partial-*"))
    assert keras_tuner.Oracle.__mro__[1].save is save_of_base_class  # nobody else's searches are changed


@pytest.mark.slow
def test_directory_that_cannot_be_written_is_named(make_search, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/search/random-\w+ cannot be written"):
        make_search(tmp_path / "file" / "search")


@pytest.mark.slow
def test_damaged_search_names_its_folder_and_the_remedy(make_search, finished_search):
    directory, folder, _ = finished_search
    (folder / "oracle.json").write_text('{"ongoing')
    with pytest.raises(DataError, match=rf"{folder} is damaged .*Remove that folder"):
        make_search(directory)


@pytest.mark.slow
def test_settings_come_from_a_finished_trial_only(make_search, finished_search):
    directory, folder, _ = finished_search
    for path in folder.glob("trial_*/trial.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "FAILED"}))
    with pytest.raises(SettingsError, match="No trial of the search was finished"):
        make_search(directory)


@pytest.mark.slow
def test_trial_that_never_began_is_dropped(make_search, finished_search):
    """An interruption may come after a trial is written and before the search's own file lists it."""
    directory, folder, found = finished_search
    state = json.loads((folder / "trial_1" / "trial.json").read_text())
    (folder / "trial_2").mkdir()
    (folder / "trial_2" / "trial.json").write_text(
        json.dumps(state | {"trial_id": "2", "status": "RUNNING", "score": None})
    )
    again = make_search(directory)
    assert again.trials_run == 0
    pd.testing.assert_frame_equal(again.trials, found.trials)


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space", "deterministic_ops")
def test_killed_search_is_resumed_with_the_trials_it_had(make_search, search_clips, tmp_path):
    """Killed when its second trial is done, and started again: the same trials as in an undisturbed search."""
    train, val = search_clips
    for name, clips in (("train", train), ("val", val)):
        np.savez(tmp_path / f"{name}.npz", X=clips.X, mask=clips.mask, y=clips.y)
    code = (
        "import sys, numpy as np, pandas as pd\n"
        "from dfutils.features import FeatureSet\n"
        "from dfutils.keras_runtime import make_deterministic\n"
        "from dfutils.tuning import SPACE, search\n"
        f"SPACE.update({SPACE})\n"
        "make_deterministic(1)\n"
        "def read(name):\n"
        "    data = np.load(f'{sys.argv[1]}/{name}.npz')\n"
        "    ids = np.array([f'c{i}' for i in range(len(data['y']))])\n"
        "    spans = {'mixed2': slice(0, 3), 'mixed10': slice(3, 6)}\n"
        "    return FeatureSet(data['X'], data['mask'], data['y'], ids, ids, ids, spans, pd.DataFrame())\n"
        "options = {'tuner': 'random', 'trials': 4, 'epochs': 1, 'progress': False}\n"
        "search(read('train'), read('val'), sys.argv[2], **options)\n"
    )

    def completed(directory):
        """The trials that the search's own file lists as ended."""
        (file,) = (tmp_path / directory).glob("*/oracle.json")
        trials = {}
        for trial_id in json.loads(file.read_text())["end_order"]:
            state = json.loads((file.parent / f"trial_{trial_id}" / "trial.json").read_text())
            trials[trial_id] = (state["hyperparameters"]["values"], state["score"])
        return trials

    killed = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "killed")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while killed.poll() is None:
        time.sleep(0.02)
        if list((tmp_path / "killed").glob("*/oracle.json")) and len(completed("killed")) >= 2:
            break
    killed.kill()
    killed.communicate()
    before = completed("killed")
    assert 2 <= len(before) < 4

    resumed = make_search(tmp_path / "killed", trials=4)
    undisturbed = make_search(tmp_path / "undisturbed", trials=4)
    assert resumed.trials_run == 4 - len(before)
    assert undisturbed.trials_run == 4
    after = completed("killed")
    assert before.items() <= after.items()
    assert len(after) == 4
    assert after == completed("undisturbed")
