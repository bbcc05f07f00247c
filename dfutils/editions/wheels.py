"""Build the wheel of dfutils, and download the wheels that a machine without internet needs."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dfutils.errors import DataError, SettingsError
from dfutils.platforms import WHEELS
from dfutils.requirements import all_requirements, package_name, pip_error

# What Colab and Kaggle have. Their versions are kept.
_ON_PLATFORMS = {
    "h5py",
    "keras",
    "matplotlib",
    "ml-dtypes",
    "numpy",
    "opencv-python",
    "pandas",
    "scipy",
    "tensorflow",
}


@contextlib.contextmanager
def build_wheel() -> Iterator[Path]:
    """Build the wheel of dfutils in a temporary folder: `with build_wheel() as wheel: …`.

    Raises:
        SettingsError: If dfutils does not run from its repository.
        DataError: If the wheel cannot be built.
    """
    clone = Path(__file__).resolve().parents[2]
    if not (clone / "pyproject.toml").is_file():
        raise SettingsError("The wheel is built from the repository. Clone it and run `make upload` there.")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        _run([*command, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, str(clone)], "built")
        yield next(Path(folder).glob("*.whl"))


def write_wheels(folder: str | Path, *, python: str = "") -> list[Path]:
    """Download what dfutils needs beyond the packages of Colab and Kaggle, for Linux on x86-64.

    Args:
        folder: str or Path. Where the wheels and a list of them are written. The notebooks find the folder by the list.
        python: str. The Python version of the machine that will install them, such as `3.12`. Defaults to `""`: this
            Python's version.

    Returns:
        list of Path. The wheels.

    Raises:
        DataError: If pip cannot download them.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    version = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    own = [need for need in all_requirements("reports") if package_name(need) not in _ON_PLATFORMS]
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        kind = ["--only-binary", ":all:", "--python-version", version, "--implementation", "cp"]
        for platform in ("manylinux2014_x86_64", "manylinux_2_28_x86_64"):
            kind += ["--platform", platform]
        _run([*command, *kind, "--dest", scratch, *own], "downloaded")
        for stale in target.glob("*.whl"):
            stale.unlink()
        for wheel in sorted(Path(scratch).glob("*.whl")):
            if package_name(wheel.name.partition("-")[0]) not in _ON_PLATFORMS:
                (target / wheel.name).write_bytes(wheel.read_bytes())
    wheels = sorted(target.glob("*.whl"))
    content = {"python": version, "wheels": [wheel.name for wheel in wheels]}
    (target / f"{WHEELS}.json").write_text(json.dumps(content, indent=2) + "\n")
    return wheels


def _run(command: list[str], done: str) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise DataError(f"The wheels could not be {done}: {pip_error(run.stderr)}")
