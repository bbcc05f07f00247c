"""The wheels for a machine without internet."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from dfutils.editions import build_wheel, write_wheels
from dfutils.errors import DataError


@pytest.fixture
def downloads(monkeypatch):
    """Commands that are run instead of pip. Each one writes two empty wheels."""
    commands = []

    def run(command, **options):
        commands.append(command)
        folder = Path(command[command.index("--dest") + 1])
        for name in (
            "av-18.1-cp311-abi3-x.whl",
            "numpy-2.4-cp311-cp311-x.whl",
            "opencv_python-5-cp311-x.whl",
        ):
            (folder / name).touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_packages_of_the_platforms_are_not_among_the_wheels(downloads, tmp_path):
    (tmp_path / "old-1-py3-none-any.whl").touch()
    wheels = write_wheels(tmp_path, python="3.12")
    assert [path.name for path in wheels] == ["av-18.1-cp311-abi3-x.whl"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "av-18.1-cp311-abi3-x.whl",
        "dfutils-wheels.json",
    ]
    content = json.loads((tmp_path / "dfutils-wheels.json").read_text())
    assert content == {"python": "3.12", "wheels": ["av-18.1-cp311-abi3-x.whl"]}
    (command,) = downloads
    assert command[command.index("--python-version") + 1] == "3.12"
    assert not [word for word in command if word.startswith(("tensorflow", "numpy", "opencv"))]
    assert [word for word in command if word.startswith(("av>=", "papermill>="))]


def test_failed_download_names_the_reason_and_leaves_the_folder_alone(tmp_path, monkeypatch):
    (tmp_path / "old-1-py3-none-any.whl").touch()
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: no such host")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: failed)
    with pytest.raises(DataError, match="could not be downloaded: no such host"):
        write_wheels(tmp_path)
    assert (tmp_path / "old-1-py3-none-any.whl").exists()


@pytest.mark.slow
def test_wheel_of_dfutils_names_its_requirements():
    with build_wheel() as wheel, zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        assert b"Requires-Dist: av>=17.1" in archive.read(metadata)
    assert not wheel.exists()
