"""Decode a video, and no more of it than the frames asked for need.

A video stores a whole picture now and then, the *keyframe*, and in between only what changes. To see one frame,
all that it builds on must be decoded, from the keyframe before it. Frames that no other builds on (most of those
that encoders call B-frames) need not be, where a neighbour will do. Leaving out all B-frames would be faster
still and is wrong: in H.264, a P-frame may build on one, and 97 % of the pictures come out damaged.
"""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type

from dfutils.data.media import check_file, frame_rate, open_video, promised_seconds
from dfutils.errors import ClipError
from dfutils.frames.endings import is_cut_off
from dfutils.frames.sampling import Sampling, choose_frames

# Where samples lie this many frames apart, the nearest frame that others build on is taken.
_SPARSE = 8
# Encoders store a frame at most this many packets from the place at which it is shown.
_REORDERED = 20
# Jumping over fewer packets than this costs more than reading them.
_WORTH_A_SEEK = 500
# A video of more frames is not decoded from end to end for a complaint alone: two minutes and more.
_LONG = 3000


class _Irregular(Exception):
    """The video is not what its packets promise: it has to be decoded from end to end."""


_FAILURES = (_Irregular, av.error.FFmpegError, EOFError, ValueError)


@dataclass(frozen=True)
class _Video:
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
class _Timeline:
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


def read_video(
    path: Path, sampling: Sampling, threads: int = 0
) -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    """Decode the frames of a video that the sampling rule asks for.

    Args:
        path: Path.
        sampling: Sampling.
        threads: int. Threads that decode; 0 for as many as there are cores. Defaults to 0.

    Returns:
        Pictures (uint8 [H, W, 3], RGB, upright), float64 array of their seconds from the start, and what was lost,
        in words.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`.
    """
    check_file(path)
    video, damage = _Video(path, sampling.max_side, threads), []
    try:
        timeline = _scan(video)
        count, last = len(timeline.times), timeline.times[-1]
        try:
            picked = _read_some(video, sampling, timeline)
        except _FAILURES:
            if count < _LONG:
                raise
            # Decoders also complain where they start amid an open chain; that is not worth decoding hours.
            picked = _read_some(replace(video, strict=False), sampling, timeline)
    except _FAILURES:
        # With several threads, what a decoder makes of damage is a matter of chance.
        count, last, picked, damage = _read_all(replace(video, threads=1), sampling)
    if count < sampling.min_frames:
        raise ClipError("too_short", f"{count} frames, fewer than the {sampling.min_frames} asked for")
    damage = damage + _losses(video, count, last)
    return [picture for picture, _ in picked], np.array([time for _, time in picked], np.float64), damage


