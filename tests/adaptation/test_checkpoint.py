import math

import numpy as np
import pytest

from dfutils.adaptation.checkpoint import Checkpoint, Progress
from dfutils.errors import StoreError

RUN = {"clips": "abc", "steps": 3}


def test_state_is_read_back(tmp_path):
    checkpoint = Checkpoint(tmp_path / "a.adapting", RUN)
    assert checkpoint.load() is None
    progress = Progress(step=5, planned=9, curves=[{"step": 5, "loss": 0.5}], remarks=["slow"])
    arrays = [np.arange(3.0), np.ones((2, 2), np.float32)]
    checkpoint.save(progress, weights=arrays, best=[])
    read, found = Checkpoint(tmp_path / "a.adapting", RUN).load()
    assert math.isnan(read.best)
    assert (read.step, read.planned, read.curves, read.remarks) == (5, 9, progress.curves, ["slow"])
    assert list(found) == ["weights"]
    for one, other in zip(found["weights"], arrays, strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_arrays_keep_their_order(tmp_path):
    checkpoint = Checkpoint(tmp_path / "a", RUN)
    checkpoint.save(Progress(), weights=[np.array(i) for i in range(25)])
    assert [int(one) for one in checkpoint.load()[1]["weights"]] == list(range(25))


def test_state_of_another_run_is_deleted(tmp_path):
    Checkpoint(tmp_path / "a", RUN).save(Progress(step=1), weights=[np.zeros(1)])
    assert Checkpoint(tmp_path / "a", RUN | {"steps": 4}).load() is None


def test_damaged_state_is_not_used(tmp_path):
    checkpoint = Checkpoint(tmp_path / "a", RUN)
    checkpoint.save(Progress(step=1), weights=[np.zeros(1000)])
    path = tmp_path / "a/state.npz"
    path.write_bytes(path.read_bytes()[:500])
    assert checkpoint.load() is None


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Checkpoint(tmp_path / "file/a", RUN)


def test_first_step_keeps_plan_and_remarks():
    again = Progress(
        step=5, planned=9, best=0.8, best_step=4, curves=[{}], remarks=["x"], scored=7
    ).from_start()
    assert (again.step, again.planned, again.curves, again.remarks, again.scored) == (0, 9, [], ["x"], 7)
    assert math.isnan(again.best)
