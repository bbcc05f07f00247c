"""Make a pseudo-fake: blend a face with a changed copy of itself.

The idea is that of Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images" (CVPR 2022): every pasted face
has other colours, another sharpness and a slightly other shape than its surroundings, whichever program has made it. A
network that has to find such a paste learns the traces of forgeries that it has never seen.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from dfutils.errors import SettingsError
from dfutils.frames.face_outline import REGIONS, Region, eye_distance, fill, outline, points_of
from dfutils.frames.looks import Look, paste
from dfutils.frames.portable_pictures import warp

_RATIOS = (0.5, 0.75, 1.0, 1.0, 1.0, 1.0)
_FAINTEST = 1 / 255  # a lower opacity changes no pixel that anybody could see
_GRID = 7  # knots of the random deformations, along a side


def _default_regions() -> dict[Region, float]:
    return {"whole": 3, "forehead": 2, "inner": 2, "lower": 2, "mouth": 1, "eyes": 1}


@dataclass(frozen=True, kw_only=True)
class SelfBlend:
    """Settings of pseudo-fakes.

    Args:
        strength: float from 0 to 3. How much colours, shape and place differ between the pasted face and its
            surroundings. Defaults to 1.
        source: float from 0 to 1. How often the pasted face is changed; otherwise, its surroundings are. Defaults to
            0.65.
        sharpness: float from 0 to 1. How often the sharpness differs. Defaults to 0.85.
        denoise: float from 0 to 1. How often noise and fine texture are removed, as a network that draws faces does.
            Defaults to 0.3.
        warp: float from 0 to 1. How often the pasted face is deformed smoothly. Defaults to 0.5.
        waver: float from 0 to 1. How much the change varies from frame to frame of a clip; 0 for a steady one. Defaults
            to 0.
        regions: dict. How often each region of the face is pasted, as a share: `"whole"`, `"forehead"`, `"inner"`,
            `"lower"`, `"mouth"` and `"eyes"`.

    Raises:
        SettingsError: If a setting is out of range.
    """

    strength: float = 1.0
    source: float = 0.65
    sharpness: float = 0.85
    denoise: float = 0.3
    warp: float = 0.5
    waver: float = 0.0
    regions: dict[Region, float] = field(default_factory=_default_regions)

    def __post_init__(self) -> None:
        highest = {
            "strength": 3.0,
            "source": 1.0,
            "sharpness": 1.0,
            "denoise": 1.0,
            "warp": 1.0,
            "waver": 1.0,
        }
        for name, high in highest.items():
            value = getattr(self, name)
            if not isinstance(value, int | float | np.number) or not 0 <= value <= high:
                raise SettingsError(f"SelfBlend.{name} must be from 0 to {high:g}. Received: {value!r}")
        shares = list(self.regions.values())
        if not set(self.regions) <= set(REGIONS) or not shares or min(shares) < 0 or sum(shares) <= 0:
            raise SettingsError(
                f"SelfBlend.regions must be shares of {', '.join(REGIONS)} that are at least 0 and not all 0. "
                f"Received: {self.regions}"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Blend:
    """One drawn pseudo-fake: what is pasted where, and how. It can be applied to every frame of a clip.

    Args:
        region: str. The part of the face that is pasted.
        shifts: float array [K, 2]. How the outline of the region is deformed, in distances between the eyes.
        elastic: float32 array [2, 7, 7]. How the mask is deformed further, in distances between the eyes.
        feather: float. Blur of the mask's edge, in distances between the eyes.
        inner_feather: float. Blur of the edge after the mask was shrunk inwards; 0 for a mask that is not shrunk.
        ratio: float. The opacity of the pasted face.
        turn: float. Degrees.
        scale: float. Factor of the size of the pasted face.
        shift: float array [2]. In distances between the eyes.
        bend: float32 array [2, 7, 7] or None. A smooth deformation of the pasted face, in distances between the eyes.
        look: Look. The change of colours and sharpness.
        changes_source: bool. Whether the pasted face is changed, or its surroundings.
    """

    region: Region
    shifts: np.ndarray
    elastic: np.ndarray
    feather: float
    inner_feather: float
    ratio: float
    turn: float
    scale: float
    shift: np.ndarray
    bend: np.ndarray | None
    look: Look
    changes_source: bool

    def mask(self, landmarks: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Return the opacity of the pasted face, float32 [H, W], from 0 to `ratio`.

        Args:
            landmarks: float64 array [5, 2], in pixels.
            shape: tuple of int. Height and width of the picture.
        """
        unit = eye_distance(landmarks)
        mask = fill(outline(landmarks, self.region, shifts=self.shifts), shape)
        mask = _deform(mask, self.elastic * unit, cv2.BORDER_CONSTANT)
        mask = _blur(mask, self.feather * unit)
        if self.inner_feather:
            mask = _blur(np.clip(2 * mask - 1, 0, 1), self.inner_feather * unit)
        mask = np.minimum(mask, 1) * np.float32(self.ratio)
        return np.where(mask < _FAINTEST, 0, mask)

    def apply(self, picture: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make a pseudo-fake of a picture.

        Args:
            picture: uint8 array [H, W, 3], RGB.
            landmarks: float64 array [5, 2]. x and y in pixels, as from `find_landmarks`.

        Returns:
            The pseudo-fake, uint8 [H, W, 3]; the picture that it belongs to, uint8 [H, W, 3], which is `picture` unless
            the surroundings are changed; and the mask, float32 [H, W].
        """
        window = _around(landmarks, picture.shape[:2])
        part, points = picture[window].astype(np.float32), landmarks - [window[1].start, window[0].start]
        base = picture
        if not self.changes_source:
            base = np.rint(np.clip(self.look.apply(picture.astype(np.float32)), 0, 255)).astype(np.uint8)
        source = np.clip(self.look.apply(part), 0, 255) if self.changes_source else part
        source = self._move(source.astype(np.float32), points)
        mask = np.zeros(picture.shape[:2], np.float32)
        mask[window] = self.mask(points, part.shape[:2])
        pasted = np.rint(paste(base[window].astype(np.float32), source, mask[window])).astype(np.uint8)
        fake = base.copy()
        fake[window] = np.where(mask[window][..., None] > 0, pasted, base[window])
        return fake, base, mask

    def _move(self, source: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Deform, turn, scale and shift the face that is pasted, float32 [H, W, 3]."""
        unit = eye_distance(landmarks)
        if self.bend is not None:
            source = _deform(source, self.bend * unit, cv2.BORDER_REPLICATE)
        middle_x, middle_y = landmarks.mean(0)
        matrix = cv2.getRotationMatrix2D((float(middle_x), float(middle_y)), self.turn, self.scale)
        return warp(source, matrix + np.c_[np.zeros((2, 2)), self.shift * unit])


_REACH = 2.4  # how far a mask reaches from the middle of the landmarks, in distances between the eyes


def _around(landmarks: np.ndarray, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns of a picture that hold the face with its surroundings."""
    reach = _REACH * eye_distance(landmarks)
    middle_x, middle_y = landmarks.mean(0)
    rows, columns = (
        slice(max(0, int(middle - reach)), max(1, min(side, int(middle + reach) + 1)))
        for middle, side in ((middle_y, shape[0]), (middle_x, shape[1]))
    )
    return rows, columns


def draw_blend(rng: np.random.Generator, settings: SelfBlend | None = None) -> Blend:
    """Draw a pseudo-fake at random.

    Args:
        rng: Generator.
        settings: SelfBlend. Defaults to `SelfBlend()`.

    Returns:
        Blend.
    """
    settings = settings or SelfBlend()
    strength, shares = settings.strength, np.array(list(settings.regions.values()), float)
    region = list(settings.regions)[int(rng.choice(len(shares), p=shares / shares.sum()))]
    shrunk = rng.random() < 0.5
    return Blend(
        region=region,
        shifts=rng.normal(0, 0.05, (points_of(region), 2)),
        elastic=rng.normal(0, 0.08, (2, _GRID, _GRID)).astype(np.float32),
        feather=rng.uniform(0.03, 0.25),
        inner_feather=rng.uniform(0.02, 0.15) if shrunk else 0.0,
        ratio=float(rng.choice(_RATIOS)),
        turn=strength * rng.normal(0, 1.0),
        scale=1 + strength * rng.uniform(-0.05, 0.05),
        shift=strength * rng.uniform(-1, 1, 2) * (0.07, 0.05),
        bend=_draw_bend(rng, strength) if rng.random() < settings.warp else None,
        look=_draw_look(rng, settings),
        changes_source=bool(rng.random() < settings.source),
    )


def _draw_bend(rng: np.random.Generator, strength: float) -> np.ndarray:
    knots = rng.normal(0, 1, (2, _GRID, _GRID)) * strength * rng.uniform(0.01, 0.05)
    return knots.astype(np.float32)


def _draw_look(rng: np.random.Generator, settings: SelfBlend) -> Look:
    strength = settings.strength
    look: dict[str, Any] = {}
    if rng.random() < 0.8:
        tint = rng.uniform(-20, 20, 3) * (rng.random() < 0.7) + rng.uniform(-12, 12)
        look["offset"] = (strength * tint).astype(np.float32)
        look["contrast"] = 1 + rng.uniform(-0.12, 0.12) * strength
        if rng.random() < 0.5:
            look["saturation"] = 1 + rng.uniform(-0.4, 0.4) * strength
    if rng.random() < settings.sharpness:
        if rng.random() < 0.75:
            look["shrink"] = rng.uniform(1.3, 4)
            look["enlarge_with"] = cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC
        else:
            look["sharpen"] = rng.uniform(0.3, 1.5)
    if rng.random() < settings.denoise:
        look["smooth"] = "median" if rng.random() < 0.5 else "bilateral"
    return Look(**look)


def vary(blend: Blend, frames: int, rng: np.random.Generator, *, waver: float) -> list[Blend]:
    """Return one blend per frame of a clip: the same one, or one that drifts and trembles.

    Args:
        blend: Blend.
        frames: int.
        rng: Generator.
        waver: float from 0 to 1. 0 gives the same blend for all frames.
    """
    if not waver:
        return [blend] * frames
    drift = _smooth_noise(rng, frames, period=25) + 0.4 * rng.normal(size=(frames, 5))
    return [
        replace(
            blend,
            shift=blend.shift + waver * 0.02 * one[:2],
            turn=blend.turn + waver * 0.6 * one[2],
            ratio=float(np.clip(blend.ratio * (1 - 0.15 * waver * abs(one[3])), 0, 1)),
            look=replace(blend.look, offset=blend.look.offset + float(waver * 4 * one[4])),
        )
        for one in drift
    ]


def _smooth_noise(rng: np.random.Generator, frames: int, *, period: int) -> np.ndarray:
    """Return five series of slowly varying numbers of about unit size, float64 [frames, 5]."""
    knots = rng.normal(size=(frames // period + 2, 5))
    places = np.arange(frames) / period
    return np.column_stack([np.interp(places, np.arange(len(knots)), series) for series in knots.T])


def _deform(picture: np.ndarray, knots: np.ndarray, border: int) -> np.ndarray:
    """Move each pixel by a smooth field that is given at a few knots, float32 [2, 7, 7] in pixels."""
    height, width = picture.shape[:2]
    dx, dy = (cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) for field in knots)
    x, y = _coordinates(width, height)
    return cv2.remap(picture, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=border)


def _coordinates(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def _blur(mask: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(mask, (0, 0), sigma) if sigma > 0.3 else mask
