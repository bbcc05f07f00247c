"""People who never lived: the numbers and the skin that make one face differ from another.

Lengths are in head units: the chin is at v = 1, the top of the skull at v = -1, the face's middle line
at u = 0. v points down, as in pictures; z points at the viewer.
"""

import functools
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

MAP_SIDE = 384
REACH = 1.5  # the maps cover -REACH..REACH in u and v

_SKINS = np.array(
    [
        [245, 213, 193],
        [237, 196, 170],
        [226, 178, 146],
        [208, 157, 120],
        [185, 132, 96],
        [156, 106, 74],
        [124, 82, 57],
        [98, 64, 46],
    ],
    np.float32,
)
_HAIRS = np.array(
    [[28, 24, 24], [52, 36, 28], [84, 56, 36], [128, 88, 52], [186, 146, 92], [118, 58, 36], [140, 138, 136]],
    np.float32,
)
_IRISES = np.array(
    [[46, 31, 24], [62, 42, 28], [84, 58, 36], [110, 90, 54], [88, 112, 92], [92, 124, 152]], np.float32
)


@dataclass(frozen=True)
class Person:
    """One identity: its shape in head units, its colours (RGB, 0 to 255), and the seed of its skin."""

    skin_seed: int
    width: float
    jaw: float
    eye_x: float
    eye_y: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    brow_y: float
    brow_thickness: float
    brow_arch: float
    nose_width: float
    nose_length: float
    nose_height: float
    mouth_y: float
    mouth_width: float
    upper_lip: float
    lower_lip: float
    smile: float
    cheek: float
    hairline: float
    hair_volume: float
    parting: float
    long_hair: float
    stubble: float
    skin: np.ndarray
    lips: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    shirt: np.ndarray

    def __hash__(self):
        return hash(self.skin_seed)

    def __eq__(self, other):
        return isinstance(other, Person) and self.skin_seed == other.skin_seed


# What a face swap leaves of the person underneath: the head around the face.
OUTSIDE = ("width", "jaw", "hairline", "hair_volume", "parting", "long_hair", "hair", "shirt")


def draw_person(seed: int, number: int) -> Person:
    """Return person `number` of the series that `seed` starts."""
    rng = np.random.default_rng([seed, number, 1])
    u = rng.uniform
    skin = _between(_SKINS, rng) * u(0.96, 1.03)
    # Dark skin goes with dark hair and dark eyes.
    fair = np.clip((skin.mean() - 60) / 120, 0, 1)
    hair = _between(_HAIRS[: max(2, round(len(_HAIRS) * fair))], rng)
    lips = skin * np.array([0.90, 0.62, 0.62]) + np.array([u(0, 22), 0, u(0, 10)])
    volume = u(0.04, 0.16) * float(u(0, 1) < 0.92)
    hue = u(0, 1)
    shirt = cv2.cvtColor(
        np.array([[[hue * 179, u(20, 130), u(50, 200)]]]).astype(np.uint8), cv2.COLOR_HSV2RGB
    )
    return Person(
        skin_seed=int(rng.integers(1 << 40)),
        width=u(0.70, 0.80),
        jaw=u(0.14, 0.34),
        eye_x=u(0.275, 0.320),
        eye_y=u(-0.06, 0.02),
        eye_width=u(0.142, 0.170),
        eye_height=u(0.067, 0.092),
        eye_tilt=u(-0.08, 0.12),
        brow_y=u(-0.205, -0.155),
        brow_thickness=u(0.020, 0.042),
        brow_arch=u(0.015, 0.055),
        nose_width=u(0.165, 0.23),
        nose_length=u(0.32, 0.40),
        nose_height=u(0.25, 0.38),
        mouth_y=u(0.54, 0.60),
        mouth_width=u(0.24, 0.31),
        upper_lip=u(0.044, 0.075),
        lower_lip=u(0.062, 0.105),
        smile=u(-0.01, 0.05),
        cheek=u(0.02, 0.09),
        hairline=u(-0.74, -0.56),
        hair_volume=volume,
        parting=u(-0.4, 0.4),
        long_hair=float(volume > 0 and u(0, 1) < 0.45),
        stubble=u(0.15, 0.55) * float(u(0, 1) < 0.35),
        skin=skin.astype(np.float32),
        lips=lips.astype(np.float32),
        hair=hair.astype(np.float32),
        iris=_between(_IRISES[: max(2, round(len(_IRISES) * fair))], rng),
        shirt=shirt[0, 0].astype(np.float32),
    )


