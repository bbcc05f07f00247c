"""Read a clip with reduced picture quality: compressed again, scaled, blurred, or with added noise."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast, get_args

import av
import cv2
import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.orientation import to_rgb
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling
from dfutils.media.files import media_of
from dfutils.media.opening import STILLS_RATE, frame_rate, open_video

DegradationKind = Literal["h264", "resolution", "blur", "noise"]
KINDS: tuple[DegradationKind, ...] = get_args(DegradationKind)


@dataclass(frozen=True)
class _Strength:
    """Meaning and allowed range of the strength of one kind of degradation."""

    meaning: str
    low: float
    high: float


_STRENGTHS: dict[DegradationKind, _Strength] = {
    "h264": _Strength("constant rate factor", 0, 51),
    "resolution": _Strength("share of width and height", 0.01, 1),
    "blur": _Strength("standard deviation in pixels", 0, 100),
    "noise": _Strength("standard deviation in levels of 256", 0, 256),
}


@dataclass(frozen=True)
class Degradation:
    """A kind of picture degradation and its strength.

    Args:
        kind: str. `"h264"`: the whole clip is encoded again. `"resolution"`: frames are scaled down and up again.
            `"blur"`: Gaussian blur. `"noise"`: Gaussian noise, the same each time the same clip is read.
        strength: float. For `"h264"` the constant rate factor (0 to 51, higher is worse); for `"resolution"` the share
            of width and height that is kept (0.01 to 1); for `"blur"` the standard deviation in pixels (0 to 100); for
            `"noise"` the standard deviation in levels of 256 (0 to 256).

    Raises:
        SettingsError: If the kind is unknown or the strength is out of range.
    """

    kind: DegradationKind
    strength: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingsError(
                f"Degradation.kind must be one of {', '.join(KINDS)}. Received: {self.kind!r}"
            )
        allowed = _STRENGTHS[self.kind]
        if not allowed.low <= self.strength <= allowed.high:
            raise SettingsError(
                f"The strength of the degradation {self.kind} ({allowed.meaning}) must be from {allowed.low} to "
                f"{allowed.high}. Received: {self.strength}"
            )

    def __str__(self) -> str:
        return f"{self.kind}:{self.strength:g}"

    @classmethod
    def parse(cls, text: str) -> "Degradation":
        """Parse a text of the form `kind:strength`, for example `h264:40`.

        Args:
            text: str. The kind of degradation, a colon and the strength.

        Raises:
            SettingsError: If the text does not have the form `kind:strength`.
        """
        kind, _, strength = text.strip().partition(":")
        try:
            value = float(strength)
        except ValueError as error:
            raise SettingsError(
                f"Write a degradation as kind:strength, for example h264:40. Received: {text!r}"
            ) from error
        return cls(cast(DegradationKind, kind), value)


def read_degraded(
    path: str | Path, degradation: Degradation, sampling: Sampling | None = None, *, threads: int = 0
) -> Clip:
    """Sample frames from a degraded version of a clip. The file itself is not changed.

    Args:
        path: str or Path. A video file, an image file, or a folder of image files.
        degradation: Degradation. The kind of degradation and its strength.
        sampling: Sampling. Defaults to `Sampling()`.
        threads: int. Threads that decode a video; 0 for as many as there are cores. Defaults to 0.

    Returns:
        Clip. The degraded frames, in the same form as from `read_clip`.

    Raises:
        ClipError: With status `empty`, `unreadable` or `too_short`, and the reason.
    """
    path, sampling = Path(path), sampling or Sampling()
    if degradation.kind != "h264":
        clip = read_clip(path, sampling, threads=threads)
        rng = np.random.default_rng(0)
        return replace(clip, frames=np.stack([_degrade(frame, degradation, rng) for frame in clip.frames]))
    with tempfile.TemporaryDirectory(prefix="dfutils-") as folder:
        compressed = Path(folder) / "compressed.mp4"
        _compress(path, compressed, sampling, crf=degradation.strength, threads=threads)
        return replace(read_clip(compressed, sampling, threads=threads), path=path)


def _degrade(frame: np.ndarray, degradation: Degradation, rng: np.random.Generator) -> np.ndarray:
    height, width = frame.shape[:2]
    if degradation.kind == "resolution":
        size = max(1, round(width * degradation.strength)), max(1, round(height * degradation.strength))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if degradation.kind == "blur":
        return cv2.GaussianBlur(frame, (0, 0), degradation.strength) if degradation.strength else frame
    noisy = frame + rng.normal(0, degradation.strength, frame.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


_CLOCK = 90_000  # time stamps per second in the compressed file
_NOMINAL_RATE = 25  # frames per second, used if a file does not state its frame rate


def _compress(path: Path, target: Path, sampling: Sampling, *, crf: float, threads: int) -> None:
    """Encode a clip again as H.264 and write it to `target`.

    Raises:
        ClipError: If the clip cannot be read, or its pictures are smaller than 2 x 2 pixels.
    """
    # Reading the original first gives an unreadable clip the same error message as `read_clip`.
    read_clip(path, replace(sampling, frames=1), threads=threads)
    with av.open(str(target), "w", format="mp4") as container:
        stream = None
        stamp = -1
        for frame, time in _all_frames(path, sampling, threads):
            if stream is None:
                # One thread, so that the same clip always gives the same file.
                options = {"crf": f"{crf:g}", "threads": "1"}
                stream = container.add_stream("libx264", rate=_NOMINAL_RATE, options=options)
                height, width = (side - side % 2 for side in frame.shape[:2])
                if not height or not width:
                    raise ClipError("unreadable", "its pictures are too small to be encoded")
                stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
                stream.codec_context.time_base = Fraction(1, _CLOCK)
            picture = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(_cut(frame, stream.height, stream.width)), format="rgb24"
            )
            stamp = max(stamp + 1, round(time * _CLOCK))
            picture.pts, picture.time_base = stamp, Fraction(1, _CLOCK)
            container.mux(stream.encode(picture))
        if stream is not None:
            container.mux(stream.encode())


def _cut(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut or scale a frame to the size of the encoded video.

    H.264 needs an even width and height, and the size of the frames may change within a video.
    """
    if frame.shape[0] < height or frame.shape[1] < width:
        return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    return frame[:height, :width]


def _all_frames(path: Path, sampling: Sampling, threads: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield (picture, seconds) for each frame of a video, or for each sampled image file."""
    if path.is_dir() or media_of(path.name) == "image":
        for position, still in enumerate(read_clip(path, sampling, threads=threads).frames):
            yield still, position / STILLS_RATE
        return
    count, start = 0, 0.0
    try:
        with open_video(path, threads=threads) as container:
            stream = container.streams.video[0]
            rate = frame_rate(stream) or _NOMINAL_RATE
            for frame in container.decode(stream):
                time = float(frame.time) if frame.time is not None else count / rate
                start = start if count else time
                count += 1
                yield to_rgb(frame, sampling.max_side), time - start
    except (av.error.FFmpegError, ValueError) as error:
        # If some frames were decoded before the damage, these frames are used without an error.
        if count == 0:
            raise ClipError("empty", "no frame at the start of the file can be decoded") from error
