"""Decode a clip - a video, a picture or a folder of stills - and sample frames from it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dfutils.errors import ClipError
from dfutils.frames.sampling import Sampling, choose_frames
from dfutils.frames.video import read_video
from dfutils.media.files import media_of, stills
from dfutils.media.opening import STILLS_RATE, read_image, shrink


@dataclass(frozen=True)
class Clip:
    """Frames sampled from a clip.

    Args:
        path: Path. The file, or the folder of stills, that they came from.
        frames: uint8 array [T, H, W, 3], RGB.
        times: float64 array [T], seconds from the clip's start; of stills, at 25 a second.
        note: str. What was lost if the file is damaged, else `""`.
    """

    path: Path
    frames: np.ndarray
    times: np.ndarray
    note: str = ""


def read_clip(path: str | Path, sampling: Sampling | None = None, threads: int = 0) -> Clip:
    """Decode a clip and sample its frames.

    A picture is a clip of one frame, a folder of pictures is one clip in the natural order of their names.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        sampling: Sampling. Defaults to `Sampling()`.
        threads: int. Threads that decode a video; 0 for as many as there are cores. Defaults to 0.

    Returns:
        Clip. `frames` uint8 [T, H, W, 3] RGB, with 1 <= T <= `sampling.frames`.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`, and the reason.
    """
    path, sampling = Path(path), sampling or Sampling()
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:  # a name that no file system takes
        raise ClipError("unreadable", f"cannot be opened: {getattr(error, 'strerror', error)}") from error
    if is_folder:
        return _read_stills(path, sampling)
    if media_of(path.name) == "image":
        return _read_stills(path, sampling, [path])
    return _as_clip(path, *read_video(path, sampling, threads))


def _read_stills(path: Path, sampling: Sampling, pictures: list[Path] | None = None) -> Clip:
    """Read a picture, or the sampled ones of a folder."""
    try:
        pictures = stills(path) if pictures is None else pictures
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error
    count = len(pictures)
    if not pictures:
        raise ClipError("unreadable", "is a folder without a picture")
    if count < sampling.min_frames:
        raise ClipError("too_short", f"{count} frames, fewer than the {sampling.min_frames} asked for")
    picked, times, lost = [], [], []
    every = np.arange(count)
    for position in choose_frames(sampling, every / STILLS_RATE, every):
        try:
            picked.append(shrink(read_image(pictures[position]), sampling.max_side))
            times.append(position / STILLS_RATE)
        except ClipError as error:
            if pictures == [path]:
                raise
            lost.append(f"{pictures[position].name} {error.reason}")
    if not picked:
        raise ClipError("empty", f"no picture of it decodes ({lost[0]})")
    damage = (
        [f"{len(lost)} of the {len(lost) + len(picked)} sampled stills were lost ({lost[0]})"] if lost else []
    )
    return _as_clip(path, picked, np.array(times), damage)


def _as_clip(path: Path, pictures: list[np.ndarray], times: np.ndarray, damage: list[str]) -> Clip:
    height, width = pictures[0].shape[:2]
    if any(picture.shape != pictures[0].shape for picture in pictures):
        damage = [*damage, "its picture size changes, and all frames were brought to the first one's"]
        pictures = [_fit(picture, height, width) for picture in pictures]
    return Clip(path, np.stack(pictures), times, "; ".join(damage))


def _fit(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale a picture into height x width, undistorted; where it does not fill them, its edge is repeated."""
    scale = min(height / image.shape[0], width / image.shape[1])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    margins = (top, height - size[1] - top, left, width - size[0] - left)
    return cv2.copyMakeBorder(image, *margins, cv2.BORDER_REPLICATE)
