"""Notebooks run as soon as what they need is finished, and an interruption leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dfutils.reporting.execution import NotebookJob, run_notebooks

pytestmark = pytest.mark.slow


@pytest.fixture
def make_jobs(make_series, tmp_path):
    """A function that makes jobs of notebooks with these last cells; `needs` are the letters of their names."""

    def make(*sources, needs):
        folder = make_series(*sources)
        names = {path.stem[-1]: path.stem for path in folder.glob("*.ipynb")}
        return [
            NotebookJob(path, tmp_path / path.name, {}, frozenset(names[letter] for letter in letters))
            for path, letters in zip(sorted(folder.glob("*.ipynb")), needs, strict=True)
        ]

    return make


# Each notebook tells the other one that it has started, and waits for it.
MEET = """
import time
from pathlib import Path
Path({folder!r}, {own!r}).touch()
end = time.time() + 60
while not Path({folder!r}, {other!r}).exists():
    assert time.time() < end, "the other notebook did not start"
    time.sleep(0.05)
"""


def test_two_notebooks_run_at_the_same_time_and_the_third_waits_for_both(make_jobs, tmp_path):
    first = MEET.format(folder=str(tmp_path), own="a", other="b")
    second = MEET.format(folder=str(tmp_path), own="b", other="a")
    jobs, started = make_jobs(first, second, "1", needs=["", "", "ab"]), []
    finished = list(run_notebooks(jobs, at_a_time=2, started=started.append))
    assert started == ["01_a", "02_b", "03_c"]
    assert {one.name for one in finished} == {"01_a", "02_b", "03_c"}
    assert finished[-1].name == "03_c"
    assert [one.trouble for one in finished] == ["", "", ""]
    assert all(one.seconds > 0 for one in finished)
    assert all(job.executed.is_file() for job in jobs)


def test_the_most_urgent_notebook_starts_first(make_jobs):
    jobs, started = make_jobs("1", "1", "1", needs=["", "", ""]), []
    jobs = [job._replace(urgency=urgency) for job, urgency in zip(jobs, (1, 3, 2), strict=True)]
    list(run_notebooks(jobs, at_a_time=2, started=started.append))
    assert started == ["02_b", "03_c", "01_a"]


def test_notebooks_get_their_number_of_threads(make_jobs, monkeypatch):
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    asks = "import os\nassert os.environ.get('TF_NUM_INTRAOP_THREADS') == {!r}"
    jobs = make_jobs(asks.format("1"), asks.format(None), needs=["", ""])
    jobs = [jobs[0]._replace(threads=1), jobs[1]]
    assert [one.trouble for one in run_notebooks(jobs, at_a_time=2)] == ["", ""]


@pytest.mark.parametrize("at_a_time", [1, 2])
def test_after_a_failure_nothing_more_is_started(make_jobs, at_a_time):
    jobs = make_jobs("raise ValueError('on purpose')", "1", "1", needs=["", "a", "a"])
    finished = list(run_notebooks(jobs, at_a_time=at_a_time))
    assert [(one.name, one.trouble) for one in finished] == [("01_a", "ValueError: on purpose")]


def test_dead_kernel_is_a_failure(make_jobs):
    (finished,) = run_notebooks(make_jobs("import os\nos._exit(1)", needs=[""]), at_a_time=2)
    assert finished.trouble


def test_notebooks_run_next_to_each_other_where_tensorflow_was_used(make_jobs):
    """Its threads must not be copied: a copy of a lock that a thread holds is never released."""
    import tensorflow as tf

    tf.random.normal((200, 200)) @ tf.random.normal((200, 200))
    jobs = make_jobs("1", "1", needs=["", ""])
    assert [one.trouble for one in run_notebooks(jobs, at_a_time=2)] == ["", ""]


def test_notebooks_see_the_folder_and_the_environment_of_now(make_jobs, tmp_path, monkeypatch):
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        monkeypatch.setenv("DFUTILS_HOME", place)
        checks = f"import os\nassert (os.environ['DFUTILS_HOME'], os.path.basename(os.getcwd())) == ({place!r},) * 2"
        (finished,) = run_notebooks(make_jobs(checks, needs=[""]), at_a_time=2)
        assert finished.trouble == ""


def test_interruption_stops_the_kernels_too(make_jobs, tmp_path):
    """The interrupted program is a process of its own, as it is in a terminal."""
    waits = f"""
import os, time
from pathlib import Path
Path({str(tmp_path)!r}, f"kernel-{{os.getpid()}}").touch()
time.sleep(300)
"""
    make_jobs(waits, waits, needs=["", ""])
    program = f"""
import signal
from pathlib import Path
from dfutils.reporting.execution import NotebookJob, run_notebooks
if __name__ == "__main__":
    # A shell that starts the tests in the background lets them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    paths = sorted(Path({str(tmp_path / "notebooks")!r}).glob("*.ipynb"))
    jobs = [NotebookJob(path, Path({str(tmp_path)!r}, path.name), {{}}, frozenset()) for path in paths]
    list(run_notebooks(jobs, at_a_time=2))
"""
    script = tmp_path / "program.py"
    script.write_text(program)
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 180
    while len(list(tmp_path.glob("kernel-*"))) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    kernels = [int(path.name.partition("-")[2]) for path in tmp_path.glob("kernel-*")]
    assert len(kernels) == 2
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    end = time.monotonic() + 10
    while any(is_running(pid) for pid in kernels) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(is_running(pid) for pid in kernels)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z")
