"""A search that is small, one that is finished already, and machines of a search as processes."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from dfutils.tuning import SPACE, search

TINY_SPACE = {"units": (4, 8), "depth": (1,), "bidirectional": (False,), "differences": (False,)}
TWO_TRIALS = {"tuner": "random", "trials": 2, "epochs": 1, "progress": False}


@pytest.fixture
def tiny_space(monkeypatch):
    """One small layer that reads in one direction: a trial takes a fraction of the time."""
    for name, choices in TINY_SPACE.items():
        monkeypatch.setitem(SPACE, name, choices)


@pytest.fixture
def search_clips(make_clips):
    """Training and validation clips, always the same."""
    return make_clips(16), make_clips(8, seed=1)


@pytest.fixture
def make_search(search_clips):
    """A function that runs a search, `make_search(directory, trials=…)`: two random trials of one epoch by default."""

    def make(directory, **options):
        return search(*search_clips, directory, **(TWO_TRIALS | options))

    return make


@pytest.fixture(scope="session")
def original_search(make_clips, tmp_path_factory):
    """The folder of a finished random search of two trials on `search_clips`, and what it found."""
    directory = tmp_path_factory.mktemp("search")
    with pytest.MonkeyPatch.context() as patch:
        for name, choices in TINY_SPACE.items():
            patch.setitem(SPACE, name, choices)
        found = search(make_clips(16), make_clips(8, seed=1), directory, **TWO_TRIALS)
    return directory, found


@pytest.fixture(scope="session")
def alone(make_clips, tmp_path_factory):
    """The trials of a search of four trials by one process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, choices in TINY_SPACE.items():
            patch.setitem(SPACE, name, choices)
        options = TWO_TRIALS | {"trials": 4}
        return search(
            make_clips(16), make_clips(8, seed=1), tmp_path_factory.mktemp("alone"), **options
        ).trials


@pytest.fixture
def finished_search(original_search, tmp_path, tiny_space):
    """A copy of a finished search: its directory, its folder there, and what it found."""
    original, found = original_search
    directory = shutil.copytree(original, tmp_path / "search")
    (folder,) = directory.iterdir()
    return directory, folder, found


# A machine of a search. "stuck" is a worker that never gets to the end of its first trial.
_MACHINE = """
import json, os, sys, threading
import numpy as np, pandas as pd
from dfutils.errors import DfutilsError
from dfutils.features import FeatureSet
from dfutils.tuning import SPACE, Chief, Worker, search, space

def end_with_the_tests():
    sys.stdin.read()
    os._exit(9)

threading.Thread(target=end_with_the_tests, daemon=True).start()
folder, directory, space_json, role, options = sys.argv[1:]
SPACE.update({name: tuple(choices) for name, choices in json.loads(space_json).items()})
options = json.loads(options)
if options.pop("stuck", False):
    def train_model(*args, **kwargs):
        print("stuck", flush=True)
        threading.Event().wait()
    space.train_model = train_model

def read(name):
    data = np.load(f"{folder}/{name}.npz")
    ids = np.array([f"c{i}" for i in range(len(data["y"]))])
    spans = {"mixed2": slice(0, 3), "mixed10": slice(3, 6)}
    return FeatureSet(data["X"], data["mask"], data["y"], ids, ids, ids, spans, pd.DataFrame())

kind = {"Chief": Chief, "Worker": Worker}[role]
try:
    role = kind(**options.pop("role"))
    found = search(read("train"), read("val"), directory, role=role, **options)
except DfutilsError as error:
    print(type(error).__name__, error, flush=True)
    sys.exit(2)
found.trials.to_json(sys.stdout)
"""


class Machine:
    """A process whose lines can be waited for."""

    def __init__(self, words):
        self.process = subprocess.Popen(
            [sys.executable, "-c", _MACHINE, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
        )
        self.lines = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(line.rstrip())
        self._queue.put(None)

    def wait_for(self, text, seconds=180):
        """Return the first line with a text."""
        if before := [line for line in self.lines if text in line]:
            return before[0]
        until = time.monotonic() + seconds
        while (line := self._queue.get(timeout=max(0.1, until - time.monotonic()))) is not None:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} was not printed, but: {self.lines}")

    def finish(self):
        """Return the exit status, with all lines in `lines`."""
        while (line := self._queue.get(timeout=180)) is not None:
            self.lines.append(line)
        return self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start_machine(search_clips, tmp_path):
    """A function that starts a machine of a search, `start_machine("Chief", {"port": 0})`, in a folder of the test."""
    for name, clips in zip(("train", "val"), search_clips, strict=True):
        np.savez(tmp_path / f"{name}.npz", X=clips.X, mask=clips.mask, y=clips.y)
    started = []

    def start(role, role_options, directory=tmp_path / "shared", **options):
        options = {"tuner": "random", "trials": 4, "epochs": 1, "role": role_options, **options}
        words = [str(tmp_path), str(directory), json.dumps(SPACE | TINY_SPACE), role, json.dumps(options)]
        started.append(Machine(words))
        return started[-1]

    yield start
    for machine in started:
        machine.kill()
