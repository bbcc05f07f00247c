"""Encode clips so that neither the encoder nor the file reveals which one is the forgery."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

from dfutils.demo.motion import RATE

# A fixed quantiser and a fixed pattern of frames. Rate control would give a forged face's bits to the rest of the
# picture, or take them from it.
_ALIKE = {
    "qp": "20",
    "preset": "superfast",
    "x264-params": "keyint=25:min-keyint=25:scenecut=0:bframes=2:b-adapt=0:weightp=0",
}
_MIN_FILLER = 6  # bytes: a start code, the type of the unit, and its end


def encode(path: Path, frames: np.ndarray, *, rate: int = RATE, crf: int = 20) -> None:
    """Write frames as an H.264 clip that browsers can play.

    Args:
        path: Path. An .mp4 file.
        frames: uint8 array [T, H, W, 3], RGB. H and W must be even.
        rate: int. Frames per second. Defaults to 25.
        crf: int. x264's constant rate factor: a lower one gives better pictures and a larger file. Defaults to 20.
    """
    with _create(path) as container:
        container.mux(_encode_packets(container, frames, rate, {"crf": str(crf)}))


def encode_alike(clips: dict[Path, np.ndarray]) -> None:
    """Write the H.264 clips of one take with the same quantiser, pattern of frames and number of bytes per frame.

    Bytes that a frame does not need are filler at its end, which decoders skip.

    Args:
        clips: dict of Path to uint8 array [T, H, W, 3], RGB. All must have the same length and size.
    """
    streams = []
    for path, frames in clips.items():
        container = _create(path)
        streams.append((container, _encode_packets(container, frames, RATE, _ALIKE)))
    sizes = np.array([[packet.size for packet in packets] for _, packets in streams])
    wanted = np.where(np.ptp(sizes, axis=0), sizes.max(0) + _MIN_FILLER, sizes.max(0))
    for (container, packets), fillers in zip(streams, wanted - sizes, strict=True):
        container.mux(
            [_with_filler(packet, int(filler)) for packet, filler in zip(packets, fillers, strict=True)]
        )
        container.close()


def _create(path: Path) -> OutputContainer:
    return av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})


def _encode_packets(
    container: OutputContainer, frames: np.ndarray, rate: int, options: dict[str, str]
) -> list[av.Packet]:
    """Add a stream to a container and return its packets, which are not written yet."""
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width = frames.shape[1:3]
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, rate)
    # One thread, so that the same frames always give the same file.
    stream.options = {"preset": "veryfast", "threads": "1", **options}
    pictures = [av.VideoFrame.from_ndarray(picture, format="rgb24") for picture in frames]
    return [packet for picture in [*pictures, None] for packet in stream.encode(picture)]


def _with_filler(packet: av.Packet, size: int) -> av.Packet:
    """Return the packet with filler data of `size` bytes at its end (H.264, section 7.3.2.7); unchanged if 0."""
    if size == 0:
        return packet
    filler = b"\x00\x00\x00\x01\x0c" + b"\xff" * (size - _MIN_FILLER) + b"\x80"
    longer = av.Packet(bytes(packet) + filler)
    longer.pts, longer.dts, longer.duration = packet.pts, packet.dts, packet.duration
    longer.time_base, longer.stream, longer.is_keyframe = packet.time_base, packet.stream, packet.is_keyframe
    return longer
