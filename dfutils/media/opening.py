"""Open videos with PyAV, and choose the stream that players show."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from dfutils.errors import ClipError
from dfutils.media.diagnosis import ENCRYPTED, explain
from dfutils.media.pictures import deinterlace, display_matrix, to_rgb

# Only video containers are allowed. FFmpeg would also open playlists and lists of files, and render text files as
# images.
_CONTAINERS = "mov,matroska,avi,mpeg,mpegvideo,mpegts,flv,asf,gif,ogg"

# About four times the pixels of 8K video. A decoded image of this size takes about 0.4 GB.
_MOST_PIXELS = 1 << 27

# Streams are compared by this many packets at the start of a file: more than a second of video next to its sound.
_PACKETS_TO_COUNT = 200

_HDR = (16, 18)  # FFmpeg's numbers of the transfer characteristics PQ (SMPTE ST 2084) and HLG (ARIB STD-B67)
_PROGRESSIVE = 1  # FFmpeg's number; 0 means unknown, and higher ones are orders of fields


def check_file(path: Path) -> None:
    """Check that a file can be opened and is not empty.

    Raises:
        ClipError: If the file cannot be opened (status `unreadable`) or has no bytes (status `empty`).
    """
    try:
        if not path.is_file():
            special = "is not an ordinary file" if path.exists() else "is not there"
            reason = "is a folder, not a file" if path.is_dir() else special
            raise ClipError("unreadable", reason)
        with path.open("rb") as file:
            if not file.read(1):
                raise ClipError("empty", "the file has no bytes")
    except OSError as error:
        raise ClipError("unreadable", f"cannot be opened: {error.strerror}") from error


@dataclass(frozen=True)
class OpenVideo:
    """An open video file, and the video stream that is used. Use it in a `with` block.

    Args:
        container: av.container.InputContainer.
        stream: av.VideoStream. The stream that players show.
    """

    container: InputContainer
    stream: VideoStream
    _first_matrix: list[np.ndarray | None] = field(default_factory=list, init=False, repr=False)

    def __enter__(self) -> "OpenVideo":
        return self

    def __exit__(self, *error: object) -> None:
        self.container.close()

    def packets(self) -> Iterator[av.Packet]:
        """Yield the packets of the stream. The last one is empty: it flushes the decoder.

        Raises:
            av.error.FFmpegError: If the file cannot be read further.
            ClipError: With status `unreadable` if a packet is encrypted.
        """
        for packet in packets_of(self.container, self.stream):
            if packet.has_sidedata("encryption_info"):
                raise ClipError("unreadable", ENCRYPTED)
            yield packet

    def frames(self) -> Iterator[av.VideoFrame]:
        """Decode and yield the frames of the stream. The errors are those of `packets`."""
        for packet in self.packets():
            yield from self.decode(packet)

    def decode(self, packet: av.Packet | None) -> list[av.VideoFrame]:
        """Decode a packet of the stream, or with None the frames that the decoder still holds.

        Raises:
            av.error.FFmpegError: If the packet is damaged.
        """
        frames = self.stream.codec_context.decode(packet)
        if frames and not self._first_matrix:
            self._first_matrix.append(display_matrix(frames[0]))
        return frames

    def picture(self, frame: av.VideoFrame, max_side: int) -> np.ndarray:
        """Convert a frame of the stream to a picture as players show it.

        Args:
            frame: av.VideoFrame. A frame of this stream.
            max_side: int. Largest longer side of the picture, in pixels.

        Returns:
            uint8 array [H, W, 3], RGB, upright, with square pixels. Interlaced frames are deinterlaced.
        """
        shown = deinterlace(frame) if frame.interlaced_frame else frame
        # H.264 and H.265 may state the rotation once, next to the first frame. FFmpeg then turns that frame only.
        first = self._first_matrix[0] if self._first_matrix else None
        pixel_aspect = float(self.stream.sample_aspect_ratio or 1)
        return to_rgb(shown, max_side, pixel_aspect=pixel_aspect, matrix=first)

    @property
    def is_interlaced(self) -> bool:
        """Whether the header says that each picture holds two fields, with the lines of two moments."""
        return int(self.stream.codec_context.field_order) > _PROGRESSIVE

    @property
    def is_hdr(self) -> bool:
        """Whether the header says that the brightness is coded for high dynamic range, as HLG or PQ."""
        return int(self.stream.codec_context.color_trc) in _HDR

    @property
    def frame_rate(self) -> float:
        """Frames per second according to the header, or 0 if the header does not give it."""
        return float(self.stream.average_rate or self.stream.guessed_rate or 0)

    @property
    def promised_seconds(self) -> float:
        """Duration in seconds according to the header, or 0 if the header does not give it."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return (self.container.duration or 0) / av.time_base

    @property
    def promised_frames(self) -> int:
        """Number of frames according to the header, or 0 if the header does not give it.

        If the header gives no number of frames, it is computed from the duration and the frame rate.
        """
        return self.stream.frames or round(self.promised_seconds * self.frame_rate)


