"""Read image files with OpenCV."""

from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from dfutils.errors import ClipError
from dfutils.media.diagnosis import explain
from dfutils.media.opening import check_file

# Assumed frames per second of image files, which have no timestamps. Many videos have this rate.
STILLS_RATE = 25.0

_JPEG_START = b"\xff\xd8\xff"


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
        raise ClipError("unreadable", explain(path) or "is not a picture that can be decoded")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def animation_length(path: Path) -> int:
    """Return the number of pictures of an animated PNG, WebP or GIF; 1 for any other image file."""
    try:
        with Image.open(path) as image:
            return getattr(image, "n_frames", 1) if image.format in ("PNG", "WEBP", "GIF") else 1
    except (OSError, ValueError, SyntaxError):  # what Pillow raises of damaged files
        return 1


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


def is_damaged_jpeg(path: Path) -> bool:
    """Return True if a part of a JPEG file's data is damaged. OpenCV and Pillow decode such a file without an error.

    A hole in the data is found in five of six files, and a missing end always.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_JPEG_START)) != _JPEG_START:
                return False
        with av.open(f"file:{path}", format="jpeg_pipe") as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            # What phones append, such as a short video, is not looked at.
            next(container.decode(stream), None)
    except (av.error.InvalidDataError, av.error.EOFError):
        return True
    except (av.error.FFmpegError, OSError, ValueError):
        pass  # such as a kind of JPEG that this decoder does not know
    return False
