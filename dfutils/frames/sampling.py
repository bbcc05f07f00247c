"""Choose which frames of a clip to read: spread evenly, in windows, or keyframes only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from dfutils.errors import ClipError, SettingsError

SamplingRule = Literal["uniform", "burst", "keyframes"]
RULES: tuple[SamplingRule, ...] = get_args(SamplingRule)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Settings for choosing which frames of a clip to read.

    Args:
        rule: str. Defaults to `"uniform"`.
            `"uniform"`: the clip is divided into `frames` parts of equal length in time, and the frame in the middle of
            each part is read, or a nearby frame that is faster to decode.
            `"burst"`: windows of consecutive frames, evenly spread over the clip. Use this rule to see changes from
            one frame to the next.
            `"keyframes"`: only keyframes, the frames that a video stores completely. Keyframes are fast to read even
            in a video of several hours, but a short clip has few keyframes.
        frames: int. The largest number of frames sampled from a clip. All frames of a shorter clip are read.
            Defaults to 20.
        window: int. Consecutive frames per window, for the rule `"burst"`. Defaults to 5.
        min_frames: int. A clip with fewer frames has the status `too_short`. Defaults to 1.
        max_side: int. Largest longer side of a frame, in pixels. Larger frames are shrunk while they are decoded,
            which limits the memory use. Defaults to 1280.

    Raises:
        SettingsError: If the rule is unknown, or a number is not a whole number of at least 1.
    """

    rule: SamplingRule = "uniform"
    frames: int = 20
    window: int = 5
    min_frames: int = 1
    max_side: int = 1280

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise SettingsError(f"Sampling.rule must be one of {', '.join(RULES)}. Received: {self.rule!r}")
        for name in ("frames", "window", "min_frames", "max_side"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise SettingsError(
                    f"Sampling.{name} must be a whole number of at least 1. Received: {value!r}"
                )


def check_length(count: int, sampling: Sampling) -> None:
    """Raise ClipError with status `too_short` if a clip has fewer frames than `sampling.min_frames`."""
    if count < sampling.min_frames:
        frames = "1 frame" if count == 1 else f"{count} frames"
        raise ClipError("too_short", f"{frames}, but at least {sampling.min_frames} are required")


# In a clip with more seconds per sample than this, keyframes are preferred, because they decode faster.
_LONG_SECONDS_PER_SAMPLE = 2.0


def choose_frames(sampling: Sampling, times: np.ndarray, keys: np.ndarray) -> list[int]:
    """Choose the positions of the frames to read, by the sampling rule.

    The parts of a clip are equally long in time, also if its frame rate varies. If there are no usable times, they have
    equally many frames. In a long video (more than two seconds per sample), the keyframe nearest to the middle of each
    part is chosen. If a part has no keyframe, its middle frame is chosen. A long video then takes no longer to read
    than a short one.

    Args:
        sampling: Sampling. The sampling rule and the number of frames.
        times: float array [N]. When each frame is shown, in seconds, ascending.
        keys: int array [K]. Positions of the keyframes, ascending.

    Returns:
        list of int. Positions of frames, ascending and distinct.
    """
    count = len(times)
    if sampling.rule == "keyframes":
        parts = min(sampling.frames, len(keys))
        chosen = _shown_at(times[keys], _middles(parts))
        return [int(keys[i]) for i in _apart(chosen, [1] * parts, len(keys))]
    if count <= sampling.frames:
        return list(range(count))
    window = min(sampling.window, sampling.frames) if sampling.rule == "burst" else 1
    windows = -(-sampling.frames // window)
    sizes = [len(part) for part in np.array_split(np.arange(sampling.frames), windows)]
    is_long = times[-1] - times[0] > _LONG_SECONDS_PER_SAMPLE * sampling.frames
    middles = _shown_at(times, _middles(windows))
    lows = _first_after(times, np.arange(windows) / windows)
    ends = [*_shown_at(times, np.arange(1, windows) / windows), count]
    starts = []
    for part, (middle, size) in enumerate(zip(middles, sizes, strict=True)):
        # The window should fit into its part, so that neighbouring windows do not overlap.
        low, high = lows[part], ends[part] - size
        start = middle - size // 2
        if size > 1 and low <= high:
            start = min(max(start, low), high)
        if is_long:
            keys_of_part = keys[(keys >= low) & (keys <= high)]
            if len(keys_of_part):
                start = keys_of_part[np.argmin(np.abs(keys_of_part - start))]
        starts.append(start)
    return [
        position
        for start, size in zip(_apart(starts, sizes, count), sizes, strict=True)
        for position in range(start, start + size)
    ]


# A share of the usual step between frames: larger than what times lose by rounding to floating-point numbers.
_ROUNDING = 1e-3


def _middles(parts: int) -> np.ndarray:
    """Return the middles of equal parts of a clip, as shares of its length, float64 [parts]."""
    return (np.arange(parts) + 0.5) / parts


def _shown_at(times: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the positions of the frames that are shown after shares (from 0 to 1) of a clip's length."""
    clock, step = _clock(times)
    moments = shares * (clock[-1] + step) + _ROUNDING * step
    return np.maximum(np.searchsorted(clock, moments, side="right") - 1, 0)


def _first_after(times: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the positions of the first frames after shares (from 0 to 1) of a clip's length."""
    clock, step = _clock(times)
    return np.searchsorted(clock, shares * (clock[-1] + step) - _ROUNDING * step)


def _clock(times: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the time of each frame from the first one, and the usual time from one frame to the next.

    If the times do not increase, each frame counts as one second.
    """
    steps = np.diff(times)
    if not len(steps) or not times[-1] > times[0]:
        return np.arange(len(times), dtype=float), 1.0
    return times - times[0], float(np.median(steps[steps > 0]))


def _apart(starts: Sequence[int] | np.ndarray, sizes: list[int], count: int) -> list[int]:
    """Move windows as little as possible, so that they neither overlap nor go beyond `count` positions."""
    moved: list[int] = []
    free = 0
    for start, size in zip(starts, sizes, strict=True):
        moved.append(max(int(start), free))
        free = moved[-1] + size
    end = count
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], end - sizes[i])
        end = moved[i]
    return moved
