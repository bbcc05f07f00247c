import time

import pytest

from dfutils.adaptation.budget import Budget, PlanMemory


def test_time_of_interrupted_runs_counts():
    budget = Budget(1.0, spent=50.0)
    time.sleep(0.02)
    assert 50.02 <= budget.elapsed < 51
    assert 9 < budget.left <= 9.98


def test_plan_fills_the_time_that_is_left():
    assert Budget(10.0).plan_steps(seconds_per_step=2.0, reserved=100.0, remembered=0) == pytest.approx(
        0.95 * 250, abs=2
    )


def test_plan_has_at_least_one_step():
    assert Budget(0.01).plan_steps(seconds_per_step=5.0, reserved=100.0, remembered=0) == 1


@pytest.mark.parametrize(("remembered", "used"), [(230, True), (255, True), (150, False), (300, False)])
def test_remembered_plan_is_used_where_it_fits(remembered, used):
    steps = Budget(10.0).plan_steps(seconds_per_step=2.0, reserved=100.0, remembered=remembered)
    assert (steps == remembered) == used


def test_memory_keeps_plans_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    PlanMemory("a").remember({"steps": 5})
    PlanMemory("b").remember({"steps": 6})
    assert PlanMemory("a").recall() == {"steps": 5}
    assert PlanMemory("c").recall() == {}
    (tmp_path / "dfutils" / "adaptation_plans.json").write_text("{damaged")
    assert PlanMemory("a").recall() == {}


def test_memory_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    PlanMemory("a").remember({"steps": 5})
    assert PlanMemory("a").recall() == {}
