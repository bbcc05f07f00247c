"""List the frames of a video without decoding them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfutils.errors import ClipError
from dfutils.media.mp4_times import display_delays
from dfutils.media.opening import OpenVideo, open_video


class IrregularVideo(Exception):
    """The index or the packets of a video are wrong: the whole video must be decoded to find its frames."""


@dataclass(frozen=True)
class VideoFile:
    """The path of a video and the settings for decoding it.

    Args:
        path: Path. The video file.
        max_side: int. Largest longer side of a decoded frame in pixels.
        threads: int. Threads that decode; 0 for as many as there are cores.
        strict: bool. Raise an error if data is damaged. If False, the decoder replaces damaged parts of a picture
            with estimated pixels, without a message. Defaults to True.
    """

    path: Path
    max_side: int
    threads: int
    strict: bool = True

    def open(self) -> OpenVideo:
        """Open the video file. Use the result in a `with` block."""
        video = open_video(self.path, threads=self.threads)
        if self.strict:
            video.stream.codec_context.options = {"err_detect": "explode"}
        return video


@dataclass(frozen=True)
class Timeline:
    """The times of all frames of a video, and the packets at which decoding can start.

    Args:
        times: float64 array [N]. Time of each frame, in seconds from the first frame that is shown, ascending.
        visible: int64 array [V]. Positions of the frames that are shown and undamaged, ascending. A video that was
            trimmed without encoding it again keeps frames that are only decoded: negative times, or times after the
            end.
        keys: int64 array [K]. Numbers of the packets at which decoding can start, ascending; the first is 0.
        key_positions: int64 array [K]. Positions of their frames, ascending. In an open GOP, frames that are stored
            after a keyframe are shown before it.
        packets: int64 array [N]. Number of the packet of each frame.
        stamps: list of int or None [N]. Decoding time stamp of each packet, in the order of decoding.
        damaged: int. Number of damaged packets.
        spoilt: int. Number of other packets that build on the damaged ones.
        start: float. Time stamp of the first frame, in seconds.
        step: float. Seconds per unit of a time stamp.
    """

    times: np.ndarray
    visible: np.ndarray
    keys: np.ndarray
    key_positions: np.ndarray
    packets: np.ndarray
    stamps: list[int | None]
    damaged: int
    spoilt: int
    start: float
    step: float


def scan(video: VideoFile) -> Timeline:
    """List the frames of a video from its index. If the index is incomplete, list them from the packets.

    Args:
        video: VideoFile. The video file.

    Returns:
        Timeline.

    Raises:
        IrregularVideo: If a packet has no time stamp, time stamps decrease, or all frames build on damaged packets.
        ClipError: With status `unreadable` if the header says that the file has more frames than bytes.
    """
    with video.open() as opened:
        stream = opened.stream
        step = float(stream.time_base or 0)
        size = video.path.stat().st_size
        if stream.frames > size:
            raise ClipError("unreadable", f"its header promises {stream.frames} frames in {size} bytes")
        listing = _read_index(video.path, opened, size) or _read_packets(opened)
    if not listing.stamps or None in listing.shown or not step:
        raise IrregularVideo
    decoded = np.array([stamp for stamp in listing.stamps if stamp is not None])
    if (np.diff(decoded) < 0).any():  # such as several files in one, each of which starts at zero
        raise IrregularVideo
    shown = np.array(listing.shown, np.float64)
    order = np.argsort(shown, kind="stable")
    shown = shown[order]
    keys = np.array(sorted({0, *listing.keys} - listing.damaged), np.int64)
    spoilt = _spoilt(listing, keys)
    if not len(keys) or keys[0] > 0:
        raise IrregularVideo
    key_positions = np.argsort(order)[keys]  # the inverse of a permutation
    if (np.diff(key_positions) <= 0).any():
        raise IrregularVideo
    visible = np.flatnonzero(~np.isin(order, listing.hidden) & ~spoilt[order])
    # What is shown before the first keyframe builds on frames that are not in the file.
    visible = visible[visible >= key_positions[0]]
    if not len(visible):
        raise IrregularVideo
    first = shown[visible[0]]
    return Timeline(
        times=(shown - first) * step,
        visible=visible,
        keys=keys,
        key_positions=key_positions,
        packets=order,
        stamps=listing.stamps,
        damaged=len(listing.damaged),
        spoilt=int(spoilt.sum()) - len(listing.damaged),
        start=float(first * step),
        step=step,
    )


@dataclass(frozen=True)
class _Listing:
    """Time stamps of the packets of a video.

    Args:
        stamps: list of int or None. Decoding time stamp of each packet.
        shown: list of int or None. Presentation time stamp of each packet.
        keys: list of int. Numbers of the packets with keyframes.
        hidden: list of int. Numbers of the packets that are decoded, but not shown.
        damaged: set of int. Numbers of the damaged packets.
    """

    stamps: list[int | None]
    shown: list[int | None]
    keys: list[int]
    hidden: list[int]
    damaged: set[int]


def _spoilt(listing: _Listing, keys: np.ndarray) -> np.ndarray:
    """Return which packets are damaged, or may build on a damaged one: all up to the next keyframe. bool [N]."""
    spoilt = np.zeros(len(listing.stamps), bool)
    for first in listing.damaged:
        after = keys[np.searchsorted(keys, first) :]
        spoilt[first : after[0] if len(after) else None] = True
    return spoilt


def _read_index(path: Path, video: OpenVideo, size: int) -> _Listing | None:
    """List the packets of an MP4 or MOV file from its index; None if there is no complete index.

    Packets that extend beyond the file size (`size` bytes) are left out.
    """
    index = list(video.stream.index_entries) if "mov" in video.container.format.name else []
    if not index or len(index) != video.stream.frames or any(entry.is_discard for entry in index):
        return None
    delays = display_delays(path, video.stream.id, len(index))
    if delays is None:
        return None
    # A truncated file contains fewer packets than its index lists.
    present = next((i for i, entry in enumerate(index) if entry.pos + entry.size > size), len(index))
    stamps: list[int | None] = [entry.timestamp for entry in index[:present]]
    keys = [i for i, entry in enumerate(index[:present]) if entry.is_keyframe]
    shown = [entry.timestamp + delay for entry, delay in zip(index, delays.tolist(), strict=True)]
    if min(shown) != (video.stream.start_time or 0):
        return None
    return _Listing(stamps, list(shown[:present]), keys, [], set())


def _read_packets(video: OpenVideo) -> _Listing:
    """List the packets by reading the whole file."""
    # The packets themselves are not kept, because together they need as much memory as the file.
    packets = [
        (packet.dts, packet.pts, packet.is_keyframe, packet.is_discard, packet.is_corrupt)
        for packet in video.packets()
        if packet.size
    ]
    keys = [i for i, (_, _, is_keyframe, *_) in enumerate(packets) if is_keyframe]
    hidden = [i for i, (*_, is_discard, _) in enumerate(packets) if is_discard]
    damaged = {i for i, (*_, is_corrupt) in enumerate(packets) if is_corrupt}
    return _Listing([dts for dts, *_ in packets], [pts for _, pts, *_ in packets], keys, hidden, damaged)
