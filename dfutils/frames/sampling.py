"""Choose which frames of a clip to read: spread evenly, in windows, or keyframes only."""

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
            `"uniform"`: the clip is divided into `frames` equal parts, and the middle frame of each part is read, or a
            nearby frame that is faster to decode.
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

    In a long video (more than two seconds per sample), the keyframe nearest to the middle of each part is chosen. If a
    part has no keyframe, its middle frame is chosen. A long video then takes no longer to read than a short one.

    Args:
        sampling: Sampling. The sampling rule and the number of frames.
        times: float array [N]. When each frame is shown, in seconds, ascending.
        keys: int array [K]. Positions of the keyframes, ascending.

    Returns:
        list of int. Positions of frames, ascending and distinct.
    """
    count = len(times)
    if sampling.rule == "keyframes":
        return [int(keys[i]) for i in _middles(len(keys), sampling.frames)]
    if count <= sampling.frames:
        return list(range(count))
    window = min(sampling.window, sampling.frames) if sampling.rule == "burst" else 1
    windows = -(-sampling.frames // window)
    sizes = [len(part) for part in np.array_split(np.arange(sampling.frames), windows)]
    is_long = times[-1] - times[0] > _LONG_SECONDS_PER_SAMPLE * sampling.frames
    chosen: list[int] = []
    for part, (middle, size) in enumerate(zip(_middles(count, windows), sizes, strict=True)):
        # The window has to fit into its part, so that neighbouring windows do not overlap.
        low, high = -(-part * count // windows), (part + 1) * count // windows - size
        start = min(max(middle - size // 2, low), high)
        if is_long:
            keys_of_part = keys[(keys >= low) & (keys <= high)]
            if len(keys_of_part):
                start = int(keys_of_part[np.argmin(np.abs(keys_of_part - start))])
        chosen += range(start, start + size)
    return chosen


def _middles(count: int, parts: int) -> list[int]:
    """Divide `count` positions into `parts` equal parts, and return the middle position of each part.

    If there are fewer positions than parts, all positions are returned.
    """
    parts = max(1, min(count, parts))
    return [int((i + 0.5) * count / parts) for i in range(parts)]
