"""Detect truncated video files, such as incomplete downloads, from the structure of the container.

The frames of a truncated file may decode without an error. A container gives the length of each of its parts. If a part
would end after the end of the file, the file is truncated. Other data may follow a complete video, such as the trailer
of a phone or a text: what does not begin like a part of the container is not counted.

Container formats: ISO/IEC 14496-12 (mp4), RFC 9559 (Matroska), Microsoft's ASF and RIFF specifications, ISO/IEC 13818-1
(MPEG), Adobe's FLV 10.1, RFC 3533 (Ogg), GIF89a.
"""

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_TAIL = 1 << 17  # longer than any packet of MPEG or Ogg
_BOX_HEADER = 16  # bytes, with the long form of the length
_SYNC = 0x47  # the first byte of a packet of MPEG-TS
# The parts of each container, as far as they can stand at its top level.
_BOXES = set(
    b"ftyp styp moov mdat moof mfra sidx ssix prft emsg meta uuid free skip wide udta pdin pnot PICT".split()
)
_RIFF_CHUNKS = {b"RIFF", b"LIST", b"JUNK", b"idx1"}
_ASF_OBJECTS = {  # header, data, simple index, index, media object index, timecode index
    bytes.fromhex(digits)
    for digits in (
        "3026b2758e66cf11a6d900aa0062ce6c", "3626b2758e66cf11a6d900aa0062ce6c", "90080033b1e5cf1189f400a0c90349cb",
        "d329e2d6da35d111903400a0c90349be", "f803b1fead12644c840f2a1d2f7ad48c", "d03fb73c4a0c0348953dedf7b6228f0c",
    )
}  # fmt: skip
# The IDs of Matroska's Segment and Cluster. In a live recording, their lengths are unknown.
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_MATROSKA_ELEMENTS = {
    *(0x1A45DFA3, _SEGMENT, _CLUSTER),
    # In a Segment: SeekHead, Info, Tracks, Cues, Chapters, Tags, Attachments, Void, CRC-32.
    *(0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0x1941A469, 0xEC, 0xBF),
    # In a Cluster: Timestamp, SilentTracks, Position, PrevSize, SimpleBlock, BlockGroup, EncryptedBlock.
    *(0xE7, 0x5854, 0xA7, 0xAB, 0xA3, 0xA0, 0xAF),
}
_FLV_TAGS = {8, 9, 18}  # sound, video, script data


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


def top_boxes(file: BinaryIO, size: int) -> dict[str, tuple[int, int]]:
    """Return the boxes at the top level of an MP4 or MOV file. Of boxes with one name, the first one counts.

    Args:
        file: binary file.
        size: int. Bytes in the file.

    Returns:
        dict of name to (begin, length) in bytes. A box may end after the end of the file.
    """
    boxes: dict[str, tuple[int, int]] = {}
    for begin, head, length in _parts(file, size, _BOX_HEADER, _box):
        if head[4:8] in _BOXES:
            boxes.setdefault(head[4:8].decode(), (begin, length or size - begin))
    return boxes


def _parts(
    file: BinaryIO, size: int, header: int, length_of: Callable[[bytes], int], *, begin: int = 0
) -> Iterator[tuple[int, bytes, int]]:
    """Yield the parts of a container, up to the first one of unknown length: begin, header and length in bytes.

    `length_of(head)` returns the length of the part with the header `head`, or 0 if the length is unknown, or `head` is
    not the header of a part.
    """
    at = begin
    while at < size:
        file.seek(at)
        head = file.read(header).ljust(header, b"\0")
        length = length_of(head)
        yield at, head, length
        if length < 1:
            return
        at += length


def _walk(
    file: BinaryIO, size: int, header: int, length_of: Callable[[bytes], int], *, begin: int = 0
) -> bool:
    """Return whether the last part of a container would end after the end of the file."""
    parts = _parts(file, size, header, length_of, begin=begin)
    return max((at + length for at, _, length in parts), default=0) > size


def _box(head: bytes) -> int:
    length: int
    kind: bytes
    long_length: int
    length, kind, long_length = struct.unpack(">I4sQ", head)
    if kind not in _BOXES:
        return 0
    return long_length if length == 1 else length


