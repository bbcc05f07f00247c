"""Open the files of a clip: videos with PyAV, image files with OpenCV."""

from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from dfutils.errors import ClipError

# Only video containers are allowed. FFmpeg would also open playlists and lists of files, and render text files as
# images.
_CONTAINERS = "mov,matroska,avi,mpeg,mpegvideo,mpegts,flv,asf,gif,ogg"

# About four times the pixels of 8K video. A decoded image of this size takes about 0.4 GB.
_MOST_PIXELS = 1 << 27

# Assumed frames per second of image files, which have no timestamps. Many videos have this rate.
STILLS_RATE = 25.0


def check_file(path: Path) -> None:
    """Check that a file can be opened and is not empty.

    Raises:
        ClipError: If the file cannot be opened (status `unreadable`) or has no bytes (status `empty`).
    """
    try:
        if not path.is_file():
            special = "is not an ordinary file" if path.exists() else "is not there"
            reason = "is a folder, not a file" if path.is_dir() else special
            raise ClipError("unreadable", reason)
        with path.open("rb") as file:
            if not file.read(1):
                raise ClipError("empty", "the file has no bytes")
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error


def open_video(path: Path, *, threads: int = 0) -> InputContainer:
    """Open a video as a PyAV container, to be used in a `with` block.

    Args:
        path: Path. The video file.
        threads: int. The number of decoding threads. Defaults to 0: one per processor core.

    Returns:
        av.container.InputContainer with a video stream.

    Raises:
        av.error.FFmpegError, ValueError: If the file cannot be parsed as a video.
        ClipError: If the file has no video stream (status `empty`), or the stream cannot be decoded (`unreadable`).
    """
    container = av.open(f"file:{path}", options={"format_whitelist": _CONTAINERS})
    try:
        _check_stream(container)
    except ClipError:
        container.close()
        raise
    container.streams.video[0].thread_type = "AUTO"
    container.streams.video[0].codec_context.thread_count = threads
    return container


def _check_stream(container: InputContainer) -> None:
    if not container.streams.video:
        raise ClipError("empty", "no video stream")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise ClipError("unreadable", "its video codec cannot be decoded by this FFmpeg")
    if stream.width * stream.height > _MOST_PIXELS:
        size = f"{stream.width} x {stream.height}"
        raise ClipError("unreadable", f"its pictures have {size} pixels, too many to decode in memory")


def promised_frames(container: InputContainer) -> int:
    """Return the number of frames of a video according to its header, or 0 if the header does not give it.

    If the header gives no number of frames, it is computed from the duration and the frame rate.
    """
    stream = container.streams.video[0]
    if stream.frames:
        return stream.frames
    rate, seconds = frame_rate(stream), promised_seconds(container)
    return round(seconds * rate) if rate else 0


def promised_seconds(container: InputContainer) -> float:
    """Return the duration of a video in seconds according to its header, or 0 if the header does not give it."""
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def frame_rate(stream: VideoStream) -> float:
    """Return the frame rate of a video stream in frames per second, or 0 if it is unknown."""
    return float(stream.average_rate or stream.guessed_rate or 0)


def read_image(path: Path) -> np.ndarray:
    """Read an image file as an RGB array.

    Args:
        path: Path. The image file.

    Returns:
        uint8 array [H, W, 3], RGB, rotated upright according to the EXIF data.

    Raises:
        ClipError: With status `unreadable` or `empty`.
    """
    check_file(path)
    try:
        # cv2.imread is not used, because it cannot open some file names.
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError) as error:
        raise ClipError("unreadable", f"is not a picture that can be decoded ({error})") from error
    if image is None:
        raise ClipError("unreadable", "is not a picture that can be decoded")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def shrink(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrink an image so that its longer side is at most `max_side` pixels.

    Args:
        image: uint8 array [H, W, C].
        max_side: int. In pixels.

    Returns:
        uint8 array [h, w, C]. An image that is small enough is returned unchanged.
    """
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
