"""Read the header and a few frames from the start of every clip, and compute perceptual hashes of the frames."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.errors import ClipError
from dfutils.media.files import split_path, stills
from dfutils.media.images import STILLS_RATE, read_image
from dfutils.media.opening import check_file, open_video, why

FACTS = ("clip_id", "bytes", "width", "height", "fps", "frames", "seconds", "codec", "hdr", "trouble")
# Seconds from the start of the clip. They are the same times in a clip and in its re-encoded copy, and only the first
# 1.2 seconds have to be decoded.
MOMENTS = (0.0, 0.4, 0.8, 1.2)
SIDE = 96  # frames are shrunk to this side, in pixels
_HASH_SIDE = 16
_SMALL = 16
_FLAT = 6.0  # a frame is too uniform to compare if its grey levels (0 to 255) have a lower standard deviation
HASH_BITS = len(MOMENTS) * _HASH_SIDE**2


class Appearance(NamedTuple):
    """Perceptual hashes and small grey images of a clip's frames at 0, 0.4, 0.8 and 1.2 seconds.

    For a shorter clip, the last frame is repeated.

    Args:
        bits: bool array [HASH_BITS]. Perceptual hashes (pHash: Zauner, 2010).
        small: float32 array [moments, 256]. The frames as 16 x 16 grey pixels of mean 0 and norm 1, so that the
            dot product of two frames is their correlation. It is used because the hashes of smooth images are mostly
            noise.
    """

    bits: np.ndarray
    small: np.ndarray


class Look(NamedTuple):
    """What `look` reads from a clip.

    Args:
        facts: dict. The header data, by the names in `FACTS`.
        frames: list of uint8 arrays [SIDE, SIDE, 3], RGB. The frames at `MOMENTS`: fewer for a short clip, and none if
            the file cannot be opened.
    """

    facts: dict[str, Any]
    frames: list[np.ndarray]


def probe(
    catalog: pd.DataFrame,
    root: str | Path,
    *,
    known: Mapping[str, Look] | None = None,
    progress: bool = True,
) -> tuple[pd.DataFrame, dict[str, Appearance]]:
    """Read the header of every clip, and compute perceptual hashes of frames from its first 1.2 seconds.

    Args:
        catalog: DataFrame. One row per clip, with clip_id, path and media.
        root: str or Path. The folder that paths are relative to.
        known: dict or None. {clip_id: Look} of clips that need not be opened again. Defaults to None.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DataFrame, one row per clip in the catalog's order. Columns: clip_id; bytes (for a folder of image files, the
        sum of all files); width and height in pixels; fps, frames and seconds, as in the header; codec (for image
        files, their suffix); hdr (1 for an HDR video, 0 for another one); trouble (why the file could not be opened, or
        `""`). Unknown values are NaN.

        dict {clip_id: Appearance}, from the frames at 0, 0.4, 0.8 and 1.2 seconds. Clips whose frames are all of nearly
        one grey level are not included.
    """
    rows, appearances = [], {}
    for clip_id, (facts, frames) in look(catalog, root, known=known, progress=progress):
        rows.append({"clip_id": clip_id, **facts})
        grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
        shown = [frame for frame in grey if frame.std() > _FLAT]
        if shown:
            shown += [shown[-1]] * (len(MOMENTS) - len(shown))
            bits = np.concatenate([_hash(frame) for frame in shown])
            appearances[clip_id] = Appearance(bits, np.stack([_small(frame) for frame in shown]))
    return pd.DataFrame(rows, columns=list(FACTS)).astype({"trouble": str, "codec": str}), appearances


def look(
    catalog: pd.DataFrame,
    root: str | Path,
    *,
    known: Mapping[str, Look] | None = None,
    progress: bool = True,
) -> Iterator[tuple[str, Look]]:
    """Yield the header data of every clip, and its frames at 0, 0.4, 0.8 and 1.2 seconds.

    Args:
        catalog: DataFrame. One row per clip, with clip_id, path and media.
        root: str or Path. The folder that paths are relative to.
        known: dict or None. {clip_id: Look} of clips that need not be opened again. Defaults to None.
        progress: bool. Show a progress bar. Defaults to True.

    Yields:
        The clip_id and its Look.
    """
    jobs = list(zip(catalog["clip_id"], catalog["path"], catalog["media"], strict=True))
    known = known or {}

    def run(job: tuple[str, str, str]) -> Look:
        clip_id, path, media = job
        return known[clip_id] if clip_id in known else _look(Path(root) / path, media)

    with ThreadPoolExecutor(2) as pool:
        results = pool.map(run, jobs)
        bar = tqdm(results, total=len(jobs), desc="looking", unit="clip", disable=not progress)
        for (clip_id, *_), seen in zip(jobs, bar, strict=True):
            yield clip_id, seen


def _look(path: Path, media: str) -> Look:
    facts: dict[str, Any] = {"codec": "", "trouble": ""}
    try:
        files = stills(path) if media == "frames" else [path]
        facts["bytes"] = sum(file.stat().st_size for file in files)
        frames = _look_at_video(path, facts) if media == "video" else _look_at_pictures(files, facts)
        return Look(facts, frames)
    except ClipError as error:
        facts["trouble"] = error.reason
    except (av.error.FFmpegError, ValueError, OSError) as error:
        facts["trouble"] = f"cannot be opened ({why(error)})"
    return Look(facts, [])


def _look_at_video(path: Path, facts: dict[str, Any]) -> list[np.ndarray]:
    frames: list[np.ndarray] = []
    check_file(path)
    with open_video(path) as video:
        stream = video.stream
        facts |= {
            "width": stream.width or np.nan,
            "height": stream.height or np.nan,
            "fps": round(video.frame_rate, 2) or np.nan,
            "frames": video.promised_frames or np.nan,
            "seconds": round(video.promised_seconds, 3) or np.nan,
            "codec": stream.codec_context.name,
            "hdr": float(video.is_hdr),
        }
        start = None
        try:
            for frame in video.frames():
                start = frame.time if start is None else start
                seconds = (frame.time or 0.0) - (start or 0.0)
                while len(frames) < len(MOMENTS) and seconds >= MOMENTS[len(frames)] - 1e-3:
                    frames.append(frame.to_ndarray(format="rgb24", width=SIDE, height=SIDE))
                if len(frames) == len(MOMENTS):
                    break
        except av.error.FFmpegError:
            pass  # the frames before the damaged part are used; notebook 03 reports damaged clips
    return frames


def _look_at_pictures(pictures: list[Path], facts: dict[str, Any]) -> list[np.ndarray]:
    if not pictures:
        raise ClipError("unreadable", "is a folder without a picture")
    positions = sorted({min(round(moment * STILLS_RATE), len(pictures) - 1) for moment in MOMENTS})
    images = [read_image(pictures[position]) for position in positions]
    facts |= {
        "height": images[0].shape[0],
        "width": images[0].shape[1],
        "frames": len(pictures),
        "codec": split_path(pictures[0].name)[2].lstrip("."),
    }
    return [cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images]


def _small(frame: np.ndarray) -> np.ndarray:
    pixels = cv2.resize(frame, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    pixels -= pixels.mean()
    return pixels / max(float(np.linalg.norm(pixels)), 1e-6)


def _hash(frame: np.ndarray) -> np.ndarray:
    import imagehash
    from PIL import Image

    return imagehash.phash(Image.fromarray(frame), hash_size=_HASH_SIDE).hash.ravel()
