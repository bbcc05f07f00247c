"""Decode a clip - a video, a picture or a folder of stills - and sample frames from it."""

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from dfutils.data.files import media_of, stills
from dfutils.data.media import (
    STILLS_RATE,
    check_file,
    frame_rate,
    open_video,
    promised_frames,
    read_image,
    shrink,
)
from dfutils.errors import ClipError, SettingsError


@dataclass(frozen=True)
class Sampling:
    """Which frames of a clip are looked at.

    Args:
        frames: int. Frames sampled from a clip: the middles of that many equal stretches, so that they
            are spread over the whole clip. A shorter clip gives all it has. Defaults to 20.
        min_frames: int. A clip with fewer frames is `too_short`. Defaults to 1.
        max_side: int. Longer side, in pixels, above which a frame is shrunk while it is decoded; it
            bounds the memory a clip can take. Defaults to 1280.
    """

    frames: int = 20
    min_frames: int = 1
    max_side: int = 1280

    def __post_init__(self):
        for name in ("frames", "min_frames", "max_side"):
            if getattr(self, name) < 1:
                raise SettingsError(f"Sampling.{name} must be at least 1. Received: {getattr(self, name)}")


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


def read_clip(path: str | Path, sampling: Sampling | None = None) -> Clip:
    """Decode a clip and sample its frames.

    A picture is a clip of one frame, a folder of pictures is one clip in the natural order of their names.

    Args:
        path: str or Path. A video file, a picture, or a folder of stills.
        sampling: Sampling. Defaults to `Sampling()`.

    Returns:
        Clip. `frames` uint8 [T, H, W, 3] RGB, with 1 <= T <= `sampling.frames`.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`, and the reason.
    """
    path, sampling = Path(path), sampling or Sampling()
    if path.is_dir():
        return _read_stills(path, sampling)
    if media_of(path.name) == "image":
        return _read_stills(path, sampling, [path])
    check_file(path)
    promised, picked, decoded, damage = _decode(path, sampling, count=None)
    if decoded == 0:
        raise ClipError("empty", f"no frame of it decodes{_in_brackets(damage)}")
    if _positions(decoded, sampling.frames)[-1] not in picked or abs(decoded - promised) > 2 + promised // 50:
        # The header was wrong about the length, or does not tell: sample again, knowing it.
        _, picked, decoded, damage = _decode(path, sampling, count=decoded)
    _check_length(decoded, sampling)
    missing = promised - decoded
    if missing > max(2, promised // 50):
        damage.append(f"its header promises {promised} frames and {decoded} decode")
    return _as_clip(path, picked, damage)


def _read_stills(path: Path, sampling: Sampling, pictures: list[Path] | None = None) -> Clip:
    """Read a picture, or the sampled ones of a folder."""
    try:
        pictures = stills(path) if pictures is None else pictures
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error
    if not pictures:
        raise ClipError("unreadable", "is a folder without a picture")
    _check_length(len(pictures), sampling)
    picked, lost = {}, []
    for position in _positions(len(pictures), sampling.frames):
        try:
            image = shrink(read_image(pictures[position]), sampling.max_side)
            picked[position] = (image, position / STILLS_RATE)
        except ClipError as error:
            if pictures == [path]:
                raise
            lost.append(f"{pictures[position].name} {error.reason}")
    if not picked:
        raise ClipError("empty", f"no picture of it decodes ({lost[0]})")
    damage = (
        [f"{len(lost)} of the {len(lost) + len(picked)} sampled stills were lost ({lost[0]})"] if lost else []
    )
    return _as_clip(path, picked, damage)


def _check_length(frames: int, sampling: Sampling) -> None:
    if frames < sampling.min_frames:
        raise ClipError("too_short", f"{frames} frames, fewer than the {sampling.min_frames} asked for")


def _as_clip(path: Path, picked: dict[int, tuple[np.ndarray, float]], damage: list[str]) -> Clip:
    """Bring {position: (frame, seconds)} into a Clip."""
    pictures = [frame for frame, _ in picked.values()]
    height, width = pictures[0].shape[:2]
    if any(picture.shape != pictures[0].shape for picture in pictures):
        damage.append("its picture size changes, and all frames were brought to the first one's")
        pictures = [_fit(picture, height, width) for picture in pictures]
    times = np.array([time for _, time in picked.values()], np.float64)
    return Clip(path, np.stack(pictures), times, "; ".join(damage))


def _fit(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale a picture into height x width, undistorted; where it does not fill them, its edge is repeated."""
    scale = min(height / image.shape[0], width / image.shape[1])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    margins = (top, height - size[1] - top, left, width - size[0] - left)
    return cv2.copyMakeBorder(image, *margins, cv2.BORDER_REPLICATE)


def _decode(path: Path, sampling: Sampling, count: int | None):
    """Decode once through and keep the frames asked for.

    Args:
        path: Path.
        sampling: Sampling.
        count: int. Frames in the clip, where a first pass has counted them; None takes the header's word.

    Returns:
        The header's (or `count`) number of frames, {position: (frame, seconds)}, the number of frames
        that decoded, and a list of words about damage.
    """
    picked: dict[int, tuple[np.ndarray, float]] = {}
    decoded, broken, damage = 0, 0, []
    try:
        with open_video(path) as container:
            stream = container.streams.video[0]
            promised = promised_frames(container)
            wanted = set(_positions(count or promised, sampling.frames))
            packets = container.demux(stream)
            while True:
                try:
                    packet = next(packets, None)
                except (av.error.FFmpegError, EOFError) as error:
                    damage.append(f"the file breaks off ({error.strerror})")
                    packet = None
                if packet is None:
                    break
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    broken += 1
                    continue
                for frame in frames:
                    if decoded in wanted:
                        picked[decoded] = (
                            _to_rgb(frame, sampling.max_side),
                            _seconds(frame, stream, decoded),
                        )
                    decoded += 1
    except (av.error.FFmpegError, ValueError) as error:
        if decoded == 0:
            reason = getattr(error, "strerror", None) or str(error)
            raise ClipError("unreadable", f"is no video that can be parsed ({reason})") from error
        damage.append(f"decoding stopped ({getattr(error, 'strerror', None) or error})")
    if broken:
        damage.append(f"{broken} damaged packets were skipped")
    return promised, picked, decoded, damage


def _positions(count: int, wanted: int) -> list[int]:
    """Return the middles of `wanted` equal stretches of `count` frames; all of them if there are fewer."""
    wanted = max(1, min(count, wanted))
    return [int((i + 0.5) * count / wanted) for i in range(wanted)]


def _seconds(frame, stream, position: int) -> float:
    if frame.time is not None:
        return float(frame.time)
    rate = frame_rate(stream)
    return position / rate if rate else float(position)


def _to_rgb(frame, max_side: int) -> np.ndarray:
    scale = min(1.0, max_side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    image = frame.to_ndarray(format="rgb24", width=width, height=height)
    # Phones write upright video lying down, with a note to turn it.
    turns = round((frame.rotation or 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _in_brackets(words: list[str]) -> str:
    return f" ({'; '.join(words)})" if words else ""
