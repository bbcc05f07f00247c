"""What a video holds, without decoding it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfutils.errors import ClipError
from dfutils.media.opening import open_video


class IrregularVideo(Exception):
    """The video is not what its packets promise: it has to be decoded from end to end."""


@dataclass(frozen=True)
class VideoFile:
    path: Path
    max_side: int
    threads: int
    strict: bool = True  # otherwise, decoders paint over what is damaged and say nothing

    def open(self):
        container = open_video(self.path, self.threads)
        if self.strict:
            container.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return container


@dataclass(frozen=True)
class Timeline:
    """What a video holds, without decoding it.

    Args:
        times: float64 array [N], seconds from its start at which the frames are shown, ascending.
        keys: int64 array [K], the packets at which decoding can start.
        stamps: list of int or None [N]: each packet's decoding time stamp, in the order of decoding.
        start: float, the first frame's own time in the file.
        step: float, seconds that a time stamp counts.
    """

    times: np.ndarray
    keys: np.ndarray
    stamps: list[int | None]
    start: float
    step: float


def scan(video: VideoFile) -> Timeline:
    """List what is in a video: from its index where it has a whole one, else from its packets."""
    with video.open() as container:
        stream = container.streams.video[0]
        step = float(stream.time_base or 0)
        size = video.path.stat().st_size
        if stream.frames > size:
            raise ClipError("unreadable", f"its header promises {stream.frames} frames in {size} bytes")
        index = list(stream.index_entries) if "mov" in container.format.name else []
        if index and len(index) == stream.frames:
            there = next((i for i, e in enumerate(index) if e.pos + e.size > size), len(index))
            stamps = [entry.timestamp for entry in index[:there]]
            keys = [i for i, entry in enumerate(index[:there]) if entry.is_keyframe]
            # The index tells when frames are decoded: in the same rhythm as they are shown.
            shown, start = stamps, stream.start_time or 0
        else:
            # Not the packets themselves: together they are as large as the file.
            packets = [(p.dts, p.pts, p.is_keyframe, p.is_corrupt) for p in container.demux(stream) if p.size]
            if any(packet[3] for packet in packets):
                raise IrregularVideo
            stamps, shown = [packet[0] for packet in packets], [packet[1] for packet in packets]
            keys = [i for i, packet in enumerate(packets) if packet[2]]
            start = None
    if not stamps or None in shown or not step:
        raise IrregularVideo
    shown = np.sort(np.array(shown, np.float64))
    start = shown[0] if start is None else start
    return Timeline(
        (shown - shown[0]) * step,
        np.array(sorted({0, *keys}), np.int64),
        stamps,
        float(start * step),
        step,
    )
