"""Read a clip with reduced picture quality: compressed again, scaled, blurred, or with added noise."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast, get_args

import cv2
import numpy as np

from dfutils.errors import SettingsError
from dfutils.frames.reader import Clip, read_clip
from dfutils.frames.sampling import Sampling
from dfutils.frames.writing import EncoderSettings, all_frames, write_frames

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


def _compress(path: Path, target: Path, sampling: Sampling, *, crf: float, threads: int) -> None:
    """Encode a clip again as H.264 and write it to `target`.

    Raises:
        ClipError: If the clip cannot be read, or its pictures are smaller than 2 x 2 pixels.
    """
    # Reading the original first gives an unreadable clip the same error message as `read_clip`.
    read_clip(path, replace(sampling, frames=1), threads=threads)
    write_frames(target, all_frames(path, sampling, threads), EncoderSettings(options={"crf": f"{crf:g}"}))
