"""Write clips so that neither the encoder nor the file tells a forgery from its original."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dfutils.demo.motion import RATE

_QP = 20
# A fixed quantiser and a fixed pattern of frames: rate control would give a forged face's bits to the rest of
# the picture, or take them from it.
_ALIKE = {
    "qp": str(_QP),
    "preset": "superfast",
    "x264-params": "keyint=25:min-keyint=25:scenecut=0:bframes=2:b-adapt=0:weightp=0",
}
_LEAST_FILLER = 6  # bytes: a start code, the unit's type, and its end


def encode(path: Path, frames: np.ndarray, rate: int = RATE, crf: int = 20) -> None:
    """Write frames as an H.264 clip that browsers play.

    Args:
        path: Path. An .mp4 file.
        frames: uint8 array [T, H, W, 3], RGB; H and W even.
        rate: int. Frames a second. Defaults to 25.
        crf: int. x264's constant rate factor; less is better and larger. Defaults to 20.
    """
    with _create(path) as container:
        container.mux(_packets(container, frames, rate, {"crf": str(crf)}))


def encode_alike(clips: dict[Path, np.ndarray]) -> None:
    """Write H.264 clips of one take, all with the same quantiser, pattern of frames and bytes for every frame.

    What a frame does not need is filler at its end, which decoders skip.

    Args:
        clips: dict of Path to uint8 array [T, H, W, 3], RGB. All of one length and size.
    """
    streams = [_open_packets(path, frames) for path, frames in clips.items()]
    sizes = np.array([[packet.size for packet in packets] for _, packets in streams])
    wanted = np.where(np.ptp(sizes, axis=0), sizes.max(0) + _LEAST_FILLER, sizes.max(0))
    for (container, packets), filler in zip(streams, wanted - sizes, strict=True):
        container.mux([_with_filler(packet, int(more)) for packet, more in zip(packets, filler, strict=True)])
        container.close()


def _create(path: Path):
    return av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})


def _open_packets(path: Path, frames: np.ndarray):
    container = _create(path)
    return container, _packets(container, frames, RATE, _ALIKE)


def _packets(container, frames: np.ndarray, rate: int, options: dict[str, str]) -> list[av.Packet]:
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width = frames.shape[1:3]
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, rate)
    # One thread, so that the same frames always give the same file.
    stream.options = {"preset": "veryfast", "threads": "1", **options}
    pictures = [av.VideoFrame.from_ndarray(picture, format="rgb24") for picture in frames]
    return [packet for picture in [*pictures, None] for packet in stream.encode(picture)]


def _with_filler(packet: av.Packet, size: int) -> av.Packet:
    """Return the packet with filler data of `size` bytes at its end (H.264, section 7.3.2.7); as it is with 0."""
    if size == 0:
        return packet
    filler = b"\x00\x00\x00\x01\x0c" + b"\xff" * (size - _LEAST_FILLER) + b"\x80"
    longer = av.Packet(bytes(packet) + filler)
    longer.pts, longer.dts, longer.duration = packet.pts, packet.dts, packet.duration
    longer.time_base, longer.stream, longer.is_keyframe = packet.time_base, packet.stream, packet.is_keyframe
    return longer
