"""Neither the encoder nor the file reveals which clip is the forgery."""

import av
import numpy as np
import pytest

from dfutils.demo import encode
from dfutils.demo.encoding import encode_alike


def packet_sizes(path):
    with av.open(str(path)) as container:
        return [packet.size for packet in container.demux(video=0)]


def decode(path):
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


@pytest.fixture
def pictures():
    """Two clips of the same ground with a little and a lot of noise, so that they need different numbers of bytes."""
    rng = np.random.default_rng(0)
    ground = np.kron(rng.integers(40, 216, (8, 12, 3)), np.ones((8, 8, 1)))
    noise = rng.normal(0, 1, (30, 64, 96, 3))
    return [np.clip(ground + strength * noise, 0, 255).astype(np.uint8) for strength in (2, 20)]


def test_encoded_clip_is_h264_at_its_rate(tmp_path, pictures):
    encode(tmp_path / "a.mp4", pictures[0], rate=12)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.frames == 30
        assert float(stream.average_rate) == 12
    error = np.abs(decode(tmp_path / "a.mp4").astype(int) - pictures[0]).mean()
    assert error < 6


def test_lower_quality_gives_a_smaller_file(tmp_path, pictures):
    for crf in (15, 35):
        encode(tmp_path / f"{crf}.mp4", pictures[1], crf=crf)
    assert (tmp_path / "35.mp4").stat().st_size < (tmp_path / "15.mp4").stat().st_size / 2


def test_same_frames_give_the_same_file(tmp_path, pictures):
    for name in ("a.mp4", "b.mp4"):
        encode(tmp_path / name, pictures[0])
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_clips_of_a_take_have_the_same_bytes_per_frame(tmp_path, pictures):
    paths = [tmp_path / "quiet.mp4", tmp_path / "noisy.mp4"]
    encode_alike(dict(zip(paths, pictures, strict=True)))
    assert packet_sizes(paths[0]) == packet_sizes(paths[1])
    assert paths[0].stat().st_size == paths[1].stat().st_size


def test_filler_does_not_change_the_pictures(tmp_path, pictures):
    encode_alike({tmp_path / "alone.mp4": pictures[0]})
    encode_alike({tmp_path / "a.mp4": pictures[0], tmp_path / "b.mp4": pictures[1]})
    assert sum(packet_sizes(tmp_path / "a.mp4")) > sum(packet_sizes(tmp_path / "alone.mp4"))
    np.testing.assert_array_equal(decode(tmp_path / "a.mp4"), decode(tmp_path / "alone.mp4"))


@pytest.mark.slow
def test_a_clip_and_its_forgery_have_one_size_one_pattern_and_one_rate(demo_dir, demo_catalog):
    def facts(path):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            kinds = [frame.pict_type for frame in container.decode(stream)]
            return path.stat().st_size, container.bit_rate, stream.bit_rate, stream.duration, kinds

    for fake in demo_catalog.query("label == 1")["clip_id"]:
        assert facts(demo_dir / f"{fake}.mp4") == facts(demo_dir / f"{fake.rpartition('_')[0]}.mp4")


@pytest.mark.slow
def test_every_frame_has_the_same_bytes_in_a_clip_and_its_forgery(demo_dir, demo_catalog):
    for fake in demo_catalog.query("label == 1")["clip_id"]:
        real = fake.rpartition("_")[0]
        assert packet_sizes(demo_dir / f"{fake}.mp4") == packet_sizes(demo_dir / f"{real}.mp4")
