"""Render a head: turn its height map in space, shade it, and draw eyes, eyebrows and mouth where they have moved."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from dfutils.demo.people import MAP_SIDE, REACH, HeadMaps, Person, head_maps, oval, ramp
from dfutils.demo.portable_math import cos, direction, exp, hsv_to_rgb, mix, power, sin
from dfutils.frames.portable_pictures import gaussian_blur, remap, warp

SIDE = 384  # pixels of a frame
SCALE = 116  # pixels of one head unit
CENTRE = (SIDE / 2, 0.475 * SIDE)
# The windows that are rendered, in pixels: half the width, and the heights above and below the middle of the head.
# Forgeries alter only the inner face.
_WHOLE_HEAD = (138, 164, 134)
_INNER_FACE = (98, 72, 128)
_LOWER = slice(int(0.6 * SIDE), SIDE)  # the rows that may show neck and clothes


@dataclass(frozen=True)
class Scene:
    """The room behind a person, and its light. A clip and its forgeries share it.

    Args:
        background: float32 array [SIDE, SIDE, 3]. RGB, 0 to 255.
        light: float32 array [3]. Unit vector to the main light.
        warmth: float32 array [3]. The colour of the light, around 1.
        ambient: float. Share of the light that comes from all directions.
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
        alpha: float32 array [h, w]. Opacity: 1 in the head, 0 outside its outline.
        u, v: float32 arrays [h, w]. The head coordinates that each pixel shows.
        window: tuple of two slices. Rows and columns of the frame.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    u: np.ndarray
    v: np.ndarray
    window: tuple[slice, slice]


class Head:
    """A person who is ready to be rendered.

    Args:
        person: Person.
        maps: HeadMaps. Defaults to the maps of the person, which take some tens of milliseconds to compute.
    """

    def __init__(self, person: Person, *, maps: HeadMaps | None = None) -> None:
        self.person = person
        self.maps = head_maps(person) if maps is None else maps
        # Filters compute in float64: the maps are converted once and not in every frame.
        self.sources = HeadMaps(**{name: array.astype(np.float64) for name, array in vars(self.maps).items()})

    def mixed_with(self, other: "Head", person: Person, *, weight: float) -> "Head":
        """Return a head between two heads. The maps are mixed, which is faster than to compute new ones.

        Args:
            other: Head.
            person: Person. The mixed person.
            weight: float from 0 to 1. Share of the other head.
        """
        mixed = {
            name: mix(getattr(self.maps, name), getattr(other.maps, name), weight)
            for name in ("height", "normal_alpha", "albedo")
        }
        return Head(person, maps=replace(self.maps, **mixed))


