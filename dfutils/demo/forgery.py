"""Four ways to forge a talking head, each with the trace that its kind leaves.

Every forgery starts from the clean picture of the target, before the camera's noise and the encoder,
which real clips and forgeries then share. What is altered is known exactly: the mask.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from dfutils.demo import portable_math as exact
from dfutils.demo.motion import Motion
from dfutils.demo.people import Person, oval, ramp, with_face_of
from dfutils.demo.rendering import Face, Head, Scene, draw_face


@dataclass(frozen=True)
class Take:
    """What a forgery is made from.

    Args:
        target: Head. Who is seen.
        donor: Person. Whose face or expression is put there.
        swapped: Head. The target's head with the donor's face.
        motion, donor_motion: Motion.
        scene: Scene.
        rng: Generator. The forgery's own chance.
        strength: float. How plain its traces are; 1 is what the data set uses.
    """

    target: Head
    donor: Person
    swapped: Head
    motion: Motion
    donor_motion: Motion
    scene: Scene
    rng: np.random.Generator
    strength: float


# From a frame's number and the target's own face there to the forged face and how it is laid over the target:
# colours and opacity.
Forger = Callable[[int, Face], tuple[Face, np.ndarray]]


def swap(take: Take) -> Forger:
    """Put the donor's face, made at a low resolution, into the target's head (as DeepFakes do).

    It leaves a soft face in a sharp picture, a skin that is not quite the target's, and, as every frame is made
    by itself, a face that trembles a little.
    """
    shrink = 1 + 2.1 * take.strength
    offset = 0.5 * take.strength * (take.donor.skin - take.target.person.skin).clip(-16, 16)
    tremble = _Tremble(take, pixels=1.2, gain=0.04)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        face = draw_face(take.swapped, take.scene, take.motion.at(frame), inner=True)
        made = _soften(face.rgb, shrink) - _skin_gap(take) + offset
        face.rgb[:] = tremble(made, frame)
        return face, _inner(face, 0.12)

    return forge


def reenact(take: Take) -> Forger:
    """Let the target's mouth and jaw say what the donor says (as Face2Face and NeuralTextures do).

    It leaves a re-synthesised lower face, soft and under a light that is a little off, and a seam around it.
    """
    shrink = 1 + 1.2 * take.strength
    gain = 1 + 0.08 * take.strength * take.rng.choice([-1, 1])
    tremble = _Tremble(take, pixels=3.3, gain=0.20)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        said = take.donor_motion.at(frame)
        pose = take.motion.at(frame) | {name: said[name] for name in ("mouth", "smile")}
        face = draw_face(take.target, take.scene, pose, inner=True)
        face.rgb[:] = tremble(_soften(face.rgb, shrink) * gain, frame)
        radius = oval(face.u, face.v, 0.0, take.target.person.mouth_y + 0.02, 0.58, 0.48)
        return face, ramp(1.0, 0.86, radius) * face.alpha

    return forge


def blend(take: Take) -> Forger:
    """Lay the target's own face, moved and recoloured a little, over itself.

    The self-blended image of Shiohara and Yamasaki (CVPR 2022): no other face is needed for what every paste
    leaves, double edges and a seam between two colours.
    """
    rng, strength = take.rng, max(take.strength, 0.05)  # at 0 it would be no forgery at all
    angle, scale = rng.normal(0, 0.6), 1 + 0.012 * strength * rng.choice([-1, 1])
    shift = strength * rng.uniform(1.2, 2.6, 2) * rng.choice([-1, 1], 2)
    gain = 1 + strength * rng.uniform(0.04, 0.08) * rng.choice([-1, 1])
    tint = strength * rng.normal(0, 3.0, 3).astype(np.float32)
    shrink, opacity = 1 + strength * rng.uniform(1.4, 2.1), rng.choice([0.7, 0.85, 1.0])

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        height, width = own.alpha.shape
        way = cv2.getRotationMatrix2D((width / 2, height / 2), strength * angle, scale)
        way[:, 2] += shift
        face = replace(own, rgb=np.clip(_soften(exact.move(own.rgb, way), shrink) * gain + tint, 0, 255))
        return face, opacity * _inner(face, 0.10)

    return forge


def temporal(take: Take) -> Forger:
    """Let identity and place of the face, and a little its light, waver from frame to frame.

    Each frame by itself is another person's face in about the right place and light: the sequence tells far more.
    """
    weights = 0.5 + 0.5 * take.strength * take.rng.choice([-1, 1], len(take.motion))
    tremble = _Tremble(take, pixels=4.2, gain=0.09)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        weight = float(np.clip(weights[frame], 0, 1))
        person = with_face_of(take.target.person, take.donor, weight)
        head = Head.mixed(take.target, take.swapped, person, weight)
        face = draw_face(head, take.scene, take.motion.at(frame), inner=True)
        face.rgb[:] = tremble(face.rgb - weight * _skin_gap(take), frame)
        return face, _inner(face, 0.12)

    return forge


class _Tremble:
    """What a generator that knows nothing of the frame before gets a little different each time."""

    def __init__(self, take: Take, pixels: float, gain: float):
        frames = len(take.motion)
        self._shift = take.strength * pixels * take.rng.normal(size=(frames, 2)).clip(-2, 2)
        self._gain = 1 + take.strength * gain * take.rng.normal(size=frames).clip(-2, 2)

    def __call__(self, rgb: np.ndarray, frame: int) -> np.ndarray:
        moved = exact.move(rgb, [[1, 0, self._shift[frame, 0]], [0, 1, self._shift[frame, 1]]])
        return np.clip(moved * self._gain[frame], 0, 255)


METHODS: dict[str, Callable[[Take], Forger]] = {
    "swap": swap,
    "reenact": reenact,
    "blend": blend,
    "temporal": temporal,
}


def _inner(face: Face, feather: float) -> np.ndarray:
    """Return the face between brows and chin as an opacity that falls off over `feather` of its radius."""
    radius = oval(face.u, face.v, 0.0, 0.22, 0.60, 0.66)
    return ramp(1.0, 1.0 - 2 * feather, radius) * face.alpha


def _soften(rgb: np.ndarray, shrink: float) -> np.ndarray:
    """Return the picture as it comes out of a generator with `shrink` times fewer pixels a side."""
    height, width = rgb.shape[:2]
    small = exact.resize(rgb, (round(width / shrink), round(height / shrink)), cv2.INTER_AREA)
    return exact.resize(small, (width, height), cv2.INTER_CUBIC)


def _skin_gap(take: Take) -> np.ndarray:
    """Return by how much the donor's skin differs: forgers match colours before they paste."""
    return 0.8 * (take.donor.skin - take.target.person.skin)