def with_face_of(target: Person, donor: Person, weight: float = 1.0) -> Person:
    """Return the target's head with a face that is `weight` the donor's."""
    mixed = {
        f.name: (1 - weight) * getattr(target, f.name) + weight * getattr(donor, f.name)
        for f in fields(Person)
        if f.name not in OUTSIDE and f.name != "skin_seed"
    }
    seed = donor.skin_seed if weight >= 0.5 else target.skin_seed
    return replace(target, skin_seed=seed, **mixed)


@functools.lru_cache(maxsize=16)
def _skin_detail(skin_seed: int) -> np.ndarray:
    """Return blotches, pores and freckles as a factor on the skin's colour, float32 [S, S, 3]."""
    rng = np.random.default_rng([skin_seed, 2])
    side = MAP_SIDE
    detail = np.zeros((side, side, 3), np.float32)
    for cells, size in ((10, 0.026), (32, 0.018), (96, 0.016), (192, 0.020), (384, 0.018)):
        coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        fine = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        tint = np.array([0.8, 1.0, 1.1], np.float32) if cells < 40 else np.ones(3, np.float32)
        detail += size * fine[..., None] * tint
    for _ in range(int(rng.integers(0, 70)) * int(rng.random() < 0.5)):
        at = rng.normal((side * 0.5, side * 0.56), (side * 0.12, side * 0.07))
        spot = np.zeros((side, side), np.float32)
        cv2.circle(spot, (int(at[0]), int(at[1])), int(rng.integers(1, 3)), 1.0, -1, cv2.LINE_AA)
        detail -= rng.uniform(0.08, 0.22) * spot[..., None] * np.array([0.6, 1.0, 1.2], np.float32)
    return 1 + detail


@dataclass(frozen=True)
class HeadMaps:
    """A head as maps over (u, v), float32 [S, S]: its height, its normals and outline, its colours."""

    height: np.ndarray
    normal_alpha: np.ndarray  # [S, S, 4]: normal x, y, z and outline
    albedo: np.ndarray  # [S, S, 4]: RGB, and how much of it is hair


