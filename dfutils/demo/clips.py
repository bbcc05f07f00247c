"""Render one take of one person: the real clip, and forgeries of it, through the same camera."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.demo.forgery import METHODS, Forger, Take
from dfutils.demo.motion import Motion, draw_motion
from dfutils.demo.people import draw_person, with_face_of
from dfutils.demo.rendering import SIDE, Body, Head, Scene, compose, draw_face, draw_scene, head_box
from dfutils.errors import SettingsError
from dfutils.frames.portable_pictures import gaussian_blur

FRAMES = 50  # two seconds
TAKES = 2
# By person of a pair and by take, so that every pair has every method once.
_SCHEDULE = (("swap", "temporal"), ("reenact", "blend"))


@dataclass(frozen=True)
class RenderedClip:
    """A clip before it is encoded.

    Args:
        frames: uint8 array [T, 384, 384, 3], RGB.
        mask: uint8 array [T, 384, 384]. 1 where the forgery altered the picture; all 0 for a real clip.
        boxes: float64 array [T, 4]. x, y, width and height of the face in pixels.
    """

    frames: np.ndarray
    mask: np.ndarray
    boxes: np.ndarray


def scheduled_method(person: int, take: int) -> str:
    """Return the method of the data set's forgery of a take."""
    return _SCHEDULE[person % 2][take % TAKES]


def name_clip(person: int, take: int, method: str | None) -> str:
    """Return the clip_id of a clip of the data set: its path without suffix."""
    return f"person_{person:03d}/take{take}" + (f"_{method}" if method else "")


def partner_of(person: int) -> int:
    """Return the other person of a pair (2k, 2k + 1), whose face the forgeries use."""
    return person ^ 1


def render_clip(
    seed: int,
    person: int,
    *,
    take: int = 0,
    method: str | None = None,
    strength: float = 1.0,
    frames: int = FRAMES,
) -> RenderedClip:
    """Render a clip of the data set, or any other clip of the same people.

    Args:
        seed: int. Seed of the data set.
        person: int. Number of the person. The donor is the other person of the pair (2k, 2k + 1).
        take: int. Number of the take. A forgery shares motion, room and light with the real clip of the same take.
            Defaults to 0.
        method: str or None. A name in `METHODS`; None renders the real clip. Defaults to None.
        strength: float from 0 to 3. How visible the traces of the forgery are. Defaults to 1.
        frames: int. Length, at 25 frames per second. Defaults to 50.

    Returns:
        RenderedClip.

    Raises:
        SettingsError: If the method is unknown, or a number is out of range.
    """
    return render_take(seed, person, take, [method], strength=strength, frames=frames)[0]


def render_take(
    seed: int,
    person: int,
    take: int,
    methods: Sequence[str | None],
    *,
    strength: float = 1.0,
    frames: int = FRAMES,
) -> list[RenderedClip]:
    """Render the real clip and forgeries of one take together, which is faster than one by one.

    Args:
        seed, person, take, strength, frames: As for `render_clip`.
        methods: sequence of str or None. Names in `METHODS`, or None for the real clip.

    Returns:
        list of RenderedClip, one per method.

    Raises:
        SettingsError: If a method is unknown, or a number is out of range.
    """
    unknown = [method for method in methods if method is not None and method not in METHODS]
    if unknown:
        raise SettingsError(f"Unknown forgery {unknown[0]!r}. Known: {', '.join(METHODS)}.")
    check_recipe(seed, strength)
    for name, value, least in (("person", person, 0), ("take", take, 0), ("frames", frames, 1)):
        if value < least:
            raise SettingsError(f"{name} must be at least {least}. Received: {name}={value}")
    scene = draw_scene(np.random.default_rng([seed, person, 10]))
    motion = draw_take_motion(seed, person, take, frames=frames)
    identity = draw_person(seed, person)
    target, body = Head(identity), Body(scene, identity)
    forgers = _prepare_forgers(
        [method for method in methods if method is not None],
        seed,
        person,
        take,
        target=target,
        motion=motion,
        scene=scene,
        strength=strength,
    )

    # Every clip has camera noise of its own, whichever clips are rendered together.
    codes = [30 if method is None else 31 + list(METHODS).index(method) for method in methods]
    cameras = [Camera(np.random.default_rng([seed, person, take, code])) for code in codes]
    pictures = [np.empty((frames, SIDE, SIDE, 3), np.uint8) for _ in methods]
    masks = [np.zeros((frames, SIDE, SIDE), np.uint8) for _ in methods]
    for i in range(frames):
        pose = motion.at(i)
        own = draw_face(target, scene, pose)
        clean = compose(body.draw(pose), own)
        for method, camera, picture, mask in zip(methods, cameras, pictures, masks, strict=True):
            frame = clean
            if method is not None:
                face, opacity = forgers[method](i, own)
                frame = clean.copy()
                frame[face.window] += opacity[..., None] * (face.rgb - frame[face.window])
                # The lens spreads what was altered over its neighbours.
                altered = (opacity > 0.01).astype(np.uint8)
                mask[i][face.window] = cv2.dilate(altered, np.ones((5, 5), np.uint8))
            picture[i] = camera.shoot(frame)
    boxes = face_boxes(seed, person, take, frames=frames)
    return [RenderedClip(picture, mask, boxes) for picture, mask in zip(pictures, masks, strict=True)]


