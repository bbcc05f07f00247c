"""The key of a clip's content, under which its features are stored."""

import hashlib
from pathlib import Path

from dfutils.media.files import media_of, stills

# Bytes read at the head and at the tail of a file, and of each piece between them.
_END, _PIECE = 1 << 16, 1 << 11
# A folder may hold a thousand stills, so fewer bytes of each are read.
_END_OF_STILL = 1 << 12
_PIECES, _PIECES_OF_STILL = 64, 2


def content_key(path: Path) -> str:
    """Return the key of a clip's content: a hash of its kind, its size, its head, its tail and pieces between them.

    A file that is replaced gets another key. A file that is moved or renamed keeps its key, unless the new suffix makes
    it a clip of another kind (a video, a picture). The key of a folder of stills is a hash of its pictures, in order.

    Args:
        path: Path. A file, or a folder of stills.

    Returns:
        str. 32 hexadecimal digits.

    Raises:
        OSError: If it cannot be read.
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
        # Uncompressed: a change inside may leave the size, the head and the tail as they were.
        end, pieces = size, _PIECES
    digest = hashlib.blake2b(f"{media_of(path.name)} {size}".encode(), digest_size=16)
    with path.open("rb") as file:
        digest.update(file.read(end))
        # An interrupted download may leave zeros in the middle, with the right size, head and tail.
        for piece in range(1, pieces) if size > 2 * end else ():
            file.seek(end + piece * (size - 2 * end) // pieces)
            digest.update(file.read(_PIECE))
        file.seek(max(min(end, size), size - end))
        digest.update(file.read(end))
    return digest.hexdigest()
