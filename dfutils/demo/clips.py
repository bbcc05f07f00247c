"""One take of one person: the real clip, and forgeries of it, through the same camera."""

from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.demo import portable_math as exact
from dfutils.demo.forgery import METHODS, Take
from dfutils.demo.motion import Motion, draw_motion
from dfutils.demo.people import draw_person, with_face_of
from dfutils.demo.rendering import SIDE, Body, Head, compose, draw_face, draw_scene, head_box
from dfutils.errors import SettingsError

FRAMES = 50  # two seconds
TAKES = 2
# By person of a pair and by take, so that every pair holds every method once.
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
    """Return the method that the data set's forgery of this take uses."""
    return _SCHEDULE[person % 2][take % TAKES]


def render_clip(
    seed: int,
    person: int,
    take: int = 0,
    method: str | None = None,
    strength: float = 1.0,
    frames: int = FRAMES,
) -> RenderedClip:
    """Render one clip of the data set, or any other of the same people.

    Args:
        seed: int. The data set's seed.
        person: int. Number of the person; the donor is the other one of the pair (2k, 2k + 1).
        take: int. Number of the take; a forgery shares motion, room and light with the real clip of the
            same take. Defaults to 0.
        method: str or None. A name in `METHODS`; None renders the real clip. Defaults to None.
        strength: float. How plain the forgery's traces are. Defaults to 1.
        frames: int. Length at 25 frames a second. Defaults to 50.

    Returns:
        RenderedClip.

    Raises:
        SettingsError: If the method is unknown, or a number out of range.
    """
    return render_take(seed, person, take, [method], strength, frames)[0]


def render_take(
    seed: int,
    person: int,
    take: int,
    methods: list[str | None],
    strength: float = 1.0,
    frames: int = FRAMES,
) -> list[RenderedClip]:
    """Render the real clip (None) and forgeries of one take together, which shares their work."""
    unknown = [method for method in methods if method is not None and method not in METHODS]
    if unknown:
        raise SettingsError(f"Unknown forgery {unknown[0]!r}. Known: {', '.join(METHODS)}.")
    check_recipe(seed, strength)
    for name, value, least in (("person", person, 0), ("take", take, 0), ("frames", frames, 1)):
        if value < least:
            raise SettingsError(f"{name} is {least} at least. Received: {value}")
    partner = person ^ 1
    scene = draw_scene(np.random.default_rng([seed, person, 10]))
    motion = draw_take_motion(seed, person, take, frames)
    identity, donor = draw_person(seed, person), draw_person(seed, partner)
    target, body = Head(identity), Body(scene, identity)
    forgers = {}
    if any(methods):
        swapped = Head(with_face_of(identity, donor))
        for method in filter(None, methods):
            own = np.random.default_rng([seed, person, take, 20 + list(METHODS).index(method)])
            donor_motion = draw_take_motion(seed, partner, take, frames)
            made_from = Take(target, donor, swapped, motion, donor_motion, scene, own, strength)
            forgers[method] = METHODS[method](made_from)

    # Its own noise for every clip, whichever clips are rendered together.
    codes = [30 if method is None else 31 + list(METHODS).index(method) for method in methods]
    cameras = [_Camera(np.random.default_rng([seed, person, take, code])) for code in codes]
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
                # As far as the lens spreads what was altered.
                mask[i][face.window] = cv2.dilate(np.uint8(opacity > 0.01), np.ones((5, 5), np.uint8))
            picture[i] = camera.shoot(frame)
    boxes = face_boxes(seed, person, take, frames)
    return [RenderedClip(p, m, boxes) for p, m in zip(pictures, masks, strict=True)]


def check_recipe(seed: int, strength: float) -> None:
    """Raise SettingsError unless people and forgeries can be made with these."""
    if seed < 0:
        raise SettingsError(f"The seed is a whole number from 0 up. Received: seed={seed}")
    if not 0 <= strength <= 3:
        raise SettingsError(f"strength lies between 0 and 3; 1 is the data set's own. Received: {strength}")


def face_boxes(seed: int, person: int, take: int, frames: int = FRAMES) -> np.ndarray:
    """Return x, y, width and height of the face in each frame, float64 [T, 4], without rendering it."""
    identity, motion = draw_person(seed, person), draw_take_motion(seed, person, take, frames)
    return np.array([head_box(motion.at(i), identity) for i in range(frames)])


def draw_take_motion(seed: int, person: int, take: int, frames: int = FRAMES) -> Motion:
    """Return how a person moves in a take."""
    return draw_motion(np.random.default_rng([seed, person, take, 11]), frames)


class _Camera:
    """A lens that is a little soft, and a sensor with noise: the same for real clips and forgeries."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        # Brightness noise, with a little colour; one sheet, a part of which is taken anew for every frame.
        sheet = 2 * SIDE
        grey = rng.normal(0, 2.2, (sheet, sheet, 1))
        self.noise = (grey + rng.normal(0, 0.9, (sheet, sheet, 3))).astype(np.float32)

    def shoot(self, frame: np.ndarray) -> np.ndarray:
        soft = exact.blur(frame, 0.55)
        y, x = self.rng.integers(0, SIDE, 2)
        return cv2.add(soft, self.noise[y : y + SIDE, x : x + SIDE], dtype=cv2.CV_8U)
