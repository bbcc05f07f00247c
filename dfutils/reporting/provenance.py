"""Where a report comes from: commit, versions, machine, data."""

import contextlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dfutils import __version__
from dfutils.workspace import project_root

_PACKAGES = (
    "tensorflow",
    "keras",
    "keras-tuner",
    "numpy",
    "pandas",
    "scikit-learn",
    "opencv-python",
    "av",
    "mtcnn",
    "matplotlib",
    "papermill",
    "nbconvert",
)


def in_project(source: Path) -> str:
    """Return where the data lies without telling the machine's folders to whoever reads the report."""
    root = project_root()
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else source.name


def provenance() -> dict:
    versions = {}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return {
        "git_commit": _git_commit(),
        "versions": {"dfutils": __version__, "python": platform.python_version(), **versions},
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores",
    }


def _git_commit() -> str | None:
    """Return the clone's commit, with `+changes` where files differ from it; None outside a clone."""
    clone = Path(__file__).resolve().parents[2]
    if not (clone / ".git").exists():
        return None
    try:

        def ask(*words):
            return subprocess.run(
                ["git", "-C", str(clone), *words], capture_output=True, text=True, check=True, timeout=20
            ).stdout.strip()

        return ask("rev-parse", "HEAD") + ("+changes" if ask("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None
