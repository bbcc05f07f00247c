"""Whatever is skipped while decoding, the pictures that come out are the true ones."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames import Sampling, packets, read_clip, video

REAL_CLIPS = Path(__file__).resolve().parents[3] / "shared" / "real-clips"
RULES = ("uniform", "burst", "keyframes")
QUICK = {"preset": "veryfast"}
ENCODINGS = {
    "plain.mp4": {"options": QUICK},
    "sixteen_b_frames.mp4": {
        "options": {"x264-params": "bframes=16:b-adapt=0:b-pyramid=none"} | QUICK,
    },
    "open_gop.mp4": {"options": {"g": "30", "x264-params": "open-gop=1"} | QUICK},
    "intra.mp4": {"options": {"g": "1"} | QUICK},
    "intra_refresh.mp4": {"options": {"x264-params": "intra-refresh=1"} | QUICK},
    "plain.mov": {"options": QUICK},
    "plain.mkv": {"options": QUICK},
    "plain.ts": {"options": QUICK},
    "uneven.mp4": {"options": QUICK, "uneven": True},
    "uneven.mkv": {"options": QUICK, "uneven": True},
    "ten_bit.mp4": {"options": QUICK, "pixels": "yuv420p10le"},
    "grey.mp4": {"options": QUICK, "pixels": "gray"},
    "hevc.mp4": {
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": "log-level=none:bframes=4:b-pyramid=1"},
    },
    "mpeg4.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "mpeg2.ts": {"codec": "mpeg2video", "options": {"bf": "2"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "vp8.webm": {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "pictures.gif": {"codec": "gif", "pixels": "rgb8", "count": 60},
}


def encode(path, codec="libx264", options=None, pixels="yuv420p", count=240, uneven=False, container=None):
    rng = np.random.default_rng(1)
    ground = np.kron(rng.integers(0, 256, (50, 50, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    with av.open(str(path), "w", options=container or {}) as file:
        stream = file.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 96, 64, pixels
        if uneven:
            stream.codec_context.time_base = Fraction(1, 1000)
        milliseconds = 0
        for i in range(count):
            picture = np.ascontiguousarray(ground[i % 251 : i % 251 + 64, i % 277 : i % 277 + 96])
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if uneven:
                frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
                milliseconds += int(rng.integers(10, 90))
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def every_frame(path):
    """Return {seconds from the start: picture} of a whole video, decoded from end to end."""
    with av.open(str(path)) as container:
        frames = [(frame.time, video.to_rgb(frame, 1280)) for frame in container.decode(video=0)]
    start = min(time for time, _ in frames)
    return {round(float(time - start), 4): picture for time, picture in frames}


def assert_true_pictures(path, sampling, truth=None):
    truth = truth or every_frame(path)
    clip = read_clip(path, sampling)
    for time, picture in zip(clip.times, clip.frames, strict=True):
        np.testing.assert_array_equal(picture, truth[round(float(time), 4)])
    assert (np.diff(clip.times) > 0).all()
    return clip, np.array(list(truth))


@pytest.mark.parametrize("name", ENCODINGS)
def test_pictures_are_those_of_a_full_decode(tmp_path, name):
    path = encode(tmp_path / name, **ENCODINGS[name])
    for rule in RULES:
        clip, times = assert_true_pictures(path, Sampling(rule=rule))
        assert clip.note == ""
        if rule != "keyframes":
            assert len(clip.times) == 20
        if rule == "burst":
            positions = np.searchsorted(times, clip.times - 1e-3).reshape(4, 5)
            assert (np.diff(positions, axis=1) == 1).all()


@pytest.mark.skipif(not REAL_CLIPS.is_dir(), reason="no real clips beside the clone")
def test_faceforensics_decodes_from_any_keyframe():
    # Their decoder needs to know the encoder's version, which stands in the first packet only.
    path = min(REAL_CLIPS.rglob("*.mp4"), key=lambda path: path.stat().st_size)
    truth = every_frame(path)
    for rule in RULES:
        assert_true_pictures(path, Sampling(rule=rule), truth)


@pytest.fixture
def decoded(monkeypatch):
    """The frames that came out of the decoder."""
    frames = []
    decode = packets.PacketReader.decode

    def counting(*args):
        for frame in decode(*args):
            frames.append(frame.pts)
            yield frame

    monkeypatch.setattr(packets.PacketReader, "decode", counting)
    return frames


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "open.mp4"])
@pytest.mark.parametrize("rule", RULES)
def test_long_video_is_decoded_around_its_samples_only(tmp_path, decoded, name, rule):
    opened = {"x264-params": "open-gop=1"} if name == "open.mp4" else {}
    path = encode(tmp_path / name, options={"g": "50"} | QUICK | opened, count=3000)
    clip, _ = assert_true_pictures(path, Sampling(rule=rule))
    assert len(clip.times) == 20
    assert clip.times[-1] > 90
    assert len(decoded) <= 250


def test_frames_that_no_other_builds_on_are_not_decoded(tmp_path, decoded):
    path = encode(tmp_path / "a.mp4", options=QUICK)
    assert_true_pictures(path, Sampling(frames=10))
    assert len(decoded) < 150


@pytest.mark.parametrize(
    ("matrix", "turn"),
    [
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),  # a quarter to the right, as phones write it
        ((0, -1, 1, 0), lambda image: np.rot90(image)),
        ((-1, 0, 0, -1), lambda image: image[::-1, ::-1]),
        ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
        ((1, 0, 0, -1), lambda image: image[::-1]),
        ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
        ((0, 0, 0, 0), lambda image: image),
    ],
)
def test_video_is_turned_and_mirrored_as_its_matrix_says(tmp_path, matrix, turn):
    path = encode(tmp_path / "a.mp4", count=10)
    stored = read_clip(path, Sampling(frames=3)).frames
    content = path.read_bytes()
    at = content.index(b"tkhd") + 4 + 40
    a, b, c, d = matrix
    numbers = [a, b, 0, c, d, 0, 0, 0, 0x4000]
    written = b"".join((number << 16).to_bytes(4, "big", signed=True) for number in numbers)
    path.write_bytes(content[:at] + written + content[at + 36 :])
    shown = read_clip(path, Sampling(frames=3)).frames
    np.testing.assert_array_equal(shown, [turn(frame) for frame in stored])


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"options": QUICK, "container": {"movflags": "faststart"}}),
        ("fragments.mp4", {"options": QUICK, "container": {"movflags": "frag_keyframe+empty_moov"}}),
        ("a.mkv", {"options": QUICK}),
        ("live.mkv", {"options": QUICK, "container": {"live": "1"}}),
        ("a.webm", {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}}),
        ("a.ts", {"options": QUICK}),
        ("a.avi", {"codec": "mpeg4"}),
        ("a.flv", {"codec": "flv1"}),
        ("a.mpg", {"codec": "mpeg2video"}),
        ("a.wmv", {"codec": "wmv2"}),
        ("a.gif", {"codec": "gif", "pixels": "rgb8"}),
    ],
)
def test_no_cut_is_passed_over_in_silence(tmp_path, name, how):
    path = encode(tmp_path / name, count=60, **how)
    content = path.read_bytes()
    assert read_clip(path).note == ""
    usable = 0
    for share in np.random.default_rng(0).uniform(0.05, 0.999, 12):
        path.write_bytes(content[: int(len(content) * share)])
        try:
            assert read_clip(path).note
            usable += 1
        except ClipError as error:
            assert error.reason
    assert usable


def test_damage_in_the_middle_is_survived_and_said(tmp_path):
    path = encode(tmp_path / "a.mp4", options={"g": "30"} | QUICK)
    content = bytearray(path.read_bytes())
    (tmp_path / "whole.mp4").write_bytes(content)
    middle = len(content) // 2
    content[middle : middle + 4000] = bytes(4000)
    path.write_bytes(content)
    truth = every_frame(tmp_path / "whole.mp4")
    clip, _ = assert_true_pictures(path, Sampling(frames=40), truth)
    assert len(clip.times) == 40
    assert "damaged" in clip.note


def test_huge_pictures_are_bounded(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8000, 8000, 3), np.uint8))
    assert read_clip(tmp_path / "a.png").frames.shape == (1, 1280, 1280, 3)


def test_any_flipped_byte_is_a_status_or_a_clip(tmp_path):
    path = encode(tmp_path / "a.mp4", options=QUICK, count=30)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(content), 60):
        damaged = bytearray(content)
        damaged[at] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged if at % 2 else content[:at])
        try:
            assert len(read_clip(path, Sampling(frames=4)).times) >= 1
        except ClipError as error:
            assert error.status in ("empty", "unreadable")
