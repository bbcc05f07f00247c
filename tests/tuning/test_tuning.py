import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.evaluation import Difference
from dfutils.tuning import SPACE, TunedDetector, best_settings, search, trials_table, verdict


@pytest.fixture
def small_space(monkeypatch):
    """One layer and one direction: a trial takes half the time."""
    for name in ("depth", "bidirectional"):
        monkeypatch.setitem(SPACE, name, SPACE[name][:1])


def test_search_finds_reads_back_and_tells(make_clips, tmp_path):
    part, val = make_clips(24), make_clips(12, seed=1)
    tuner = search(part, val, tmp_path, "random", trials=2, epochs=1, progress=False)
    assert tuner.trials_run == 2
    table = trials_table(tuner)
    assert set(SPACE) | {"layers", "val_auc", "best_epoch", "status"} <= set(table)
    assert table["val_auc"].is_monotonic_decreasing
    settings, layers = best_settings(tuner)
    assert settings.units == table.iloc[0]["units"]
    assert "+".join(layers) == table.iloc[0]["layers"]

    again = search(part, val, tmp_path, "random", trials=2, epochs=1, progress=False)
    assert again.trials_run == 0
    assert trials_table(again)["val_auc"].tolist() == table["val_auc"].tolist()

    changed = make_clips(24, seed=3)
    assert search(changed, val, tmp_path, "random", trials=2, epochs=1, progress=False).trials_run == 2


def test_unknown_tuner_and_no_trials(make_clips, tmp_path):
    with pytest.raises(SettingsError, match="Unknown tuner 'genetic'"):
        search(make_clips(8), make_clips(8), tmp_path, tuner="genetic")
    with pytest.raises(SettingsError, match="trials=0"):
        search(make_clips(8), make_clips(8), tmp_path, trials=0)


def test_verdict_says_no_where_it_is_no():
    steady, better = [0.80, 0.81, 0.79, 0.80, 0.80], [0.90, 0.91, 0.92, 0.90, 0.91]

    def gap(value, low=np.nan, high=np.nan):
        return Difference("auc", value, low, high, [])

    def told(*given, **options):
        return verdict(*given, n_groups=4, **options)

    yes = told(gap(0.1, 0.04, 0.16), steady, better)
    assert yes.startswith(
        "Yes: on the test clips of 4 groups the tuned GRU's AUC lies 0.100 above the untuned one's"
    )
    assert "are better" not in yes
    assert told(gap(0.01, -0.05, 0.07), steady, better).startswith("No, not by more than chance")
    assert told(gap(-0.1, -0.2, -0.03), better, steady).startswith("No, it is worse")
    assert told(gap(0.1), steady, better).startswith("It cannot be told, because there are too few groups")
    assert told(gap(0, 0, 0), steady, steady).startswith(
        "It cannot be told, because every draw of the groups"
    )
    assert told(gap(0.1, 0.02, 0.2), [0.8], [0.9]).startswith("It cannot be told from a single seed")
    assert told(gap(np.nan), steady, better).startswith("It cannot be told: the scored test clips")
    assert "3 seeds show seed noise only roughly, 5 are better" in told(
        gap(0.1, 0.04, 0.2), steady[:3], better[:3]
    )
    # Cross-validation has more groups: it decides.
    wide, narrow = gap(0.1, -0.2, 0.4), gap(0.12, 0.05, 0.2)
    crossed = told(wide, steady, better, crossed=narrow, folds=4)
    assert crossed.startswith("Yes: in 4-fold cross-validation by group")
    assert "-0.200 to +0.400" in crossed
    assert "in each fold and 5 trainings of both" in told(
        wide, steady, better, crossed=narrow, folds=4, fold_seeds=5
    )
    assert told(narrow, steady, better, crossed=wide, folds=4).startswith("No, not by more")
    assert told(narrow, steady, better, crossed=gap(0.1), folds=4).startswith("Yes: on the test clips")


