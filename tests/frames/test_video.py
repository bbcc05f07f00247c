"""The sampled pictures are those of a full decode, whatever is skipped, and damage is reported."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext

from dfutils.errors import ClipError
from dfutils.frames import Sampling, packets, read_clip, video
from dfutils.frames.sampling import RULES, choose_frames

SHARED = Path(__file__).resolve().parents[3] / "shared"
REAL_CLIPS, ODD_FILES = SHARED / "real-clips", SHARED / "odd-files"
QUICK = {"preset": "veryfast"}
ENCODINGS = {
    "plain.mp4": {"options": QUICK},
    "sixteen_b_frames.mp4": {
        "options": {"x264-params": "bframes=16:b-adapt=0:b-pyramid=none"} | QUICK,
    },
    "open_gop.mp4": {"options": {"g": "30", "x264-params": "open-gop=1:bframes=3:b-adapt=0"} | QUICK},
    "open_gop.mkv": {"options": {"g": "30", "x264-params": "open-gop=1:bframes=3:b-adapt=0"} | QUICK},
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
    "open_gop_hevc.mp4": {
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=1:keyint=24:bframes=4"},
    },
    "mpeg4.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "mpeg4.mp4": {"codec": "mpeg4", "options": {"bf": "2"}},
    "mpeg2.ts": {"codec": "mpeg2video", "options": {"bf": "2"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "vp8.webm": {"codec": "libvpx", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "pictures.gif": {"codec": "gif", "pixels": "rgb8", "count": 60},
}


def assert_true_pictures(path, sampling, truth):
    """Check that a clip's pictures are the true ones at its times. Return the clip."""
    clip = read_clip(path, sampling)
    for time, picture in zip(clip.times, clip.frames, strict=True):
        np.testing.assert_array_equal(picture, truth[round(float(time), 4)])
    assert (np.diff(clip.times) > 0).all()
    return clip


@pytest.mark.slow
@pytest.mark.parametrize("name", ENCODINGS)
def test_pictures_are_those_of_a_full_decode(make_encoding, decode_all, name):
    path = make_encoding(name, **ENCODINGS[name])
    truth = decode_all(path)
    times = np.array(list(truth))
    for rule in RULES:
        clip = assert_true_pictures(path, Sampling(rule=rule), truth)
        assert clip.note == ""
        if rule != "keyframes":
            assert len(clip.times) == 20
        if rule == "burst":
            positions = np.searchsorted(times, clip.times - 1e-3).reshape(4, 5)
            assert (np.diff(positions, axis=1) == 1).all()
    # So close to each other, the samples are exactly the frames that the rule chooses.
    dense = Sampling(frames=len(times) // 4)
    clip = assert_true_pictures(path, dense, truth)
    np.testing.assert_allclose(clip.times, times[choose_frames(dense, times, np.array([0]))], atol=2e-3)


def test_pictures_of_a_common_video_are_those_of_a_full_decode(make_encoding, decode_all):
    path = make_encoding("a.mp4", count=100)
    for rule in RULES:
        assert assert_true_pictures(path, Sampling(rule=rule), decode_all(path)).note == ""


@pytest.mark.slow
@pytest.mark.skipif(not REAL_CLIPS.is_dir(), reason="there are no real clips next to the clone")
def test_faceforensics_decodes_from_any_keyframe(decode_all):
    # Their decoder needs to know the encoder's version, which is in the first packet only.
    path = min(REAL_CLIPS.rglob("*.mp4"), key=lambda path: path.stat().st_size)
    truth = decode_all(path)
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "open.mp4"])
def test_long_video_is_decoded_around_its_samples_only(make_encoding, decode_all, decoded, name):
    opened = {"x264-params": "open-gop=1"} if name == "open.mp4" else {}
    path = make_encoding(name, options={"g": "50"} | QUICK | opened, count=3000)
    truth = decode_all(path)
    for rule in RULES:
        decoded.clear()
        clip = assert_true_pictures(path, Sampling(rule=rule), truth)
        assert len(clip.times) == 20
        assert clip.times[-1] > 90
        assert len(decoded) <= 250


def test_frames_that_no_other_builds_on_are_not_decoded(make_encoding, decode_all, decoded):
    path = make_encoding("a.mp4")
    assert_true_pictures(path, Sampling(frames=10), decode_all(path))
    assert len(decoded) < 150


@pytest.mark.slow
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
def test_no_cut_goes_without_a_message(make_encoding, name, how):
    path = make_encoding(name, count=60, **how)
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


