"""Write frames as a video, with the same encoder settings as another video."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from dfutils.errors import ClipError
from dfutils.frames.reader import read_clip
from dfutils.frames.sampling import Sampling
from dfutils.media.files import media_of
from dfutils.media.images import STILLS_RATE
from dfutils.media.opening import open_video

_CLOCK = 90_000  # time stamps per second in the written file
_NOMINAL_RATE = 25  # frames per second, used if a file does not state its frame rate
_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "mpeg4": "mpeg4",
    "mpeg2video": "mpeg2video",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "mjpeg": "mjpeg",
}
_SUFFIXES = {"libvpx": ".webm", "libvpx-vp9": ".webm", "mjpeg": ".avi", "mpeg2video": ".mkv"}
# Settings that x264 writes into its videos, and that it takes as parameters.
_X264_NAMES = (
    "cabac", "ref", "deblock", "me", "subme", "trellis", "8x8dct", "bframes", "b_pyramid", "b_adapt", "weightb",
    "weightp", "keyint", "keyint_min", "scenecut", "rc_lookahead", "mbtree", "qcomp", "aq", "crf", "qp",
)  # fmt: skip
_X264_OTHER_NAMES = {"keyint_min": "min-keyint", "aq": "aq-mode"}


@dataclass(frozen=True, kw_only=True)
class EncoderSettings:
    """How a video is encoded.

    Args:
        encoder: str. FFmpeg's name of the encoder. Defaults to `"libx264"`.
        options: dict. Options of the encoder. Defaults to none.
        pix_fmt: str. FFmpeg's name of the pixel format. Defaults to `"yuv420p"`.
        bit_rate: int. Bits per second; 0 if the options give the quality. Defaults to 0.
        note: str. What could not be taken over from the other video. Defaults to `""`.
    """

    encoder: str = "libx264"
    options: dict[str, str] = field(default_factory=dict)
    pix_fmt: str = "yuv420p"
    bit_rate: int = 0
    note: str = ""

    @property
    def suffix(self) -> str:
        """The suffix of a file that can hold such a video, such as `.mp4`."""
        return _SUFFIXES.get(self.encoder, ".mp4")


def encoder_like(path: str | Path) -> EncoderSettings:
    """Find out how a video was encoded, to encode other frames in the same way.

    x264 writes its settings into the video. For other encoders, and where the settings were removed, the same codec
    with the same average bit rate is used.

    Args:
        path: str or Path. A video file.

    Returns:
        EncoderSettings.

    Raises:
        ClipError: If the file cannot be opened as a video.
    """
    path = Path(path)
    try:
        with open_video(path, threads=1) as video:
            context = video.stream.codec_context
            codec, pix_fmt = context.name, context.pix_fmt or "yuv420p"
            rate = video.stream.bit_rate or video.container.bit_rate or 0
            start = bytes(context.extradata or b"")
            for packet, _ in zip(video.packets(), range(3), strict=False):
                start += bytes(packet)
    except (av.error.FFmpegError, ValueError) as error:
        raise ClipError("unreadable", f"cannot be opened as a video ({error})") from error
    codec = codec.removeprefix("lib").partition("-")[0] if codec.startswith("lib") else codec
    encoder = _ENCODERS.get(codec, "")
    if encoder not in av.codecs_available:
        note = f"there is no encoder for {codec}, so H.264 was used"
        return EncoderSettings(options={"crf": "23"}, note=note)
    settings = EncoderSettings(encoder=encoder, pix_fmt=_supported(encoder, pix_fmt))
    x264 = re.search(rb"x264 - core.*?options: ([\x20-\x7e]+)", start, re.DOTALL)
    if encoder == "libx264" and x264:
        return replace(settings, options=_x264_options(x264.group(1).decode()))
    note = f"its quality is not stated, so the average bit rate of {rate // 1000} kbit/s was used"
    if not rate:
        return replace(
            settings, note="neither its quality nor its bit rate is stated, so the encoder's default was used"
        )
    return replace(settings, bit_rate=int(rate), note=note)


def _x264_options(words: str) -> dict[str, str]:
    stated = dict(word.split("=", 1) for word in words.split() if "=" in word)
    params = []
    for name in _X264_NAMES:
        if name in stated:
            value = stated[name].partition(":")[0] if name == "aq" else stated[name]
            if name == "deblock":  # "1:0:0" means on, and both offsets
                on, _, value = value.partition(":")
                name, value = ("deblock", value) if on == "1" else ("no_deblock", "1")
            params.append(f"{_X264_OTHER_NAMES.get(name, name.replace('_', '-'))}={value.replace(':', ',')}")
    return {"x264-params": ":".join(params)}


def _supported(encoder: str, pix_fmt: str) -> str:
    formats = [one.name for one in av.Codec(encoder, "w").video_formats or []]
    return pix_fmt if pix_fmt in formats or not formats else formats[0]


class VideoWriter:
    """Writes one video, frame by frame. Use it in a `with` block.

    Args:
        path: Path. The file to write. Its suffix gives the container.
        settings: EncoderSettings.
        rate: float. Frames per second that the file states. Defaults to 25; the time stamps count.
    """

    def __init__(self, path: Path, settings: EncoderSettings, *, rate: float = _NOMINAL_RATE) -> None:
        self._settings, self._rate = settings, rate
        self._container = av.open(str(path), "w", format=_format_of(path))
        self._stream: VideoStream | None = None
        self._stamp = -1

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(self, *error: object) -> None:
        if self._stream is not None and error[0] is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def write(self, frame: np.ndarray, seconds: float) -> None:
        """Add a frame, uint8 [H, W, 3], that is shown at a time in seconds.

        The first frame gives the size of the video. An odd width or height loses one row or column.

        Raises:
            ClipError: If the frame is too small to be encoded.
        """
        if self._stream is None:
            self._stream = self._add_stream(frame)
        stream = self._stream
        picture = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(_cut(frame, stream.height, stream.width)), format="rgb24"
        )
        self._stamp = max(self._stamp + 1, round(seconds * _CLOCK))
        picture.pts, picture.time_base = self._stamp, Fraction(1, _CLOCK)
        self._container.mux(stream.encode(picture))

    def _add_stream(self, frame: np.ndarray) -> VideoStream:
        height, width = (side - side % 2 for side in frame.shape[:2])
        if not height or not width:
            raise ClipError("unreadable", "its pictures are too small to be encoded")
        # One thread, so that the same frames always give the same file.
        options = {**self._settings.options, "threads": "1"}
        rate = Fraction(self._rate).limit_denominator(1001)
        stream = self._container.add_stream(self._settings.encoder, rate=rate, options=options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = height, width, self._settings.pix_fmt
        stream.codec_context.time_base = Fraction(1, _CLOCK)
        if self._settings.encoder in ("mpeg4", "mpeg2video"):  # these cannot hold such a fine clock
            stream.codec_context.time_base = 1 / rate
        if self._settings.bit_rate:
            stream.bit_rate = self._settings.bit_rate
        return stream


def _format_of(path: Path) -> str | None:
    return {".mp4": "mp4", ".mkv": "matroska", ".webm": "webm", ".avi": "avi"}.get(path.suffix)


def _cut(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut or scale a frame to the size of the encoded video.

    H.264 needs an even width and height, and the size of the frames may change within a video.
    """
    if frame.shape[0] < height or frame.shape[1] < width:
        return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    return frame[:height, :width]


