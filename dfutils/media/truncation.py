"""Detect truncated video files, such as incomplete downloads, from the structure of the container.

The frames of a truncated file may decode without an error. A container gives the length of each of its parts. If a part
would end after the end of the file, the file is truncated. Container formats: ISO/IEC 14496-12 (mp4), RFC 9559
(Matroska), Microsoft's ASF and RIFF specifications, ISO/IEC 13818-1 (MPEG), Adobe's FLV 10.1, RFC 3533 (Ogg), GIF89a.
"""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_TAIL = 1 << 17  # longer than any packet of MPEG or Ogg
# The IDs of Matroska's Segment and Cluster. In a live recording, their lengths are unknown.
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675


def is_cut_off(path: Path, container: str) -> bool:
    """Return whether a video file is truncated, so that the end of the video is missing.

    Args:
        path: Path. The video file.
        container: str. FFmpeg's name of the container format, such as `mov,mp4,m4a,3gp,3g2,mj2`.

    Returns:
        bool. False also if the container format does not allow a check.

    Raises:
        OSError: If the file cannot be read.
    """
    names = container.split(",")
    check = next((check for name, check in _CHECKS.items() if name in names), None)
    if check is None:
        return False
    with path.open("rb") as file:
        return check(file, path.stat().st_size)


def _walk(file: BinaryIO, size: int, header: int, length_of: Callable[[bytes], int]) -> bool:
    """Return whether the last part of a container would end after the end of the file.

    `length_of(head)` returns the length of the part with the header `head`, or 0 if the length is unknown.
    """
    at = 0
    while at + header <= size:
        file.seek(at)
        length = length_of(file.read(header))
        if length < 1:
            return False
        at += length
    return at > size


def _box(head: bytes) -> int:
    length: int
    kind: bytes
    long_length: int
    length, kind, long_length = struct.unpack(">I4sQ", head)
    if not kind.isalnum():
        return 0  # other data were appended to the video
    return long_length if length == 1 else length


def _riff(head: bytes) -> int:
    length: int = struct.unpack("<4xI", head)[0]
    return length and 8 + length + length % 2


def _asf(head: bytes) -> int:
    length: int = struct.unpack("<16xQ", head)[0]
    return length


def _matroska(head: bytes) -> int:
    id_length = 9 - head[0].bit_length()
    width = 9 - head[id_length].bit_length() if id_length <= 4 else 9
    if width > 8:
        return 0
    number = int.from_bytes(head[id_length : id_length + width]) - (1 << 7 * width)
    if number < (1 << 7 * width) - 1:
        return id_length + width + number
    is_open = int.from_bytes(head[:id_length]) in (_SEGMENT, _CLUSTER)
    return id_length + width if is_open else 0  # the length is unknown: check the parts inside


def _is_transport_stream_cut(file: BinaryIO, size: int) -> bool:
    head = file.read(1 << 10)
    for packet, sync in ((188, 0), (192, 4), (204, 0)):
        if len(head) > packet and set(head[sync::packet]) == {0x47}:
            return size % packet != 0
    return False


def _is_program_stream_cut(file: BinaryIO, size: int) -> bool:
    tail = _tail(file, size)
    codes = list(re.finditer(rb"\x00\x00\x01[\xb9-\xff]", tail))
    if not codes or codes[-1].group()[3] in (0xB9, 0xBA):  # an end code, or the header of a pack
        return False
    at = codes[-1].start()
    return len(tail) < at + 6 or len(tail) < at + 6 + int.from_bytes(tail[at + 4 : at + 6])


def _is_flv_cut(file: BinaryIO, size: int) -> bool:
    # In FLV, the length of each tag is written after the tag.
    at = size - 4 - int.from_bytes(_tail(file, size)[-4:])
    file.seek(max(at, 0))
    tag = file.read(4)
    return at < 9 or tag[0] not in (8, 9, 18) or at + 15 + int.from_bytes(tag[1:]) != size


def _is_gif_cut(file: BinaryIO, size: int) -> bool:
    return not _tail(file, size).rstrip(b"\0").endswith(b"\x3b")


def _is_ogg_cut(file: BinaryIO, size: int) -> bool:
    tail = _tail(file, size)
    page = tail[tail.rfind(b"OggS") :]
    return len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - _TAIL))
    return file.read()


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "mov": lambda file, size: _walk(file, size, 16, _box),
    "avi": lambda file, size: _walk(file, size, 8, _riff),
    "asf": lambda file, size: _walk(file, size, 24, _asf),
    "matroska": lambda file, size: _walk(file, size, 12, _matroska),
    "mpegts": _is_transport_stream_cut,
    "mpeg": _is_program_stream_cut,
    "flv": _is_flv_cut,
    "gif": _is_gif_cut,
    "ogg": _is_ogg_cut,
}
