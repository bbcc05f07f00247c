"""Decode a video a stretch at a time."""

import numpy as np

from dfutils.frames.timeline import IrregularVideo, Timeline, VideoFile

# Jumping over fewer packets than this costs more than reading them.
_WORTH_A_SEEK = 500


def decoding_runs(timeline: Timeline, positions: list[int]):
    """Yield what is decoded in one go: the first packet, the one after the last, and the positions wanted."""
    ends = [*timeline.keys[1:], len(timeline.times)]
    chains = np.searchsorted(timeline.keys, positions, side="right") - 1
    begin = 0
    for i in range(1, len(positions) + 1):
        # Neighbours stay together, also where a keyframe lies between them.
        if i == len(positions) or (chains[i] != chains[i - 1] and positions[i] > positions[i - 1] + 1):
            yield timeline.keys[chains[begin]], ends[chains[i - 1]], positions[begin:i]
            begin = i


class PacketReader:
    """Packets of a video, decoded a stretch at a time, stretches in ascending order.

    Args:
        video: VideoFile.
        timeline: Timeline.
    """

    def __init__(self, video: VideoFile, timeline: Timeline):
        self._video, self._stamps = video, timeline.stamps
        self._can_seek = None not in timeline.stamps and len(set(timeline.stamps)) == len(timeline.stamps)
        self._open()

    def _open(self):
        self._container = self._video.open()
        self._stream = self._container.streams.video[0]
        self._packets = (p for p in self._container.demux(self._stream) if p.size)
        self._at = 0  # packets read so far
        self._decoder = self._stream.codec_context

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._container.close()

    def decode(self, key, end: int, whole: np.ndarray):
        """Yield the frames from a keyframe's packet on, to before packet `end`; the others than `whole` in part."""
        packet = key
        while packet is not None:
            self._decoder.skip_frame = "DEFAULT" if whole[self._at - 1] else "NONREF"
            # What is shown before the keyframe and stored after it may build on what was not decoded.
            if packet.pts is None or packet.pts >= key.pts:
                yield from self._decoder.decode(packet)
            packet = self._next() if self._at < end else None
        yield from self._decoder.decode(None)

    def _next(self):
        packet = next(self._packets, None)
        self._at += packet is not None
        return packet

    def go_to(self, first: int):
        """Return packet number `first`, ready to be decoded."""
        if self._at == 0 < first and (head := self._next()):
            # Which encoder wrote the file stands in the first packet, and FaceForensics++ decodes to grey without it.
            self._decoder.decode(head)
            self._decoder.decode(None)
        self._decoder.flush_buffers()
        if self._can_seek and first - self._at > _WORTH_A_SEEK:
            self._container.seek(self._stamps[first], stream=self._stream)
            packet = next(self._packets, None)
            try:
                self._at = self._stamps.index(packet.dts if packet else None) + 1
            except ValueError:
                self._at = len(self._stamps)
            if self._at > first + 1:  # it went too far, as where an index is missing
                self._container.close()
                self._open()
                self._can_seek = False
                return self.go_to(first)
            if self._at == first + 1:
                return packet
        while self._at < first:
            if self._next() is None:
                raise IrregularVideo
        return self._next()
