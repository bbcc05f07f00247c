"""Compute the content key of a clip: a hash of its file. The store names files by content key."""

import hashlib
from pathlib import Path

from dfutils.media.files import media_of, stills

# Bytes that are hashed at the start and at the end of a file, and in each piece between them.
_END, _PIECE = 1 << 16, 1 << 11
# A folder may hold a thousand image files, so fewer bytes of each are hashed.
_END_OF_STILL = 1 << 12
_PIECES, _PIECES_OF_STILL = 64, 2


def content_key(path: Path) -> str:
    """Return the content key of a clip: a hash of its media type, its size, and bytes from all parts of the file.

    Bytes at the start, at the end and in pieces between them are hashed. A file with other content gets another key. A
    file that is moved or renamed keeps its key, unless its new suffix means another media type (video or image). The
    key of a folder of stills (image files that are the frames of one clip) is a hash of the image files, in order.

    Args:
        path: Path. A file, or a folder of stills.

    Returns:
        str. 32 hexadecimal digits.

    Raises:
        OSError: If the file or the folder cannot be read.
    """
    if not path.is_dir():
        return _hash_file(path, end=_END, pieces=_PIECES)
    digest = hashlib.blake2b(b"stills", digest_size=16)
    for picture in stills(path):
        digest.update(_hash_file(picture, end=_END_OF_STILL, pieces=_PIECES_OF_STILL).encode())
    return digest.hexdigest()


def _hash_file(path: Path, *, end: int, pieces: int) -> str:
    size = path.stat().st_size
    if path.suffix.lower() in (".bmp", ".tif", ".tiff"):
        # Uncompressed formats: a change in the middle may leave the size, the start and the end unchanged.
        end, pieces = size, _PIECES
    digest = hashlib.blake2b(f"{media_of(path.name)} {size}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(end))
        # An interrupted download may have the right size, start and end, but zeros in the middle.
        for piece in range(1, pieces) if size > 2 * end else ():
            file.seek(end + piece * (size - 2 * end) // pieces)
            digest.update(file.read(_PIECE))
        file.seek(max(min(end, size), size - end))
        digest.update(file.read(end))
    return digest.hexdigest()
