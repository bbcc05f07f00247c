"""Convert decoded frames to RGB pictures as players show them: upright, and with square pixels."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av import VideoFrame
from av.filter import Graph
from av.sidedata.sidedata import Type

_MOST_STRETCH = 8.0  # a header that states more than this is damaged


def to_rgb(
    frame: VideoFrame, max_side: int, *, pixel_aspect: float = 1.0, matrix: np.ndarray | None = None
) -> np.ndarray:
    """Convert a decoded frame to RGB with square pixels, shrink it if it is large, and rotate it upright.

    Args:
        frame: VideoFrame. A frame from the decoder.
        max_side: int. Largest allowed longer side of the result in pixels.
        pixel_aspect: float. Width of a pixel divided by its height. The picture is resized in width, so that its pixels
            become square. A ratio below 1/8 or above 8 is ignored. Defaults to 1.
        matrix: int32 array [9] or None. How the picture is rotated and mirrored if the frame does not state it.
            Defaults to None: not at all.

    Returns:
        uint8 array [H, W, 3], RGB.
    """
    stretch = pixel_aspect if 1 / _MOST_STRETCH <= pixel_aspect <= _MOST_STRETCH else 1.0
    shown = frame.width * stretch
    scale = min(1.0, max_side / max(shown, frame.height))
    width, height = max(1, round(shown * scale)), max(1, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    stated = display_matrix(frame)
    matrix = matrix if stated is None else stated
    # FFmpeg pads the rows of a frame, and some libraries take only contiguous arrays.
    return np.ascontiguousarray(image) if matrix is None else turn_upright(image, matrix)


def deinterlace(frame: VideoFrame) -> VideoFrame:
    """Return an interlaced frame without the lines of its second moment.

    An interlaced frame holds two pictures of two moments: one in its odd and one in its even lines. Where something
    moves, its edges look like combs. The lines of the first moment are kept, and the other ones are computed from them
    with FFmpeg's filter `estdif`.
    """
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base or Fraction(1)
    )
    graph.link_nodes(source, graph.add("estdif", "mode=frame"), graph.add("buffersink")).configure()
    graph.push(frame)
    graph.push(None)
    return cast(VideoFrame, graph.pull())


def is_mostly_grey(picture: np.ndarray) -> bool:
    """Return whether most pixels have the grey that decoders show where data is missing.

    Args:
        picture: uint8 array [H, W, 3], RGB.
    """
    # Luma and chroma of 128 are 130 in RGB, or 128 in full range.
    levels = picture[::4, ::4].astype(np.int16)
    return bool((np.abs(levels - 129).max(axis=-1) <= 2).mean() > 0.5)


def display_matrix(frame: VideoFrame) -> np.ndarray | None:
    """Return how a frame is rotated and mirrored, int32 [9], or None."""
    try:
        side_data: Mapping[Any, Any] = frame.side_data
    except ValueError:
        # PyAV cannot list the side data if it does not know one of their types, such as EXIF data or a view number.
        return rotation_matrix(frame.rotation)
    matrix = side_data.get(Type.DISPLAYMATRIX)
    return None if matrix is None else np.frombuffer(bytes(matrix), np.int32)


def rotation_matrix(degrees: int) -> np.ndarray:
    """Return the display matrix of a rotation by a multiple of 90 degrees, counterclockwise."""
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}.get(degrees % 360, (1, 0))
    one = 1 << 16
    return np.array([cosine * one, -sine * one, 0, sine * one, cosine * one, 0, 0, 0, 1 << 30], np.int32)


def turn_upright(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Rotate and mirror a picture by the display matrix of its video.

    Phones store upright videos rotated by 90 degrees, together with a display matrix (ISO/IEC 14496-12, section 6.2.2).

    Args:
        image: array [H, W, 3].
        matrix: int32 array [9]. The pixel at (x, y) is shown at (a x + c y, b x + d y), where a, b, c and d are the
            elements 0, 1, 3 and 4 of the matrix.

    Returns:
        array [H, W, 3] or [W, H, 3].
    """
    a, b, _, c, d = matrix[:5].astype(int)
    is_lying = abs(b) > abs(a)
    across, down = (c, b) if is_lying else (a, d)
    image = image.swapaxes(0, 1) if is_lying else image
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])
