"""Videos, pictures and folders of stills are read as clips, and what cannot be read gets a status."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dfutils.errors import ClipError
from dfutils.frames import Sampling, read_clip

ODD_FILES = Path(__file__).resolve().parents[3] / "shared" / "odd-files"


def status_of(path, sampling=None):
    with pytest.raises(ClipError) as caught:
        read_clip(path, sampling)
    assert caught.value.reason
    return caught.value.status


def test_samples_are_the_middles_of_equal_stretches(make_video):
    clip = read_clip(make_video("a.mp4", frames=50), Sampling(frames=5))
    assert clip.frames.shape == (5, 64, 96, 3)
    assert clip.frames.dtype == np.uint8
    np.testing.assert_allclose(clip.times * 25, [5, 15, 25, 35, 45])


def test_short_clip_gives_all_its_frames(make_video):
    assert len(read_clip(make_video("a.mp4", frames=3), Sampling(frames=20)).frames) == 3


def test_a_video_of_one_frame_is_a_clip(make_video):
    assert len(read_clip(make_video("a.mp4", frames=1)).frames) == 1


@pytest.mark.slow
def test_memory_of_huge_pictures_is_bounded(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8000, 8000, 3), np.uint8))
    assert read_clip(tmp_path / "a.png").frames.shape == (1, 1280, 1280, 3)


def test_large_frames_are_shrunk(make_video):
    clip = read_clip(make_video("a.mp4"), Sampling(max_side=48))
    assert clip.frames.shape[1:] == (32, 48, 3)


def test_no_bytes_is_empty(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert status_of(tmp_path / "a.mp4") == "empty"


def test_text_named_like_a_video_is_unreadable(tmp_path):
    (tmp_path / "a.mp4").write_text("no video at all\n" * 100)
    assert status_of(tmp_path / "a.mp4") == "unreadable"


def test_playlist_is_not_followed(tmp_path, make_video):
    target = make_video("real.mp4")
    (tmp_path / "list.mp4").write_text(f"#EXTM3U\n#EXTINF:1,\n{target}\n")
    assert status_of(tmp_path / "list.mp4") == "unreadable"


def test_missing_file_and_folder_are_unreadable(tmp_path):
    assert status_of(tmp_path / "gone.mp4") == "unreadable"
    (tmp_path / "folder.mp4").mkdir()
    assert status_of(tmp_path / "folder.mp4") == "unreadable"
    assert status_of(tmp_path / f"{'long' * 100}.mp4") == "unreadable"
    assert status_of(tmp_path / "no\0name.mp4") == "unreadable"


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


def test_clip_with_too_few_frames_is_too_short(make_video):
    assert status_of(make_video("a.mp4", frames=3), Sampling(min_frames=4)) == "too_short"


def test_truncated_video_is_used_and_says_what_was_lost(make_video):
    path = make_video("a.mp4", frames=50)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    clip = read_clip(path, Sampling(frames=5))
    assert len(clip.frames) == 5
    assert clip.times[-1] * 25 < 40  # spread over what is left
    assert "50 frames" in clip.note


def test_video_truncated_before_its_first_frame_gets_a_status(make_video):
    path = make_video("a.mp4", frames=50)
    path.write_bytes(path.read_bytes()[:300])
    assert status_of(path) in ("empty", "unreadable")


def test_frames_are_brought_to_one_size_where_the_picture_size_changes(tmp_path):
    import av

    from dfutils.demo import encode

    rng = np.random.default_rng(0)
    parts = []
    for name, size, count in (("a", (64, 96), 3), ("b", (96, 64), 9)):
        encode(tmp_path / f"{name}.mp4", rng.integers(0, 256, (count, *size, 3), np.uint8))
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
    assert clip.frames.shape[1:] == (96, 64, 3)
    assert "picture size changes" in clip.note


def test_picture_is_a_clip_of_one_frame_whatever_its_kind(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), picture[..., ::-1])
    cv2.imwrite(str(tmp_path / "grey.PNG"), picture[..., 0])
    cv2.imwrite(str(tmp_path / "wide.png"), picture.astype(np.uint16) * 257)
    cv2.imwrite(str(tmp_path / "see-through.png"), np.dstack([picture, picture[..., :1]]))
    clip = read_clip(tmp_path / "a.png")
    np.testing.assert_array_equal(clip.frames[0], picture)
    assert clip.times.tolist() == [0.0]
    for name in ("grey.PNG", "wide.png", "see-through.png"):
        assert read_clip(tmp_path / name).frames.shape == (1, 40, 60, 3)
    assert read_clip(tmp_path / "a.png", Sampling(max_side=30)).frames.shape == (1, 20, 30, 3)
    assert status_of(tmp_path / "a.png", Sampling(min_frames=2)) == "too_short"


def write_stills(folder, count, size=(40, 60)):
    folder.mkdir(parents=True)
    for i in range(count):
        cv2.imwrite(str(folder / f"frame_{i}.png"), np.full((*size, 3), i, np.uint8))
    return folder


def test_folder_of_stills_is_one_clip_in_natural_order(tmp_path):
    folder = write_stills(tmp_path / "clip", 25)
    (folder / "notes.txt").write_text("no picture")
    clip = read_clip(folder, Sampling(frames=5))
    assert clip.frames[:, 0, 0, 0].tolist() == [2, 7, 12, 17, 22]
    np.testing.assert_allclose(clip.times * 25, [2, 7, 12, 17, 22])
    assert clip.note == ""


def test_stills_that_are_lost_are_named_and_the_rest_is_used(tmp_path):
    folder = write_stills(tmp_path / "clip", 4)
    (folder / "frame_1.png").write_bytes(b"no picture")
    clip = read_clip(folder)
    assert clip.frames[:, 0, 0, 0].tolist() == [0, 2, 3]
    assert "1 of the 4 sampled stills were lost (frame_1.png" in clip.note


def test_stills_of_other_sizes_are_fitted_undistorted(tmp_path):
    folder = write_stills(tmp_path / "clip", 2, size=(40, 40))
    disc = cv2.circle(np.zeros((80, 40, 3), np.uint8), (20, 40), 15, (255, 255, 255), -1)
    cv2.imwrite(str(folder / "frame_2.png"), disc)
    clip = read_clip(folder)
    assert clip.frames.shape == (3, 40, 40, 3)
    ys, xs = np.nonzero(clip.frames[2, ..., 0] > 128)
    assert abs((np.ptp(ys) + 1) - (np.ptp(xs) + 1)) <= 1
    assert "picture size changes" in clip.note


def test_folders_and_pictures_without_a_picture_get_a_status(tmp_path):
    (tmp_path / "nothing").mkdir()
    assert status_of(tmp_path / "nothing") == "unreadable"
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/1.jpg").write_bytes(b"no picture")
    assert status_of(tmp_path / "bad") == "empty"
    assert status_of(tmp_path / "bad/1.jpg") == "unreadable"
    (tmp_path / "none.jpg").touch()
    assert status_of(tmp_path / "none.jpg") == "empty"
    assert status_of(tmp_path / "gone.jpg") == "unreadable"


def test_unknown_codec_is_unreadable(tmp_path, make_video):
    video = make_video("a.mp4")
    (tmp_path / "b.mp4").write_bytes(video.read_bytes().replace(b"avc1", b"zzzz"))
    assert status_of(tmp_path / "b.mp4") == "unreadable"


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_of_an_animation_the_first_picture_is_used_and_the_note_says_so(tmp_path, name):
    first, *others = [Image.fromarray(np.full((8, 8, 3), 50 * i, np.uint8)) for i in range(4)]
    first.save(tmp_path / name, save_all=True, append_images=others)
    clip = read_clip(tmp_path / name)
    assert (len(clip.frames), clip.note) == (1, "the first of 4 pictures of an animation")


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("anim.png", "the first of 10 pictures"),
        ("anim.webp", "the first of 10 pictures"),
        ("inter.mp4", "interlaced"),
    ],
)
def test_odd_files_that_are_shown_in_part_say_so(name, words):
    assert words in read_clip(ODD_FILES / name, Sampling(frames=3)).note
