"""What a report would run, without running it."""

import pytest

from dfutils.errors import SettingsError
from dfutils.reporting.plan import plan_report
from dfutils.workspace import project_root


@pytest.fixture
def plan(make_series, home):
    """A function that plans a report of three notebooks, with these options."""
    folder = make_series("1", "2", "3")
    defaults = {"name": "demo", "data_root": None, "profile": "demo", "parameters": {}, "notebooks": folder}
    defaults |= {"jobs": None, "only": (), "start": "", "cell_limit": None}
    return lambda **options: plan_report(**defaults | options)


def test_plan_names_what_runs_with_which_values(plan):
    found = plan(parameters={"epochs": "9"}, only=["02"], cell_limit=30)
    assert found.series == ["01_a", "02_b", "03_c"]
    (job,) = found.jobs
    assert (job.name, job.cell_limit) == ("02_b", 30)
    assert job.values == {"workspace": "demo", "epochs": 9}
    assert job.needs == frozenset()  # what does not run is not waited for
    assert found.facts["parameters"]["03_c"] == {"workspace": "demo", "epochs": 9, "fast": False}
    assert found.directory == project_root() / "reports" / "demo"
    assert not found.again


def test_without_names_a_notebook_needs_all_before_it(plan):
    assert [set(job.needs) for job in plan().jobs] == [set(), {"01_a"}, {"01_a", "02_b"}]


def test_no_more_notebooks_at_a_time_than_cores(plan, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert plan(jobs=8).at_a_time == 1
    assert plan().at_a_time == 1


def test_planning_writes_nothing_and_refuses_unknown_parameters(plan, home):
    before = sorted(home.rglob("*"))
    with pytest.raises(SettingsError, match="No notebook has a parameter 'epoch'. Did you mean 'epochs'"):
        plan(parameters={"epoch": 1})
    plan()
    assert sorted(home.rglob("*")) == before