def all_frames(path: Path, sampling: Sampling, threads: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield (picture, seconds) for each frame of a video, or for each sampled image file.

    Frames are shrunk to `sampling.max_side`. If a part of the video is damaged, the frames before it are yielded.

    Raises:
        ClipError: If no frame can be decoded.
    """
    if path.is_dir() or media_of(path.name) == "image":
        for position, still in enumerate(read_clip(path, sampling, threads=threads).frames):
            yield still, position / STILLS_RATE
        return
    count, start = 0, 0.0
    try:
        with open_video(path, threads=threads) as video:
            rate = video.frame_rate or _NOMINAL_RATE
            for frame in video.frames():
                time = float(frame.time) if frame.time is not None else count / rate
                start = start if count else time
                count += 1
                yield video.picture(frame, sampling.max_side), time - start
    except (av.error.FFmpegError, ValueError) as error:
        # If some frames were decoded before the damage, these frames are used without an error.
        if count == 0:
            raise ClipError("empty", "no frame at the start of the file can be decoded") from error


def write_frames(
    path: Path,
    frames: Iterable[tuple[np.ndarray, float]],
    settings: EncoderSettings,
    *,
    rate: float = _NOMINAL_RATE,
) -> None:
    """Write (picture, seconds) pairs as a video.

    Args:
        path: Path. The file to write.
        frames: iterable of (uint8 array [H, W, 3], float).
        settings: EncoderSettings.
        rate: float. Frames per second that the file states. Defaults to 25.

    Raises:
        ClipError: If a frame is too small to be encoded.
    """
    with VideoWriter(path, settings, rate=rate) as writer:
        for frame, seconds in frames:
            writer.write(frame, seconds)
