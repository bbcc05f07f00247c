"""A worker trains what the chief hands out, tells it what happens, and never waits for ever."""

import json
import socket
from types import SimpleNamespace

import pandas as pd
import pytest

from dfutils.errors import MachineError, SettingsError, StoreError
from dfutils.tuning import Chief, Worker
from dfutils.tuning.chief_server import _listen

OVER = {"over": True, "error": "", "trials": [], "token": "t"}


@pytest.fixture
def make_chief():
    """A function that listens for a worker, `make_chief(join={…}, ask=[…])`: the requests, and the worker's role.

    It gives the answers to `ask` one after the other.
    """
    running = []

    def make(join=None, ask=(OVER,)):
        requests, answers = [], iter(ask)

        def answer(request):
            requests.append(request)
            if request["kind"] == "ask":
                reply = next(answers)
                return reply() if callable(reply) else reply
            return (join or {"token": "t"}) if request["kind"] == "join" else {}

        rpc, port = _listen(SimpleNamespace(answer=answer), Chief(port=0))
        rpc.start()
        running.append(rpc)
        return SimpleNamespace(
            requests=requests,
            role=Worker(f"127.0.0.1:{port}", patience=1),
            stop=lambda: rpc.stop(None).wait(),
        )

    yield make
    for rpc in running:
        rpc.stop(None)


@pytest.fixture
def two_trials(finished_search):
    """The trials of a finished search: as they are handed out, as they are in the end, and the table of them."""
    _, folder, found = finished_search
    ended = [json.loads((folder / f"trial_{number}" / "trial.json").read_text()) for number in (0, 1)]
    new = [
        {"trial": trial | {"status": "RUNNING", "score": None, "metrics": {"metrics": {}}}} for trial in ended
    ]
    return new, ended, found.trials


def kinds(chief):
    return [request["kind"] for request in chief.requests if request["kind"] != "alive"]


@pytest.mark.slow
@pytest.mark.parametrize("listens", [False, True], ids=["nobody there", "another program there"])
def test_chief_that_does_not_answer_is_named_with_the_remedy(make_search, tmp_path, listens):
    with socket.socket() as program:
        program.bind(("127.0.0.1", 0))
        if listens:
            program.listen()
        address = f"127.0.0.1:{program.getsockname()[1]}"
        message = f"chief at {address} did not answer for 0.5 s.*Is `dfutils search --chief` running there"
        with pytest.raises(MachineError, match=message):
            make_search(tmp_path / "search", role=Worker(address, patience=0.5))
    assert not (tmp_path / "search").exists()


@pytest.mark.slow
def test_worker_trains_what_it_gets_and_returns_the_chiefs_trials(
    make_search, two_trials, make_chief, tmp_path, capsys
):
    new, ended, table = two_trials
    wait = {"trial": None}
    chief = make_chief(ask=[new[0], wait, new[1], OVER | {"trials": ended}])
    found = make_search(tmp_path / "worker", role=chief.role, progress=True)
    assert kinds(chief) == ["join", "ask", "ended", "ask", "ask", "ended", "ask"]
    results = [request for request in chief.requests if request["kind"] == "ended"]
    for request, trial in zip(results, ended, strict=True):
        assert request["trial"] == trial["trial_id"]
        assert request["values"] == trial["hyperparameters"]["values"]
        assert request["metrics"]["val_auc"] == pytest.approx(trial["score"], abs=1e-3)
    assert found.trials_run == 2
    pd.testing.assert_frame_equal(found.trials, table)
    assert not (tmp_path / "worker").exists()  # it is not the chief's folder, so nothing is left in it
    assert "Trial 1: validation AUC" in capsys.readouterr().out


@pytest.mark.slow
def test_worker_of_another_search_says_what_differs(make_search, make_chief, tmp_path):
    with pytest.raises(
        SettingsError, match=r"runs the search random-x, this worker random-\w+. Give both the same"
    ):
        make_search(tmp_path, role=make_chief(join={"refused": "random-x"}).role)


@pytest.mark.slow
def test_hyperband_needs_the_folder_of_the_chief(make_search, make_chief, tmp_path):
    chief = make_chief()
    with pytest.raises(SettingsError, match="Choose a folder that all machines share, or another tuner"):
        make_search(tmp_path, tuner="hyperband", role=chief.role)
    assert kinds(chief) == ["join", "left"]


@pytest.mark.slow
def test_error_that_ended_the_search_reaches_every_worker(make_search, make_chief, tmp_path):
    chief = make_chief(ask=[OVER | {"error": "The training diverged."}])
    with pytest.raises(SettingsError, match=r"The chief ended the search. The training diverged."):
        make_search(tmp_path, role=chief.role)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "raised", "told"),
    [
        (OSError(28, "No space left on device"), StoreError, ["failed", "left"]),
        (SettingsError("The training diverged."), SettingsError, ["failed", "left"]),
        (KeyboardInterrupt(), KeyboardInterrupt, ["left"]),
    ],
    ids=["full disk", "diverged", "Ctrl-C"],
)
def test_chief_is_told_why_a_worker_ends(
    make_search, two_trials, make_chief, tmp_path, monkeypatch, error, raised, told
):
    def fail(*args, **kwargs):
        raise error

    chief = make_chief(ask=two_trials[0])
    monkeypatch.setattr("dfutils.tuning.space.train_model", fail)
    with pytest.raises(raised):
        make_search(tmp_path, role=chief.role)
    assert kinds(chief) == ["join", "ask", *told]
    assert chief.requests[-1]["trial"] == "0"
    assert [request["final"] for request in chief.requests if request["kind"] == "failed"] == (
        [isinstance(error, SettingsError)] if told[0] == "failed" else []
    )


@pytest.mark.slow
def test_chief_that_vanishes_ends_the_worker(make_search, make_chief, tmp_path):
    chief = make_chief(ask=[lambda: chief.stop()])
    with pytest.raises(MachineError, match="did not answer for 1 s"):
        make_search(tmp_path, role=chief.role)
