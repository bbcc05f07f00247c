"""Open the files of a clip: videos with PyAV, pictures with OpenCV."""

from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from dfutils.errors import ClipError

# FFmpeg would also follow playlists and lists of files, and draw text files as pictures: a clip is opened only as one
# of the containers that hold video.
_CONTAINERS = "mov,matroska,avi,mpeg,mpegvideo,mpegts,flv,asf,gif,ogg"

# Twice 8K: such a picture takes half a gigabyte, and no camera's video has more pixels.
_MOST_PIXELS = 1 << 27

# Frames per second assumed for stills, which have no times: the rate of many videos.
STILLS_RATE = 25.0


def check_file(path: Path) -> None:
    """Check that a file can be opened and holds something.

    Raises:
        ClipError: With status `unreadable` or `empty`.
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
        path: Path.
        threads: int. Threads that decode it. Defaults to 0: as many as the processor has cores.

    Returns:
        av.container.InputContainer with a video stream.

    Raises:
        av.error.FFmpegError, ValueError: If the file cannot be parsed as a video.
        ClipError: With status `empty` if it has no video stream, `unreadable` if that stream cannot be decoded.
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
    """Return the number of frames that the container's header states or implies; 0 if it does neither."""
    stream = container.streams.video[0]
    if stream.frames:
        return stream.frames
    rate, seconds = frame_rate(stream), promised_seconds(container)
    return round(seconds * rate) if rate else 0


def promised_seconds(container: InputContainer) -> float:
    """Return the duration that the container's header states, in seconds; 0 if it states none."""
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def frame_rate(stream: VideoStream) -> float:
    """Return a stream's frames per second; 0 if it states none."""
    return float(stream.average_rate or stream.guessed_rate or 0)


def read_image(path: Path) -> np.ndarray:
    """Read a picture.

    Args:
        path: Path.

    Returns:
        uint8 array [H, W, 3], RGB, turned upright as its EXIF data say.

    Raises:
        ClipError: With status `unreadable` or `empty`.
    """
    check_file(path)
    try:
        # Not cv2.imread: it cannot open every name that the file system allows.
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError) as error:
        raise ClipError("unreadable", f"is not a picture that can be decoded ({error})") from error
    if image is None:
        raise ClipError("unreadable", "is not a picture that can be decoded")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def shrink(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrink a picture so that its longer side is at most `max_side` pixels.

    Args:
        image: uint8 array [H, W, C].
        max_side: int. In pixels.

    Returns:
        uint8 array [h, w, C]; the picture itself where it is small enough.
    """
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
