"""Draw a head: a height map turned in space, shaded, with eyes, brows and mouth drawn where it has moved."""

from dataclasses import dataclass

import cv2
import numpy as np

from dfutils.demo.people import MAP_SIDE, REACH, HeadMaps, Person, _oval, _step, head_maps

SIDE = 384  # pixels of a frame
SCALE = 116  # pixels of one head unit
CENTRE = (SIDE / 2, 0.47 * SIDE)
_HALF_WIDTH, _ABOVE, _BELOW = 150, 150, 146  # the window around the head that is computed, in pixels


@dataclass(frozen=True)
class Scene:
    """What a person sits in front of, and the light. The same for a clip and its forgeries.

    Args:
        background: float32 array [SIDE, SIDE, 3], RGB 0 to 255.
        light: float32 array [3]. Unit vector to the main light.
        warmth: float32 array [3]. The light's colour, around 1.
        ambient: float. Share of light from everywhere.
    """

    background: np.ndarray
    light: np.ndarray
    warmth: np.ndarray
    ambient: float


@dataclass(frozen=True)
class Face:
    """A rendered head in its window of the frame.

    Args:
        rgb: float32 array [h, w, 3], 0 to 255.
        alpha: float32 array [h, w]. The head's outline.
        u, v: float32 arrays [h, w]. The head coordinate seen in each pixel.
        window: tuple of two slices. Rows and columns of the frame.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    u: np.ndarray
    v: np.ndarray
    window: tuple[slice, slice]


class Head:
    """A person ready to be rendered; making one takes some tens of milliseconds."""

    def __init__(self, person: Person):
        self.person = person
        self.maps: HeadMaps = head_maps(person)

    @classmethod
    def mixed(cls, first: "Head", second: "Head", person: Person, weight: float) -> "Head":
        """Return a head between two, for a frame that needs its own: maps are mixed, not modelled anew."""
        head = cls.__new__(cls)
        head.person = person
        head.maps = HeadMaps(
            *(
                cv2.addWeighted(a, 1 - weight, b, weight, 0)
                for a, b in zip(vars(first.maps).values(), vars(second.maps).values(), strict=True)
            )
        )
        return head


def draw_scene(rng: np.random.Generator) -> Scene:
    """Draw a room, out of focus, and its light."""
    hue, wall = rng.uniform(0, 180), rng.uniform(90, 215)
    base = cv2.cvtColor(np.uint8([[[hue, rng.uniform(8, 70), wall]]]), cv2.COLOR_HSV2RGB)[0, 0]
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    fall = 1 - 0.16 * (axis[None, :] * rng.uniform(-1, 1) + axis[:, None] * rng.uniform(0, 1))
    room = base * fall[..., None]
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(-0.1, 1.0, 2) * SIDE
        w, h = rng.uniform(0.10, 0.45, 2) * SIDE
        colour = np.clip(base * rng.uniform(0.55, 1.25) + rng.normal(0, 18, 3), 20, 245)
        cv2.rectangle(room, (int(x), int(y)), (int(x + w), int(y + h)), colour.tolist(), -1)
    room = cv2.GaussianBlur(room, (0, 0), rng.uniform(5, 11))
    azimuth, elevation = rng.uniform(-0.8, 0.8), rng.uniform(0.25, 0.8)
    light = np.array([np.sin(azimuth), -np.sin(elevation), 1.0])
    warm = rng.uniform(-0.06, 0.06)
    return Scene(
        room.astype(np.float32),
        (light / np.linalg.norm(light)).astype(np.float32),
        np.array([1 + warm, 1.0, 1 - warm], np.float32),
        float(rng.uniform(0.50, 0.64)),
    )


def head_box(pose: dict[str, float], person: Person) -> tuple[float, float, float, float]:
    """Return x, y, width and height in pixels of the face from brow-top to chin, as detectors frame it."""
    x, y = _place(pose)
    width = 1.72 * person.width * SCALE
    return x - width / 2, y - 0.52 * SCALE, width, 1.52 * SCALE


def draw_body(scene: Scene, person: Person, pose: dict[str, float]) -> np.ndarray:
    """Return the frame without the head: the room, long hair, neck and shoulders, float32 [SIDE, SIDE, 3]."""
    frame = scene.background.copy()
    x, y = _place(pose)
    light = scene.ambient + 0.5 * (1 - scene.ambient)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    du, dv = (xs - x) / SCALE, (ys - y) / SCALE
    if person.long_hair > 0.5:
        reach = person.width * (1.12 + 1.1 * person.hair_volume)
        cap = _step(1.02, 0.97, _oval(du, dv, 0, 0.05, reach, 1.0 + person.hair_volume))
        fall = reach + 0.04 * np.sin(5 * dv + person.parting * 9) * _step(0.1, 0.6, dv)
        mask = _step(0.03, -0.03, np.abs(du) - fall) * _step(0.0, 0.1, dv) * _step(1.55, 1.25, dv)
        mask = np.maximum(mask, cap)
        shade = 0.52 + 0.22 * np.sin(46 * du + 3 * np.sin(3 * dv)) * np.sin(19 * du + 1)
        _paint(frame, mask, person.hair * (light * shade)[..., None])
    # The body follows the head by half, and lies in the lower part of the frame.
    lower = slice(int(max(0, y)), SIDE)
    below, dv = frame[lower], dv[lower]
    du = (xs[lower] - (CENTRE[0] + 0.5 * (x - CENTRE[0]))) / SCALE
    neck_width = 0.60 * person.width + 0.20 * _step(1.15, 1.55, dv) ** 2
    neck = _step(0.02, -0.02, np.abs(du) - neck_width) * _step(0.2, 0.4, dv)
    roundness = np.sqrt(np.clip(1 - (du / (neck_width + 0.03)) ** 2, 0, 1))
    under = 1 - 0.42 * _step(1.42, 0.92, dv)
    _paint(below, neck, person.skin * scene.warmth * (light * under * (0.45 + 0.62 * roundness))[..., None])
    top = 1.34 + 0.30 * np.clip(np.abs(du) - 0.30, 0, None) ** 1.5 + 0.20 * _step(0.52, 0.0, np.abs(du))
    shoulders = _step(-0.02, 0.02, dv - top) * _step(1.62, 1.56, np.abs(du))
    folds = 0.86 + 0.10 * np.sin(4 * du + 5 * dv) + 0.22 * scene.light[0] * du
    _paint(below, shoulders, person.shirt * (light * folds)[..., None])
    collar = np.exp(-(((dv - top - 0.04) / 0.022) ** 2)) * _step(0.55, 0.35, np.abs(du))
    _paint(below, 0.5 * collar, person.shirt * 0.5)
    return frame


def draw_face(head: Head, scene: Scene, pose: dict[str, float]) -> Face:
    """Render the head of a frame.

    Args:
        head: Head.
        scene: Scene.
        pose: dict. One frame of a `Motion`.

    Returns:
        Face.
    """
    person = head.person
    x, y = _place(pose)
    left, top = round(x) - _HALF_WIDTH, round(y) - _ABOVE
    columns = slice(max(0, left), min(SIDE, round(x) + _HALF_WIDTH))
    rows = slice(max(0, top), min(SIDE, round(y) + _BELOW))
    sy, sx = np.mgrid[rows, columns].astype(np.float32)
    sx, sy = (sx - x) / SCALE, (sy - y) / SCALE
    cos, sin = np.cos(pose["roll"]), np.sin(pose["roll"])
    px, py = cos * sx + sin * sy, -sin * sx + cos * sy
    u, v = _unturn(head.maps.height, px, py, pose["yaw"], pose["pitch"])

    # The jaw drops: what lies below the mouth is looked up higher.
    drop = 0.15 * pose["mouth"]
    skin_v = v - drop * _step(person.mouth_y - 0.02, person.mouth_y + 0.20, v) * _step(1.0, 0.72, np.abs(u))
    map_u, map_v = _to_map(u), _to_map(skin_v)
    shape = cv2.remap(head.maps.normal_alpha, map_u, map_v, cv2.INTER_LINEAR)
    colour = cv2.remap(head.maps.albedo, map_u, map_v, cv2.INTER_LINEAR)
    normal, alpha = shape[..., :3], shape[..., 3]
    albedo, hair = colour[..., :3], colour[..., 3]

    gloss = 0.10 * (1 - hair) + 0.06 * hair
    _draw_brows(albedo, person, pose, u, v)
    _draw_eyes(albedo, gloss, person, pose, u, v)
    _draw_mouth(albedo, gloss, person, pose, u, v)

    light = _turned(scene.light, pose)
    facing = normal @ light
    wrapped = np.clip((facing + 0.25) / 1.25, 0, 1)
    half = light + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    shine = np.clip(normal @ half, 0, 1) ** 24 * gloss
    lit = scene.ambient * (0.84 + 0.16 * normal[..., 2]) + (1.12 - scene.ambient) * wrapped
    rgb = albedo * (lit[..., None] * scene.warmth) + 255 * shine[..., None]
    return Face(np.clip(rgb, 0, 255), alpha, u, v, (rows, columns))


def compose(frame: np.ndarray, face: Face) -> np.ndarray:
    """Put a rendered head into its frame, in place, and return the frame."""
    _paint(frame[face.window], face.alpha, face.rgb)
    return frame


def _place(pose: dict[str, float]) -> tuple[float, float]:
    return CENTRE[0] + SCALE * pose["x"], CENTRE[1] + SCALE * pose["y"]


def _unturn(height: np.ndarray, px, py, yaw: float, pitch: float):
    """Return the (u, v) whose point of the height map is seen at (px, py), by fixed-point iteration.

    It converges because the head is turned little and its height nowhere is steep.
    """
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    u, v = px / cy, py / cp
    for _ in range(4):
        z = cv2.remap(height, _to_map(u), _to_map(v), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        u = (px - z * sy) / cy
        v = (py + (z * cy - u * sy) * sp) / cp
    return u, v


def _turned(light: np.ndarray, pose: dict[str, float]) -> np.ndarray:
    """Return the light's direction as the turned head sees it."""
    cy, sy, cp, sp = np.cos(pose["yaw"]), np.sin(pose["yaw"]), np.cos(pose["pitch"]), np.sin(pose["pitch"])
    x, y, z = light
    y, z = cp * y + sp * z, -sp * y + cp * z
    return np.array([cy * x - sy * z, y, sy * x + cy * z], np.float32)


