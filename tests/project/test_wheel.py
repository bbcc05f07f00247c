"""The wheel, used outside the clone: that is what an installed user has."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that the wheel was unpacked into."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(CLONE)]
    run = subprocess.run([*build, "--wheel-dir", str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (wheel,) = folder.glob("dfutils-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run_python(installed, folder, *words):
    """Run Python in another folder, with the unpacked wheel before the clone."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("DFUTILS_HOME", None)
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_holds_every_module_and_every_data_file(installed):
    shipped = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    kinds = ("*.py", "*.npz", "*.png", "*.j2", "*.json", "*.css", "py.typed")
    wanted = {
        path.relative_to(CLONE).as_posix() for kind in kinds for path in (CLONE / "dfutils").rglob(kind)
    }
    assert wanted <= shipped
    assert not any(name.startswith("tests/") for name in shipped)


def test_wheel_is_what_runs(installed, tmp_path):
    run = run_python(installed, tmp_path, "-c", "import dfutils; print(dfutils.__file__)")
    assert run.stdout.strip() == str(installed / "dfutils" / "__init__.py")


def test_installed_user_goes_from_videos_to_features(installed, tmp_path, demo_dir):
    assert (
        run_python(installed, tmp_path, "-m", "dfutils", "catalog", demo_dir, "-o", "catalog.csv").returncode
        == 0
    )
    (tmp_path / "few.csv").write_text("".join((tmp_path / "catalog.csv").open().readlines()[:3]))
    words = (
        "few.csv",
        "--root",
        demo_dir,
        "--store",
        "features",
        "--frames",
        2,
        "--weights",
        "random",
        "--layers",
    )
    run = run_python(installed, tmp_path, "-m", "dfutils", "extract", *words, "mixed0", "--face", "none")
    assert run.returncode == 0, run.stderr
    assert "2 of 2 clips extracted now" in run.stdout


def test_installed_user_is_told_where_the_notebooks_are(installed, tmp_path):
    run = run_python(installed, tmp_path, "-m", "dfutils", "report")
    assert run.returncode == 2
    assert "Clone the repository" in run.stderr
    assert not (tmp_path / "reports").exists()


def test_artefacts_of_an_installed_user_are_kept_in_the_working_folder(installed, tmp_path):
    code = "from dfutils.workspace import Workspace; print(Workspace('mine').path)"
    assert run_python(installed, tmp_path, "-c", code).stdout.strip() == str(tmp_path / "data" / "mine")
