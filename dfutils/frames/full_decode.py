"""Decode a damaged or irregular video from beginning to end, and describe the damage."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import av
import numpy as np
from av import Packet, VideoFrame

from dfutils.errors import ClipError
from dfutils.frames.sampling import Sampling, choose_frames
from dfutils.frames.timeline import VideoFile
from dfutils.media.diagnosis import explain
from dfutils.media.opening import OpenVideo, why
from dfutils.media.pictures import is_mostly_grey


@dataclass(frozen=True)
class WholeVideo:
    """Frames sampled from a video that was decoded from beginning to end.

    Args:
        count: int. Number of frames that were decoded without damage.
        seconds: float. Time from the first frame to the last frame.
        pictures: list of (uint8 array [H, W, 3], float). The sampled frames and their times in seconds.
        damage: list of str. Descriptions of the damage. Empty if nothing is damaged.
    """

    count: int
    seconds: float
    pictures: list[tuple[np.ndarray, float]]
    damage: list[str]


def read_whole(video: VideoFile, sampling: Sampling) -> WholeVideo:
    """Sample frames from a video by decoding it twice from beginning to end.

    The first pass lists the frames. The second pass keeps the sampled frames. Frames that depend on damaged data are
    left out. If all frames depend on damaged data, they are used.

    Args:
        video: VideoFile. The video to decode.
        sampling: Sampling. Which frames to keep.

    Returns:
        WholeVideo.

    Raises:
        ClipError: With status `empty` if no frame can be decoded, or `unreadable` if the file is not a video.
    """
    survey = _Decoding(video)
    times: list[float] = []
    keys: list[int] = []
    for frame, time, _ in survey.frames():
        if frame.key_frame:
            keys.append(len(times))
        times.append(time)
    if not times and video.strict:
        return read_whole(replace(video, strict=False), sampling)
    if not times and (explanation := explain(video.path)):
        raise ClipError("unreadable", explanation)
    if not times:
        details = f" ({'; '.join(survey.damage)})" if survey.damage else ""
        raise ClipError("empty", f"no frame can be decoded{details}")
    # Time stamps of a damaged file may decrease.
    ordered = np.maximum.accumulate(times)
    chosen = set(choose_frames(sampling, ordered, np.array(sorted({0, *keys}))))
    pictures = [
        (opened.picture(frame, video.max_side), ordered[i] - ordered[0])
        for i, (frame, _, opened) in enumerate(_Decoding(video).frames())
        if i in chosen
    ]
    damage = survey.damage
    if not video.strict and is_rubbish([picture for picture, _ in pictures]):
        raise ClipError("empty", "no frame can be decoded: all build on damaged data, and are mostly grey")
    if not video.strict:
        damage = [*damage, "all of its frames build on damaged data"]
    return WholeVideo(len(times), ordered[-1] - ordered[0], pictures, damage)


def is_rubbish(pictures: list[np.ndarray]) -> bool:
    """Return whether most pictures are mostly grey, as decoders show them where data is missing."""
    return 2 * sum(map(is_mostly_grey, pictures)) > len(pictures)


def describe_damage(skipped: int, left_out: int) -> list[str]:
    """Say how many damaged packets were skipped, and how many frames that build on them were left out."""
    damage = []
    if skipped:
        packets = "1 damaged packet was" if skipped == 1 else f"{skipped} damaged packets were"
        damage.append(f"{packets} skipped")
    if left_out:
        spoilt = "1 frame that builds" if left_out == 1 else f"{left_out} frames that build"
        damage.append(f"{spoilt} on damaged data {'was' if left_out == 1 else 'were'} left out")
    return damage


@dataclass
class _Decoding:
    """Decode a video once from beginning to end, and describe in `damage` what could not be decoded."""

    video: VideoFile
    damage: list[str] = field(default_factory=list)

    def frames(self) -> Iterator[tuple[VideoFrame, float, OpenVideo]]:
        """Yield the undamaged frames, their times in seconds, and the open video that they are from."""
        strict = self.video.strict
        decoded = skipped = left_out = 0
        is_spoilt = False
        try:
            with self.video.open() as opened:
                rate = opened.frame_rate or 1.0
                for packet in self._until_break(opened.packets()):
                    try:
                        if packet.is_corrupt and strict:
                            raise av.error.InvalidDataError(0, "damaged")
                        frames = opened.decode(packet)
                    except av.error.FFmpegError:
                        skipped += 1
                        is_spoilt = strict
                        continue
                    for frame in frames:
                        # All frames after the damage may depend on it, up to the next keyframe.
                        is_spoilt = strict and (frame.is_corrupt or (is_spoilt and not frame.key_frame))
                        if is_spoilt:
                            left_out += 1
                        else:
                            yield (
                                frame,
                                float(frame.time) if frame.time is not None else decoded / rate,
                                opened,
                            )
                        decoded += 1
        except (av.error.FFmpegError, ValueError) as error:
            if decoded == 0:
                raise ClipError(
                    "unreadable", explain(self.video.path) or f"is no video that can be parsed ({why(error)})"
                ) from error
            self.damage.append(f"decoding stopped ({why(error)})")
        self.damage += describe_damage(skipped, left_out)

    def _until_break(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        """Yield the packets of a file. Stop at the first read error, and describe the error in `damage`."""
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, EOFError) as error:
                self.damage.append(f"the file ends unexpectedly ({why(error)})")
                return
            if packet is None:
                return
            yield packet
