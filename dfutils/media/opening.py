"""Open the files of a clip: videos with PyAV, pictures with OpenCV."""

from pathlib import Path

import av
import cv2
import numpy as np

from dfutils.errors import ClipError

# FFmpeg would also follow playlists and lists of files, and draw text files as pictures: a clip is
# opened only as one of the containers that hold video.
_CONTAINERS = "mov,matroska,avi,mpeg,mpegvideo,mpegts,flv,asf,gif,ogg"

# Twice 8K: a picture takes half a gigabyte then, and no camera's video has more.
_MOST_PIXELS = 1 << 27

# Stills carry no times: they are taken to follow each other as most videos' frames do.
STILLS_RATE = 25.0


def check_file(path: Path) -> None:
    """Make sure that a file can be opened and holds something.

    Raises:
        ClipError: With status `unreadable` or `empty`.
    """
    try:
        if not path.is_file():
            special = "is no ordinary file" if path.exists() else "is not there"
            what = "is a folder, not a file" if path.is_dir() else special
            raise ClipError("unreadable", what)
        with path.open("rb") as file:
            if not file.read(1):
                raise ClipError("empty", "the file has no bytes")
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error


def open_video(path: Path, *, threads: int = 0):
    """Return the file as a PyAV container, to be used in a `with` block.

    Args:
        path: Path.
        threads: int. Threads that decode it. Defaults to 0: as many as the processor has cores.

    Raises:
        av.error.FFmpegError, ValueError: If it is no video that can be parsed.
        ClipError: With status `empty` if it has no video stream, `unreadable` if that cannot be decoded here.
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


def _check_stream(container) -> None:
    if not container.streams.video:
        raise ClipError("empty", "no video stream")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise ClipError("unreadable", "its video is in a codec that cannot be decoded here")
    if stream.width * stream.height > _MOST_PIXELS:
        size = f"{stream.width} x {stream.height}"
        raise ClipError("unreadable", f"its pictures have {size} pixels, too many to be decoded in memory")


def promised_frames(container) -> int:
    """Return how many frames the container's header promises; 0 where it does not tell."""
    stream = container.streams.video[0]
    if stream.frames:
        return stream.frames
    rate, seconds = frame_rate(stream), promised_seconds(container)
    return round(seconds * rate) if rate else 0


def promised_seconds(container) -> float:
    """Return how long the video is by the container's header; 0 where it does not tell."""
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def frame_rate(stream) -> float:
    """Return a stream's frames a second; 0 where it does not tell."""
    return float(stream.average_rate or stream.guessed_rate or 0)


def read_image(path: Path) -> np.ndarray:
    """Return a picture as uint8 [H, W, 3], RGB, upright as its EXIF note says.

    Raises:
        ClipError: With status `unreadable` or `empty`.
    """
    check_file(path)
    try:
        # Not cv2.imread: it cannot open every name that the file system can.
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError) as error:
        raise ClipError("unreadable", f"is no picture that can be decoded ({error})") from error
    if image is None:
        raise ClipError("unreadable", "is no picture that can be decoded")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def shrink(image: np.ndarray, max_side: int) -> np.ndarray:
    """Return the picture with its longer side at most `max_side` pixels."""
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
