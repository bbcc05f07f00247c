"""Decode a video from end to end."""

from dataclasses import replace

import av
import numpy as np

from dfutils.errors import ClipError
from dfutils.frames.orientation import to_rgb
from dfutils.frames.sampling import Sampling, choose_frames
from dfutils.frames.timeline import VideoFile
from dfutils.media.opening import frame_rate


def read_whole(
    video: VideoFile, sampling: Sampling
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
        return read_whole(replace(video, strict=False), sampling)
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


def _every_frame(video: VideoFile, damage: list[str]):
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
