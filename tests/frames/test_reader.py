import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import Sampling, read_clip


def status_of(path, sampling=None):
    with pytest.raises(ClipError) as caught:
        read_clip(path, sampling)
    assert caught.value.reason
    return caught.value.status


def test_samples_are_the_middles_of_equal_stretches(write_clip):
    clip = read_clip(write_clip("a.mp4", frames=50), Sampling(frames=5))
    assert clip.frames.shape == (5, 64, 96, 3)
    assert clip.frames.dtype == np.uint8
    np.testing.assert_allclose(clip.times * 25, [5, 15, 25, 35, 45])


def test_short_clip_gives_all_its_frames(write_clip):
    assert len(read_clip(write_clip("a.mp4", frames=3), Sampling(frames=20)).frames) == 3


def test_one_frame_is_enough(write_clip):
    assert len(read_clip(write_clip("a.mp4", frames=1)).frames) == 1


def test_large_frames_are_shrunk(write_clip):
    clip = read_clip(write_clip("a.mp4"), Sampling(max_side=48))
    assert clip.frames.shape[1:] == (32, 48, 3)


def test_no_bytes_is_empty(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert status_of(tmp_path / "a.mp4") == "empty"


def test_text_named_like_a_video_is_unreadable(tmp_path):
    (tmp_path / "a.mp4").write_text("no video at all\n" * 100)
    assert status_of(tmp_path / "a.mp4") == "unreadable"


def test_playlist_is_not_followed(tmp_path, write_clip):
    target = write_clip("real.mp4")
    (tmp_path / "list.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{target}\n")
    assert status_of(tmp_path / "list.mp4") == "unreadable"


def test_missing_file_and_folder_are_unreadable(tmp_path):
    assert status_of(tmp_path / "gone.mp4") == "unreadable"
    (tmp_path / "folder.mp4").mkdir()
    assert status_of(tmp_path / "folder.mp4") == "unreadable"


def test_sound_without_picture_is_empty(tmp_path):
    import av

    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert status_of(path) == "empty"


def test_too_short(write_clip):
    assert status_of(write_clip("a.mp4", frames=3), Sampling(min_frames=4)) == "too_short"


def test_truncated_video_is_used_and_says_what_was_lost(write_clip):
    path = write_clip("a.mp4", frames=50)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    clip = read_clip(path, Sampling(frames=5))
    assert len(clip.frames) == 5
    assert clip.times[-1] * 25 < 40  # spread over what is left
    assert "50 frames" in clip.note


def test_truncated_before_its_first_frame(write_clip):
    path = write_clip("a.mp4", frames=50)
    path.write_bytes(path.read_bytes()[:300])
    assert status_of(path) in ("empty", "unreadable")


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="Received: 0"):
        Sampling(frames=0)


def test_picture_size_that_changes_midway(tmp_path):
    import av

    from dfutils.demo import encode

    rng = np.random.default_rng(0)
    parts = []
    for name, size in (("a", (64, 96)), ("b", (96, 64))):
        encode(tmp_path / f"{name}.mp4", rng.integers(0, 256, (6, *size, 3), np.uint8))
        with (
            av.open(str(tmp_path / f"{name}.mp4")) as source,
            av.open(str(tmp_path / f"{name}.ts"), "w") as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
        parts.append((tmp_path / f"{name}.ts").read_bytes())
    (tmp_path / "joined.ts").write_bytes(b"".join(parts))
    clip = read_clip(tmp_path / "joined.ts", Sampling(frames=8))
    assert clip.frames.shape[1:] == (64, 96, 3)
    assert "picture size changes" in clip.note