def _to_map(x: np.ndarray) -> np.ndarray:
    return ((x + REACH) * ((MAP_SIDE - 1) / (2 * REACH))).astype(np.float32)


def _paint(picture: np.ndarray, mask: np.ndarray, colour) -> None:
    picture += mask[..., None] * (colour - picture)


def _window(u, v, left, right, top, bottom) -> tuple[slice, slice]:
    """Return the smallest window of the grid that holds a region of the head."""
    inside = (u > left) & (u < right) & (v > top) & (v < bottom)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _draw_brows(albedo, person: Person, pose, u, v) -> None:
    at = _window(u, v, -0.62, 0.62, person.brow_y - 0.20, person.brow_y + 0.16)
    u, v = u[at], v[at] + pose["brows"]
    colour = 0.62 * person.hair + 0.08 * person.skin
    for side in (-1, 1):
        s = (side * u - person.eye_x - 0.005) / 0.20  # -1 at the nose, 1 at the temple
        line = person.brow_y - person.brow_arch * (1 - 0.6 * (s - 0.3) ** 2) + 0.03
        thick = person.brow_thickness * np.clip(1.15 - 0.55 * s, 0.25, 1.4)
        hairs = 0.90 + 0.10 * np.sin(190 * u * side + 90 * (v - line)) * np.sin(37 * u)
        mask = _step(1.25, 0.35, np.abs(v - line) / thick) * _step(1.12, 0.75, np.abs(s))
        _paint(albedo[at], 0.88 * mask * hairs, colour)


