"""Which frames of a clip are looked at."""

from dataclasses import dataclass

import numpy as np

from dfutils.errors import SettingsError

RULES = ("uniform", "burst", "keyframes")
# In a clip of more seconds than this times its samples, a sample that costs little is as good as the very middle.
_FAR_SECONDS = 2.0


@dataclass(frozen=True)
class Sampling:
    """Which frames of a clip are looked at.

    Args:
        rule: str. `"uniform"`: one frame from the middle of each of `frames` equal stretches, so that they
            are spread over the whole clip; `"burst"`: windows of consecutive frames, spread likewise, for
            what changes from one frame to the next; `"keyframes"`: only frames that are stored whole, which
            cost next to nothing even in hours of video, and of which a short clip has few. Defaults to
            `"uniform"`.
        frames: int. Frames sampled from a clip at the most. A shorter clip gives all it has. Defaults to 20.
        window: int. Consecutive frames in a window of the rule `"burst"`. Defaults to 5.
        min_frames: int. A clip with fewer frames is `too_short`. Defaults to 1.
        max_side: int. Longer side, in pixels, above which a frame is shrunk while it is decoded; it
            bounds the memory a clip can take. Defaults to 1280.
    """

    rule: str = "uniform"
    frames: int = 20
    window: int = 5
    min_frames: int = 1
    max_side: int = 1280

    def __post_init__(self):
        if self.rule not in RULES:
            raise SettingsError(f"Sampling.rule is one of {', '.join(RULES)}. Received: {self.rule!r}")
        for name in ("frames", "window", "min_frames", "max_side"):
            if getattr(self, name) < 1:
                raise SettingsError(f"Sampling.{name} must be at least 1. Received: {getattr(self, name)}")


def choose_frames(sampling: Sampling, times: np.ndarray, keys: np.ndarray) -> list[int]:
    """Choose the frames to look at.

    Args:
        sampling: Sampling.
        times: float array [N]. When each frame is shown, in seconds, ascending.
        keys: int array [K]. Positions of the keyframes, ascending.

    Returns:
        list of int. Positions of frames, ascending and different. In a long video, of more than two seconds
        a sample, a stretch that holds a keyframe is represented by the one nearest to its middle: half an
        hour then costs no more than half a minute.
    """
    count = len(times)
    if sampling.rule == "keyframes":
        return [int(keys[i]) for i in _middles(len(keys), sampling.frames)]
    if count <= sampling.frames:
        return list(range(count))
    window = min(sampling.window, sampling.frames) if sampling.rule == "burst" else 1
    windows = -(-sampling.frames // window)
    sizes = [len(part) for part in np.array_split(np.arange(sampling.frames), windows)]
    are_far = times[-1] - times[0] > _FAR_SECONDS * sampling.frames
    chosen = []
    for middle, size, begin in zip(_middles(count, windows), sizes, range(windows), strict=True):
        low, high = -(-begin * count // windows), (begin + 1) * count // windows - size
        start = min(max(middle - size // 2, low), high)
        if are_far:
            inside = keys[(keys >= low) & (keys <= high)]
            start = int(min(inside, key=lambda key, at=start: abs(key - at), default=start))
        chosen += range(start, start + size)
    return chosen


def _middles(count: int, wanted: int) -> list[int]:
    """Return the middles of `wanted` equal stretches of `count` frames; all of them if there are fewer."""
    wanted = max(1, min(count, wanted))
    return [int((i + 0.5) * count / wanted) for i in range(wanted)]
