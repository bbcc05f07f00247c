"""Read from an MP4 or MOV file how much later than it is decoded each frame is shown."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dfutils.media.truncation import top_boxes

_MOST_BYTES = 1 << 28  # of a header; a day of video has about 1 << 26


def display_delays(path: Path, track: int, count: int) -> np.ndarray | None:
    """Return how much later than it is decoded each frame of a track is shown (ISO/IEC 14496-12, section 8.6.1.3).

    Args:
        path: Path. An MP4 or MOV file.
        track: int. The number of the track, `stream.id` in PyAV.
        count: int. The number of frames in the track.

    Returns:
        int64 array [count]. In the order of decoding, and in units of the track's time stamps. None if the header does
        not state it for so many frames.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        begin, length = top_boxes(file, size).get("moov", (0, 0))
        if not 8 < length <= _MOST_BYTES:
            return None
        file.seek(begin)
        header = file.read(length)
    for trak in _inside(header[8:], "trak"):
        if track not in [_track_number(tkhd) for tkhd in _inside(trak, "tkhd")]:
            continue
        tables = [
            stbl
            for mdia in _inside(trak, "mdia")
            for minf in _inside(mdia, "minf")
            for stbl in _inside(minf, "stbl")
        ]
        delays = [_delays(ctts, count) for stbl in tables for ctts in _inside(stbl, "ctts")]
        # Without a table, frames are shown in the order of decoding.
        return next(iter(delays), np.zeros(count, np.int64)) if tables else None
    return None


def _inside(content: bytes, name: str) -> Iterator[bytes]:
    """Yield the contents of the boxes with this name that are next to each other in a box."""
    begin = 0
    while begin + 8 <= len(content):
        length = int.from_bytes(content[begin : begin + 4], "big")
        if length < 8:  # zero: up to the end; one: more than 4 GB, which no header has
            length = len(content) - begin
        if content[begin + 4 : begin + 8] == name.encode():
            yield content[begin + 8 : begin + length]
        begin += length


def _track_number(tkhd: bytes) -> int:
    at = 20 if tkhd[:1] == b"\1" else 12  # version 1 has times of 64 bits
    return int.from_bytes(tkhd[at : at + 4], "big")


def _delays(ctts: bytes, count: int) -> np.ndarray | None:
    """Return the delay of each frame from a table of (number of frames, delay), or None if it has other frames."""
    pairs = np.frombuffer(ctts[8 : 8 + len(ctts[8:]) // 8 * 8], ">u4").reshape(-1, 2)
    if int(pairs[:, 0].sum(dtype=np.uint64)) != count:
        return None
    # Version 0 has unsigned numbers, but many writers store negative ones in it.
    return np.repeat(pairs[:, 1].astype(np.uint32).view(np.int32).astype(np.int64), pairs[:, 0])