def _draw_eyes(albedo, gloss, person: Person, pose, u, v) -> None:
    open_ = np.clip(pose["lids"], 0.02, 1.1)
    for side in (-1, 1):
        cx, cy, w = side * person.eye_x, person.eye_y, person.eye_width
        at = _window(u, v, cx - 1.6 * w, cx + 1.6 * w, cy - 0.16, cy + 0.13)
        if not albedo[at].size:
            continue
        du, dv = u[at] - cx, v[at] - cy
        dv = dv + person.eye_tilt * du * side
        s = du / w
        arch = np.clip(1 - np.abs(s) ** 2.2, 0, None)
        upper = -person.eye_height * (1.08 * open_ - 0.25 * (1 - open_)) * arch
        lower = 0.62 * person.eye_height * arch * (0.55 + 0.45 * open_)
        soft = 0.010
        inside = (
            _step(-soft, soft, dv - upper) * _step(soft, -soft, dv - lower) * _step(1.02, 0.94, np.abs(s))
        )
        eye = np.empty((*u[at].shape, 3), np.float32)
        eye[:] = np.array([232, 226, 222], np.float32)
        corner = np.exp(-(((s * side + 0.93) / 0.13) ** 2))[..., None]
        eye += 0.5 * corner * (np.array([196, 132, 124], np.float32) - eye)
        ix, iy = 0.38 * w * pose["gaze_x"], 0.010 * pose["gaze_y"] - 0.004
        radius = 0.076
        distance = np.sqrt((du - ix) ** 2 + (dv - iy) ** 2) / radius
        angle = np.arctan2(dv - iy, du - ix)
        fibre = 1 + 0.16 * np.sin(17 * angle) * np.sin(9 * angle + 1)
        ring = (0.72 + 0.55 * _step(0.35, 0.75, distance) - 0.75 * _step(0.78, 1.0, distance)) * fibre
        _paint(eye, _step(1.06, 0.92, distance), person.iris * ring[..., None])
        _paint(eye, _step(0.50, 0.38, distance), np.array([14, 12, 12], np.float32))
        # The lid throws a shadow on the eye.
        eye *= (1 - 0.42 * np.exp(-((dv - upper) / 0.030)))[..., None].clip(0.4, 1)
        _paint(albedo[at], inside, eye)
        window = np.sqrt((du - ix + 0.022) ** 2 + (dv - iy + 0.024) ** 2) / 0.017
        _paint(albedo[at], inside * _step(1.2, 0.6, window), np.array([255, 255, 255], np.float32))
        gloss[at] *= 1 - 0.9 * inside
        lash = np.exp(-(((dv - upper) / (0.012 + 0.006 * open_)) ** 2)) * _step(1.16, 0.9, np.abs(s))
        _paint(albedo[at], 0.86 * lash, 0.18 * person.skin * 0.6 + 0.10 * person.hair)
        under = np.exp(-(((dv - lower) / 0.009) ** 2)) * _step(1.05, 0.8, np.abs(s))
        _paint(albedo[at], 0.34 * under, 0.45 * person.skin)
        crease = np.exp(-(((dv - upper + 0.036 + 0.012 * open_) / 0.011) ** 2)) * _step(1.2, 0.8, np.abs(s))
        _paint(albedo[at], 0.30 * crease * open_, 0.55 * person.skin)


