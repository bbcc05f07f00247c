"""The checks of this machine, and of machines on which something is wrong."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from dfutils import doctor, requirements
from dfutils.workspace import Workspace

ALL = [
    "Python",
    "Packages",
    "Notebooks",
    "TensorFlow",
    "Video",
    "Processor",
    "Memory",
    "Disk",
    "Weights",
    "Fonts",
    "Port",
    "Data",
]


def result_of(name):
    """Return the result of one check without running the others."""
    return getattr(doctor, f"_{name}")()


def run_doctor(*options, path=""):
    """Run the command in a process of its own, with a folder of broken packages first on the path."""
    return subprocess.run(
        [sys.executable, "-m", "dfutils", "doctor", *options],
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_check_has_a_result_and_a_remedy_for_each_problem(home):
    found = list(doctor.examine())
    assert [check.name for check in found] == ALL
    assert not [check.found for check in found if "The check failed" in check.found]
    assert all(check.remedy for check in found if check.status == "problem")
    own = {check.name: check for check in found}
    assert own["TensorFlow"].status in ("ok", "note")
    for name in ("Python", "Packages", "Notebooks", "Video"):
        assert own[name].status == "ok", own[name]


@pytest.mark.slow
def test_broken_packages_are_named_and_the_other_checks_run(tmp_path, home):
    (tmp_path / "keras.py").write_text("raise ImportError('no such symbol')")
    (tmp_path / "pandas.py").write_text("raise ValueError('numpy.dtype size changed')")
    run = run_doctor("--json", path=tmp_path)
    assert run.returncode == 1, run.stderr
    found = {check["name"]: check for check in json.loads(run.stdout)}
    assert list(found) == ALL
    assert found["TensorFlow"]["found"] == "It does not start: ImportError: no such symbol"
    assert "numpy.dtype size changed" in found["Data"]["found"]
    assert found["Video"]["status"] == "ok"


def test_processor_without_the_instructions_of_tensorflow_is_named(tmp_path, monkeypatch):
    (tmp_path / "keras.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "lacks an instruction" in result_of("tensorflow").found


def test_missing_and_old_packages_are_named_with_the_command(monkeypatch):
    versions = {"av": None, "click": "7.0", "jupyterlab": "3.0"}
    monkeypatch.setattr(requirements, "_version", lambda name: versions.get(name, "999"))
    found = result_of("packages")
    assert (found.status, found.found) == ("problem", "Missing or too old: av, click 7.0.")
    assert found.remedy == "pip install --upgrade 'av>=17.1' 'click>=8.2'"
    assert "jupyterlab 3.0" in result_of("notebook_packages").found


def test_full_and_read_only_disks_are_problems(home, monkeypatch):
    assert result_of("disk").status == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 10**9))
    assert result_of("disk").remedy.startswith("Free 2 GB")
    monkeypatch.setenv("DFUTILS_HOME", "/proc/nobody writes here")
    assert "Nothing can be written" in result_of("disk").found


def test_port_in_use_is_a_note():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(doctor, "_JUPYTER_PORT", one.getsockname()[1])
            assert result_of("port").status == "note"


def test_data_sets_are_listed_and_lost_ones_are_named(home, tmp_path):
    assert result_of("data").found.startswith("None yet")
    (tmp_path / "videos").mkdir()
    Workspace("mine").remember(data_source=str(tmp_path / "videos"))
    assert result_of("data").found == f"Data sets: mine ({tmp_path / 'videos'})"
    Workspace("gone").remember(data_source=str(tmp_path / "nowhere"))
    assert result_of("data").status == "note"
    assert "gone" in result_of("data").found


def test_weights_that_are_there_need_no_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    missing = result_of("weights")
    assert missing.status == "note"
    file = tmp_path / "models" / missing.remedy.split()[3]
    file.parent.mkdir()
    file.write_bytes(b"x")
    assert result_of("weights").status == "ok"
