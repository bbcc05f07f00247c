"""Write one real clip again, and pseudo-fakes of it, with the encoder settings of the original."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from dfutils.atomic import atomic_path
from dfutils.errors import ClipError
from dfutils.frames import FaceCrop, Sampling, crop_faces, find_landmarks, read_clip
from dfutils.frames.self_blending import Blend, vary
from dfutils.frames.writing import VideoWriter, all_frames, encoder_like
from dfutils.media.images import read_image

_LOOKS = 40  # frames in which the face is looked for
_CYCLE = 4096  # frames after which a wavering change repeats
_WHOLE = Sampling(frames=1 << 20, max_side=1 << 14)


@dataclass(frozen=True, eq=False)
class ClipForger:
    """Writes one real clip again, and its pseudo-fakes.

    Args:
        path: Path. The real clip.
        real: Path. Where it is written again, without the suffix.
        places: list of (Path, Path). For each pseudo-fake, where it is written, without the suffix, and its mask.
        blends: list of Blend. One per pseudo-fake.
        rngs: list of Generator. One per pseudo-fake, for a change that wavers.
        waver: float. As in `SelfBlend`.
    """

    path: Path
    real: Path
    places: list[tuple[Path, Path]]
    blends: list[Blend]
    rngs: list[np.random.Generator]
    waver: float

    def video(self) -> dict[str, Any]:
        """Forge a video. Return reason, frames and suffix of the written files.

        Raises:
            ClipError: If it cannot be read, or no face is found.
            OSError: If a file cannot be written.
        """
        encoder = encoder_like(self.path)
        looked = read_clip(self.path, Sampling(frames=_LOOKS), threads=1)
        track = crop_faces(looked, FaceCrop(look_every=1))
        known = np.full((len(looked.times), *track.landmarks.shape[1:]), np.nan)
        known[track.positions] = track.landmarks
        scale = _full_size(self.path) / max(looked.frames.shape[1:3])
        with ExitStack() as stack:
            temporary = [
                stack.enter_context(atomic_path(place.with_name(place.name + encoder.suffix)))
                for place in (self.real, *(place for place, _ in self.places))
            ]
            writers = [stack.enter_context(VideoWriter(one, encoder)) for one in temporary]
            count, masks = 0, [_Masks() for _ in self.places]
            series = [vary(blend, _CYCLE, rng, waver=self.waver) for blend, rng in self._drawn()]
            for frame, seconds in all_frames(self.path, _WHOLE, 1):
                landmarks = scale * _at(seconds, looked.times, known)
                writers[0].write(frame, seconds)
                for writer, blends, mask in zip(writers[1:], series, masks, strict=True):
                    fake, opacity = frame, np.zeros(frame.shape[:2], np.float32)
                    if np.isfinite(landmarks).all():  # the others do not show the main face
                        fake, _, opacity = blends[count % len(blends)].apply(frame, landmarks)
                    writer.write(fake, seconds)
                    mask.add(opacity)
                count += 1
        for (_, place), mask in zip(self.places, masks, strict=True):
            mask.save(place)
        reason = "; ".join(filter(None, [track.note, encoder.note]))
        return {"reason": reason, "frames": count, "suffix": encoder.suffix}

    def _drawn(self) -> Iterator[tuple[Blend, np.random.Generator]]:
        return zip(self.blends, self.rngs, strict=True)

    def pictures(self, paths: list[Path], media: str) -> dict[str, Any]:
        """Forge one image file, or the image files of a folder. Return and errors are as for `video`.

        Args:
            paths: list of Path. The image files, in order.
            media: str. `"image"` or `"frames"`.
        """
        masks = [_Masks() for _ in self.places]
        series = [vary(blend, len(paths), rng, waver=self.waver) for blend, rng in self._drawn()]
        landmarks = np.concatenate([find_landmarks(read_image(path)[None]) for path in paths])
        found = np.flatnonzero(np.isfinite(landmarks).all(axis=(1, 2)))
        if not len(found):
            raise ClipError("no_face", f"a face in none of the {len(paths)} pictures")
        suffix = ""
        for number, path in enumerate(paths):
            picture = read_image(path)
            nearest = found[np.abs(found - number).argmin()]
            suffix = path.suffix.lower() if path.suffix.lower() in (".jpg", ".jpeg") else ".png"
            name = f"{number:05d}{suffix}" if media == "frames" else suffix
            _save_picture(self._named(self.real, name, media), picture, like=path)
            for (place, _), blends, mask in zip(self.places, series, masks, strict=True):
                fake, _, opacity = blends[number].apply(picture, landmarks[nearest])
                _save_picture(self._named(place, name, media), fake, like=path)
                mask.add(opacity)
        for (_, place), mask in zip(self.places, masks, strict=True):
            mask.save(place)
        every = len(found) == len(paths)
        reason = "" if every else f"a face was found in {len(found)} of {len(paths)} pictures"
        return {"reason": reason, "frames": len(paths), "suffix": "" if media == "frames" else suffix}

    @staticmethod
    def _named(place: Path, name: str, media: str) -> Path:
        return place / name if media == "frames" else place.with_name(place.name + name)


class _Masks:
    """The masks of a clip, one bit per pixel in memory."""

    def __init__(self) -> None:
        self._frames: list[np.ndarray] = []
        self._shape = (0, 0)

    def add(self, opacity: np.ndarray) -> None:
        """Add the mask of a frame: where something is pasted."""
        shape = (opacity.shape[0], opacity.shape[1])
        if self._frames and shape != self._shape:
            opacity = cv2.resize(opacity, self._shape[::-1])
        else:
            self._shape = shape
        self._frames.append(np.packbits(opacity > 0))

    def save(self, path: Path) -> None:
        """Write the masks as `mask`, uint8 [frames, H, W], one frame at a time."""
        pixels = self._shape[0] * self._shape[1]
        header = {"descr": "|u1", "fortran_order": False, "shape": (len(self._frames), *self._shape)}
        with (
            atomic_path(path) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("mask.npy", "w", force_zip64=True) as file,
        ):
            np.lib.format.write_array_header_1_0(file, header)
            for packed in self._frames:
                file.write(np.unpackbits(packed, count=pixels).tobytes())


def _full_size(path: Path) -> int:
    """Return the longer side of a video's frames, in pixels."""
    frame, _ = next(all_frames(path, _WHOLE, 1))
    return max(frame.shape[:2])


def _at(seconds: float, times: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return the landmarks at a time, interpolated, float64 [5, 2]. NaN next to landmarks that are NaN."""
    columns = landmarks.reshape(len(times), -1).T
    return np.array([np.interp(seconds, times, column) for column in columns]).reshape(5, 2)


def _save_picture(path: Path, picture: np.ndarray, *, like: Path) -> None:
    """Write a picture as PNG, or as JPEG with the quantisation tables of another JPEG."""
    with atomic_path(path) as temporary:
        if path.suffix == ".png":
            Image.fromarray(picture).save(temporary, format="PNG")
            return
        with Image.open(like) as original:
            tables = getattr(original, "quantization", None)
        if tables:
            Image.fromarray(picture).save(temporary, format="JPEG", qtables=tables)
        else:
            Image.fromarray(picture).save(temporary, format="JPEG", quality=95)
