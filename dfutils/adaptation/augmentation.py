"""Change face crops as shared videos are changed: flipped, moved, recoloured, scaled, blurred and compressed."""

from fractions import Fraction

import av
import cv2
import numpy as np

from dfutils.features.view import View

# Of the crop. In one run on real clips of few people, half as much cost 0.07 AUC; with many people it gained 0.01.
_SHIFT = 0.04
_ZOOM = 0.06


def draw_geometry(view: View, rng: np.random.Generator, *, strength: float) -> np.ndarray:
    """Draw a flip, a small shift and a small zoom.

    Args:
        view: View. The part of the crop that the network sees.
        rng: Generator.
        strength: float. Scales the shift and the zoom; 0 gives no change at all, not even a flip.

    Returns:
        float64 array [2, 3]. The matrix from pixels of the crop to pixels of the view, for `cv2.warpAffine`.
    """
    flipped = rng.random() < 0.5
    zoom = 1 + strength * rng.uniform(-_ZOOM, _ZOOM)
    shift = strength * view.side * rng.uniform(-_SHIFT, _SHIFT, 2)
    matrix = np.vstack([view.matrix(), [0, 0, 1]])
    middle = (view.side - 1) / 2
    mirror = -1.0 if flipped and strength else 1.0
    change = np.array(
        [[mirror * zoom, 0, middle - mirror * zoom * middle], [0, zoom, middle - zoom * middle], [0, 0, 1]]
    )
    change[:2, 2] += shift
    return (change @ matrix)[:2]


def look(crop: np.ndarray, matrix: np.ndarray, side: int) -> np.ndarray:
    """Return what the network sees of a crop.

    Args:
        crop: uint8 array [299, 299, 3].
        matrix: float64 array [2, 3]. From `draw_geometry`, or `View.matrix()`.
        side: int. Side of the result in pixels.

    Returns:
        uint8 array [side, side, 3].
    """
    return cv2.warpAffine(crop, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def degrade(picture: np.ndarray, rng: np.random.Generator, *, strength: float) -> np.ndarray:
    """Change the colour of a picture and lower its quality, as sharing a video does.

    Each change happens by chance: colour and contrast, blur, scaling down and up again, noise, and compression as JPEG
    or H.264.

    Args:
        picture: uint8 array [H, W, 3], RGB.
        rng: Generator.
        strength: float. Scales the probability of each change; 0 for no change.

    Returns:
        uint8 array [H, W, 3].
    """
    if rng.random() < 0.5 * strength:
        picture = _recolour(picture, rng)
    if rng.random() < 0.15 * strength:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < 0.25 * strength:
        height, width = picture.shape[:2]
        share = rng.uniform(0.45, 0.95)
        size = max(8, round(width * share)), max(8, round(height * share))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        how = cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC
        picture = cv2.resize(small, (width, height), interpolation=how)
    if rng.random() < 0.1 * strength:
        noisy = picture + rng.normal(0, rng.uniform(1, 5), picture.shape).astype(np.float32)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.25 * strength:
        picture = compress_jpeg(picture, int(rng.integers(45, 97)))
    if rng.random() < 0.25 * strength:
        picture = compress_h264(picture, int(rng.integers(17, 33)))
    return picture


def compress_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Return a picture, uint8 [H, W, 3], after compression as JPEG with a quality from 1 to 100."""
    _, encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))[..., ::-1]


def compress_h264(picture: np.ndarray, crf: int) -> np.ndarray:
    """Return a picture, uint8 [H, W, 3], as the only frame of an H.264 video with this constant rate factor."""
    rows, columns = picture.shape[:2]
    # H.264 needs an even height and width.
    picture = np.pad(picture, ((0, rows % 2), (0, columns % 2), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    frames = [shown for packet in packets for shown in decoder.decode(packet)] + list(decoder.decode(None))
    return frames[0].to_ndarray(format="rgb24")[:rows, :columns]


def _recolour(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    changed = (picture.astype(np.float32) - 128) * rng.uniform(0.85, 1.15) + 128
    changed += (rng.uniform(-15, 15) + rng.uniform(-6, 6, 3)).astype(np.float32)
    grey = changed.mean(-1, keepdims=True)
    changed = grey + (changed - grey) * rng.uniform(0.75, 1.25)
    return np.clip(changed, 0, 255).astype(np.uint8)
