"""A search by several processes ends as the search of one process does, whatever happens to them."""

import io
import json
import socket

import pandas as pd
import pytest

from dfutils.errors import MachineError, SettingsError
from dfutils.tuning import SPACE, Chief
from dfutils.tuning.chief_server import ChiefServer

SAME = [*SPACE, "layers", "epochs", "best_epoch", "status", "val_auc"]


def address_of(chief):
    return chief.wait_for("The chief listens on").rpartition("--worker ")[2]


def check_same(machine, alone):
    """Check that a machine printed the trials of the search by one process."""
    found = pd.read_json(io.StringIO(machine.lines[-1]), dtype=False)
    found.index = found.index.astype(str)
    found = found.astype(alone.dtypes).rename_axis("trial").sort_index()
    pd.testing.assert_frame_equal(found[SAME], alone.sort_index()[SAME], check_index_type=False, atol=1e-3)


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_space")
def test_three_processes_find_what_one_finds(start_machine, alone, make_search, tmp_path):
    chief = start_machine("Chief", {"port": 0})
    address = address_of(chief)
    workers = [start_machine("Worker", {"address": address}) for _ in range(2)]
    assert [machine.finish() for machine in (chief, *workers)] == [0, 0, 0], chief.lines
    assert "Done: 4 of 4." in "".join(chief.lines)
    for machine in (chief, *workers):
        check_same(machine, alone)
    again = make_search(tmp_path / "shared", trials=4)
    assert again.trials_run == 0  # one machine reads what several have written


@pytest.mark.slow
def test_killed_worker_and_killed_chief_cost_no_trial(start_machine, alone, tmp_path):
    chief = start_machine("Chief", {"port": 0, "patience": 3})
    address = address_of(chief)
    stuck = start_machine("Worker", {"address": address}, stuck=True)
    stuck.wait_for("stuck")  # it is in the middle of a trial
    worker = start_machine("Worker", {"address": address, "patience": 180})
    stuck.kill()
    chief.wait_for("is given out again")
    chief.wait_for("Done: 1 of 4.")
    chief.kill()
    chief = start_machine("Chief", {"port": int(address.rpartition(":")[2])})
    assert [machine.finish() for machine in (chief, worker)] == [0, 0], [chief.lines, worker.lines]
    check_same(chief, alone)
    check_same(worker, alone)
    (file,) = (tmp_path / "shared").glob("*/oracle.json")
    assert sorted(json.loads(file.read_text())["end_order"]) == ["0", "1", "2", "3"]
    assert not (file.parent / ".chief").exists()


@pytest.fixture
def make_server(tmp_path):
    """A function that makes a server of a random search: `make_server(trials=…)`, and one that asks it as a worker."""
    import keras_tuner

    lines = []

    def make(trials=2, patience=60, name="search"):
        space = keras_tuner.HyperParameters()
        space.Choice("units", [1, 2, 3, 4, 5, 6])
        space.Choice("learning_rate", [3e-4, 1e-3])
        oracle = keras_tuner.oracles.RandomSearchOracle(
            objective=keras_tuner.Objective("val_auc", "max"),
            max_trials=trials,
            seed=8,
            hyperparameters=space,
        )
        oracle._set_project_dir(str(tmp_path), name)
        if (tmp_path / name / "oracle.json").exists():
            oracle.reload()
        server = ChiefServer(oracle, name, patience=patience, say=lines.append)
        server.lines, server.oracle = lines, oracle
        return server

    return make


def tell(server, worker, kind, trial=None, **facts):
    facts = {"final": False, "error": "out of memory"} | facts
    if kind == "ended":
        facts |= {"metrics": {"val_auc": 0.75}, "step": 0}
    if trial:
        facts |= {"trial": trial["trial_id"], "values": trial["hyperparameters"]["values"]}
    return server.answer({"search": "search", "worker": worker, "kind": kind, **facts})


@pytest.mark.slow
def test_trial_of_a_silent_worker_is_given_out_again_and_ends_once(make_server, monkeypatch):
    server = make_server()
    assert tell(server, "a", "join")["patience"] == 60  # sets how often a worker is heard
    first = tell(server, "a", "ask")["trial"]
    assert tell(server, "a", "ask")["trial"] == first  # an answer that was lost on the way
    second = tell(server, "b", "ask")["trial"]
    assert tell(server, "c", "ask")["trial"] is None  # waits, in case that a or b gets lost
    server._heard["a"] -= 61
    assert not server.look_after_workers()
    assert "Worker a was silent for 60 s. Trial 0 is given out again. Workers now: 2." in server.lines
    assert tell(server, "c", "ask")["trial"]["hyperparameters"] == first["hyperparameters"]
    tell(server, "a", "ended", first)  # too late: c has it
    assert server.ended == 0
    tell(server, "c", "ended", first)
    tell(server, "b", "ended", second)
    tell(server, "b", "ended", second)
    assert server.ended == 2
    assert server.oracle.end_order == ["0", "1"]
    assert [tell(server, name, "ask")["over"] for name in "abc"] == [True] * 3
    assert server.look_after_workers()
    assert server.error is None


@pytest.mark.slow
def test_worker_keeps_its_trial_when_the_chief_is_started_again(make_server):
    trial = tell(make_server(), "a", "ask")["trial"]
    server = make_server()
    server.look_after_workers()  # has the trial in hand for the first worker that asks
    tell(server, "a", "alive", trial)
    assert tell(server, "b", "ask")["trial"]["trial_id"] == "1"
    tell(server, "a", "ended", trial)
    assert server.ended == 1


@pytest.mark.slow
def test_trial_that_fails_everywhere_counts_as_failed(make_server):
    server = make_server(trials=1)
    for worker in "abc":
        trial = tell(server, worker, "ask")["trial"]
        tell(server, worker, "failed", trial)
    assert "Trial 0 failed 3 times and counts as failed." in server.lines[-1]
    assert server.oracle.trials["0"].status == "FAILED"
    assert tell(server, "a", "ask")["over"]


@pytest.mark.slow
def test_worker_that_is_stopped_gives_its_trial_back(make_server):
    server = make_server(trials=1)
    for _ in range(5):  # however often
        trial = tell(server, "a", "ask")["trial"]
        tell(server, "a", "left", trial)
    assert tell(server, "b", "ask")["trial"]["trial_id"] == "0"


@pytest.mark.slow
def test_diverged_training_and_damaged_folder_end_the_search(make_server, monkeypatch):
    server = make_server()
    trial = tell(server, "a", "ask")["trial"]
    reply = tell(server, "a", "failed", trial, final=True, error="The training diverged.")
    assert reply["over"]
    assert reply["error"] == "The training diverged."
    assert isinstance(server.error, SettingsError)
    server = make_server(name="other")
    monkeypatch.setattr(server.oracle, "create_trial", lambda name: 1 / 0)
    server.look_after_workers()
    assert isinstance(server.error, ZeroDivisionError)


@pytest.mark.slow
def test_worker_of_another_search_is_refused(make_server):
    request = {"search": "random-other", "worker": "a", "kind": "join"}
    assert make_server().answer(request) == {"refused": "search"}


@pytest.mark.slow
def test_finished_search_needs_no_worker(make_server):
    server = make_server(trials=1)
    tell(server, "a", "ended", tell(server, "a", "ask")["trial"])
    assert make_server(trials=1).look_after_workers()


@pytest.mark.slow
def test_taken_port_is_refused(make_search, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MachineError, match=rf"cannot listen on 127.0.0.1:{port}.*Choose another port"):
            make_search(tmp_path, role=Chief(port=port))
