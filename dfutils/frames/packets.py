"""Decode only the parts of a video that contain wanted frames. Each part starts at a keyframe."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from av import Packet, VideoFrame

from dfutils.frames.timeline import IrregularVideo, Timeline, VideoFile


@dataclass(frozen=True)
class DecodingRun:
    """A sequence of consecutive packets to decode, and the wanted frames in it.

    Args:
        first: int. Number of the first packet, which holds a keyframe.
        end: int. Number of the last packet plus 1.
        positions: list of int. Positions of the wanted frames, ascending.
    """

    first: int
    end: int
    positions: list[int]


def decoding_runs(timeline: Timeline, positions: list[int]) -> Iterator[DecodingRun]:
    """Yield the sequences of packets that must be decoded to get the wanted frames.

    Args:
        timeline: Timeline. The frames of the video.
        positions: list of int. Positions of the wanted frames, ascending.

    Yields:
        DecodingRun, in ascending order.
    """
    chains = np.searchsorted(timeline.key_positions, positions, side="right") - 1
    ends = np.append(timeline.keys[1:], len(timeline.times))[chains]
    # In an open GOP, some frames are stored after the next keyframe.
    ends = np.maximum(ends, timeline.packets[positions] + 1)
    firsts = timeline.keys[chains]
    begin = 0
    for i in range(1, len(positions) + 1):
        # Consecutive frames are decoded in one run, even if the second one is a keyframe.
        if i == len(positions) or (firsts[i] >= ends[i - 1] and positions[i] > positions[i - 1] + 1):
            yield DecodingRun(int(firsts[begin]), int(ends[i - 1]), positions[begin:i])
            begin = i


# If fewer packets than this are skipped, reading them is faster than seeking.
_MIN_SEEK_PACKETS = 500


class PacketReader:
    """Context manager that decodes parts of a video in ascending order.

    Args:
        video: VideoFile. The video to decode.
        timeline: Timeline. The frames of the video.
    """

    def __init__(self, video: VideoFile, timeline: Timeline) -> None:
        self._video = video
        stamps = [stamp for stamp in timeline.stamps if stamp is not None]
        # None if packets cannot be found by time stamp: some time stamps are missing or occur twice.
        self._stamps = stamps if len(set(stamps)) == len(timeline.stamps) else None
        self._open()

    def _open(self) -> None:
        self._opened = self._video.open()
        self._packets = (packet for packet in self._opened.packets() if packet.size)
        self._position = 0  # packets read so far
        self._decoder = self._opened.stream.codec_context

    def __enter__(self) -> "PacketReader":
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.container.close()

    def go_to(self, first: int) -> Packet | None:
        """Return packet number `first` and prepare the decoder for it; None if the video ends before this packet.

        Raises:
            IrregularVideo: If the video ends before packet number `first` - 1.
        """
        if self._position == 0 < first and (head := self._next()):
            # The first packet names the encoder of the file. Without this packet, FaceForensics++ clips decode to
            # grey pictures.
            self._opened.decode(head)
            self._opened.decode(None)
        self._decoder.flush_buffers()
        if self._stamps is not None and first - self._position > _MIN_SEEK_PACKETS:
            self._opened.container.seek(self._stamps[first], stream=self._opened.stream)
            packet = next(self._packets, None)
            stamp = packet.dts if packet else None
            if stamp is not None and stamp in self._stamps:
                self._position = self._stamps.index(stamp) + 1
            else:
                self._position = len(self._stamps)
            if self._position > first + 1:  # in a file without an index, seeking may skip the wanted packet
                self._opened.container.close()
                self._open()
                self._stamps = None
                return self.go_to(first)
            if self._position == first + 1:
                return packet
        while self._position < first:
            if self._next() is None:
                raise IrregularVideo
        return self._next()

    def decode(self, key: Packet, end: int, complete: np.ndarray) -> Iterator[VideoFrame]:
        """Decode frames, starting at a keyframe.

        Args:
            key: Packet. The keyframe's packet, as returned by `go_to`.
            end: int. Number of the last packet to decode plus 1.
            complete: bool array [N]. True for packets that are always decoded. The other packets are decoded only if
                other frames depend on them.

        Yields:
            VideoFrame, in the order in which they are shown.
        """
        packet: Packet | None = key
        while packet is not None:
            self._decoder.skip_frame = "DEFAULT" if complete[self._position - 1] else "NONREF"
            # Frames stored after the keyframe but shown before it may depend on frames that were not decoded.
            if packet.pts is None or key.pts is None or packet.pts >= key.pts:
                yield from self._opened.decode(packet)
            packet = self._next() if self._position < end else None
        yield from self._opened.decode(None)

    def picture(self, frame: VideoFrame) -> np.ndarray:
        """Convert a frame to a picture as players show it, uint8 [H, W, 3], RGB."""
        return self._opened.picture(frame, self._video.max_side)

    def _next(self) -> Packet | None:
        packet = next(self._packets, None)
        self._position += packet is not None
        return packet
