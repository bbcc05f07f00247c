"""The part of a face crop that the network looks at, and its resolution."""

from dataclasses import dataclass

import numpy as np

from dfutils.errors import SettingsError

_CROP_SIDE = 299
_SMALLEST = 75  # the smallest picture that InceptionV3 takes


@dataclass(frozen=True, kw_only=True)
class View:
    """The middle of a face crop, resized: what the network sees of a crop of 299 x 299 pixels.

    Args:
        crop: int. Side of the square in the middle of the crop that the network sees, in pixels. An odd number from 75
            to 299. Defaults to 299: the whole crop.
        side: int. The square is resized to this side, in pixels. From 75 to 299. Defaults to 299.
        mirror: bool. The network also sees the mirror image, and the features of both are averaged. This takes twice
            the time. Defaults to False.

    Raises:
        SettingsError: If a number is out of range, `crop` is even, or `mirror` is not True or False.
    """

    crop: int = _CROP_SIDE
    side: int = _CROP_SIDE
    mirror: bool = False

    def __post_init__(self) -> None:
        for name in ("crop", "side"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise SettingsError(f"View.{name} must be a whole number. Received: {value!r}")
            if not _SMALLEST <= value <= _CROP_SIDE:
                raise SettingsError(
                    f"View.{name} must be from {_SMALLEST} to {_CROP_SIDE} pixels. Received: {value}"
                )
        if self.crop % 2 == 0:
            raise SettingsError(
                f"View.crop must be odd, so that it has the same middle as the crop. Received: {self.crop}"
            )

        if not isinstance(self.mirror, bool):
            raise SettingsError(f"View.mirror must be True or False. Received: {self.mirror!r}")

    def matrix(self) -> np.ndarray:
        """Return the matrix from pixels of the crop to pixels of the view, float64 [2, 3], for `cv2.warpAffine`."""
        scale = self.side / self.crop
        shift = (self.side - 1) / 2 - scale * (_CROP_SIDE - 1) / 2
        return np.array([[scale, 0, shift], [0, scale, shift]])
