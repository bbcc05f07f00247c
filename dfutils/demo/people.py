"""Draw people who do not exist: the proportions, colours and skin that make one face differ from another.

Lengths are in head units: the chin is at v = 1, the top of the skull at v = -1, and the middle line of the face at
u = 0. v points down, as in pictures, and z points at the viewer.
"""

import functools
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from dfutils.demo.portable_math import cos, direction, exp, hsv_to_rgb, power, sin
from dfutils.frames.portable_pictures import gaussian_blur, resize

MAP_SIDE = 384
REACH = 1.5  # the maps cover -REACH to REACH in u and v

_SKINS = np.array(
    [
        [228, 190, 166],
        [224, 182, 154],
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

_GREY = np.array([176, 174, 172], np.float32)
_RIMS = np.array([[22, 20, 20], [64, 42, 28], [120, 112, 104], [40, 46, 70]], np.float32)


@dataclass(frozen=True)
class Person:
    """One identity: its shape in head units, its colours (RGB, 0 to 255), and the seed of its skin.

    Two people with the same skin seed are the same person.
    """

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
    curl: float
    age: float
    stubble: float
    beard: float
    neck: float
    glasses: float
    glasses_width: float
    outfit: float
    skin: np.ndarray
    lips: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    shirt: np.ndarray
    under: np.ndarray
    rim: np.ndarray

    def __hash__(self) -> int:
        return hash(self.skin_seed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.skin_seed == other.skin_seed


# What a face swap does not change: the head around the face.
OUTSIDE = (
    *("width", "jaw", "hairline", "hair_volume", "parting", "long_hair", "curl", "hair", "neck"),
    *("glasses", "glasses_width", "rim", "outfit", "shirt", "under"),
)


def draw_person(seed: int, number: int) -> Person:
    """Draw a person at random.

    Args:
        seed: int. Seed of the data set.
        number: int. Number of the person.

    Returns:
        Person. The same for the same seed and number.
    """
    rng = np.random.default_rng([seed, number, 1])
    u = rng.uniform
    skin = _between(_SKINS, rng) * u(0.96, 1.03)
    age = u(0, 1) ** 2
    # Dark skin goes with dark hair and dark eyes.
    fair = np.clip((skin.mean() - 60) / 120, 0, 1)
    hair = _between(_HAIRS[: max(2, round(len(_HAIRS) * fair))], rng)
    grey = np.clip((age - 0.4) / 0.35, 0, 1) * float(u(0, 1) < 0.7)
    hair = hair + 0.8 * grey * (_GREY - hair)
    # Long or short hair, a fringe, curls, and sometimes a shaved or a bald head.
    long_hair = float(u(0, 1) < 0.42)
    cut = u(0, 1)
    volume = (
        u(0.10, 0.18) if long_hair else 0.0 if cut < 0.08 else u(0.015, 0.03) if cut < 0.25 else u(0.07, 0.17)
    )
    curl = u(0.5, 1.0) * float(volume > 0.06 and u(0, 1) < (0.5 if fair < 0.45 else 0.25))
    bearded = not long_hair and u(0, 1) < 0.45
    hue, bright = u(0, 179), u(45, 205)
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
        hairline=u(-0.46, -0.38) if long_hair and u(0, 1) < 0.35 else u(-0.76, -0.58),
        hair_volume=min(volume * (1 + 1.1 * curl), 0.26),
        parting=u(-0.4, 0.4),
        long_hair=long_hair,
        curl=curl,
        age=age,
        stubble=u(0.12, 0.45) * float(not long_hair and u(0, 1) < 0.6),
        beard=u(0.7, 1.0) * float(bearded and u(0, 1) < 0.6),
        neck=u(0.40, 0.46) if long_hair else u(0.42, 0.52),
        glasses=float(u(0, 1) < 0.27) * u(0.15, 1.0),
        glasses_width=u(0.195, 0.225),
        outfit=float(rng.integers(5)),
        skin=skin.astype(np.float32),
        lips=(skin * np.array([0.90, 0.62, 0.62]) + np.array([u(0, 22), 0, u(0, 10)])).astype(np.float32),
        hair=hair.astype(np.float32),
        iris=_between(_IRISES[: max(2, round(len(_IRISES) * fair))], rng),
        shirt=hsv_to_rgb(hue, u(20, 130), bright),
        under=hsv_to_rgb(u(0, 179), u(0, 40), u(190, 240) if bright < 140 else u(35, 80)),
        rim=_RIMS[rng.integers(len(_RIMS))],
    )


def with_face_of(target: Person, donor: Person, *, weight: float = 1.0) -> Person:
    """Return the target with a face that is partly the donor's.

    Args:
        target: Person. It keeps its head around the face.
        donor: Person.
        weight: float from 0 to 1. Share of the donor in the face. Defaults to 1.
    """
    mixed = {
        field.name: (1 - weight) * getattr(target, field.name) + weight * getattr(donor, field.name)
        for field in fields(Person)
        if field.name not in OUTSIDE and field.name != "skin_seed"
    }
    seed = donor.skin_seed if weight >= 0.5 else target.skin_seed
    return replace(target, skin_seed=seed, **mixed)


@functools.lru_cache(maxsize=16)
def _skin_detail(skin_seed: int) -> np.ndarray:
    """Return blotches, pores and freckles as a factor of the skin's colour, float32 [S, S, 3]."""
    rng = np.random.default_rng([skin_seed, 2])
    side = MAP_SIDE
    detail = np.zeros((side, side, 3), np.float32)
    for cells, size in ((10, 0.020), (32, 0.013), (96, 0.012), (192, 0.016), (384, 0.016)):
        coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        fine = resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
        tint = np.array([0.8, 1.0, 1.1], np.float32) if cells < 40 else np.ones(3, np.float32)
        detail += size * fine[..., None] * tint
    for _ in range(int(rng.integers(0, 70)) * int(rng.random() < 0.5)):
        x, y = rng.normal((side * 0.5, side * 0.56), (side * 0.12, side * 0.07))
        spot = np.zeros((side, side), np.float32)
        cv2.circle(spot, (int(x), int(y)), int(rng.integers(1, 3)), 1.0, -1, cv2.LINE_AA)
        detail -= rng.uniform(0.08, 0.22) * spot[..., None] * np.array([0.6, 1.0, 1.2], np.float32)
    return 1 + detail


@dataclass(frozen=True)
class HeadMaps:
    """A head as maps over (u, v), float32.

    Args:
        height: array [S, S]. Distance towards the viewer, in head units.
        normal_alpha: array [S, S, 4]. The normal's x, y and z, and the outline of the head, 0 to 1.
        albedo: array [S, S, 4]. RGB, 0 to 255, and the share of hair.
        glasses: array [S, S, 2]. The shares of rim and of lens.
    """

    height: np.ndarray
    normal_alpha: np.ndarray
    albedo: np.ndarray
    glasses: np.ndarray


def head_maps(person: Person) -> HeadMaps:
    """Model a head without the parts that move: eyes, eyebrows and mouth are drawn when it is rendered."""
    axis = np.linspace(-REACH, REACH, MAP_SIDE, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)

    def bump(cu: float, cv: float, su: float, sv: float) -> np.ndarray:
        return exp(-(((u - cu) / su) ** 2) - ((v - cv) / sv) ** 2)

    def both(cu: float, cv: float, su: float, sv: float) -> np.ndarray:
        return bump(-cu, cv, su, sv) + bump(cu, cv, su, sv)

    width = person.width * (1 - person.jaw * ramp(0.15, 1.05, v))
    # At the jaw, a little squarer than an ellipse.
    exponent = 2 + 0.5 * ramp(0.0, 0.6, v)
    radius = power(power(np.abs(u / width), exponent) + power(np.abs(v), exponent), 1 / exponent)
    skull = 0.72 * (1 - np.minimum(radius, 1.35) ** 2)

    locks, tufts = _hair_texture(person)
    hair, edge = _hair(person, u, v, width, tufts)
    # Hair stands off the skull, more at the top than at the sides, and its outline is not smooth.
    outline = 1 + person.hair_volume * (0.35 * person.curl + ramp(0.10, -0.45, v)) * ramp(0.30, 0.0, v)
    outline += hair * (0.012 + 0.055 * person.curl) * (tufts - 0.5)
    alpha = ramp(outline + 0.014, outline - 0.014, radius)
    ears = np.maximum(
        *(ramp(1.08, 0.92, oval(u, v, (s * width * 1.0, 0.09), (0.095, 0.20))) for s in (-1, 1))
    )
    ears *= 1 - person.long_hair
    alpha = np.maximum(alpha, ears)
    beard = _beard(person, u, v, width, radius)
    alpha = np.maximum(alpha, ramp(1.0, 0.6, radius - 0.045 * beard) * beard * ramp(1.06, 1.03, radius))

    nose_tip = person.eye_y + person.nose_length
    ridge = bump(0, person.eye_y + person.nose_length * 0.55, 0.095, person.nose_length * 0.62)
    height = (
        skull
        + person.nose_height * 0.62 * ridge
        + person.nose_height * 0.50 * bump(0, nose_tip - 0.03, 0.105, 0.095)
        + person.nose_height * 0.26 * both(person.nose_width * 0.72, nose_tip, 0.055, 0.06)
        + 0.050 * bump(0, person.brow_y + 0.02, 0.55, 0.085)
        + person.cheek * both(0.40, 0.20, 0.20, 0.20)
        + 0.055 * bump(0, person.mouth_y, person.mouth_width * 1.1, 0.13)
        + 0.050 * bump(0, 0.88, 0.17, 0.11)
        - 0.030 * bump(0, person.mouth_y + 0.15, 0.18, 0.045)
        - 0.060 * both(0.47 * person.width / 0.75, 0.50, 0.15, 0.20)  # hollow cheeks
        - 0.105 * both(person.eye_x, person.eye_y - 0.015, 0.17, 0.10)
        + 0.045 * both(person.eye_x, person.eye_y, 0.12, 0.07)
        + 0.06 * hair * ramp(1.05, 0.8, radius)
        + 0.03 * beard
    )  # fmt: skip
    lines = _age_lines(person, u, v, nose_tip)
    height -= 0.022 * lines
    height = gaussian_blur(height, 1.2)
    step = axis[1] - axis[0]
    slope_v, slope_u = np.gradient(height, step)
    normal = np.dstack([-slope_u, -slope_v, np.ones_like(u)])
    # Straight hair reflects the light strand by strand, curls reflect it from all sides.
    strands = np.maximum(hair, 0.6 * beard)
    normal[..., 0] += (1.1 - 0.5 * person.curl) * strands * (locks - 0.5)
    normal[..., 1] += 0.9 * person.curl * hair * (tufts - 0.5)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)

    skin = person.skin * _skin_detail(person.skin_seed)
    flush = 0.8 * both(0.42, 0.26, 0.18, 0.16) + bump(0, nose_tip, 0.13, 0.10) + ears
    skin *= 1 - 0.09 * flush[..., None] * np.array([0.0, 1.0, 0.9], np.float32)
    shade = (
        0.20 * both(person.eye_x, person.eye_y - 0.05, 0.19, 0.085)
        + 0.14 * both(person.eye_x * 0.55, person.eye_y, 0.07, 0.10)
        + (0.08 + 0.10 * person.age) * both(person.eye_x, person.eye_y + 0.115, 0.14, 0.03)
        + 0.62 * both(person.nose_width * 0.48, nose_tip + 0.052, 0.048, 0.024)  # nostrils
        + 0.16 * both(person.nose_width + 0.035, nose_tip + 0.01, 0.022, 0.07)
        + 0.16 * bump(0, nose_tip + 0.085, 0.13, 0.04)
        + 0.10 * bump(0, person.mouth_y + 0.15, 0.14, 0.03)
        + 0.22 * lines
    )
    for side in (-1, 1):
        inner = oval(u, v, (side * width * 1.02, 0.08), (0.052, 0.125))
        shade += 0.34 * ears * ramp(1.25, 0.6, inner)
    # Hollows get less light from the room, and so does skin under hair.
    hollow = gaussian_blur(height, 14) - height
    shade += np.clip(2.2 * hollow, -0.10, 0.22) + 0.34 * power(ramp(0.72, 1.02, radius), 1.5)
    if person.hair_volume > 0.03:
        shade += 0.30 * exp(-np.clip(v - edge, 0, None) / 0.05) * ramp(0.1, -0.1, v)
    glasses = _glasses(person, u, v, width)
    shade += 0.22 * gaussian_blur(np.roll(glasses[..., 0], 5, axis=0), 2.5)
    skin *= 1 - np.clip(shade, -0.1, 0.85)[..., None]

    grain = np.random.default_rng([person.skin_seed, 3]).random(u.shape, np.float32)
    jaw = ramp(0.24, 0.46, v + 0.22 * power(np.abs(u) / width, 3)) * ramp(1.12, 0.95, radius)
    jaw = np.maximum(jaw * (1 - 0.8 * bump(0, person.mouth_y, person.mouth_width * 0.9, 0.07)), 0)
    stubble = (person.stubble * jaw * (0.45 + 0.75 * grain))[..., None]
    skin = skin * (1 - stubble) + (0.6 * person.hair + 0.1 * person.skin) * stubble
    whiskers = (np.clip(beard * (0.75 + 0.5 * grain), 0, 1) * (0.80 + 0.2 * locks))[..., None]
    skin = (
        skin * (1 - whiskers)
        + person.hair * (0.45 + 0.45 * (0.4 * grain + 0.6 * locks))[..., None] * whiskers
    )
    tone = 0.48 + 0.80 * locks - 0.22 * ramp(0.85, 1.12, radius) - 0.25 * person.curl * (0.6 - tufts)
    colours = skin * (1 - hair[..., None]) + person.hair * tone[..., None] * hair[..., None]
    return HeadMaps(
        height.astype(np.float32),
        np.dstack([normal, alpha]).astype(np.float32),
        np.dstack([colours, hair]).astype(np.float32),
        glasses.astype(np.float32),
    )


def _hair(
    person: Person, u: np.ndarray, v: np.ndarray, width: np.ndarray, tufts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where hair covers the skull, 0 to 1, and the v of the edge of the hair on the forehead."""
    edge = person.hairline + 0.10 * sin(3 * (u - person.parting))
    edge += 0.55 * power(np.abs(u / person.width), 3.2)
    if person.hair_volume == 0:
        return np.zeros_like(u), edge
    ragged = (0.08 + 0.10 * person.curl if person.hair_volume > 0.05 else 0.04) * (tufts - 0.5)
    soft = 0.035 if person.hair_volume > 0.05 else 0.07
    hair = ramp(soft, -soft, v - edge + ragged)
    low, high = (0.60, 0.2) if person.long_hair else (0.10, -0.22)
    sides = ramp(0.80, 0.92, np.abs(u) / width + 0.35 * ragged) * ramp(low, high, v + ragged)
    hair = np.maximum(hair, sides)
    return hair * (0.80 if person.hair_volume < 0.05 else 1.0), edge


def _hair_texture(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Return strands that fall away from the parting, and the tufts that they form, float32 [S, S], 0 to 1 each."""
    rng = np.random.default_rng([person.skin_seed, 4])
    axis = np.linspace(-REACH, REACH, MAP_SIDE, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)
    angle = direction(u - person.parting, v + 2.2) / 0.7
    wobble = 0.010 * sin(7 * v + 9 * u)
    place = (angle + wobble + 1) / 2

    def streaks(count: int) -> np.ndarray:
        line = rng.random(count + 1).astype(np.float32)
        return np.interp(place * count, np.arange(count + 1), line)

    def blobs(cells: int) -> np.ndarray:
        coarse = rng.random((cells, cells)).astype(np.float32)
        return resize(coarse, (MAP_SIDE, MAP_SIDE), interpolation=cv2.INTER_CUBIC)

    tufts = 0.5 * streaks(150) + 0.5 * streaks(60)
    locks = (0.5 * streaks(40) + 0.35 * streaks(110) + 0.3 * streaks(260)) / 1.15
    if person.curl:
        curls = 0.6 * blobs(58) + 0.4 * blobs(34)
        locks = locks + person.curl * (0.55 * blobs(110) + 0.45 * curls - locks)
        tufts = tufts + person.curl * (curls - tufts)
    return np.clip(locks, 0, 1).astype(np.float32), np.clip(tufts, 0, 1).astype(np.float32)


def _beard(person: Person, u: np.ndarray, v: np.ndarray, width: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return where a beard grows, 0 to 1: on jaw and chin, and around the mouth but not on it."""
    if not person.beard:
        return np.zeros_like(u)
    side = np.abs(u) / width
    jaw = ramp(0.34, 0.50, v + 0.30 * ramp(0.55, 1.0, side)) * ramp(1.10, 1.0, radius)
    cheek = ramp(0.98, 1.12, oval(u, v, (0, 0.22), (0.62 * person.width / 0.75, 0.47)))
    # The ends of the moustache come down next to the mouth and meet the beard.
    fall = 0.35 * np.clip(np.abs(u) - 0.55 * person.mouth_width, 0, None)
    moustache = ramp(
        1.2, 0.75, oval(u, v - fall, (0, person.mouth_y - 0.078), (person.mouth_width * 1.15, 0.062))
    )
    corner = oval(np.abs(u), v, (person.mouth_width * 1.12, person.mouth_y + 0.04), (0.075, 0.15))
    moustache = np.maximum(moustache, 0.9 * ramp(1.2, 0.6, corner))
    chin = ramp(0.07, 0.14, v - person.mouth_y) * ramp(0.95, 0.65, np.abs(u) / (person.mouth_width * 1.25))
    mouth = ramp(0.75, 1.1, oval(u, v, (0, person.mouth_y + 0.02), (person.mouth_width * 1.02, 0.095)))
    return person.beard * np.maximum(
        np.maximum(jaw * cheek, chin * ramp(1.1, 1.0, radius)) * mouth, moustache
    )


def _age_lines(person: Person, u: np.ndarray, v: np.ndarray, nose_tip: float) -> np.ndarray:
    """Return the lines of age: from nose to mouth, on the forehead, next to the eyes and under them."""
    side = np.abs(u)
    t = np.clip((v - nose_tip) / (person.mouth_y + 0.10 - nose_tip), 0, 1)
    fold = person.nose_width + 0.02 + (person.mouth_width - person.nose_width + 0.05) * power(t, 1.3)
    fold = exp(-(((side - fold) / 0.022) ** 2)) * ramp(0.0, 0.25, t) * ramp(0.95, 0.45, t)
    waves = sum(
        exp(-(((v - height - 0.02 * cos(4 * u)) / 0.013) ** 2))
        for height in (person.brow_y - 0.13, person.brow_y - 0.20, person.brow_y - 0.27)
    ) * ramp(0.42, 0.22, side)
    s, r = side - person.eye_x - person.eye_width * 1.15, v - person.eye_y
    crow = exp(-(((r - 0.5 * s * sin(38 * (r / (s + 0.12)))) / 0.05) ** 2)) * ramp(0.0, 0.03, s)
    crow = 0.7 * crow * ramp(0.13, 0.07, s) * np.clip(cos(60 * r), 0, 1)
    bag = exp(-(((v - person.eye_y - 0.13 + 0.9 * (side - person.eye_x) ** 2) / 0.014) ** 2))
    bag = bag * ramp(0.16, 0.10, np.abs(side - person.eye_x))
    return (0.12 + 0.70 * person.age) * fold + person.age**1.5 * (0.7 * waves + crow + 0.6 * bag)


def _glasses(person: Person, u: np.ndarray, v: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return glasses as rim and lens, [S, S, 2], 0 to 1. They are round where `glasses` is near 1, else square."""
    if not person.glasses:
        return np.zeros((*u.shape, 2), np.float32)
    w = person.glasses_width
    h = w * (0.72 + 0.22 * person.glasses)
    cx, cy = person.eye_x + 0.012, person.eye_y + 0.02
    exponent = 2 + 3 * (1 - person.glasses)
    side = np.abs(u)
    across, down = power(np.abs((side - cx) / w), exponent), power(np.abs((v - cy) / h), exponent)
    radius = power(across + down, 1 / exponent)
    thick = 0.055 + 0.05 * (1 - person.glasses)
    rim = ramp(thick + 0.05, thick - 0.03, np.abs(radius - 1))
    bridge = ramp(0.016, 0.006, np.abs(v - cy + 0.035 + 0.6 * (cx - w - side) * 0.3)) * ramp(
        cx - w, cx - w - 0.01, side
    )
    arm = ramp(0.020, 0.010, np.abs(v - cy + 0.06)) * ramp(cx + w - 0.01, cx + w + 0.01, side)
    arm *= ramp(1.02 * width, 0.98 * width, side)
    return np.dstack([np.maximum(rim, np.maximum(bridge, arm)), ramp(1.0, 0.95, radius)])


def _between(table: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a colour between two neighbouring rows of a table."""
    place = rng.uniform(0, len(table) - 1)
    low = min(int(place), len(table) - 2)
    return (table[low] + (place - low) * (table[low + 1] - table[low])).astype(np.float32)


def ramp(start: float | np.ndarray, end: float | np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return a smooth step from 0 at `start` to 1 at `end`. It falls if `end` is smaller than `start`."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def oval(
    u: np.ndarray,
    v: np.ndarray,
    centre: tuple[float | np.ndarray, float | np.ndarray],
    radii: tuple[float, float],
) -> np.ndarray:
    """Return the distance of (u, v) from the centre of an oval: 0 in its centre and 1 on its edge."""
    return np.sqrt(((u - centre[0]) / radii[0]) ** 2 + ((v - centre[1]) / radii[1]) ** 2)
