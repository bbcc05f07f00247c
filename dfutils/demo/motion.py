"""Move a talking head: pose, blinks, gaze, eyebrows and speech, one value per frame each."""

from dataclasses import dataclass

import numpy as np

RATE = 25  # frames per second


@dataclass(frozen=True)
class Motion:
    """The motion of a clip, float64 [T] each.

    Args:
        yaw, pitch, roll: Angles of the head in radians.
        x, y: Distance of the head from its mean place, in head units.
        mouth: How far the mouth is open, 0 to 1.
        smile: How far the corners of the mouth are raised, about -0.02 to 0.06 head units.
        lids: How far the eyes are open, 0 to 1.
        brows: How far the eyebrows are raised, in head units.
        gaze_x, gaze_y: Where the eyes look, -1 to 1.
        camera_x, camera_y: How far a hand-held camera has moved the picture, in head units.
    """

    yaw: np.ndarray
    pitch: np.ndarray
    roll: np.ndarray
    x: np.ndarray
    y: np.ndarray
    mouth: np.ndarray
    smile: np.ndarray
    lids: np.ndarray
    brows: np.ndarray
    gaze_x: np.ndarray
    gaze_y: np.ndarray
    camera_x: np.ndarray
    camera_y: np.ndarray

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.yaw)

    def at(self, frame: int) -> dict[str, float]:
        """Return the values of one frame by name."""
        return {name: float(values[frame]) for name, values in vars(self).items()}


def draw_motion(rng: np.random.Generator, *, frames: int) -> Motion:
    """Draw the motion of a talking head at random.

    Args:
        rng: Generator.
        frames: int. Length, at `RATE` frames per second.

    Returns:
        Motion.
    """
    time = np.arange(frames) / RATE

    def sway(size: float, slowest: float = 0.2, fastest: float = 0.7) -> np.ndarray:
        waves = [
            rng.normal() / (i + 1)
            * np.sin(2 * np.pi * rng.uniform(slowest, fastest) * (i + 1) * time + rng.uniform(0, 6.3))
            for i in range(3)
        ]  # fmt: skip
        return size * np.sum(waves, axis=0) / 1.2

    syllables = np.abs(np.sin(np.pi * rng.uniform(2.2, 3.6) * time + rng.uniform(0, 3)))
    talking = np.clip(
        0.5 + 1.2 * np.sin(2 * np.pi * rng.uniform(0.2, 0.5) * time + rng.uniform(0, 6.3)), 0, 1
    )
    mouth = rng.uniform(0.55, 1.0) * syllables**1.3 * talking
    lids = np.ones(frames)
    for start in np.cumsum(rng.uniform(0.5, 1.6, 6)):
        lids *= 1 - np.exp(-(((time - start) / 0.055) ** 2)) * 0.97
    jumps = np.sort(rng.uniform(0, time[-1] if frames > 1 else 1, 2))
    directions = rng.normal(0, 0.35, (3, 2))
    gaze = directions[np.searchsorted(jumps, time)]
    return Motion(
        yaw=rng.uniform(-0.16, 0.16) + sway(0.11),
        pitch=rng.uniform(-0.07, 0.07) + sway(0.05),
        roll=sway(0.045),
        x=sway(0.05),
        y=sway(0.03),
        mouth=mouth,
        smile=rng.uniform(-0.01, 0.035) + sway(0.012),
        lids=lids,
        brows=np.clip(sway(0.02), -0.015, 0.04),
        gaze_x=np.clip(gaze[:, 0], -0.8, 0.8),
        gaze_y=np.clip(gaze[:, 1] * 0.5, -0.4, 0.4),
        camera_x=sway(0.014, 0.3, 1.1),
        camera_y=sway(0.012, 0.3, 1.1),
    )
