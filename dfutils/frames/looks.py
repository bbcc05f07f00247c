"""Change the colours and the sharpness of a picture, and paste it over another one."""

from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.frames.portable_pictures import resize


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """A change of a picture's colours and sharpness.

    Args:
        gain: float array [3] or float. Factor of each channel.
        offset: float array [3] or float. Levels that are added to each channel.
        contrast, saturation: float. Factors; 1 for no change.
        shrink: float. The picture is shrunk this many times and enlarged again; 1 for no change.
        enlarge_with: int. OpenCV's interpolation for enlarging it again.
        sharpen: float. Strength of an unsharp mask; 0 for none.
        smooth: str. `""`, `"median"` or `"bilateral"`: removes noise and fine texture.
    """

    gain: np.ndarray | float = 1.0
    offset: np.ndarray | float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    shrink: float = 1.0
    enlarge_with: int = cv2.INTER_CUBIC
    sharpen: float = 0.0
    smooth: str = ""

    def apply(self, rgb: np.ndarray) -> np.ndarray:
        """Return the changed picture [H, W, 3], not clipped. `rgb` is a float32 array [H, W, 3], 0 to 255."""
        if self.shrink > 1:
            rgb = soften(rgb, self.shrink, enlarge_with=self.enlarge_with)
        if self.sharpen:
            rgb = rgb + np.float32(self.sharpen) * (rgb - cv2.GaussianBlur(rgb, (0, 0), 1.4))
        if self.smooth:
            levels = np.clip(rgb, 0, 255).astype(np.uint8)
            smooth = (
                cv2.medianBlur(levels, 5)
                if self.smooth == "median"
                else cv2.bilateralFilter(levels, 5, 35, 3)
            )
            rgb = smooth.astype(np.float32)
        if self.contrast != 1:
            rgb = (rgb - 128) * np.float32(self.contrast) + 128
        if self.saturation != 1:
            grey = rgb.mean(-1, keepdims=True)
            rgb = grey + (rgb - grey) * np.float32(self.saturation)
        return rgb * self.gain + self.offset


def soften(rgb: np.ndarray, shrink: float, *, enlarge_with: int = cv2.INTER_CUBIC) -> np.ndarray:
    """Return a picture as it comes out of a generator with `shrink` times fewer pixels per side.

    Args:
        rgb: float32 array [H, W, 3].
        shrink: float. At least 1.
        enlarge_with: int. OpenCV's interpolation for enlarging it again. Defaults to cubic.

    Returns:
        float32 array [H, W, 3].
    """
    height, width = rgb.shape[:2]
    small = max(1, round(width / shrink)), max(1, round(height / shrink))
    return resize(
        resize(rgb, small, interpolation=cv2.INTER_AREA), (width, height), interpolation=enlarge_with
    )


def paste(target: np.ndarray, source: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return `target` with `source` over it, both float32 [H, W, 3]. `opacity` is [H, W], from 0 to 1."""
    return target + opacity[..., None] * (source - target)