def draw_scene(rng: np.random.Generator) -> Scene:
    """Draw a room at random, out of focus, and its light."""
    hue, wall = rng.uniform(0, 180), rng.uniform(95, 205)
    base = hsv_to_rgb(hue, rng.uniform(6, 48), wall)
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    azimuth, elevation = rng.uniform(-0.9, 0.9), rng.uniform(0.25, 0.8)
    # The wall is lighter on the side of the lamp, and darker towards the corners.
    fall = 1 - 0.20 * np.sign(-azimuth) * axis[None, :] - 0.12 * axis[:, None]
    fall -= 0.14 * (axis[None, :] ** 2 + axis[:, None] ** 2)
    room = base * fall[..., None]

    def tint(low: float, high: float, spread: float) -> np.ndarray:
        return np.clip(base * rng.uniform(low, high) + rng.normal(0, spread, 3), 15, 245)

    kind = int(rng.integers(5))
    if kind == 0:  # shelves of books
        for top in (rng.uniform(0.02, 0.2) + 0.34 * np.arange(3)) * SIDE:
            x = -rng.uniform(0, 20)
            while x < SIDE:
                wide, tall = rng.uniform(7, 22), rng.uniform(0.20, 0.29) * SIDE
                if rng.random() < 0.85:
                    _box(room, x, top + 0.30 * SIDE - tall, wide - 1.5, tall, tint(0.4, 1.15, 20))
                x += wide
            _box(room, 0, top + 0.30 * SIDE, SIDE, 7, tint(0.35, 0.6, 6))
    elif kind == 1:  # a window
        x, w = rng.uniform(-0.1, 0.75) * SIDE, rng.uniform(0.25, 0.42) * SIDE
        sky = np.array([214, 228, 244]) * rng.uniform(0.9, 1.05)
        _box(room, x, 0.06 * SIDE, w, 0.62 * SIDE, sky)
        _box(room, x, 0.46 * SIDE, w, 0.22 * SIDE, np.array([132, 158, 120]) * rng.uniform(0.7, 1.1))
        for bar in (x - 4, x + w / 2 - 3, x + w - 4):
            _box(room, bar, 0.04 * SIDE, 8, 0.66 * SIDE, tint(1.05, 1.2, 4))
    elif kind == 2:  # the lights of a distant town
        room *= 0.55
        for _ in range(26):
            centre, size = rng.uniform(0, SIDE, 2), rng.uniform(5, 17)
            glow = np.array([255, rng.uniform(170, 235), rng.uniform(90, 200)]) * rng.uniform(0.35, 0.9)
            disc = np.zeros((SIDE, SIDE), np.float32)
            cv2.circle(disc, (int(centre[0]), int(centre[1])), int(size), 1.0, -1, cv2.LINE_AA)
            room += 0.6 * disc[..., None] * (glow - room).clip(0)
    elif kind == 3:  # pictures on the wall
        for _ in range(int(rng.integers(2, 5))):
            x, y = rng.uniform(-0.1, 0.9) * SIDE, rng.uniform(0.02, 0.5) * SIDE
            w, h = rng.uniform(0.14, 0.32, 2) * SIDE
            _box(room, x - 5, y - 5, w + 10, h + 10, tint(0.3, 0.6, 8))
            _box(room, x, y, w, h, tint(1.0, 1.25, 10))
            _box(room, x + 0.2 * w, y + 0.2 * h, 0.6 * w, 0.6 * h, tint(0.6, 1.2, 24))
    softest, strongest = ((4, 7), (4, 8), (6, 9), (3, 6), (3, 5))[kind]
    room = gaussian_blur(np.clip(room, 0, 250), rng.uniform(softest, strongest))
    light = np.array([sin(azimuth), -sin(elevation), 0.85])
    warm = rng.uniform(-0.06, 0.06)
    return Scene(
        room,
        (light / np.linalg.norm(light)).astype(np.float32),
        np.array([1 + warm, 1.0, 1 - warm], np.float32),
        float(rng.uniform(0.40, 0.54)),
    )


def _box(picture: np.ndarray, x: float, y: float, w: float, h: float, colour: np.ndarray) -> None:
    """Draw a filled rectangle, in place."""
    cv2.rectangle(picture, (int(x), int(y)), (int(x + w), int(y + h)), np.asarray(colour, float).tolist(), -1)


def head_box(pose: dict[str, float], person: Person) -> tuple[float, float, float, float]:
    """Return x, y, width and height of the face in pixels, from the eyebrows to the chin, as detectors frame it."""
    x, y = _place(pose)
    width = 1.72 * person.width * SCALE
    return x - width / 2, y - 0.52 * SCALE, width, 1.52 * SCALE


class Body:
    """What is behind a head: the room, long hair, neck and clothes. It is drawn once and moved for each frame.

    Args:
        scene: Scene.
        person: Person.
    """

    def __init__(self, scene: Scene, person: Person) -> None:
        light = scene.ambient + 0.62 * (1 - scene.ambient)
        ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
        du, dv = (xs - CENTRE[0]) / SCALE, (ys - CENTRE[1]) / SCALE
        # In float64, in which they are moved: converted once and not in every frame.
        self._room = scene.background.astype(np.float64)
        self._hair = _hair_behind(person, du, dv, light).astype(np.float64) if person.long_hair else None
        self._torso = _torso(scene, person, du[_LOWER], dv[_LOWER], light).astype(np.float64)

    def draw(self, pose: dict[str, float]) -> np.ndarray:
        """Return the frame without the head, float32 [SIDE, SIDE, 3]."""
        camera = SCALE * pose["camera_x"], SCALE * pose["camera_y"]
        frame = _moved(self._room, *camera)
        if self._hair is not None:
            _lay(frame, _moved(self._hair, camera[0] + SCALE * pose["x"], camera[1] + SCALE * pose["y"]))
        # The body moves half as much as the head.
        torso = _moved(self._torso, camera[0] + 0.5 * SCALE * pose["x"], camera[1] + 0.3 * SCALE * pose["y"])
        _lay(frame[_LOWER], torso)
        return frame