def _prepare_forgers(
    methods: Sequence[str],
    seed: int,
    person: int,
    take: int,
    *,
    target: Head,
    motion: Motion,
    scene: Scene,
    strength: float,
) -> dict[str, Forger]:
    """Return a function that forges frames, for each method."""
    if not methods:
        return {}
    partner = partner_of(person)
    donor = draw_person(seed, partner)
    swapped = Head(with_face_of(target.person, donor))
    donor_motion = draw_take_motion(seed, partner, take, frames=len(motion))
    forgers = {}
    for method in methods:
        rng = np.random.default_rng([seed, person, take, 20 + list(METHODS).index(method)])
        forgers[method] = METHODS[method](
            Take(target, donor, swapped, motion, donor_motion, scene, rng, strength)
        )
    return forgers


def check_recipe(seed: int, strength: float) -> None:
    """Raise SettingsError unless the seed and the strength are in range."""
    if seed < 0:
        raise SettingsError(f"The seed must be an integer of at least 0. Received: seed={seed}")
    if not 0 <= strength <= 3:
        raise SettingsError(
            f"strength must be from 0 to 3; the data set has 1. Received: strength={strength}"
        )


def face_boxes(seed: int, person: int, take: int, *, frames: int = FRAMES) -> np.ndarray:
    """Return x, y, width and height of the face in each frame, float64 [T, 4], without rendering it."""
    identity, motion = draw_person(seed, person), draw_take_motion(seed, person, take, frames=frames)
    return np.array([head_box(motion.at(i), identity) for i in range(frames)])


def draw_take_motion(seed: int, person: int, take: int, *, frames: int = FRAMES) -> Motion:
    """Return the motion of a person in a take."""
    return draw_motion(np.random.default_rng([seed, person, take, 11]), frames=frames)


class Camera:
    """A slightly soft lens and a sensor with noise, the same for real clips and forgeries.

    Args:
        rng: Generator. The random numbers of this clip.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        # Noise of the brightness, with a little of the colour. Each frame takes another part of one large sheet.
        sheet = 2 * SIDE
        grey = rng.normal(0, 2.2, (sheet, sheet, 1))
        self._noise = (grey + rng.normal(0, 0.9, (sheet, sheet, 3))).astype(np.float32)

    def shoot(self, frame: np.ndarray) -> np.ndarray:
        """Return the picture that the camera takes of a frame, uint8 [SIDE, SIDE, 3]."""
        soft = gaussian_blur(frame, 0.55)
        y, x = self._rng.integers(0, SIDE, 2)
        return cv2.add(soft, self._noise[y : y + SIDE, x : x + SIDE], dtype=cv2.CV_8U)
