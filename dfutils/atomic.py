"""Write files and folders atomically, so that an interrupted write leaves the old one unchanged."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: Path, *, folder: Path | None = None) -> Iterator[Path]:
    """Yield a temporary file that replaces the file `path` when the `with` block ends without an error.

    Other programs never see a partly written file. An interrupted write leaves the old file unchanged.

    Args:
        path: Path. The file to write. A missing folder is created.
        folder: Path or None. The folder of the temporary file. It must be on the same disk as `path`.
            Defaults to the folder of `path`.

    Yields:
        Path. An existing empty file with the same suffix.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".partial-", suffix=path.suffix, dir=folder or path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that replaces `folder` when the `with` block ends without an error.

    An interrupted write leaves the old folder unchanged. If the machine stops in the moment in which the folders are
    exchanged, `complete_folder` finds the old one.

    Args:
        folder: Path. The folder to write. A missing parent is created.

    Yields:
        Path. An empty folder.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    previous = _previous(folder)
    try:
        yield temporary
        temporary.chmod(0o755)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)
            folder.replace(previous)
        temporary.replace(folder)
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def complete_folder(folder: Path) -> Path:
    """Return the folder, or the one that it was about to replace when the machine stopped."""
    previous = _previous(folder)
    return previous if previous.is_dir() and not folder.exists() else folder


def _previous(folder: Path) -> Path:
    return folder.with_name(f".previous-{folder.name}")
