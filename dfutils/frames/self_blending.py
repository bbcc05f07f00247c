"""Make a pseudo-fake: blend a face with a changed copy of itself.

The idea is that of Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images" (CVPR 2022): every pasted face
has other colours, another sharpness and a slightly other shape than its surroundings, whichever program has made it. A
network that has to find such a paste learns the traces of forgeries that it has never seen.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike

from dfutils.errors import SettingsError
from dfutils.frames.face_outline import REGIONS, Region, eye_distance, fill, outline, points_of

_RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)
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
        sharpness: float from 0 to 1. How often the sharpness differs. Defaults to 0.75.
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
    sharpness: float = 0.75
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
class Look:
    """A change of a picture's colours and sharpness.

    Args:
        gain: float array [3] or float. Factor of each channel.
        offset: float array [3] or float. Levels that are added to each channel.
        contrast, saturation: float. Factors; 1 for no change.
        shrink: float. The picture is shrunk this many times and enlarged again; 1 for no change.
        enlarge_with: int. OpenCV's interpolation for enlarging it again.
        sharpen: float. Strength of an unsharp mask; 0 for none.
        smooth: str. `""`, `"median"` or `"bilateral"`: removes noise and fine texture.
    """

    gain: ArrayLike = 1.0
    offset: ArrayLike = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    shrink: float = 1.0
    enlarge_with: int = cv2.INTER_CUBIC
    sharpen: float = 0.0
    smooth: str = ""

    def apply(self, rgb: np.ndarray) -> np.ndarray:
        """Return the changed picture, float32 [H, W, 3], not clipped. `rgb` is a float32 array [H, W, 3], 0 to 255."""
        if self.shrink > 1:
            height, width = rgb.shape[:2]
            small = max(4, round(width / self.shrink)), max(4, round(height / self.shrink))
            rgb = cv2.resize(rgb, small, interpolation=cv2.INTER_AREA)
            rgb = cv2.resize(rgb, (width, height), interpolation=self.enlarge_with)
        if self.sharpen:
            rgb = rgb + np.float32(self.sharpen) * (rgb - cv2.GaussianBlur(rgb, (0, 0), 1.4))
        if self.smooth:
            levels = np.clip(rgb, 0, 255).astype(np.uint8)
            smooth = (
                cv2.medianBlur(levels, 5)
                if self.smooth == "median"
                else cv2.bilateralFilter(levels, 5, 35, 3)
            )
            rgb = smooth.astype(np.float32)
        if self.contrast != 1:
            rgb = (rgb - 128) * np.float32(self.contrast) + 128
        if self.saturation != 1:
            grey = rgb.mean(-1, keepdims=True)
            rgb = grey + (rgb - grey) * np.float32(self.saturation)
        return rgb * np.asarray(self.gain, np.float32) + np.asarray(self.offset, np.float32)


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
        return mask * np.float32(self.ratio)

    def apply(self, picture: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make a pseudo-fake of a picture.

        Args:
            picture: uint8 array [H, W, 3], RGB.
            landmarks: float64 array [5, 2]. x and y in pixels, as from `find_landmarks`.

        Returns:
            The pseudo-fake, uint8 [H, W, 3]; the picture that it belongs to, uint8 [H, W, 3], which is `picture` unless
            the surroundings are changed; and the mask, float32 [H, W].
        """
        original = picture.astype(np.float32)
        changed = np.clip(self.look.apply(original), 0, 255)
        source, target = (changed, original) if self.changes_source else (original, changed)
        unit, (height, width) = eye_distance(landmarks), picture.shape[:2]
        if self.bend is not None:
            source = _deform(source, self.bend * unit, cv2.BORDER_REPLICATE)
        middle_x, middle_y = landmarks.mean(0)
        matrix = cv2.getRotationMatrix2D((float(middle_x), float(middle_y)), self.turn, self.scale)
        matrix = matrix + np.c_[np.zeros((2, 2)), self.shift * unit]
        source = cv2.warpAffine(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        mask = self.mask(landmarks, (height, width))
        base = np.rint(target).astype(np.uint8)
        fake = np.rint(paste(target, source, mask)).astype(np.uint8)
        return np.where(mask[..., None] > 0, fake, base), base, mask


def paste(target: np.ndarray, source: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return `target` with `source` over it, both float32 [H, W, 3]. `opacity` is [H, W], from 0 to 1."""
    return target + opacity[..., None] * (source - target)


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
    look: dict[str, Any] = {"gain": 1.0, "offset": 0.0}
    if rng.random() < 0.8:
        look["offset"] = rng.uniform(-20, 20, 3) * strength * (rng.random() < 0.7)
        look["contrast"] = 1 + rng.uniform(-0.12, 0.12) * strength
        look["offset"] = look["offset"] + rng.uniform(-12, 12) * strength
        if rng.random() < 0.5:
            look["saturation"] = 1 + rng.uniform(-0.4, 0.4) * strength
    if rng.random() < settings.sharpness:
        if rng.random() < 0.65:
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
            look=replace(blend.look, offset=np.asarray(blend.look.offset) + waver * 4 * one[4]),
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