def _moved(layer: np.ndarray, x: float, y: float) -> np.ndarray:
    return warp(layer, [[1, 0, x], [0, 1, y]])


def _lay(frame: np.ndarray, layer: np.ndarray) -> None:
    """Put a layer over a frame, in place. The colours of the layer are already multiplied by its opacity."""
    red, green, blue, opacity = cv2.split(layer)
    transparency = 1 - opacity
    cv2.multiply(frame, cv2.merge([transparency, transparency, transparency]), dst=frame)
    cv2.add(frame, cv2.merge([red, green, blue]), dst=frame)


def _hair_behind(person: Person, du: np.ndarray, dv: np.ndarray, light: float) -> np.ndarray:
    """Return the long hair behind a head as a layer."""
    reach = person.width * (1.06 + 0.9 * person.hair_volume)
    wave = 0.03 * sin(5 * dv + person.parting * 9) + 0.05 * person.curl * sin(17 * dv + 4 * du)
    fall = reach + 0.10 * ramp(0.2, 1.0, dv) + wave * ramp(0.1, 0.6, dv)
    end = 1.25 + 0.35 * person.parting + 0.05 * sin(40 * du) + 0.04 * sin(91 * du + 1)
    mask = ramp(0.03, -0.03, np.abs(du) - fall) * ramp(-0.05, 0.1, dv) * ramp(end + 0.10, end - 0.10, dv)
    mask = np.maximum(mask, ramp(1.02, 0.97, oval(du, dv, (0, 0.05), (reach, 1.0 + person.hair_volume))))
    bend = du + 0.05 * person.curl * sin(17 * dv) + 0.02 * sin(4 * dv)
    strands = 0.5 + 0.15 * sin(46 * bend + 3 * sin(3 * dv)) * sin(19 * bend + 1) + 0.08 * sin(140 * bend)
    # It is dark behind the neck.
    shade = strands * (1 - 0.62 * ramp(0.62, 0.30, np.abs(du) / person.width) * ramp(0.4, 0.8, dv))
    return _layer(mask, person.hair * (light * shade)[..., None])