def _draw_mouth(albedo, gloss, person: Person, pose, u, v) -> None:
    smile = person.smile + pose["smile"]
    w = person.mouth_width * (1 + 1.2 * smile - 0.10 * pose["mouth"])
    at = _window(u, v, -w - 0.08, w + 0.08, person.mouth_y - 0.17, person.mouth_y + 0.30)
    if not albedo[at].size:
        return
    u, v = u[at], v[at]
    s = u / w
    arch = np.clip(1 - s**2, 0, None)
    line = person.mouth_y + 0.018 - smile * (s**2 - 0.35)
    gap = pose["mouth"] * arch**0.8
    top, bottom = line - 0.030 * gap, line + 0.105 * gap
    bow = 1 - 0.30 * np.exp(-((s / 0.16) ** 2)) + 0.06 * np.cos(4.4 * s)
    lip_top = top - person.upper_lip * arch**0.75 * bow
    lip_bottom = bottom + person.lower_lip * arch**0.62
    soft = 0.012
    lips = _step(-soft, soft, v - lip_top) * _step(1.4 * soft, -1.4 * soft, v - lip_bottom)
    lips *= _step(1.03, 0.94, np.abs(s))
    wrinkles = 1 + 0.035 * np.sin(70 * u + 8 * np.sin(11 * u))
    depth = 0.84 + 0.16 * _step(0, 0.05, v - bottom) - 0.06 * _step(0, 0.05, top - v)
    _paint(albedo[at], 0.90 * lips, person.lips * (wrinkles * depth)[..., None])
    gloss[at] += 0.16 * lips * np.exp(-(((v - bottom - 0.45 * person.lower_lip) / 0.02) ** 2))
    inside = _step(-0.008, 0.008, v - top) * _step(0.008, -0.008, v - bottom) * _step(1.0, 0.9, np.abs(s))
    cavity = np.empty((*u.shape, 3), np.float32)
    cavity[:] = np.array([58, 20, 20], np.float32)
    tooth = 0.93 + 0.07 * np.cos(2 * np.pi * u / 0.075)
    teeth = _step(0.052, 0.040, v - top) * _step(0.86, 0.70, np.abs(s))
    _paint(cavity, teeth, np.array([226, 219, 206], np.float32) * (tooth * (1 - 0.35 * s**2))[..., None])
    tongue = _oval(u, v, 0, bottom + 0.02, 0.15, 0.055)
    _paint(cavity, 0.8 * _step(1.1, 0.8, tongue), np.array([150, 70, 70], np.float32))
    _paint(albedo[at], inside, cavity)
    gloss[at] *= 1 - inside
    seam = np.exp(-(((v - line) / 0.009) ** 2)) * _step(1.02, 0.88, np.abs(s)) * (1 - np.clip(gap * 6, 0, 1))
    _paint(albedo[at], 0.72 * seam, 0.30 * person.lips)
    corner = _oval(np.abs(u), v, w * 0.99, person.mouth_y + 0.018 - 0.65 * smile, 0.035, 0.022)
    _paint(albedo[at], 0.40 * _step(1.4, 0.2, corner), 0.45 * person.skin)
