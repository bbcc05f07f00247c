"""Hash a judged file, so that a record can be matched with the file later."""

import hashlib
from pathlib import Path

from dfutils.hashing import sha256_of_file
from dfutils.media.files import stills


def size_of_file(path: Path) -> int:
    """Return the size of a file in bytes; 0 for a folder, and if there is no such file."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError):
        return 0


def sha256_of_clip(path: Path) -> str:
    """Return the SHA-256 of a clip, 64 hexadecimal digits, or `""` if it cannot be read.

    Of a file, it is what `sha256sum FILE` prints. Of a folder of stills, it is the hash of what `sha256sum` prints for
    its image files, in their order, without the folder in the names.

    Args:
        path: Path. A file, or a folder of stills.
    """
    try:
        if path.is_file():
            return sha256_of_file(path)
        pictures = stills(path) if path.is_dir() else []
        lines = [f"{sha256_of_file(picture)}  {picture.name}\n" for picture in pictures]
    except (OSError, ValueError):
        return ""
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest() if lines else ""
