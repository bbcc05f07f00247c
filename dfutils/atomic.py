"""Write a file as a whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: Path, *, folder: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path, which takes the place of `path` when the block ends well.

    A reader never sees half a file, and an interrupted write leaves the old one as it was.

    Args:
        path: Path. Its folder is made if missing.
        folder: Path. Where the temporary file lies, on the same disk. Defaults to beside `path`.
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