def _riff(head: bytes) -> int:
    length: int = struct.unpack("<4xI", head)[0]
    return 8 + length + length % 2 if length and head[:4] in _RIFF_CHUNKS else 0


def _asf(head: bytes) -> int:
    length: int = struct.unpack("<16xQ", head)[0]
    return length if head[:16] in _ASF_OBJECTS else 0


def _matroska(head: bytes) -> int:
    id_length = 9 - head[0].bit_length()
    width = 9 - head[id_length].bit_length() if id_length <= 4 else 9
    if width > 8 or int.from_bytes(head[:id_length]) not in _MATROSKA_ELEMENTS:
        return 0
    number = int.from_bytes(head[id_length : id_length + width]) - (1 << 7 * width)
    if number < (1 << 7 * width) - 1:
        return id_length + width + number
    is_open = int.from_bytes(head[:id_length]) in (_SEGMENT, _CLUSTER)
    return id_length + width if is_open else 0  # the length is unknown: check the parts inside


def _is_transport_stream_cut(file: BinaryIO, size: int) -> bool:
    head = file.read(1 << 10)
    for packet, sync in ((188, 0), (192, 4), (204, 0)):
        if len(head) > packet and set(head[sync::packet]) == {_SYNC}:
            rest = size % packet
            file.seek(size - rest - packet)
            last = file.read()
            # Without the sync byte, what follows the last packet is not the beginning of a packet.
            return len(last) > packet + sync and last[sync] == last[packet + sync] == _SYNC
    return False


def _is_program_stream_cut(file: BinaryIO, size: int) -> bool:
    tail = _tail(file, size)
    codes = list(re.finditer(rb"\x00\x00\x01[\xb9-\xff]", tail))
    if not codes or codes[-1].group()[3] in (0xB9, 0xBA):  # an end code, or the header of a pack
        return False
    at = codes[-1].start()
    return len(tail) < at + 6 or len(tail) < at + 6 + int.from_bytes(tail[at + 4 : at + 6])


def _is_flv_cut(file: BinaryIO, size: int) -> bool:
    # In FLV, the length of each tag is written after the tag. If the last one is right, nothing is missing.
    at = size - 4 - int.from_bytes(_tail(file, size)[-4:])
    if at >= 9:
        file.seek(at)
        tag = file.read(4)
        if tag[0] in _FLV_TAGS and at + 15 + int.from_bytes(tag[1:]) == size:
            return False
    file.seek(0)
    head = file.read(9)
    begin = int.from_bytes(head[5:9]) + 4
    return size <= begin or _walk(file, size, 4, _flv_tag, begin=begin)


def _flv_tag(head: bytes) -> int:
    return 15 + int.from_bytes(head[1:]) if head[0] in _FLV_TAGS else 0


def _is_gif_cut(file: BinaryIO, size: int) -> bool:
    if _tail(file, size).rstrip(b"\0").endswith(b"\x3b"):
        return False
    file.seek(10)
    _skip_colours(file)
    file.seek(2, 1)
    while kind := file.read(1):
        if kind == b"\x2c":  # an image
            file.seek(8, 1)
            _skip_colours(file)
            file.seek(1, 1)
        elif kind == b"\x21":  # an extension
            file.seek(1, 1)
        else:
            return False  # the end, or no part of a GIF
        while length := file.read(1):  # blocks, up to an empty one
            if length == b"\0":
                break
            file.seek(length[0], 1)
    return True


def _skip_colours(file: BinaryIO) -> None:
    flags = int.from_bytes(file.read(1))
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)


def _is_ogg_cut(file: BinaryIO, size: int) -> bool:
    tail = _tail(file, size)
    page = tail[tail.rfind(b"OggS") :]
    return len(page) < 27 or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - _TAIL))
    return file.read()


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "mov": lambda file, size: _walk(file, size, _BOX_HEADER, _box),
    "avi": lambda file, size: _walk(file, size, 8, _riff),
    "asf": lambda file, size: _walk(file, size, 24, _asf),
    "matroska": lambda file, size: _walk(file, size, 12, _matroska),
    "mpegts": _is_transport_stream_cut,
    "mpeg": _is_program_stream_cut,
    "flv": _is_flv_cut,
    "gif": _is_gif_cut,
    "ogg": _is_ogg_cut,
}