def test_damage_in_the_middle_is_survived_and_reported(tmp_path, make_encoding, decode_all):
    path = make_encoding("a.mp4", options={"g": "30"} | QUICK)
    truth = decode_all(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = bytes(4000)
    path.write_bytes(content)
    clip = assert_true_pictures(path, Sampling(frames=40), truth)
    assert len(clip.times) == 40
    assert "damaged" in clip.note


def test_missing_frames_are_reported_with_their_numbers(make_encoding):
    path = make_encoding("a.mp4", count=60, container={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    clip = read_clip(path, Sampling(frames=5))
    assert "the end of the file is missing: its header promises 60 frames and" in clip.note


def mark_all_as_keyframes(path):
    """Empty the list of keyframes of an mp4: without one, every sample counts as a keyframe."""
    content = path.read_bytes()
    at = content.index(b"stss")
    path.write_bytes(content[:at] + b"free" + content[at + 4 :])


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("mpeg4", {"bf": "2"}),
        ("mpeg4", {}),
        ("libx264", QUICK),
        ("mpeg2video", {"bf": "2"}),
        ("msmpeg4v3", {}),
    ],
)
def test_packets_that_are_wrongly_marked_as_keyframes_give_no_grey_pictures(
    make_encoding, decode_all, codec, options, rule
):
    name = "a.avi" if codec == "msmpeg4v3" else "a.mp4"
    path = make_encoding(name, codec=codec, options=options | {"g": "60"}, count=150)
    truth = decode_all(path)
    if name == "a.mp4":
        mark_all_as_keyframes(path)
    else:
        path = copy_packets(
            path, path.with_name("b.avi"), lambda packet: setattr(packet, "is_keyframe", True)
        )
    clip = read_clip(path, Sampling(rule=rule))
    assert len(clip.frames) >= 3
    for picture in clip.frames:
        distance = min(np.abs(picture.astype(int) - other).mean() for other in truth.values())
        assert distance < 1
    assert clip.note == ""


@pytest.mark.slow
@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
@pytest.mark.parametrize("name", ["xv_8_50.avi", "k_ms.avi", "k_xvid0.avi"])
@pytest.mark.parametrize("frames", [6, 20, 1000])
def test_odd_files_with_wrong_keyframes_give_no_grey_pictures(decode_all, name, frames):
    truth = list(decode_all(ODD_FILES / name).values())
    clip = read_clip(ODD_FILES / name, Sampling(frames=frames))
    assert len(clip.frames) == min(frames, len(truth))
    assert clip.note == ""
    small_truth = np.array([picture[::8, ::8].astype(int) for picture in truth])
    for picture in clip.frames:
        # Only the picture that looks most alike is compared pixel by pixel.
        alike = np.abs(small_truth - picture[::8, ::8]).mean(axis=(1, 2, 3)).argmin()
        assert np.abs(picture.astype(int) - truth[alike]).mean() < 1


@pytest.fixture
def once(monkeypatch):
    """Fail if a video is decoded from end to end."""

    def never(*args):
        pytest.fail("the video was decoded from end to end")

    monkeypatch.setattr(video, "read_whole", never)


def copy_packets(source, target, change, options=None):
    """Write the packets of a video into another file, without those for which `change(packet)` is False."""
    with av.open(str(source)) as read, av.open(str(target), "w", options=options or {}) as write:
        stream = write.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size and change(packet) is not False:
                packet.stream = stream
                write.mux(packet)
    return target


def test_a_video_that_was_trimmed_without_encoding_lacks_nothing(make_encoding, decode_all, once):
    path = make_encoding("a.mp4", options=QUICK | {"g": "50"}, count=100)

    def earlier(packet):
        packet.pts -= round(0.8 / packet.time_base)
        packet.dts -= round(0.8 / packet.time_base)

    trimmed = copy_packets(path, path.with_name("trimmed.mp4"), earlier)
    with av.open(str(trimmed)) as container:
        assert container.streams.video[0].frames == 100
    clip = read_clip(trimmed, Sampling(frames=100))
    assert (len(clip.frames), clip.note) == (80, "")
    truth = decode_all(trimmed)
    assert len(truth) == 80
    for rule in RULES:
        assert assert_true_pictures(trimmed, Sampling(rule=rule), truth).note == ""


@pytest.mark.parametrize("name", ["a.avi", "a.mkv", "a.mp4"])
def test_frames_that_a_recorder_dropped_are_not_damage(make_encoding, once, name):
    path = make_encoding("whole.avi", codec="mjpeg", pixels="yuvj420p", count=100)
    dropped = copy_packets(path, path.with_name(name), lambda packet: packet.pts % 5 != 2)
    clip = read_clip(dropped, Sampling(frames=100))
    assert (len(clip.frames), clip.note) == (80, "")
    assert clip.times[-1] == pytest.approx(99 / 25, abs=0.01)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.ts", "a.avi"])
@pytest.mark.parametrize("seconds", [4, 12])
def test_sound_that_is_longer_than_the_picture_is_not_damage(tmp_path, once, name, seconds):
    path = tmp_path / name
    video_codec, sound_codec = ("libvpx", "libopus") if name == "a.webm" else ("mpeg4", "mp2")
    with av.open(str(path), "w") as container:
        picture = container.add_stream(video_codec, rate=25, width=96, height=64, pix_fmt="yuv420p")
        sound = container.add_stream(sound_codec, rate=48000, layout="mono")
        for level in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 4 * level, np.uint8), format="rgb24")
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        for _ in range(seconds * 50):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
            silence.sample_rate = 48000
            container.mux(sound.encode(silence))
        container.mux(sound.encode())
    clip = read_clip(path, Sampling(frames=50))
    assert (len(clip.frames), clip.note) == (50, "")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"options": QUICK}),
        ("a.avi", {"codec": "mpeg4"}),
        ("a.flv", {"codec": "flv1"}),
        ("a.ts", {"options": QUICK}),
        ("a.mkv", {"options": QUICK}),
        ("a.gif", {"codec": "gif", "pixels": "rgb8"}),
    ],
)
@pytest.mark.parametrize(
    "trailer", [b"made with a recorder\n" * 30, b"\0\0\0\x01\x01\x0aSEFH" + bytes(90) + b"SEFT"]
)
def test_a_trailer_behind_the_video_is_not_damage(make_encoding, name, how, trailer):
    path = make_encoding(name, count=30, **how)
    path.write_bytes(path.read_bytes() + trailer)
    clip = read_clip(path, Sampling(frames=30))
    assert (len(clip.frames), clip.note) == (30, "")


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("trim.mp4", 187),
        ("dropped.avi", 200),
        ("longsound.webm", 100),
        ("mjpeg_exif.avi", 30),
    ],
)
def test_odd_files_that_lack_nothing_are_not_damaged(once, name, count):
    clip = read_clip(ODD_FILES / name, Sampling(frames=1000))
    assert (len(clip.frames), clip.note) == (count, "")


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
def test_a_header_that_counts_fields_does_not_promise_frames():
    clip = read_clip(ODD_FILES / "copy264.avi", Sampling(frames=1000))
    assert (len(clip.frames), clip.note) == (250, "")


