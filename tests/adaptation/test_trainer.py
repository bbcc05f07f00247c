"""Training is interrupted, killed, out of memory or out of time, and still ends well."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from dfutils.adaptation import trainer
from dfutils.errors import SettingsError

pytestmark = pytest.mark.slow


def test_interrupted_run_goes_on_and_ends_as_if_it_had_not_been(run, monkeypatch):
    whole = run(name="whole", steps=12)
    monkeypatch.setattr(trainer, "_SAVE_SHARE", 0.0)
    monkeypatch.setattr(trainer, "_SAVE_SECONDS", 0.0)
    save, taken = trainer.Trainer.save, []

    def stop_after_step_five(self):
        save(self)
        taken.append(self.progress.step)
        if self.progress.step == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(trainer.Trainer, "save", stop_after_step_five)
    with pytest.raises(KeyboardInterrupt):
        run(name="cut", steps=12)
    monkeypatch.setattr(trainer.Trainer, "save", save)
    resumed = run(name="cut", steps=12)
    np.testing.assert_allclose(resumed.record.head.kernel, whole.record.head.kernel, atol=1e-5)
    assert resumed.results["value"].tolist() == pytest.approx(whole.results["value"].tolist())
    assert resumed.record.details["seconds"] > 0


def test_killed_process_goes_on(run, tmp_path):
    script = tmp_path / "adapt.py"
    run.table.to_csv(tmp_path / "catalog.csv", index=False)
    script.write_text(
        "import sys, pandas as pd\n"
        "from dfutils.adaptation import AdaptSettings, adapt, trainer\n"
        "from dfutils.features import View\n"
        "from dfutils.frames import FaceCrop\n"
        "trainer._SAVE_SHARE = 0.0\n"
        "trainer._SAVE_SECONDS = 0.0\n"
        "table = pd.read_csv(sys.argv[1], keep_default_na=False)\n"
        "view = View(crop=299, side=75, mirror=True)\n"
        "settings = AdaptSettings(view=view, until='mixed0', batch_size=8, frames=2, augmentation=0.0,\n"
        "                         fakes='real')\n"
        "adapt(table, sys.argv[2], sys.argv[3], minutes=5, steps=100, weights='random', settings=settings,\n"
        "      face=FaceCrop(detector='none'), progress=False)\n"
    )
    output = tmp_path / "killed.weights.h5"
    state = tmp_path / "killed.adapting/state.npz"
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "catalog.csv"), str(run.root), str(output)]
    )
    deadline = time.monotonic() + 240
    while not state.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert state.exists()
    assert not output.exists()
    result = run(name="killed", steps=100)
    assert result.record.details["steps"] == 100


def test_budget_is_kept(run, quick):
    began = time.monotonic()
    result = run(steps=None, minutes=0.4, name="short")
    seconds = time.monotonic() - began
    assert seconds < 1.15 * 24
    assert result.record.details["steps"] > 12


@pytest.fixture
def fail_at(monkeypatch):
    """Make the loss of some calls of `step`, counted from 1, not finite, without a change of the weights."""
    step, count = trainer.AdaptedNetwork.step, 0

    def failing(calls):
        def sometimes(self, pictures, labels, *, rate):
            nonlocal count
            count += 1
            return float("nan") if count in calls else step(self, pictures, labels, rate=rate)

        monkeypatch.setattr(trainer.AdaptedNetwork, "step", sometimes)

    return failing


def test_batches_that_are_not_finite_by_chance_are_skipped(run, fail_at):
    fail_at([4, 6, 7])
    result = run(steps=8)
    assert "Batches that were skipped, because their gradient was not finite: 3." in result.remarks
    assert not any("went back" in remark for remark in result.remarks)
    assert result.record.details["steps"] == 8


def test_three_batches_in_a_row_that_are_not_finite_go_back_with_half_the_rate(run, fail_at, monkeypatch):
    stream, begins = trainer.BatchMaker.stream, []

    def noted(self, begin, *, workers):
        begins.append(begin)
        return stream(self, begin, workers=workers)

    monkeypatch.setattr(trainer.BatchMaker, "stream", noted)
    fail_at([10, 11, 12])
    result = run(steps=40)
    assert begins == [0, 8]  # the latest checkpoint before step 10 is that of the check at step 8
    went_back = "The training loss was not finite at step 10. Training went back to step 8, with half the"
    assert any(remark.startswith(went_back) for remark in result.remarks)
    assert result.record.details["steps"] == 40
    curves = result.curves
    assert list(curves["step"]) == list(range(4, 41, 4))
    full = 3e-4 * (0.5 + 0.5 * np.cos(np.pi * curves["step"] / 40)) * np.minimum(1, (curves["step"] + 1) / 20)
    np.testing.assert_allclose(
        curves["learning_rate"], full * np.where(curves["step"] > 8, 0.5, 1), rtol=1e-6
    )


def test_weights_that_are_not_finite_go_back_at_once(run, fail_at, monkeypatch):
    monkeypatch.setattr(trainer.AdaptedNetwork, "is_finite", lambda self: False)
    fail_at([4])
    result = run(steps=8)
    assert sum("half the learning rate" in remark for remark in result.remarks) == 1
    assert result.record.details["steps"] == 8


def test_a_loss_that_stays_not_finite_ends_the_run(run, monkeypatch):
    monkeypatch.setattr(trainer.AdaptedNetwork, "step", lambda *_, **__: float("nan"))
    with pytest.raises(SettingsError, match="was not finite 4 times"):
        run(steps=8)


def test_gpu_without_memory_gets_smaller_batches(run, monkeypatch):
    import tensorflow as tf

    step, sizes = trainer.AdaptedNetwork.step, []

    def small_only(self, pictures, labels, *, rate):
        sizes.append(len(labels))
        if len(labels) > 4:
            raise tf.errors.ResourceExhaustedError(None, None, "out of memory")
        return step(self, pictures, labels, rate=rate)

    monkeypatch.setattr(trainer.AdaptedNetwork, "step", small_only)
    result = run(steps=6)
    assert sizes == [8, *[4] * 6]
    assert any("too little memory for batches of 8: they hold 4" in remark for remark in result.remarks)


@pytest.mark.parametrize(("highest", "steps", "best_step"), [(0.5, 12, 2), (0.95, 20, 20)])
def test_training_stops_early_only_if_the_auc_is_lower_by_more_than_chance(
    run, monkeypatch, highest, steps, best_step
):
    aucs = iter([0.9, *[0.4] * 20])
    monkeypatch.setattr(trainer.ValidationCheck, "score", lambda *_: (next(aucs), highest, 0.7))
    result = run(steps=20)
    assert result.record.details["steps"] == steps
    assert result.record.details["best_step"] == best_step
    assert any("Training stopped after 12 of 20" in remark for remark in result.remarks) == (steps < 20)
