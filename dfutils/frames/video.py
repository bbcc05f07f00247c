"""Decode a video, and no more of it than the frames asked for need.

A video stores a whole picture now and then, the *keyframe*, and in between only what changes. To see one frame,
all that it builds on must be decoded, from the keyframe before it. Frames that no other builds on (most of those
that encoders call B-frames) need not be, where a neighbour will do. Leaving out all B-frames would be faster
still and is wrong: in H.264, a P-frame may build on one, and 97 % of the pictures come out damaged.
"""

from collections import deque
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from dfutils.errors import ClipError
from dfutils.frames.full_decode import read_whole
from dfutils.frames.orientation import to_rgb
from dfutils.frames.packets import PacketReader, decoding_runs
from dfutils.frames.sampling import Sampling, choose_frames
from dfutils.frames.timeline import IrregularVideo, Timeline, VideoFile, scan
from dfutils.media.opening import check_file, promised_seconds
from dfutils.media.truncation import is_cut_off

# Where samples lie this many frames apart, the nearest frame that others build on is taken.
_SPARSE = 8
# Encoders store a frame at most this many packets from the place at which it is shown.
_REORDERED = 20
# A video of more frames is not decoded from end to end for a complaint alone: two minutes and more.
_LONG = 3000


_FAILURES = (IrregularVideo, av.error.FFmpegError, EOFError, ValueError)


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
    video, damage = VideoFile(path, sampling.max_side, threads), []
    try:
        timeline = scan(video)
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
        count, last, picked, damage = read_whole(replace(video, threads=1), sampling)
    if count < sampling.min_frames:
        raise ClipError("too_short", f"{count} frames, fewer than the {sampling.min_frames} asked for")
    damage = damage + _losses(video, count, last)
    return [picture for picture, _ in picked], np.array([time for _, time in picked], np.float64), damage


def _losses(video: VideoFile, count: int, last: float) -> list[str]:
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


def _read_some(video: VideoFile, sampling: Sampling, timeline: Timeline) -> list[tuple[np.ndarray, float]]:
    """Decode the frames that the sampling rule asks for, each from the keyframe before it.

    Raises:
        IrregularVideo: If not every one of them comes out.
    """
    positions = choose_frames(sampling, timeline.times, timeline.keys)
    is_sparse = len(timeline.times) >= _SPARSE * len(positions) and sampling.rule != "burst"
    nowhere = np.zeros(len(timeline.times), bool)
    if is_sparse:
        try:
            return _pick_nearest(video, timeline, positions, nowhere)
        except IrregularVideo:  # too few frames that others build on
            pass
    around = nowhere.copy()
    for position in positions:
        around[max(0, position - _REORDERED) : position + _REORDERED] = True
    return _pick_nearest(video, timeline, positions, around)


def _pick_nearest(video: VideoFile, timeline: Timeline, positions: list[int], whole: np.ndarray):
    """Decode the frames nearest to some positions; where not `whole` [N], only those that others build on."""
    picked = []
    with PacketReader(video, timeline) as packets:
        for first, end, wanted in decoding_runs(timeline, positions):
            key = packets.go_to(first)
            if key.pts is None:
                raise IrregularVideo
            begin = key.pts * timeline.step - timeline.start
            times = timeline.times[wanted]
            if wanted[0] == first:  # the keyframe itself: some frames shown before it are stored after it
                times = times + (begin - times[0])
            nearest = _Nearest(times, video.max_side)
            for frame in packets.decode(key, end, whole):
                if frame.pts is None:
                    raise IrregularVideo
                # Not frame.time: what comes out at the end of a run has no time base.
                time = frame.pts * timeline.step - timeline.start
                if time < begin:
                    continue
                if frame.is_corrupt:
                    raise IrregularVideo
                if nearest.offer(frame, time):
                    break
            picked += nearest.finish()
    if len({time for _, time in picked}) < len(positions):
        raise IrregularVideo
    return picked


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
            raise IrregularVideo
        for _ in self._wanted:
            self._keep(*self._before)
        return self._kept

    def _keep(self, frame, time: float) -> None:
        # At once: a frame that is held back holds the decoder's memory.
        self._kept.append((to_rgb(frame, self._max_side), time))
