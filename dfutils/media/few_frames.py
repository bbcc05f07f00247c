"""Read up to four frames that are spread evenly over a clip, faster than by decoding the whole clip."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from dfutils.errors import ClipError
from dfutils.media.files import stills
from dfutils.media.images import STILLS_RATE, read_image, shrink
from dfutils.media.opening import OpenVideo, check_file, open_video, why

_FRAMES = 4
_ASSUMED_SECONDS = 8.0  # the length of a video whose header does not state one
_WORTH_A_SEEK = 5.0  # seconds; for shorter distances, decoding is about as fast as a seek
_MAX_SIDE = 1280


def read_frames(path: Path, media: str, *, seconds: float = 60.0) -> list[np.ndarray]:
    """Read up to four frames that are spread evenly over a clip.

    Args:
        path: Path. The video, the image file, or the folder of image files.
        media: str. `"video"`, `"image"`, or `"frames"` for a folder of image files.
        seconds: float. Only the first part of the clip is used, up to this time. Defaults to 60.

    Returns:
        list of one to four uint8 arrays [H, W, 3], RGB, upright, their longer side at most 1280 pixels.

    Raises:
        ClipError: If no frame can be read, with status `empty` or `unreadable`.
    """
    if media == "video":
        return _video_frames(path, seconds)
    return _pictures(_stills(path) if media == "frames" else [path], seconds)


def _stills(folder: Path) -> list[Path]:
    try:
        return stills(folder)
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error


def _pictures(files: list[Path], seconds: float) -> list[np.ndarray]:
    if not files:
        raise ClipError("empty", "is a folder without a picture")
    count = min(len(files), max(1, round(seconds * STILLS_RATE)))
    frames, trouble = [], None
    for position in sorted({int(middle) for middle in _middles(count)}):
        try:
            frames.append(shrink(read_image(files[position]), _MAX_SIDE))
        except ClipError as error:
            trouble = error
    if trouble and not frames:
        raise trouble
    return frames


def _middles(length: float) -> list[float]:
    """Divide a length into four equal parts, and return the middle of each part."""
    return [(2 * part + 1) * length / (2 * _FRAMES) for part in range(_FRAMES)]


def _video_frames(path: Path, seconds: float) -> list[np.ndarray]:
    check_file(path)
    try:
        with open_video(path) as video:
            span = min(video.promised_seconds or _ASSUMED_SECONDS, seconds)
            frames = [video.picture(frame, _MAX_SIDE) for frame in _frames_near(video, _middles(span))]
    except (av.error.FFmpegError, ValueError) as error:
        raise ClipError("unreadable", f"is not a video that can be decoded ({why(error)})") from error
    if not frames:
        raise ClipError("empty", "no frame of the video can be decoded")
    return frames


def _frames_near(video: OpenVideo, moments: list[float]) -> Iterator[av.VideoFrame]:
    """Yield one frame of a video for each of several times.

    If a time is more than 5 seconds after the last frame, the keyframe before the time may be used, to save decoding.

    Args:
        video: OpenVideo.
        moments: list of float. Times in ascending order, in seconds from the start of the video.
    """
    stream = video.stream
    step = float(stream.time_base or 1)
    start = float(stream.start_time or 0) * step
    shown = start - step
    decoded = video.frames()
    for moment in moments:
        target = start + moment
        is_far = target - shown > _WORTH_A_SEEK
        frame = None
        try:
            if is_far:
                video.container.seek(round(target / step), stream=stream)
                decoded = video.frames()
            for frame in decoded:
                if frame.time is None or frame.time >= target or (is_far and frame.time > shown):
                    break
        except av.error.FFmpegError:
            pass  # the frames before the damaged part are enough
        if frame is not None and (frame.time is None or frame.time > shown):
            yield frame
            shown = target if frame.time is None else frame.time
