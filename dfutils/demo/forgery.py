"""Four ways to forge a talking head, each with the trace that its kind leaves.

Every forgery starts from the clean picture of the target, before the camera's noise and the encoder,
which real clips and forgeries then share. What is altered is known exactly: the mask.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.demo.motion import Motion
from dfutils.demo.people import Person, _oval, _step, with_face_of
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


# From a frame's number to the forged face and how it is laid over the target: colours and opacity.
Forger = Callable[[int], tuple[Face, np.ndarray]]


def swap(take: Take) -> Forger:
    """Put the donor's face, made at a low resolution, into the target's head (as DeepFakes do).

    It leaves a soft face in a sharp picture, and a skin that is not quite the target's.
    """
    shrink = 1 + 1.1 * take.strength
    offset = 0.5 * take.strength * (take.donor.skin - take.target.person.skin).clip(-16, 16)

    def forge(frame: int) -> tuple[Face, np.ndarray]:
        face = draw_face(take.swapped, take.scene, take.motion.at(frame))
        face.rgb[:] = _soften(face.rgb, shrink) - _skin_gap(take) + offset
        return face, _inner(face, 0.12)

    return forge


def reenact(take: Take) -> Forger:
    """Drive the target's own face with the donor's expression (as Face2Face and NeuralTextures do).

    It leaves a re-synthesised mouth and eyes: a little soft, under a light that is a little off.
    """
    shrink = 1 + 0.8 * take.strength
    gain = 1 + 0.05 * take.strength * take.rng.choice([-1, 1])

    def forge(frame: int) -> tuple[Face, np.ndarray]:
        expression = take.donor_motion.at(frame)
        pose = take.motion.at(frame) | {
            name: expression[name] for name in ("mouth", "smile", "lids", "brows")
        }
        face = draw_face(take.target, take.scene, pose)
        face.rgb[:] = _soften(face.rgb, shrink) * gain
        return face, _inner(face, 0.12)

    return forge


def blend(take: Take) -> Forger:
    """Lay the donor's face over the target's, half transparent and not quite in place (as FaceSwap may).

    It leaves double edges around eyes and mouth and a seam around the face.
    """
    shift = take.rng.choice([-1, 1], 2) * take.rng.uniform(0.9, 2.0, 2) * take.strength

    def forge(frame: int) -> tuple[Face, np.ndarray]:
        face = draw_face(take.swapped, take.scene, take.motion.at(frame))
        move = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
        size = face.alpha.shape[::-1]
        moved = cv2.warpAffine(face.rgb, move, size, borderMode=cv2.BORDER_REPLICATE)
        face.rgb[:] = moved - 0.6 * _skin_gap(take)
        return face, 0.55 * _inner(face, 0.05)

    return forge


def temporal(take: Take) -> Forger:
    """Let the identity waver from frame to frame; each frame by itself is a plausible face.

    It leaves nothing in a single frame: only the sequence tells.
    """
    weights = np.clip(0.5 + 0.5 * take.strength * take.rng.uniform(-1, 1, len(take.motion)), 0, 1)

    def forge(frame: int) -> tuple[Face, np.ndarray]:
        weight = float(weights[frame])
        person = with_face_of(take.target.person, take.donor, weight)
        head = Head.mixed(take.target, take.swapped, person, weight)
        face = draw_face(head, take.scene, take.motion.at(frame))
        return face, _inner(face, 0.12)

    return forge


METHODS: dict[str, Callable[[Take], Forger]] = {
    "swap": swap,
    "reenact": reenact,
    "blend": blend,
    "temporal": temporal,
}


def _inner(face: Face, feather: float) -> np.ndarray:
    """Return the face between brows and chin as an opacity that falls off over `feather` of its radius."""
    radius = _oval(face.u, face.v, 0.0, 0.22, 0.60, 0.66)
    return _step(1.0, 1.0 - 2 * feather, radius) * face.alpha


def _soften(rgb: np.ndarray, shrink: float) -> np.ndarray:
    """Return the picture as it comes out of a generator with `shrink` times fewer pixels a side."""
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, (round(width / shrink), round(height / shrink)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def _skin_gap(take: Take) -> np.ndarray:
    """Return by how much the donor's skin differs: forgers match colours before they paste."""
    return 0.8 * (take.donor.skin - take.target.person.skin)
