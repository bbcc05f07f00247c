"""Forge a talking head in four ways, each with the traces that its kind leaves.

Every forgery starts from the clean picture of the target, before the noise of the camera and before the encoder, which
real clips and forgeries share. The altered region is known exactly: it is the mask.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from dfutils.demo.motion import Motion
from dfutils.demo.people import Person, oval, ramp, with_face_of
from dfutils.demo.rendering import Face, Head, Scene, draw_face
from dfutils.frames.looks import Look, soften
from dfutils.frames.portable_pictures import warp


@dataclass(frozen=True)
class Take:
    """What a forgery is made from.

    Args:
        target: Head. The person who is seen.
        donor: Person. The person whose face or expression is inserted.
        swapped: Head. The target's head with the donor's face.
        motion: Motion. Of the target.
        donor_motion: Motion. Of the donor.
        scene: Scene.
        rng: Generator. The random numbers of this forgery.
        strength: float. How visible the traces are; 1 is the strength of the data set.
    """

    target: Head
    donor: Person
    swapped: Head
    motion: Motion
    donor_motion: Motion
    scene: Scene
    rng: np.random.Generator
    strength: float


# A function of a frame's number and the target's face there. It returns the forged face and its opacity [h, w].
Forger = Callable[[int, Face], tuple[Face, np.ndarray]]


def swap(take: Take) -> Forger:
    """Paste the donor's face, made at a low resolution, into the target's head (as DeepFakes do).

    It leaves a soft face in a sharp picture and a skin colour that is slightly off. Every frame is made by itself, so
    the face trembles a little.
    """
    shrink = 1 + 2.1 * take.strength
    offset = 0.5 * take.strength * (take.donor.skin - take.target.person.skin).clip(-16, 16)
    tremble = _Tremble(take, pixels=1.2, gain=0.04)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        face = draw_face(take.swapped, take.scene, take.motion.at(frame), inner=True)
        face.rgb[:] = tremble(soften(face.rgb, shrink) - _skin_gap(take) + offset, frame)
        return face, _inner_opacity(face, feather=0.12)

    return forge


def reenact(take: Take) -> Forger:
    """Let the target's mouth and jaw move as the donor's do (as Face2Face and NeuralTextures do).

    It leaves a re-synthesised lower face, soft and with slightly wrong light, and a seam around it.
    """
    shrink = 1 + 1.2 * take.strength
    gain = 1 + 0.08 * take.strength * take.rng.choice([-1, 1])
    tremble = _Tremble(take, pixels=3.3, gain=0.20)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        speech = take.donor_motion.at(frame)
        pose = take.motion.at(frame) | {name: speech[name] for name in ("mouth", "smile")}
        face = draw_face(take.target, take.scene, pose, inner=True)
        face.rgb[:] = tremble(soften(face.rgb, shrink) * gain, frame)
        radius = oval(face.u, face.v, (0.0, take.target.person.mouth_y + 0.02), (0.58, 0.48))
        return face, ramp(1.0, 0.86, radius) * face.alpha

    return forge


def blend(take: Take) -> Forger:
    """Paste the target's own face over itself, slightly moved and recoloured.

    This is the self-blended image of Shiohara and Yamasaki (CVPR 2022). Without any other face it has what every paste
    leaves: double edges, and a seam between two colours.
    """
    rng, strength = take.rng, max(take.strength, 0.05)  # with a strength of 0, nothing would be altered
    angle, scale = rng.normal(0, 0.6), 1 + 0.012 * strength * rng.choice([-1, 1])
    shift = strength * rng.uniform(1.2, 2.6, 2) * rng.choice([-1, 1], 2)
    gain = 1 + strength * rng.uniform(0.04, 0.08) * rng.choice([-1, 1])
    tint = strength * rng.normal(0, 3.0, 3).astype(np.float32)
    shrink, opacity = 1 + strength * rng.uniform(1.4, 2.1), rng.choice([0.7, 0.85, 1.0])
    look = Look(gain=gain, offset=tint, shrink=shrink)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        height, width = own.alpha.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), strength * angle, scale)
        matrix[:, 2] += shift
        rgb = np.clip(look.apply(warp(own.rgb, matrix)), 0, 255)
        return replace(own, rgb=rgb), opacity * _inner_opacity(own, feather=0.10)

    return forge


def temporal(take: Take) -> Forger:
    """Let the identity and the place of the face, and a little its light, change from frame to frame.

    Each frame alone shows another person's face in about the right place and light. The sequence reveals far more.
    """
    weights = 0.5 + 0.5 * take.strength * take.rng.choice([-1, 1], len(take.motion))
    tremble = _Tremble(take, pixels=4.2, gain=0.09)

    @functools.cache  # two weights alternate
    def mixed_head(weight: float) -> Head:
        person = with_face_of(take.target.person, take.donor, weight=weight)
        return take.target.mixed_with(take.swapped, person, weight=weight)

    def forge(frame: int, own: Face) -> tuple[Face, np.ndarray]:
        weight = float(np.clip(weights[frame], 0, 1))
        face = draw_face(mixed_head(weight), take.scene, take.motion.at(frame), inner=True)
        face.rgb[:] = tremble(face.rgb - weight * _skin_gap(take), frame)
        return face, _inner_opacity(face, feather=0.12)

    return forge


METHODS: dict[str, Callable[[Take], Forger]] = {
    "swap": swap,
    "reenact": reenact,
    "blend": blend,
    "temporal": temporal,
}


class _Tremble:
    """Shift and brighten each frame a little differently, as a generator without memory does.

    Args:
        take: Take.
        pixels: float. Standard deviation of the shift at a strength of 1.
        gain: float. Standard deviation of the brightness at a strength of 1.
    """

    def __init__(self, take: Take, *, pixels: float, gain: float) -> None:
        frames = len(take.motion)
        self._shift = take.strength * pixels * take.rng.normal(size=(frames, 2)).clip(-2, 2)
        self._gain = 1 + take.strength * gain * take.rng.normal(size=frames).clip(-2, 2)

    def __call__(self, rgb: np.ndarray, frame: int) -> np.ndarray:
        moved = warp(rgb, [[1, 0, self._shift[frame, 0]], [0, 1, self._shift[frame, 1]]])
        return np.clip(moved * self._gain[frame], 0, 255)


def _inner_opacity(face: Face, *, feather: float) -> np.ndarray:
    """Return the opacity of the face between eyebrows and chin, which falls off over `feather` of its diameter."""
    radius = oval(face.u, face.v, (0.0, 0.22), (0.60, 0.66))
    return ramp(1.0, 1.0 - 2 * feather, radius) * face.alpha


def _skin_gap(take: Take) -> np.ndarray:
    """Return the colour shift that brings the pasted skin most of the way to the skin colour of the target."""
    return 0.8 * (take.donor.skin - take.target.person.skin)