def _losses(video: _Video, count: int, last: float) -> list[str]:
    """Say what the file promises and is not there; `last` is the last frame's time in seconds."""
    try:
        with video.open() as container:
            frames, seconds = container.streams.video[0].frames, promised_seconds(container)
            is_cut = is_cut_off(video.path, container.format.name)
    except (OSError, av.error.FFmpegError) as error:
        raise ClipError("unreadable", f"vanished while it was being read ({error.strerror})") from error
    if frames and frames - count > max(2, frames // 50):
        return [f"its header promises {frames} frames and {count} are there"]
    # Sound may go on for a moment after the last picture.
    if not frames and seconds - last > max(1.0, seconds / 20):
        return [f"its header promises {seconds:.1f} seconds and {last:.1f} are there"]
    return ["its file breaks off before its end"] if is_cut else []


def _scan(video: _Video) -> _Timeline:
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
                raise _Irregular
            stamps, shown = [packet[0] for packet in packets], [packet[1] for packet in packets]
            keys = [i for i, packet in enumerate(packets) if packet[2]]
            start = None
    if not stamps or None in shown or not step:
        raise _Irregular
    shown = np.sort(np.array(shown, np.float64))
    start = shown[0] if start is None else start
    return _Timeline(
        (shown - shown[0]) * step,
        np.array(sorted({0, *keys}), np.int64),
        stamps,
        float(start * step),
        step,
    )


def _read_some(video: _Video, sampling: Sampling, timeline: _Timeline) -> list[tuple[np.ndarray, float]]:
    """Decode the frames that the sampling rule asks for, each from the keyframe before it.

    Raises:
        _Irregular: If not every one of them comes out.
    """
    positions = choose_frames(sampling, timeline.times, timeline.keys)
    is_sparse = len(timeline.times) >= _SPARSE * len(positions) and sampling.rule != "burst"
    nowhere = np.zeros(len(timeline.times), bool)
    if is_sparse:
        try:
            return _pick_nearest(video, timeline, positions, nowhere)
        except _Irregular:  # too few frames that others build on
            pass
    around = nowhere.copy()
    for position in positions:
        around[max(0, position - _REORDERED) : position + _REORDERED] = True
    return _pick_nearest(video, timeline, positions, around)


def _pick_nearest(video: _Video, timeline: _Timeline, positions: list[int], whole: np.ndarray):
    """Decode the frames nearest to some positions; where not `whole` [N], only those that others build on."""
    picked = []
    with _Packets(video, timeline) as packets:
        for first, end, wanted in _runs(timeline, positions):
            key = packets.go_to(first)
            if key.pts is None:
                raise _Irregular
            begin = key.pts * timeline.step - timeline.start
            times = timeline.times[wanted]
            if wanted[0] == first:  # the keyframe itself: some frames shown before it are stored after it
                times = times + (begin - times[0])
            nearest = _Nearest(times, video.max_side)
            for frame in packets.decode(key, end, whole):
                if frame.pts is None:
                    raise _Irregular
                # Not frame.time: what comes out at the end of a run has no time base.
                time = frame.pts * timeline.step - timeline.start
                if time < begin:
                    continue
                if frame.is_corrupt:
                    raise _Irregular
                if nearest.offer(frame, time):
                    break
            picked += nearest.finish()
    if len({time for _, time in picked}) < len(positions):
        raise _Irregular
    return picked


def _runs(timeline: _Timeline, positions: list[int]):
    """Yield what is decoded in one go: the first packet, the one after the last, and the positions wanted."""
    ends = [*timeline.keys[1:], len(timeline.times)]
    chains = np.searchsorted(timeline.keys, positions, side="right") - 1
    begin = 0
    for i in range(1, len(positions) + 1):
        # Neighbours stay together, also where a keyframe lies between them.
        if i == len(positions) or (chains[i] != chains[i - 1] and positions[i] > positions[i - 1] + 1):
            yield timeline.keys[chains[begin]], ends[chains[i - 1]], positions[begin:i]
            begin = i


class _Nearest:
    """Of the frames that are offered in order, keep the nearest to each of some times, as pictures.

    Args:
        times: float array, ascending, in seconds.
        max_side: int. Longer side of a picture at the most.
    """

    def __init__(self, times: np.ndarray, max_side: int):
        self._wanted, self._max_side = deque(times), max_side
        self._before = None
        self._kept = []

    def offer(self, frame, time: float) -> bool:
        """Look at a frame. Return whether no more are needed."""
        while self._wanted and time >= self._wanted[0]:
            wanted = self._wanted.popleft()
            is_closer = self._before is None or time - wanted < wanted - self._before[1]
            self._keep(*((frame, time) if is_closer else self._before))
        self._before = (frame, time)
        return not self._wanted

    def finish(self) -> list[tuple[np.ndarray, float]]:
        """Return (picture, seconds) for each of the times; what lies behind the last frame gets that one."""
        if self._wanted and self._before is None:
            raise _Irregular
        for _ in self._wanted:
            self._keep(*self._before)
        return self._kept

    def _keep(self, frame, time: float) -> None:
        # At once: a frame that is held back holds the decoder's memory.
        self._kept.append((to_rgb(frame, self._max_side), time))


class _Packets:
    """Packets of a video, decoded a stretch at a time, stretches in ascending order.

    Args:
        video: _Video.
        timeline: _Timeline.
    """

    def __init__(self, video: _Video, timeline: _Timeline):
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
                raise _Irregular
        return self._next()


def _read_all(
    video: _Video, sampling: Sampling
) -> tuple[int, float, list[tuple[np.ndarray, float]], list[str]]:
    """Decode a video from end to end, twice: to learn which frames there are, and to keep those chosen.

    Frames that build on damaged data are left out, unless there are no others.

    Returns:
        How many frames decode, the last one's time in seconds, those chosen with their times, and what is damaged.

    Raises:
        ClipError: With status `empty` or `unreadable`.
    """
    times, keys, damage = [], [], []
    for frame, time in _every_frame(video, damage):
        keys += [len(times)] * bool(frame.key_frame)
        times.append(time)
    if not times and video.strict:
        return _read_all(replace(video, strict=False), sampling)
    if not times:
        words = f" ({'; '.join(damage)})" if damage else ""
        raise ClipError("empty", f"no frame of it decodes{words}")
    order = np.maximum.accumulate(times)
    chosen = set(choose_frames(sampling, order, np.array(sorted({0, *keys}))))
    picked = [
        (to_rgb(frame, video.max_side), order[i] - order[0])
        for i, (frame, _) in enumerate(_every_frame(video, []))
        if i in chosen
    ]
    if not video.strict:
        damage.append("all of its frames build on damaged data")
    return len(times), order[-1] - order[0], picked, damage


def _every_frame(video: _Video, damage: list[str]):
    """Yield (frame, seconds), and add to `damage` what could not be decoded, in words."""
    decoded = lost = spoilt = 0
    is_spoilt = False
    try:
        with video.open() as container:
            stream = container.streams.video[0]
            rate = frame_rate(stream)
            packets = container.demux(stream)
            while True:
                try:
                    packet = next(packets, None)
                except (av.error.FFmpegError, EOFError) as error:
                    damage.append(f"the file breaks off ({error.strerror})")
                    packet = None
                if packet is None:
                    break
                try:
                    if packet.is_corrupt and video.strict:
                        raise av.error.InvalidDataError(0, "damaged")
                    frames = packet.decode()
                except av.error.FFmpegError:
                    lost += 1
                    is_spoilt = video.strict
                    continue
                for frame in frames:
                    # What is damaged spoils all that builds on it, up to the next keyframe.
                    is_spoilt = video.strict and (frame.is_corrupt or (is_spoilt and not frame.key_frame))
                    if not is_spoilt:
                        time = float(frame.time) if frame.time is not None else decoded / (rate or 1.0)
                        yield frame, time
                    spoilt += is_spoilt
                    decoded += 1
    except (av.error.FFmpegError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        if decoded == 0:
            raise ClipError("unreadable", f"is no video that can be parsed ({words})") from error
        damage.append(f"decoding stopped ({words})")
    if lost:
        damage.append(f"{lost} damaged packets were skipped")
    if spoilt:
        damage.append(f"{spoilt} frames that build on them were left out")


def to_rgb(frame, max_side: int) -> np.ndarray:
    """Return a decoded frame as uint8 [H, W, 3], RGB, upright, its longer side at most `max_side` pixels."""
    scale = min(1.0, max_side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    return _upright(image, frame.side_data.get(Type.DISPLAYMATRIX))


def _upright(image: np.ndarray, matrix) -> np.ndarray:
    """Turn and mirror a picture [H, W, 3] as its display matrix says: phones write upright video lying down."""
    if matrix is None:
        return image
    # A pixel at (x, y) is shown at (a x + c y, b x + d y).
    (a, b, _), (c, d, _), _ = np.frombuffer(bytes(matrix), np.int32).reshape(3, 3).astype(int)
    is_lying = abs(b) > abs(a)
    across, down = (c, b) if is_lying else (a, d)
    image = image.swapaxes(0, 1) if is_lying else image
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])