def _torso(scene: Scene, person: Person, du: np.ndarray, dv: np.ndarray, light: float) -> np.ndarray:
    """Return neck and clothes as a layer."""
    side = np.abs(du)
    width = person.neck * person.width / 0.75
    base = width + 0.22 * ramp(1.02, 1.45, dv) ** 2
    neck = ramp(0.02, -0.02, side - base) * ramp(0.2, 0.4, dv)
    roundness = np.sqrt(np.clip(1 - (du / (base + 0.04)) ** 2, 0, 1))
    under = 1 - 0.50 * ramp(1.32, 0.96, dv - 0.10 * du * np.sign(scene.light[0]))  # the shadow of the chin
    cords = 1 + 0.05 * exp(-(((side - 0.12 - 0.35 * (1.5 - dv)) / 0.03) ** 2))
    bones = 1 - 0.10 * exp(-(((dv - 1.42 + 0.05 * side) / 0.03) ** 2)) * ramp(0.10, 0.2, side)
    turned = 1 + 0.35 * scene.light[0] * du / base
    skin = (
        person.skin
        * scene.warmth
        * (light * under * cords * bones * turned * (0.42 + 0.68 * roundness))[..., None]
    )
    layer = _layer(neck, skin)

    top = 1.20 + 0.34 * power(np.clip(side - 0.30, 0, None), 1.25)
    folds = 0.88 + 0.07 * sin(4 * du + 5 * dv) + 0.05 * sin(11 * du - 6 * dv) + 0.24 * scene.light[0] * du
    folds = folds * (1 - 0.25 * ramp(1.1, 1.7, side))
    outfit = int(person.outfit)
    cloth = np.broadcast_to(person.shirt, (*du.shape, 3)).copy()
    dip = (0.22, 0.52, 0.30, 0.12, 0.62)[outfit]
    if outfit in (1, 2, 4):  # a V
        opening = np.clip(dip * (1 - side / 0.36), 0, None)
    else:
        opening = dip * np.sqrt(np.clip(1 - (side / 0.44) ** 2, 0, 1))
    edge = dv - top - opening
    if outfit == 0:  # striped jersey
        bands = ramp(-0.2, 0.2, sin(30 * (dv - 0.25 * power(side, 1.6))))[..., None]
        cloth += (0.55 if person.width > 0.75 else 0.0) * bands * (person.under - cloth)
    elif outfit == 3:  # knitted jumper with a high collar
        folds = folds * (1 + 0.05 * sin(150 * du + 2 * sin(60 * dv)))
    shoulders = ramp(-0.02, 0.02, edge) * ramp(1.66, 1.60, side)
    if outfit in (2, 4):  # the shirt under a jacket
        chest = 1 if outfit == 4 else 0.5
        inner = ramp(-0.02, 0.02, dv - top - 0.5 * opening * chest) * ramp(0.40, 0.38, side)
        _over(layer, inner, person.under * (0.80 * light * folds)[..., None])
    _over(layer, shoulders, cloth * scene.warmth * (light * folds)[..., None])
    if outfit in (2, 4):  # a collar, or lapels
        wide = 0.10 if outfit == 2 else 0.16
        lapel = shoulders * ramp(wide + 0.02, wide, edge) * ramp(0.62, 0.5, side)
        _over(layer, 0.9 * lapel, cloth * 0.86 * (light * folds)[..., None])
        _over(
            layer,
            0.7 * shoulders * exp(-(((edge - wide - 0.01) / 0.014) ** 2)) * ramp(0.62, 0.5, side),
            cloth * 0.35,
        )
    else:
        rib = 0.05 if outfit != 3 else 0.12
        _over(
            layer,
            0.45 * shoulders * exp(-(((edge - rib) / 0.016) ** 2)) * ramp(0.6, 0.5, side),
            cloth * 0.42,
        )
    # The edge of the cloth casts a thin shadow on the skin.
    _over(
        layer,
        0.35 * neck * exp(-(((edge + 0.02) / 0.03) ** 2)) * ramp(0.5, 0.4, side),
        0.3 * person.skin,
    )
    return layer


