"""Sample frames from a clip: a video file, an image file, or a folder of image files."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dfutils.errors import ClipError
from dfutils.frames.sampling import Sampling, check_length, choose_frames
from dfutils.frames.video import read_video
from dfutils.media.files import media_of, stills
from dfutils.media.images import STILLS_RATE, animation_length, is_damaged_jpeg, read_image, shrink


@dataclass(frozen=True)
class Clip:
    """Frames sampled from a clip.

    Args:
        path: Path. The video file, the image file, or the folder of image files.
        frames: uint8 array [T, H, W, 3], RGB.
        times: float64 array [T]. Seconds from the start of the clip. Image files are counted as 25 frames per second.
        note: str. What is damaged, missing or unusual. Defaults to `""`.
    """

    path: Path
    frames: np.ndarray
    times: np.ndarray
    note: str = ""


def read_clip(path: str | Path, sampling: Sampling | None = None, *, threads: int = 0) -> Clip:
    """Read a clip and sample frames from it.

    An image file is a clip with one frame. A folder of image files is one clip: its frames are in the natural order of
    the file names, in which 2.png comes before 10.png.

    Args:
        path: str or Path. A video file, an image file, or a folder of image files.
        sampling: Sampling. Defaults to `Sampling()`: 20 frames, spread over the clip.
        threads: int. Threads that decode a video; 0 for as many as there are cores. Defaults to 0.

    Returns:
        Clip. Its `frames` are uint8 [T, H, W, 3], RGB, with 1 <= T <= `sampling.frames`.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`, and the reason.

    Example:
        >>> from dfutils.frames import Sampling, read_clip
        >>> clip = read_clip("faces/person_000/take0.mp4", Sampling(frames=5))
        >>> clip.frames.shape
        (5, 384, 384, 3)
        >>> clip.note  # nothing is missing
        ''
    """
    path, sampling = Path(path), sampling or Sampling()
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:  # a name that the file system does not accept
        raise ClipError("unreadable", f"cannot be opened: {getattr(error, 'strerror', error)}") from error
    if is_folder:
        return _read_stills(path, sampling)
    if media_of(path.name) == "image":
        check_length(1, sampling)
        picture = shrink(read_image(path), sampling.max_side)
        length = animation_length(path)
        notes = [
            f"the first of {length} pictures of an animation" if length > 1 else "",
            "a part of the picture is damaged" if is_damaged_jpeg(path) else "",
        ]
        return Clip(path, picture[np.newaxis], np.zeros(1), "; ".join(filter(None, notes)))
    video = read_video(path, sampling, threads=threads)
    return _stack(path, video.pictures, video.times, video.damage)


def _read_stills(folder: Path, sampling: Sampling) -> Clip:
    """Read a folder of image files as a clip. Only the sampled image files are opened."""
    try:
        paths = stills(folder)
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error
    if not paths:
        raise ClipError("unreadable", "is a folder without image files")
    check_length(len(paths), sampling)
    pictures, times, lost, damaged = [], [], [], []
    positions = np.arange(len(paths))
    for position in choose_frames(sampling, positions / STILLS_RATE, positions):
        try:
            pictures.append(shrink(read_image(paths[position]), sampling.max_side))
            times.append(position / STILLS_RATE)
            damaged += [paths[position].name] if is_damaged_jpeg(paths[position]) else []
        except ClipError as error:
            lost.append(f"{paths[position].name} {error.reason}")
    if not pictures:
        raise ClipError("empty", f"none of the sampled image files can be decoded ({lost[0]})")
    count = len(lost) + len(pictures)
    damage = [f"{len(lost)} of the {count} sampled stills were lost ({lost[0]})"] if lost else []
    if damaged:
        damage.append(f"a part of {len(damaged)} of the {count} sampled stills is damaged ({damaged[0]})")
    return _stack(folder, pictures, np.array(times), damage)


def _stack(path: Path, pictures: list[np.ndarray], times: np.ndarray, damage: list[str]) -> Clip:
    """Build a Clip from pictures. All are scaled to the size that most of them have."""
    sizes = Counter(picture.shape[:2] for picture in pictures)
    ((height, width), _) = sizes.most_common(1)[0]  # of sizes that are as common, the first
    if len(sizes) > 1:
        damage = [
            *damage,
            "the picture size changes within the clip; all frames were scaled to the size that most of them have",
        ]
        pictures = [
            picture if picture.shape[:2] == (height, width) else _fit(picture, height, width)
            for picture in pictures
        ]
    return Clip(path, np.stack(pictures), times, "; ".join(damage))


def _fit(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale a picture to fit into height x width without distortion. Fill the margins by repeating edge pixels."""
    scale = min(height / image.shape[0], width / image.shape[1])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    margins = (top, height - size[1] - top, left, width - size[0] - left)
    return cv2.copyMakeBorder(image, *margins, cv2.BORDER_REPLICATE)
