"""Pictures of a detection as text that an HTML page can hold."""

import base64

import cv2
import numpy as np

from dfutils.plots.style import FAKE, REAL

_JPEG_QUALITY = 85
_STRONGEST = 0.8  # opacity of the strongest place of a heat map


def jpeg_uri(image: np.ndarray, *, side: int) -> str:
    """Return an image as the data URI of a JPEG.

    Args:
        image: uint8 array [H, W, 3], RGB.
        side: int. Width and height of the JPEG, in pixels.
    """
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    )[1]
    return _uri(coded, "jpeg")


def heat_uri(heat: np.ndarray, *, strongest: float, side: int = 75) -> str:
    """Return a heat map as the data URI of a transparent PNG, to be shown over the face crop.

    Args:
        heat: float32 array [H, W]. Positive places become orange, negative ones blue.
        strongest: float. The absolute value that gets the strongest colour.
        side: int. Width and height of the PNG, in pixels. Defaults to 75: heat maps are smooth.
    """
    small = cv2.resize(heat, (side, side), interpolation=cv2.INTER_AREA)
    strength = np.clip(np.abs(small) / max(strongest, 1e-12), 0, 1) * _STRONGEST
    picture = np.empty((side, side, 4), np.uint8)
    picture[..., :3] = np.where(small[..., None] > 0, _bgr(FAKE), _bgr(REAL))
    picture[..., 3] = np.round(255 * strength)
    return _uri(cv2.imencode(".png", picture)[1], "png")


def _bgr(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (5, 3, 1)]


def _uri(coded: np.ndarray, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(coded.tobytes()).decode()}"