def _layer(mask: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Return a layer [H, W, 4]: colours multiplied by opacity, and opacity."""
    return np.dstack([mask[..., None] * colour, mask]).astype(np.float32)


def _over(layer: np.ndarray, mask: np.ndarray, colour: np.ndarray) -> None:
    """Paint on a layer, in place."""
    layer *= 1 - mask[..., None]
    layer += _layer(mask, np.broadcast_to(colour, (*mask.shape, 3)))


def draw_face(head: Head, scene: Scene, pose: dict[str, float], *, inner: bool = False) -> Face:
    """Render the head of a frame.

    Args:
        head: Head.
        scene: Scene.
        pose: dict. One frame of a `Motion`.
        inner: bool. Render only the part that forgeries alter, from the eyebrows to the chin. Defaults to False.

    Returns:
        Face.
    """
    person = head.person
    x, y = _place(pose)
    half_width, above, below = _INNER_FACE if inner else _WHOLE_HEAD
    columns = slice(max(0, round(x) - half_width), min(SIDE, round(x) + half_width))
    rows = slice(max(0, round(y) - above), min(SIDE, round(y) + below))
    # The head coordinates are computed for every other pixel and interpolated in between.
    sy, sx = np.mgrid[rows.start : rows.stop + 2 : 2, columns.start : columns.stop + 2 : 2].astype(np.float32)
    sx, sy = (sx - x) / SCALE, (sy - y) / SCALE
    cr, sr = cos(pose["roll"]), sin(pose["roll"])
    px, py = cr * sx + sr * sy, -sr * sx + cr * sy
    size = columns.stop - columns.start, rows.stop - rows.start
    u, v = (
        warp(coarse, [[2, 0, 0], [0, 2, 0]], size=size, border=cv2.BORDER_CONSTANT)
        for coarse in _unturn(head.sources.height, px, py, pose["yaw"], pose["pitch"])
    )

    # An open mouth lowers the jaw: pixels below the mouth show skin from higher up.
    drop = 0.15 * pose["mouth"]
    skin_v = v - drop * ramp(person.mouth_y - 0.02, person.mouth_y + 0.20, v) * ramp(1.0, 0.72, np.abs(u))
    map_u, map_v = _to_map(u), _to_map(skin_v)
    shape = remap(head.sources.normal_alpha, map_u, map_v)
    colour = remap(head.sources.albedo, map_u, map_v)
    albedo, hair = colour[..., :3], colour[..., 3]

    gloss = 0.10 - 0.04 * hair
    _draw_brows(albedo, person, pose, u, v)
    _draw_eyes(albedo, gloss, person, pose, u, v)
    _draw_mouth(albedo, gloss, person, pose, u, v)
    if person.glasses:
        _put_on_glasses(albedo, gloss, head, pose, u, v)

    light = _turned(scene.light, pose)
    # Blinn and Phong's model: the vector half way between the light and the viewer gives the highlights.
    halfway = light + np.array([0, 0, 1], np.float32)
    halfway /= np.linalg.norm(halfway)
    nx, ny, front, alpha = cv2.split(shape)
    to_light, to_halfway = (nx * to[0] + ny * to[1] + front * to[2] for to in (light, halfway))  # cosines
    wrapped = np.clip((to_light + 0.25) / 1.25, 0, 1)
    lit = scene.ambient * (0.84 + 0.16 * front) + (1.06 - scene.ambient) * wrapped
    highlight = np.maximum(to_halfway, 0) ** 2
    highlight *= highlight
    highlight *= highlight
    highlight = 255 * gloss * highlight * highlight * highlight  # the cosine to the power of 24
    channels = [albedo[..., i] * (lit * scene.warmth[i]) + highlight for i in range(3)]
    rgb = cv2.merge(channels)
    return Face(np.clip(rgb, 0, 255, out=rgb), alpha, u, v, (rows, columns))


def compose(frame: np.ndarray, face: Face) -> np.ndarray:
    """Put a rendered head into a frame, in place, and return the frame."""
    _paint(frame[face.window], face.alpha, face.rgb)
    return frame


def _place(pose: dict[str, float]) -> tuple[float, float]:
    """Return the middle of the head in pixels."""
    return (
        CENTRE[0] + SCALE * (pose["x"] + pose["camera_x"]),
        CENTRE[1] + SCALE * (pose["y"] + pose["camera_y"]),
    )


def _unturn(
    height: np.ndarray, px: np.ndarray, py: np.ndarray, yaw: float, pitch: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the (u, v) of the height map that is visible at (px, py), by fixed-point iteration.

    The iteration converges because the head turns only a little and the height map is not steep.
    """
    cy, sy, cp, sp = cos(yaw), sin(yaw), cos(pitch), sin(pitch)
    u, v = px / cy, py / cp
    for _ in range(4):
        z = remap(height, _to_map(u), _to_map(v), border=cv2.BORDER_REPLICATE)
        u = (px - z * sy) / cy
        v = (py + (z * cy - u * sy) * sp) / cp
    return u, v


def _turned(light: np.ndarray, pose: dict[str, float]) -> np.ndarray:
    """Return the direction of the light relative to the turned head."""
    angles = np.array([pose["yaw"], pose["pitch"]])
    (cy, cp), (sy, sp) = cos(angles), sin(angles)
    x, y, z = light
    y, z = cp * y + sp * z, -sp * y + cp * z
    return np.array([cy * x - sy * z, y, sy * x + cy * z], np.float32)


def _to_map(x: np.ndarray) -> np.ndarray:
    """Return head coordinates as pixels of a map."""
    return ((x + REACH) * ((MAP_SIDE - 1) / (2 * REACH))).astype(np.float32)


def _paint(picture: np.ndarray, mask: np.ndarray, colour: np.ndarray) -> None:
    """Paint a colour over a picture where the mask is, in place."""
    picture += mask[..., None] * (colour - picture)


def _window(
    u: np.ndarray, v: np.ndarray, left: float, right: float, top: float, bottom: float
) -> tuple[slice, slice]:
    """Return the smallest window of the grid that contains a region of the head."""
    inside = (u > left) & (u < right) & (v > top) & (v < bottom)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _put_on_glasses(
    albedo: np.ndarray, gloss: np.ndarray, head: Head, pose: dict[str, float], u: np.ndarray, v: np.ndarray
) -> None:
    # They are in front of the eyes, so they move a little more than the eyes when the head turns.
    nearer_u, nearer_v = u - 0.06 * sin(pose["yaw"]), v + 0.06 * sin(pose["pitch"])
    seen = remap(head.sources.glasses, _to_map(nearer_u), _to_map(nearer_v))
    rim, lens = seen[..., 0], seen[..., 1]
    glare = ramp(0.06, 0.0, np.abs(((u + 0.55 * v) * 4.1 + 3 * pose["yaw"]) % 1.0 - 0.5) - 0.02) * lens
    _paint(albedo, 0.05 * lens + 0.09 * glare, np.array([235, 240, 245], np.float32))
    _paint(albedo, 0.94 * rim, head.person.rim)
    gloss += 0.35 * rim - gloss * rim


def _draw_brows(
    albedo: np.ndarray, person: Person, pose: dict[str, float], u: np.ndarray, v: np.ndarray
) -> None:
    window = _window(u, v, -0.62, 0.62, person.brow_y - 0.20, person.brow_y + 0.16)
    u, v = u[window], v[window] + pose["brows"]
    colour = 0.62 * person.hair + 0.08 * person.skin
    for side in (-1, 1):
        s = (side * u - person.eye_x - 0.005) / 0.20  # -1 at the nose, 1 at the temple
        line = person.brow_y - person.brow_arch * (1 - 0.6 * (s - 0.3) ** 2) + 0.03
        thick = person.brow_thickness * np.clip(1.15 - 0.55 * s, 0.25, 1.4)
        hairs = 0.90 + 0.10 * sin(190 * u * side + 90 * (v - line)) * sin(37 * u)
        mask = ramp(1.25, 0.35, np.abs(v - line) / thick) * ramp(1.12, 0.75, np.abs(s))
        _paint(albedo[window], 0.88 * mask * hairs, colour)


def _draw_eyes(
    albedo: np.ndarray,
    gloss: np.ndarray,
    person: Person,
    pose: dict[str, float],
    u: np.ndarray,
    v: np.ndarray,
) -> None:
    opening = np.clip(pose["lids"], 0.02, 1.1)
    for side in (-1, 1):
        cx, cy, w = side * person.eye_x, person.eye_y, person.eye_width
        window = _window(u, v, cx - 1.6 * w, cx + 1.6 * w, cy - 0.16, cy + 0.13)
        if not albedo[window].size:
            continue
        du, dv = u[window] - cx, v[window] - cy
        dv = dv + person.eye_tilt * du * side
        s = du / w
        arch = np.clip(1 - power(np.abs(s), 2.2), 0, None)
        upper = -person.eye_height * (1.08 * opening - 0.25 * (1 - opening)) * arch
        lower = 0.62 * person.eye_height * arch * (0.55 + 0.45 * opening)
        soft = 0.010
        inside = ramp(-soft, soft, dv - upper) * ramp(soft, -soft, dv - lower) * ramp(1.02, 0.94, np.abs(s))
        eye = np.empty((*u[window].shape, 3), np.float32)
        eye[:] = np.array([232, 226, 222], np.float32)
        corner = exp(-(((s * side + 0.93) / 0.13) ** 2))[..., None]
        eye += 0.5 * corner * (np.array([196, 132, 124], np.float32) - eye)
        ix, iy = 0.38 * w * pose["gaze_x"], 0.010 * pose["gaze_y"] - 0.004
        radius = 0.076
        distance = np.sqrt((du - ix) ** 2 + (dv - iy) ** 2) / radius
        angle = direction(dv - iy, du - ix)
        fibre = 1 + 0.16 * sin(17 * angle) * sin(9 * angle + 1)
        ring = (0.72 + 0.55 * ramp(0.35, 0.75, distance) - 0.75 * ramp(0.78, 1.0, distance)) * fibre
        _paint(eye, ramp(1.06, 0.92, distance), person.iris * ring[..., None])
        _paint(eye, ramp(0.50, 0.38, distance), np.array([14, 12, 12], np.float32))
        # The lid casts a shadow on the eye.
        eye *= (1 - 0.42 * exp(-((dv - upper) / 0.030)))[..., None].clip(0.4, 1)
        _paint(albedo[window], inside, eye)
        reflection = np.sqrt((du - ix + 0.022) ** 2 + (dv - iy + 0.024) ** 2) / 0.017
        _paint(albedo[window], inside * ramp(1.2, 0.6, reflection), np.array([255, 255, 255], np.float32))
        gloss[window] *= 1 - 0.9 * inside
        lash = exp(-(((dv - upper) / (0.012 + 0.006 * opening)) ** 2)) * ramp(1.16, 0.9, np.abs(s))
        _paint(albedo[window], 0.86 * lash, 0.18 * person.skin * 0.6 + 0.10 * person.hair)
        under = exp(-(((dv - lower) / 0.009) ** 2)) * ramp(1.05, 0.8, np.abs(s))
        _paint(albedo[window], 0.34 * under, 0.45 * person.skin)
        crease = exp(-(((dv - upper + 0.036 + 0.012 * opening) / 0.011) ** 2)) * ramp(1.2, 0.8, np.abs(s))
        _paint(albedo[window], 0.30 * crease * opening, 0.55 * person.skin)


def _draw_mouth(
    albedo: np.ndarray,
    gloss: np.ndarray,
    person: Person,
    pose: dict[str, float],
    u: np.ndarray,
    v: np.ndarray,
) -> None:
    smile = person.smile + pose["smile"]
    w = person.mouth_width * (1 + 1.2 * smile - 0.10 * pose["mouth"])
    window = _window(u, v, -w - 0.08, w + 0.08, person.mouth_y - 0.17, person.mouth_y + 0.30)
    if not albedo[window].size:
        return
    u, v = u[window], v[window]
    s = u / w
    arch = np.clip(1 - s**2, 0, None)
    line = person.mouth_y + 0.018 - smile * (s**2 - 0.35)
    gap = pose["mouth"] * power(arch, 0.8)
    top, bottom = line - 0.030 * gap, line + 0.105 * gap
    bow = 1 - 0.30 * exp(-((s / 0.16) ** 2)) + 0.06 * cos(4.4 * s)
    lip_top = top - person.upper_lip * power(arch, 0.75) * bow
    lip_bottom = bottom + person.lower_lip * power(arch, 0.62)
    soft = 0.012
    lips = ramp(-soft, soft, v - lip_top) * ramp(1.4 * soft, -1.4 * soft, v - lip_bottom)
    lips *= ramp(1.03, 0.94, np.abs(s))
    wrinkles = 1 + 0.035 * sin(70 * u + 8 * sin(11 * u))
    depth = 0.84 + 0.16 * ramp(0, 0.05, v - bottom) - 0.06 * ramp(0, 0.05, top - v)
    _paint(albedo[window], 0.90 * lips, person.lips * (wrinkles * depth)[..., None])
    gloss[window] += 0.16 * lips * exp(-(((v - bottom - 0.45 * person.lower_lip) / 0.02) ** 2))
    inside = ramp(-0.008, 0.008, v - top) * ramp(0.008, -0.008, v - bottom) * ramp(1.0, 0.9, np.abs(s))
    cavity = np.empty((*u.shape, 3), np.float32)
    cavity[:] = np.array([58, 20, 20], np.float32)
    tooth = 0.93 + 0.07 * cos(2 * np.pi * u / 0.075)
    teeth = ramp(0.052, 0.040, v - top) * ramp(0.86, 0.70, np.abs(s))
    _paint(cavity, teeth, np.array([226, 219, 206], np.float32) * (tooth * (1 - 0.35 * s**2))[..., None])
    tongue = oval(u, v, (0, bottom + 0.02), (0.15, 0.055))
    _paint(cavity, 0.8 * ramp(1.1, 0.8, tongue), np.array([150, 70, 70], np.float32))
    _paint(albedo[window], inside, cavity)
    gloss[window] *= 1 - inside
    seam = exp(-(((v - line) / 0.009) ** 2)) * ramp(1.02, 0.88, np.abs(s)) * (1 - np.clip(gap * 6, 0, 1))
    _paint(albedo[window], 0.72 * seam, 0.30 * person.lips)
    corner = oval(np.abs(u), v, (w * 0.99, person.mouth_y + 0.018 - 0.65 * smile), (0.035, 0.022))
    _paint(albedo[window], 0.40 * ramp(1.4, 0.2, corner), 0.45 * person.skin)