def test_search_goes_on_after_a_kill_with_the_trials_it_had(make_clips, tmp_path):
    """Killed when its second trial is done, and started again: the same trials as of an undisturbed search."""
    part, val = make_clips(24), make_clips(12, seed=1)
    for name, some in (("train", part), ("val", val)):
        np.savez(tmp_path / f"{name}.npz", X=some.X, mask=some.mask, y=some.y)
    code = (
        "import sys, numpy as np, pandas as pd\n"
        "from dfutils.features import FeatureSet\n"
        "from dfutils.tuning import SPACE, search\n"
        "SPACE.update(depth=(1,), bidirectional=(False,))\n"
        "def read(name):\n"
        "    data = np.load(f'{sys.argv[1]}/{name}.npz')\n"
        "    ids = np.array([f'c{i}' for i in range(len(data['y']))])\n"
        "    spans = {'mixed2': slice(0, 3), 'mixed10': slice(3, 6)}\n"
        "    return FeatureSet(data['X'], data['mask'], data['y'], ids, ids, ids, spans, pd.DataFrame())\n"
        "tuner = search(read('train'), read('val'), sys.argv[2], 'random', trials=4, epochs=1, progress=False)\n"
        "print(tuner.trials_run)"
    )

    def start(directory):
        command = [sys.executable, "-c", code, str(tmp_path), str(tmp_path / directory)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def finished(directory):
        states = [
            json.loads(path.read_text()) for path in (tmp_path / directory).glob("*/trial_*/trial.json")
        ]
        return {state["trial_id"]: state for state in states if state["status"] == "COMPLETED"}

    def facts(trials):
        return {i: (trial["hyperparameters"]["values"], trial["score"]) for i, trial in trials.items()}

    whole = start("whole")
    assert whole.communicate(timeout=300)[0].strip() == "4"
    killed = start("killed")
    while len(finished("killed")) < 2 and killed.poll() is None:
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    before = finished("killed")
    assert 2 <= len(before) < 4
    again = start("killed")
    assert int(again.communicate(timeout=300)[0]) == 4 - len(before)
    after = finished("killed")
    assert facts(before).items() <= facts(after).items()
    assert len(after) == 4
    assert facts(after) == facts(finished("whole"))


@pytest.mark.usefixtures("small_space")
def test_a_seed_is_a_search(make_clips, tmp_path):
    part, val = make_clips(24), make_clips(12, seed=1)

    def tried(seed, directory):
        tuner = search(
            part, val, tmp_path / directory, "random", trials=3, epochs=1, seed=seed, progress=False
        )
        return trials_table(tuner).drop(columns="seconds").sort_index()

    first = tried(7, "a")
    pd.testing.assert_frame_equal(first, tried(7, "b"))
    other = tried(8, "a")
    assert not first[list(SPACE)].equals(other[list(SPACE)])


@pytest.mark.usefixtures("small_space")
def test_another_space_starts_afresh(make_clips, tmp_path, monkeypatch):
    part, val = make_clips(16), make_clips(8, seed=1)
    options = {"tuner": "random", "trials": 2, "epochs": 1, "progress": False}
    search(part, val, tmp_path, **options)
    monkeypatch.setitem(SPACE, "units", (4, 8))
    tuner = search(part, val, tmp_path, **options)
    assert tuner.trials_run == 2
    assert set(trials_table(tuner)["units"]) <= {4, 8}
    uneven = part.take(np.r_[0, 1, 2, 4, 6, 8])
    plain, weighted = (
        search(uneven, val, tmp_path, **options, class_weights=weights) for weights in (False, True)
    )
    assert plain.trials_run == weighted.trials_run == 2


@pytest.mark.usefixtures("small_space")
def test_search_inside_a_fold(make_clips, tmp_path):
    detector = TunedDetector(tmp_path, "random", trials=2, epochs=1)
    run = detector.fit(make_clips(24), make_clips(12, seed=1), seed=3)
    assert np.isfinite(run.score(make_clips(6))).all()
    assert len(list(tmp_path.glob("random-*"))) == 1


@pytest.mark.usefixtures("small_space")
def test_seeds_in_a_fold_may_share_a_search(make_clips, tmp_path):
    detector = TunedDetector(tmp_path, "random", trials=1, epochs=1, search_seed=5)
    scores = [
        detector.fit(make_clips(24), make_clips(12, seed=1), seed).score(make_clips(6)) for seed in (3, 4)
    ]
    assert not np.array_equal(*scores)
    assert len(list(tmp_path.glob("random-*"))) == 1


@pytest.mark.usefixtures("small_space")
@pytest.mark.parametrize("tuner", ["bayesian", "hyperband"])
def test_every_tuner_finishes_its_trials(make_clips, tmp_path, tuner):
    tuned = search(
        make_clips(16), make_clips(8, seed=1), tmp_path, tuner=tuner, trials=2, epochs=3, progress=False
    )
    table = trials_table(tuned)
    assert set(table["status"]) == {"completed"}
    assert len(table) == tuned.trials_run
    # A trial that Hyperband continues has had all of its epochs, and its best one is counted from the first.
    assert table["epochs"].max() == 3
    assert (table["best_epoch"] <= table["epochs"]).all()


@pytest.mark.usefixtures("small_space")
def test_a_trial_that_fails_stops_the_search_and_is_tried_again(make_clips, tmp_path, monkeypatch):
    module = sys.modules["dfutils.tuning.space"]
    part, val, trained = make_clips(16), make_clips(8, seed=1), module.train_model
    options = {"tuner": "random", "trials": 2, "epochs": 1, "progress": False}

    def fail(*args, **kwargs):
        raise MemoryError("for the moment")

    monkeypatch.setattr(module, "train_model", fail)
    with pytest.raises(MemoryError, match="for the moment"):
        search(part, val, tmp_path, **options)
    monkeypatch.setattr(module, "train_model", trained)
    tuner = search(part, val, tmp_path, **options)
    assert set(trials_table(tuner)["status"]) == {"completed"}
    assert len(trials_table(tuner)) == 2


def test_clips_that_cannot_be_searched_on_are_refused_before_anything_is_written(make_clips, tmp_path):
    good, unlabelled, one_class = make_clips(8), make_clips(8), make_clips(8)
    unlabelled.y[3], one_class.y[:] = -1, 1
    for part, val, message in (
        (unlabelled, good, "training clip 'clip003' has no label"),
        (good, one_class, "All 8 validation clips are fake"),
        (good, good.select(("mixed2",)), "differ in their layers"),
    ):
        with pytest.raises(DataError, match=message):
            search(part, val, tmp_path, "random", trials=1, epochs=1)
    for wrong in ({"epochs": 0}, {"batch_size": 0}, {"seed": -1}):
        with pytest.raises(SettingsError, match=f"{next(iter(wrong)).split('_')[0]}"):
            search(good, good, tmp_path, "random", **{"trials": 1, **wrong})
    assert not list(tmp_path.iterdir())


@pytest.fixture
def small_search(make_clips, tmp_path, small_space):
    """A function that runs one small search of two trials, or another call of it, in `directory`."""

    def run(directory=tmp_path):
        part, val = make_clips(16), make_clips(8, seed=1)
        return search(part, val, directory, "random", trials=2, epochs=1, progress=False)

    return run


def test_a_damaged_search_names_its_folder_and_the_remedy(small_search, tmp_path):
    small_search()
    (folder,) = tmp_path.glob("random-*")
    (folder / "oracle.json").write_text('{"ongoing')
    with pytest.raises(DataError, match=rf"{folder}.* is damaged .*Remove that folder"):
        small_search()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        small_search(tmp_path / "file" / "search")


def test_a_full_disk_is_no_damage_and_costs_no_trial(small_search, monkeypatch):
    import keras

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", full)
        with pytest.raises(StoreError, match="No space left on device"):
            small_search()
    assert set(trials_table(small_search())["status"]) == {"completed"}


def test_settings_come_from_a_trial_that_was_finished(make_clips, tmp_path):
    tuner = search(
        make_clips(16), make_clips(8, seed=1), tmp_path, "random", trials=1, epochs=1, progress=False
    )
    (trial,) = tuner.oracle.trials.values()
    trial.status = "FAILED"
    with pytest.raises(SettingsError, match="No trial of the search was finished"):
        best_settings(tuner)


def test_a_trial_that_never_began_is_dropped(small_search, tmp_path):
    """A kill may come after a trial is written down and before the search's own file names it."""
    small_search()
    (folder,) = tmp_path.glob("random-*")
    state = json.loads((folder / "trial_1" / "trial.json").read_text())
    (folder / "trial_2").mkdir()
    (folder / "trial_2" / "trial.json").write_text(
        json.dumps(state | {"trial_id": "2", "status": "RUNNING", "score": None})
    )
    table = trials_table(small_search())
    assert sorted(table.index) == ["0", "1"]
    assert set(table["status"]) == {"completed"}
