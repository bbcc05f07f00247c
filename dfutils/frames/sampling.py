"""Choose which frames of a clip are read."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from dfutils.errors import ClipError, SettingsError

SamplingRule = Literal["uniform", "burst", "keyframes"]
RULES: tuple[SamplingRule, ...] = get_args(SamplingRule)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Which frames of a clip are read.

    Args:
        rule: str. Defaults to `"uniform"`.
            `"uniform"`: one frame from the middle of each of `frames` equal parts of the clip, or a frame next to it
            that is faster to decode. The frames are spread over the whole clip.
            `"burst"`: windows of consecutive frames, spread in the same way, for what changes from one frame to the
            next.
            `"keyframes"`: only frames that the video stores whole. They are fast to read even in hours of video, but
            a short clip has few of them.
        frames: int. The largest number of frames sampled from a clip. A shorter clip gives all its frames. Defaults
            to 20.
        window: int. Consecutive frames per window, for the rule `"burst"`. Defaults to 5.
        min_frames: int. A clip with fewer frames has the status `too_short`. Defaults to 1.
        max_side: int. Largest longer side of a frame, in pixels. Larger frames are shrunk while they are decoded,
            which bounds the memory that a clip takes. Defaults to 1280.

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


# In a clip with more seconds per sample than this, a keyframe near the middle of a part stands for that part.
_LONG_SECONDS_PER_SAMPLE = 2.0


def choose_frames(sampling: Sampling, times: np.ndarray, keys: np.ndarray) -> list[int]:
    """Choose the frames that the sampling rule asks for.

    In a long video (more than two seconds per sample), a part that holds a keyframe is represented by the keyframe
    nearest to its middle. Half an hour then takes no longer to read than half a minute.

    Args:
        sampling: Sampling.
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
    """Return the middle of each of `parts` equal parts of `count` positions; every position if there are fewer."""
    parts = max(1, min(count, parts))
    return [int((i + 0.5) * count / parts) for i in range(parts)]
