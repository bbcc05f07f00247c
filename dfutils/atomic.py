"""Write files atomically, so that an interrupted write leaves the old file unchanged."""

import os
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