def head_maps(person: Person) -> HeadMaps:
    """Model a head without what moves in it: eyes, brows and mouth are drawn when it is rendered."""
    axis = np.linspace(-REACH, REACH, MAP_SIDE, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)

    def bump(cu, cv, su, sv):
        return np.exp(-(((u - cu) / su) ** 2) - ((v - cv) / sv) ** 2)

    width = person.width * (1 - person.jaw * _step(0.15, 1.05, v))
    # A little squarer than an ellipse below, where the jaw is.
    power = 2 + 0.5 * _step(0.0, 0.6, v)
    radius = (np.abs(u / width) ** power + np.abs(v) ** power) ** (1 / power)
    skull = 0.72 * (1 - np.minimum(radius, 1.35) ** 2)

    # Hair stands off the skull, more above than at the sides.
    edge = person.hairline + 0.10 * np.sin(3 * (u - person.parting)) + 0.55 * np.abs(u / person.width) ** 3.2
    locks = _strands(person)
    hair = _step(0.03, -0.03, v - edge + 0.05 * (locks - 0.5)) * float(person.hair_volume > 0)
    sides = _step(0.82, 0.93, np.abs(u) / width) * float(person.hair_volume > 0)
    hair = np.maximum(hair, sides * _step(*((0.55, 0.2) if person.long_hair else (0.05, -0.1)), v))
    outline = 1 + person.hair_volume * _step(0.05, -0.45, v)
    alpha = _step(outline + 0.012, outline - 0.012, radius)
    ears = np.maximum(*(_step(1.08, 0.92, _oval(u, v, s * width * 1.02, 0.10, 0.10, 0.21)) for s in (-1, 1)))
    ears *= 1 - person.long_hair
    alpha = np.maximum(alpha, ears)

    nose_tip = person.eye_y + person.nose_length
    ridge = bump(0, person.eye_y + person.nose_length * 0.55, 0.095, person.nose_length * 0.62)
    height = (
        skull
        + person.nose_height * 0.62 * ridge
        + person.nose_height * 0.50 * bump(0, nose_tip - 0.03, 0.105, 0.095)
        + person.nose_height * 0.26
        * (
            bump(-person.nose_width * 0.72, nose_tip, 0.055, 0.06)
            + bump(person.nose_width * 0.72, nose_tip, 0.055, 0.06)
        )
        + 0.050 * bump(0, person.brow_y + 0.02, 0.55, 0.085)
        + person.cheek * (bump(-0.40, 0.20, 0.20, 0.20) + bump(0.40, 0.20, 0.20, 0.20))
        + 0.055 * bump(0, person.mouth_y, person.mouth_width * 1.1, 0.13)
        + 0.050 * bump(0, 0.88, 0.17, 0.11)
        - 0.030 * bump(0, person.mouth_y + 0.15, 0.18, 0.045)
        + 0.10 * hair
    )  # fmt: skip
    for side in (-1, 1):
        height -= 0.105 * bump(side * person.eye_x, person.eye_y - 0.015, 0.17, 0.10)
        height += 0.045 * bump(side * person.eye_x, person.eye_y, 0.12, 0.07)
        height -= 0.020 * bump(side * 0.255, person.mouth_y - 0.12, 0.035, 0.12)  # from nose to mouth
    height = cv2.GaussianBlur(height, (0, 0), 1.2)
    step = axis[1] - axis[0]
    slope_v, slope_u = np.gradient(height, step)
    normal = np.dstack([-slope_u, -slope_v, np.ones_like(u)])
    # Strands catch the light one by one.
    normal[..., 0] += 1.1 * hair * (locks - 0.5)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)

    skin = person.skin * _skin_detail(person.skin_seed)
    flush = (
        0.8 * (bump(-0.42, 0.26, 0.18, 0.16) + bump(0.42, 0.26, 0.18, 0.16))
        + bump(0, nose_tip, 0.13, 0.10)
        + ears
    )
    skin *= 1 - 0.09 * flush[..., None] * np.array([0.0, 1.0, 0.9], np.float32)
    shade = np.zeros_like(u)
    for side in (-1, 1):
        shade += 0.20 * bump(side * person.eye_x, person.eye_y - 0.05, 0.19, 0.085)
        shade += 0.14 * bump(side * person.eye_x * 0.55, person.eye_y, 0.07, 0.10)
        shade += 0.10 * bump(side * person.eye_x, person.eye_y + 0.115, 0.14, 0.03)
        shade += 0.62 * bump(side * person.nose_width * 0.48, nose_tip + 0.052, 0.048, 0.024)  # nostrils
        shade += 0.16 * bump(side * (person.nose_width + 0.035), nose_tip + 0.01, 0.022, 0.07)
        shade += 0.25 * bump(side * width * 1.02, 0.10, 0.045, 0.13) * ears
    shade += 0.16 * bump(0, nose_tip + 0.085, 0.13, 0.04)
    shade += 0.10 * bump(0, person.mouth_y + 0.15, 0.14, 0.03)
    skin *= 1 - np.clip(shade, 0, 0.85)[..., None]
    beard = _step(0.20, 0.42, v + 0.22 * (np.abs(u) / width) ** 3) * _step(1.1, 0.9, radius)
    beard *= 1 - 0.8 * bump(0, person.mouth_y, person.mouth_width * 0.9, 0.07)
    grain = np.random.default_rng([person.skin_seed, 3]).random(u.shape, np.float32)
    beard = (person.stubble * beard * (0.45 + 0.75 * grain))[..., None]
    skin = skin * (1 - beard) + person.hair * beard
    strands = person.hair * (0.55 + 0.85 * locks)[..., None]
    colours = skin * (1 - hair[..., None]) + strands * hair[..., None]
    return HeadMaps(
        height.astype(np.float32),
        np.dstack([normal, alpha]).astype(np.float32),
        np.dstack([colours, hair]).astype(np.float32),
    )


def _strands(person: Person) -> np.ndarray:
    """Return fine streaks that fall away from the parting, 0 to 1."""
    rng = np.random.default_rng([person.skin_seed, 4])
    axis = np.linspace(-REACH, REACH, MAP_SIDE, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)
    angle = np.arctan2(u - person.parting, v + 2.2) / 0.7
    streaks = np.zeros_like(u)
    for count, weight in ((40, 0.5), (110, 0.35), (260, 0.3)):
        line = rng.random(count + 1).astype(np.float32)
        wobble = 0.010 * np.sin(7 * v + 9 * u)
        streaks += weight * np.interp((angle + wobble + 1) / 2 * count, np.arange(count + 1), line)
    return np.clip(streaks / 1.15, 0, 1).astype(np.float32)


def _between(table: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a colour between two neighbours in a table."""
    at = rng.uniform(0, len(table) - 1)
    low = min(int(at), len(table) - 2)
    return (table[low] + (at - low) * (table[low + 1] - table[low])).astype(np.float32)


def _step(start: float, end: float, x: np.ndarray) -> np.ndarray:
    """Return the smooth step from 0 at `start` to 1 at `end`; falling where end < start."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def _oval(u, v, cu, cv, ru, rv) -> np.ndarray:
    return np.sqrt(((u - cu) / ru) ** 2 + ((v - cv) / rv) ** 2)
