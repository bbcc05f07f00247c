"""Videos and pictures are opened, or refused with a status and a reason."""

import os
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.stream import Disposition

from dfutils.errors import ClipError
from dfutils.frames import read_clip
from dfutils.media.opening import _moving_streams, check_file, open_video, packets_of

ODD_FILES = Path(__file__).resolve().parents[3] / "shared" / "odd-files"


def test_files_that_hold_nothing_or_are_not_there_are_named(tmp_path):
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, status, reason in (
        (tmp_path / "empty.mp4", "empty", "the file has no bytes"),
        (tmp_path / "gone.mp4", "unreadable", "is not there"),
        (tmp_path, "unreadable", "is a folder, not a file"),
        (tmp_path / "pipe.mp4", "unreadable", "is not an ordinary file"),
    ):
        with pytest.raises(ClipError) as caught:
            check_file(path)
        assert (caught.value.status, caught.value.reason) == (status, reason)


def test_a_header_states_frames_seconds_and_rate(make_video):
    with open_video(make_video("a.mp4", frames=50), threads=1) as video:
        assert video.promised_frames == 50
        assert video.promised_seconds == pytest.approx(2.0)
        assert video.frame_rate == 25.0
        assert video.stream.codec_context.thread_count == 1


def test_a_header_that_states_no_length_gives_zero(tmp_path):
    path = tmp_path / "live.mkv"
    with av.open(str(path), "w", options={"live": "1"}) as container:
        stream = container.add_stream("mpeg4", rate=25, width=96, height=64, pix_fmt="yuv420p")
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8), format="rgb24"))
        )
        container.mux(stream.encode())
    with open_video(path) as video:
        assert video.promised_frames == 0
        assert video.promised_seconds == 0


def test_a_file_without_a_video_stream_is_empty(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(ClipError, match="empty: no video stream, only sound"):
        open_video(path)


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXTINF:1,\nother.mp4\n", "ffconcat version 1.0\nfile other.mp4\n", "words"]
)
def test_lists_of_other_files_are_not_followed(tmp_path, make_video, text):
    make_video("other.mp4")
    (tmp_path / "list.mp4").write_text(text)
    with pytest.raises(ClipError, match="unreadable"):
        open_video(tmp_path / "list.mp4")


@pytest.fixture
def make_streams(tmp_path):
    """A function that writes a file with several video streams, each a dict of codec, size, count and disposition."""

    def make(name, *streams):
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            added = []
            for one in streams:
                width, height = one["size"]
                pixels = "yuvj420p" if one["codec"] == "mjpeg" else "yuv420p"
                stream = container.add_stream(
                    one["codec"], rate=25, width=width, height=height, pix_fmt=pixels
                )
                stream.disposition = one.get("disposition", Disposition(0))
                added.append(stream)
            for stream, one in zip(added, streams, strict=True):
                width, height = one["size"]
                for level in range(one["count"]):
                    picture = np.full((height, width, 3), 2 * level, np.uint8)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                container.mux(stream.encode())
        return path

    return make


VIDEO = {"codec": "mpeg4", "size": (96, 64), "count": 30}
LARGER = VIDEO | {"size": (128, 96)}
COVER = {"codec": "mjpeg", "size": (300, 300), "count": 1}
DEFAULT = {"disposition": Disposition.default}


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
@pytest.mark.parametrize(
    ("streams", "chosen"),
    [
        ([COVER, VIDEO | DEFAULT], 1),
        ([COVER | DEFAULT, VIDEO], 1),
        ([COVER | {"disposition": Disposition.attached_pic}, VIDEO], 1),
        ([VIDEO, COVER], 0),
        ([VIDEO | {"size": (480, 320), "count": 1}, VIDEO], 1),
        ([LARGER, VIDEO | DEFAULT], 1),
        ([VIDEO | DEFAULT, LARGER], 0),
        ([VIDEO | DEFAULT, LARGER | DEFAULT], 1),
        ([LARGER, LARGER], 0),
    ],
    ids=[
        "a cover first",
        "a cover that is the default",
        "an attached cover",
        "a cover last",
        "a large still first",
        "only the second is the default",
        "only the first is the default",
        "both are the default",
        "two alike",
    ],
)
def test_the_stream_is_chosen_as_players_do(make_streams, name, streams, chosen):
    with open_video(make_streams(name, *streams)) as video:
        assert (video.stream.width, video.stream.height) == streams[chosen]["size"]
        assert len(list(video.frames())) == streams[chosen]["count"]


