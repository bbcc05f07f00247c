"""Collect what a report was made with: git commit, package versions, machine and data set."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from dfutils.versions import package_versions
from dfutils.workspace import project_root


def in_project(source: Path) -> str:
    """Return the data set's path relative to the project, or only its name if the data set is outside the project."""
    root = project_root()
    return source.relative_to(root).as_posix() if source.is_relative_to(root) else source.name


def collect_provenance() -> dict[str, Any]:
    """Return the git commit, the versions of the main packages, and the platform."""
    return {
        "git_commit": git_commit(),
        "versions": package_versions("matplotlib", "papermill", "nbconvert"),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU cores",
    }


def git_commit() -> str | None:
    """Return the git commit of the project, with `+changes` if files were changed; None outside a git clone."""
    clone = Path(__file__).resolve().parents[2]
    if not (clone / ".git").exists():
        return None
    try:

        def ask(*words: str) -> str:
            return subprocess.run(
                ["git", "-C", str(clone), *words], capture_output=True, text=True, check=True, timeout=20
            ).stdout.strip()

        return ask("rev-parse", "HEAD") + ("+changes" if ask("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None