@pytest.mark.slow
def test_any_flipped_byte_gives_a_status_or_a_clip(make_encoding):
    path = make_encoding("a.mp4", count=30)
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


def test_one_damaged_packet_costs_no_full_decode(make_encoding, decode_all, monkeypatch):
    path = make_encoding("a.ts", count=240, options=QUICK | {"g": "40"})
    truth = decode_all(path)
    content = path.read_bytes()
    lost = len(content) // 376 * 188  # packets have 188 bytes
    path.write_bytes(content[:lost] + content[lost + 3 * 188 :])
    monkeypatch.delattr(video, "read_whole")
    clip = assert_true_pictures(path, Sampling(frames=20), truth)
    assert clip.note.startswith("1 damaged packet was skipped; ")
    assert "on damaged data" in clip.note


@pytest.mark.parametrize("name", ["a.ts", "a.mkv", "a.mp4"])
@pytest.mark.parametrize("frames", [1, 6, 60])
def test_a_rotation_that_is_stated_once_turns_every_frame(tmp_path, name, frames):
    first = tmp_path / "first.ts"
    with av.open(str(first), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=QUICK | {"g": "20"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        picture = np.full((64, 96, 3), 40, np.uint8)
        picture[:32] = 200  # light above
        packets = [
            packet
            for _ in range(60)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        ]
        packets += stream.encode()
        turn = BitStreamFilterContext("h264_metadata=display_orientation=insert:rotate=90", stream)
        for packet in [*turn.filter(packets[0]), *packets[1:]]:
            packet.stream = stream
            container.mux(packet)
    with av.open(str(first)) as source, av.open(str(tmp_path / name), "w") as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    clip = read_clip(tmp_path / name, Sampling(frames=frames))
    assert clip.frames.shape == (frames, 96, 64, 3)
    assert (clip.frames[:, :, :28].mean(axis=(1, 2, 3)) > 150).all()  # light on the left
    assert (clip.frames[:, :, 36:].mean(axis=(1, 2, 3)) < 60).all()