def open_video(path: Path, *, threads: int = 0) -> OpenVideo:
    """Open a video, and choose its video stream as players do.

    Pictures that are attached, such as the cover of a song, are not videos. A stream with one picture is used only if
    there is no other one. The stream that is marked as default is preferred, then the largest one.

    Args:
        path: Path. The video file.
        threads: int. The number of decoding threads. Defaults to 0: one per processor core.

    Returns:
        OpenVideo.

    Raises:
        ClipError: If the file has no video stream (status `empty`), or it cannot be parsed or decoded as a video
            (`unreadable`).
    """
    container = _open(path)
    try:
        stream = _choose_stream(path, container)
        _check_stream(stream)
    except BaseException:
        container.close()
        raise
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = threads
    return OpenVideo(container, stream)


def packets_of(container: InputContainer, *streams: Stream) -> Iterator[av.Packet]:
    """Yield the packets of streams. No streams: of all streams.

    Raises:
        av.error.FFmpegError: If the file cannot be read further.
    """
    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets, None)
        except IndexError:
            # A stream that begins later is not in PyAV's list. Reading goes on behind its packet.
            packets = container.demux(*streams)
            continue
        if packet is None:
            return
        yield packet


def _open(path: Path) -> InputContainer:
    try:
        return av.open(f"file:{path}", options={"format_whitelist": _CONTAINERS})
    except (av.error.FFmpegError, ValueError) as error:
        raise ClipError(
            "unreadable", explain(path) or f"is no video that can be parsed ({why(error)})"
        ) from error


def why(error: Exception) -> str:
    """Return the reason that an error of FFmpeg, or another one, states."""
    return getattr(error, "strerror", None) or str(error)


def _choose_stream(path: Path, container: InputContainer) -> VideoStream:
    videos = container.streams.video
    streams = [one for one in videos if not one.disposition & Disposition.attached_pic]
    if not streams:
        others = "a cover picture" if videos else "sound" if container.streams.audio else ""
        if others:
            raise ClipError("empty", f"no video stream, only {others}")
        explanation = explain(path)
        raise ClipError("unreadable" if explanation else "empty", explanation or "no video stream")
    if len(streams) == 1:
        return streams[0]
    moving = _moving_streams(path, streams)

    def rank(stream: VideoStream) -> tuple[bool, bool, bool, int]:
        is_known = stream.codec_context is not None
        area = stream.width * stream.height if is_known else 0
        return stream.index in moving, is_known, bool(stream.disposition & Disposition.default), area

    return max(streams, key=rank)  # of equal streams, the first


def _moving_streams(path: Path, streams: list[VideoStream]) -> set[int]:
    """Return the indices of the streams that have more than one packet among the first ones of the file."""
    counts = {stream.index: 0 for stream in streams}
    # Another container, because a container cannot always be read from its start again.
    with _open(path) as container, contextlib.suppress(av.error.FFmpegError):  # of a damaged part
        # In a damaged file, the number of streams may differ from one opening to the next.
        again = [one for one in container.streams if one.index in counts]
        packets = packets_of(container, *again) if again else iter(())
        for packet in itertools.islice(packets, _PACKETS_TO_COUNT):
            counts[packet.stream_index] += packet.size > 0
            if min(counts.values()) > 1:
                break
    return {index for index, count in counts.items() if count > 1}


def _check_stream(stream: VideoStream) -> None:
    if stream.codec_context is None:
        raise ClipError("unreadable", "its video codec cannot be decoded by this FFmpeg")
    if "enc_key_id" in stream.metadata:  # an encrypted Matroska or WebM file
        raise ClipError("unreadable", ENCRYPTED)
    if stream.width * stream.height > _MOST_PIXELS:
        size = f"{stream.width} x {stream.height}"
        raise ClipError("unreadable", f"its pictures have {size} pixels, too many to decode in memory")