def test_a_stream_that_is_gone_when_the_file_is_opened_again_does_not_move(make_streams):
    path = make_streams("a.mkv", VIDEO | DEFAULT)
    streams = [SimpleNamespace(index=0), SimpleNamespace(index=3)]
    assert _moving_streams(path, streams) == {0}
    assert _moving_streams(path, streams[1:]) == set()


def test_packets_are_read_on_where_a_stream_begins_that_the_header_does_not_name():
    class Container:
        """PyAV raises an error at a packet of such a stream, and reads on when it is asked again."""

        rest = iter([1, 2, None, 3, None, 4])

        def demux(self, *_):
            for packet in self.rest:
                if packet is None:
                    raise IndexError("list index out of range")
                yield packet

    assert list(packets_of(Container())) == [1, 2, 3, 4]


def test_a_song_with_a_cover_is_no_video(make_streams):
    path = make_streams("song.mp4", COVER | {"disposition": Disposition.attached_pic})
    with pytest.raises(ClipError, match="empty: no video stream, only a cover picture"):
        open_video(path)


@pytest.mark.parametrize("options", [{}, {"movflags": "frag_keyframe+empty_moov"}])
def test_an_encrypted_video_is_not_decoded_to_noise(tmp_path, options):
    path = tmp_path / "a.mp4"
    key = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "01" * 16, "encryption_kid": "02" * 16}
    with av.open(str(path), "w", options=key | options) as container:
        stream = container.add_stream("libx264", rate=25, width=96, height=64, pix_fmt="yuv420p")
        for level in range(30):
            picture = np.full((64, 96, 3), 5 * level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with open_video(path) as video, pytest.raises(ClipError, match="unreadable: is encrypted"):
        list(video.frames())


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
def test_odd_files_are_opened_or_refused_in_the_known_ways():
    sizes, refused = {}, {}
    for path in sorted(ODD_FILES.iterdir()):
        try:
            with open_video(path) as video:
                sizes[path.name] = (video.stream.width, video.stream.height)
        except ClipError as error:
            refused[path.name] = str(error)
    assert {
        sizes[f"{name}"] for name in ("cover_first.mkv", "thumbtrack_first.mp4", "two_second_default.mp4")
    } == {(320, 240)}
    assert refused["cover_only.mp4"] == "empty: no video stream, only a cover picture"
    assert refused["audio.mp4"] == "empty: no video stream, only sound"
    assert len(sizes) >= 10


@pytest.mark.parametrize("interlaced", [False, True])
def test_interlaced_videos_are_known(tmp_path, interlaced):
    path = tmp_path / "a.ts"
    options = {"flags": "+ildct+ilme"} if interlaced else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "mpeg2video", rate=25, width=96, height=64, pix_fmt="yuv420p", options=options
        )
        for level in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 5 * level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with open_video(path) as video:
        assert video.is_interlaced == interlaced


def combs(picture):
    """Return how much lines differ from both the line above and the line below them."""
    lines = picture.astype(int)
    return np.maximum(0, (lines[1:-1] - lines[:-2]) * (lines[1:-1] - lines[2:])).mean()


@pytest.mark.parametrize("name", ["a.ts", "a.mkv", "a.mp4"])
@pytest.mark.parametrize(
    ("codec", "options"), [("mpeg2video", {"flags": "+ildct+ilme"}), ("libx264", {"x264-params": "tff=1"})]
)
def test_interlaced_frames_have_no_combs(tmp_path, name, codec, options):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, width=96, height=64, pix_fmt="yuv420p", options=options)
        for i in range(20):
            fields = np.full((2, 64, 96, 3), 40, np.uint8)
            for moment in (0, 1):  # a bar that moves between the two moments of a frame
                fields[moment, :, 4 * i + 8 * moment : 4 * i + 8 * moment + 12] = 220
            picture = fields[0].copy()
            picture[1::2] = fields[1, 1::2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with open_video(path) as video:
        frame = list(video.frames())[10]
        assert combs(video.picture(frame, 1280)) < 0.1 * combs(frame.to_ndarray(format="rgb24"))
        is_said = "interlaced: each frame is made of every second line" in read_clip(path).note
        assert is_said == video.is_interlaced  # the header of MPEG-2 in MP4 does not state it


@pytest.mark.parametrize(
    ("transfer", "is_hdr"), [("smpte2084", True), ("arib-std-b67", True), ("bt709", False), ("", False)]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_hdr_videos_are_known(make_encoding, name, transfer, is_hdr):
    params = f"transfer={transfer}:colorprim=bt2020:colormatrix=bt2020nc" if transfer else "ref=1"
    path = make_encoding(name, options={"preset": "veryfast", "x264-params": params}, count=5)
    with open_video(path) as video:
        assert video.is_hdr == is_hdr
    assert ("HDR" in read_clip(path).note) == is_hdr
