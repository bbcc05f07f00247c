"""Sample frames from a video, and decode only the parts that are needed.

A video stores some pictures completely: the *keyframes*. For the frames between two keyframes, it stores only the
changes. To decode such a frame, the decoder starts at the previous keyframe and decodes all frames that the wanted
frame depends on. Frames that no other frame depends on (most B-frames) can be skipped, if a neighbouring frame is close
enough. Skipping all B-frames would be faster, but wrong: in H.264, a P-frame may depend on a B-frame, and 97 % of the
pictures would be damaged.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from av import VideoFrame

from dfutils.errors import ClipError
from dfutils.frames.full_decode import describe_damage, is_rubbish, read_whole
from dfutils.frames.packets import PacketReader, decoding_runs
from dfutils.frames.sampling import Sampling, check_length, choose_frames
from dfutils.frames.timeline import IrregularVideo, Timeline, VideoFile, scan
from dfutils.media.opening import OpenVideo, check_file, packets_of
from dfutils.media.truncation import is_cut_off

_FAILURES = (IrregularVideo, av.error.FFmpegError, EOFError, ValueError)
# A decoding error alone does not cause a full decode of a video with at least this many frames (two minutes).
_LONG_VIDEO = 3000
_HDR = "HDR video (HLG or PQ): it looks flat here; convert it to SDR before you compare it with SDR clips"
_GREY = "most of the picture has the grey that decoders show where data is missing; look at the clip"
_INTERLACED = "interlaced: each frame is made of every second line of the video, so it has less detail"


@dataclass(frozen=True)
class SampledVideo:
    """Frames sampled from a video.

    Args:
        pictures: list of T uint8 arrays [H, W, 3], RGB, upright.
        times: float64 array [T]. Seconds from the first frame of the video.
        damage: list of str. What is damaged or missing, and whether the video is interlaced or HDR. Empty if there is
            nothing to say.
    """

    pictures: list[np.ndarray]
    times: np.ndarray
    damage: list[str]


def read_video(path: Path, sampling: Sampling, *, threads: int = 0) -> SampledVideo:
    """Sample frames from a video file.

    Args:
        path: Path. The video file.
        sampling: Sampling. Which frames to read.
        threads: int. Threads that decode; 0 for as many as there are cores. Defaults to 0.

    Returns:
        SampledVideo.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`.
    """
    check_file(path)
    video = VideoFile(path, sampling.max_side, threads)
    try:
        timeline = scan(video)
        count, seconds = len(timeline.visible), float(timeline.times[timeline.visible[-1]])
        damage = describe_damage(timeline.damaged, timeline.spoilt)
        try:
            pictures = _read_some(video, sampling, timeline)
        except _FAILURES:
            if count < _LONG_VIDEO:
                raise
            # Decoders also report harmless errors at keyframes of an open GOP. Decoding hours of video for such an
            # error would take too long.
            pictures = _read_some(replace(video, strict=False), sampling, timeline)
    except _FAILURES:
        # With several threads, the pictures decoded from damaged data differ from run to run.
        whole = read_whole(replace(video, threads=1), sampling)
        count, seconds, pictures, damage = whole.count, whole.seconds, whole.pictures, whole.damage
    check_length(count, sampling)
    damage = [*damage, *_remarks(video, count, seconds)]
    if is_rubbish([picture for picture, _ in pictures]):
        damage.append(_GREY)
    times = np.array([time for _, time in pictures], np.float64)
    return SampledVideo([picture for picture, _ in pictures], times, damage)


def _remarks(video: VideoFile, count: int, seconds: float) -> list[str]:
    """Say whether a video is interlaced or HDR, and what is missing, compared with the length that its header states.

    Args:
        video: VideoFile. The video file.
        count: int. Number of frames in the file.
        seconds: float. Time of the last frame.
    """
    remarks: list[str] = []
    try:
        with video.open() as opened:
            if opened.is_interlaced:
                remarks.append(_INTERLACED)
            if opened.is_hdr:
                remarks.append(_HDR)
            frames, promised = opened.stream.frames, opened.promised_seconds
            is_cut = is_cut_off(video.path, opened.container.format.name)
            if is_cut:
                lost = (
                    f": its header promises {frames} frames and {count} are there" if frames > count else ""
                )
                return [*remarks, f"the end of the file is missing{lost}"]
            missing = max(1.0, promised / 20)
            # Only one stream may be short: sound may last longer than the pictures.
            if promised - seconds > missing and promised - _last_second(opened) > missing:
                return [
                    *remarks,
                    f"its header says it has {promised:.1f} seconds, but it has only {seconds:.1f}",
                ]
    except (OSError, ClipError) as error:
        reason = error.reason if isinstance(error, ClipError) else error.strerror
        raise ClipError(
            "unreadable", f"was removed, or became unreadable, while it was being read ({reason})"
        ) from error
    return remarks


def _last_second(video: OpenVideo) -> float:
    """Return when the last packet of any stream ends, in seconds from the start of the file."""
    end = 0.0
    start = (video.container.start_time or 0) / av.time_base
    try:
        for packet in packets_of(video.container):
            if packet.pts is not None and packet.time_base:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base) - start)
    except av.error.FFmpegError:
        pass  # what was read before the damage counts
    return end


# If samples are at least this many frames apart, the nearest reference frame is close enough.
# A reference frame is one that is needed to decode other frames.
_SPARSE_SPACING = 8
# Encoders store a frame at most this many packets away from the place at which it is shown.
_MAX_REORDERING = 20


def _read_some(video: VideoFile, sampling: Sampling, timeline: Timeline) -> list[tuple[np.ndarray, float]]:
    """Sample frames from a video without decoding it completely.

    Decoding of each frame starts at the previous keyframe.

    Returns:
        List of (uint8 array [H, W, 3], seconds from the first frame).

    Raises:
        IrregularVideo: If some of the sampled frames cannot be decoded.
    """
    visible = timeline.visible
    keys = np.flatnonzero(np.isin(visible, timeline.key_positions))
    positions = [int(visible[i]) for i in choose_frames(sampling, timeline.times[visible], keys)]
    complete = np.zeros(len(timeline.times), bool)
    if len(visible) >= _SPARSE_SPACING * len(positions) and sampling.rule != "burst":
        try:
            return _pick_nearest(video, timeline, positions, complete)
        except IrregularVideo:  # there are too few reference frames
            pass
    for position in positions:
        complete[max(0, position - _MAX_REORDERING) : position + _MAX_REORDERING] = True
    return _pick_nearest(video, timeline, positions, complete)


def _pick_nearest(
    video: VideoFile, timeline: Timeline, positions: list[int], complete: np.ndarray
) -> list[tuple[np.ndarray, float]]:
    """Decode the frames nearest to the wanted positions.

    Args:
        video: VideoFile. The video to decode.
        timeline: Timeline. The frames of the video.
        positions: list of int. Positions of the wanted frames, ascending.
        complete: bool array [N]. True for packets that are always decoded. The other packets are decoded only if other
            frames depend on them.

    Returns:
        List of (uint8 array [H, W, 3], seconds from the first frame), one per position, all distinct.

    Raises:
        IrregularVideo: If two positions get the same frame, a frame is damaged or has no time stamp, or a packet that
            is marked as a keyframe does not hold one.
    """
    pictures: list[tuple[np.ndarray, float]] = []
    with PacketReader(video, timeline) as packets:
        for run in decoding_runs(timeline, positions):
            key = packets.go_to(run.first)
            if key is None or key.pts is None:
                raise IrregularVideo
            begin = key.pts * timeline.step - timeline.start
            nearest = _NearestFrames(timeline.times[run.positions], packets.picture)
            # Some packets are wrongly marked as keyframes. Decoders start there without an error, with grey pictures.
            is_checked = run.first == 0
            for frame in packets.decode(key, run.end, complete):
                if frame.pts is None:
                    raise IrregularVideo
                # `frame.time` cannot be used: the frames at the end of a run have no time base.
                time = frame.pts * timeline.step - timeline.start
                if time < begin:
                    continue
                if frame.is_corrupt or not (is_checked or frame.key_frame):
                    raise IrregularVideo
                is_checked = True
                if nearest.offer(frame, time):
                    break
            pictures += nearest.finish()
    if len({time for _, time in pictures}) < len(positions):
        raise IrregularVideo
    return pictures


class _NearestFrames:
    """Keep the decoded frames that are nearest to the wanted times.

    Frames must be passed to `offer` in ascending order of time.

    Args:
        times: float array. The wanted times in seconds, ascending.
        convert: function of a frame. Returns the picture to keep, uint8 [H, W, 3].
    """

    def __init__(self, times: np.ndarray, convert: Callable[[VideoFrame], np.ndarray]) -> None:
        self._wanted, self._convert = deque(times), convert
        self._last: tuple[VideoFrame, float] | None = None
        self._pictures: list[tuple[np.ndarray, float]] = []

    def offer(self, frame: VideoFrame, time: float) -> bool:
        """Process the next decoded frame, and keep it if it is nearest to a wanted time.

        Returns:
            bool. True if all wanted times have a frame, so that no more frames are needed.
        """
        while self._wanted and time >= self._wanted[0]:
            wanted = self._wanted.popleft()
            if self._last is None or time - wanted < wanted - self._last[1]:
                self._keep(frame, time)
            else:
                self._keep(*self._last)
        self._last = (frame, time)
        return not self._wanted

    def finish(self) -> list[tuple[np.ndarray, float]]:
        """Return (picture, seconds) for each wanted time. Wanted times after the last frame get the last frame."""
        for _ in self._wanted:
            if self._last is None:
                raise IrregularVideo
            self._keep(*self._last)
        return self._pictures

    def _keep(self, frame: VideoFrame, time: float) -> None:
        # Convert the frame at once: until it is freed, it keeps the decoder's memory in use.
        self._pictures.append((self._convert(frame), time))
