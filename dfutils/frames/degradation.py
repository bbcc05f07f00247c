"""What the world does to a video before a detector sees it: compressed again, scaled, blurred, noisy."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from dfutils.errors import ClipError, SettingsError
from dfutils.frames.orientation import to_rgb
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling
from dfutils.media.files import media_of
from dfutils.media.opening import frame_rate, open_video

# Kind, what its strength is, and the range it lies in.
KINDS = {
    "h264": ("constant rate factor", 0, 51),
    "resolution": ("share of width and height", 0.01, 1),
    "blur": ("standard deviation in pixels", 0, 100),
    "noise": ("standard deviation of 256 levels", 0, 256),
}
_RATE = 25


@dataclass(frozen=True)
class Degradation:
    """One thing that is done to a clip.

    Args:
        kind: str. `"h264"`: the whole clip is encoded anew; `"resolution"`: frames are scaled down and up again;
            `"blur"`: Gaussian; `"noise"`: Gaussian, the same for the same clip.
        strength: float. The constant rate factor (0 to 51); the share of width and height that is kept; the standard
            deviation in pixels; the standard deviation in levels of 256.
    """

    kind: str
    strength: float

    def __post_init__(self):
        if self.kind not in KINDS:
            raise SettingsError(f"Degradation.kind is one of {', '.join(KINDS)}. Received: {self.kind!r}")
        what, low, high = KINDS[self.kind]
        if not low <= self.strength <= high:
            raise SettingsError(
                f"Of {self.kind}, the {what} lies in [{low}, {high}]. Received: {self.strength}"
            )

    def __str__(self) -> str:
        return f"{self.kind}:{self.strength:g}"

    @classmethod
    def parse(cls, text: str) -> "Degradation":
        """Return what `kind:strength` describes, such as `h264:40`.

        Raises:
            SettingsError: If it describes none.
        """
        kind, _, strength = text.strip().partition(":")
        try:
            return cls(kind, float(strength))
        except ValueError as error:
            raise SettingsError(
                f"Write a degradation as kind:strength, as in h264:40. Received: {text!r}"
            ) from error


def read_degraded(path: str | Path, sampling: Sampling, degradation: Degradation, threads: int = 0) -> Clip:
    """Sample frames from a clip that something was done to.

    Args:
        path, sampling, threads: As for `read_clip`.
        degradation: Degradation.

    Returns:
        Clip. As of `read_clip`.

    Raises:
        ClipError: As `read_clip`.
    """
    path = Path(path)
    if degradation.kind != "h264":
        clip = read_clip(path, sampling, threads)
        rng = np.random.default_rng(0)
        return replace(clip, frames=np.stack([_spoil(frame, degradation, rng) for frame in clip.frames]))
    with tempfile.TemporaryDirectory(prefix="dfutils-") as folder:
        again = Path(folder) / "again.mp4"
        _encode_again(path, again, sampling, degradation.strength, threads)
        return replace(read_clip(again, sampling, threads), path=path)


def _spoil(frame: np.ndarray, degradation: Degradation, rng: np.random.Generator) -> np.ndarray:
    height, width = frame.shape[:2]
    if degradation.kind == "resolution":
        size = max(1, round(width * degradation.strength)), max(1, round(height * degradation.strength))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if degradation.kind == "blur":
        return cv2.GaussianBlur(frame, (0, 0), degradation.strength) if degradation.strength else frame
    noisy = frame + rng.normal(0, degradation.strength, frame.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _encode_again(path: Path, target: Path, sampling: Sampling, crf: float, threads: int) -> None:
    read_clip(path, replace(sampling, frames=1), threads)  # what cannot be used says why in the usual words
    with av.open(str(target), "w", format="mp4") as container:
        stream = None
        for frame, time in _every_picture(path, sampling, threads):
            if stream is None:
                # One thread, so that the same clip always gives the same file.
                options = {"crf": f"{crf:g}", "threads": "1"}
                stream = container.add_stream("libx264", rate=_RATE, options=options)
                height, width = (side - side % 2 for side in frame.shape[:2])
                if not height or not width:
                    raise ClipError("unreadable", "its pictures are too small to be encoded")
                stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
                stream.codec_context.time_base = Fraction(1, 90_000)
                last = -1
            picture = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(_cut(frame, height, width)), format="rgb24"
            )
            last = max(last + 1, round(time * 90_000))
            picture.pts, picture.time_base = last, Fraction(1, 90_000)
            container.mux(stream.encode(picture))
        if stream is not None:
            container.mux(stream.encode())


def _cut(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    if frame.shape[0] < height or frame.shape[1] < width:  # the picture's size changed on the way
        return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    return frame[:height, :width]


def _every_picture(path: Path, sampling: Sampling, threads: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield (picture, seconds) of a whole clip; of stills, those that are sampled."""
    if path.is_dir() or media_of(path.name) == "image":
        for position, frame in enumerate(read_clip(path, sampling, threads).frames):
            yield frame, position / _RATE
        return
    count, start = 0, None
    try:
        with open_video(path, threads) as container:
            stream = container.streams.video[0]
            rate = frame_rate(stream) or _RATE
            for frame in container.decode(stream):
                time = float(frame.time) if frame.time is not None else count / rate
                start = time if start is None else start
                count += 1
                yield to_rgb(frame, sampling.max_side), time - start
    except (av.error.FFmpegError, ValueError) as error:
        if count == 0:
            raise ClipError("empty", "no frame of it decodes from its beginning on") from error
